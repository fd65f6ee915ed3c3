"""Whether a timetable holds: from dated bookings alone, and then whether all that it says beside them is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.constraints.terms import Entity
from scheduler.problem import Problem
from scheduler.timetable import Booking, Timetable
from scheduler.verify.absences import absences
from scheduler.verify.answer import answer_findings
from scheduler.verify.checks import CHECKS
from scheduler.verify.plan import Finding, Plan, Violation
from scheduler.verify.reading import Key, read
from scheduler.verify.score import StageValue, stage_values
from scheduler.verify.stages import kept_to, told_changes
from scheduler.verify.terms import TERMS
from scheduler.verify.wall import DAY, clock
from scheduler.verify.weekly import sessions_of, weekly_clashes
from scheduler.verify.world import World


class Report(Entity):
    """What the verifier found, in a fixed order, and the value of every stage as it computes it itself."""

    violations: tuple[Violation, ...]
    stages: tuple[StageValue, ...]

    @property
    def holds(self) -> bool:
        """Nothing was found."""
        return not self.violations


def check(problem: Problem, bookings: Sequence[Booking]) -> tuple[Violation, ...]:
    """Whether dated bookings are an answer to a problem; the violations, in a fixed order; none: they are.

    The problem is well formed (`scheduler.wellformed`); the bookings may be anything.
    """
    return check_in(World(problem), bookings)


def check_in(world: World, bookings: Sequence[Booking]) -> tuple[Violation, ...]:
    """The same as `check`, for callers that ask about many sets of bookings for one problem."""
    _, findings = examine(world, bookings)
    return _violations(findings)


def accepts(world: World, bookings: Sequence[Booking]) -> bool:
    """Whether `check_in` finds nothing. Stops as early as it can, for callers with very many sets of bookings."""
    plan, findings = read(world, bookings)
    if findings or any(True for look in TERMS for _ in look(plan)):
        return False
    _, findings = examine(world, bookings)
    return not findings


def verify(
    problem: Problem, timetable: Timetable, previous: Timetable | None = None, released: Timetable | None = None
) -> Report:
    """Whether a timetable holds: its bookings, and every list and number that it gives beside them.

    The lot is recomputed from the timetable's own seed. That this is the published one is for the caller to ask. So is
    `stability` from the previous and the released timetable that the timetable names; where one of them is not given,
    everything but this one value is checked, and it is for the caller to have it looked up.
    """
    known = timetable.previous is not None and (timetable.released is None or released is not None)
    kept = previous if known else None
    known_of = released if timetable.released is not None else None
    world = World(problem)
    late = {(s.request, s.number): clock(s.starts) >= DAY for s in timetable.sessions}
    plan, findings = examine(world, timetable.bookings, late)
    stages = stage_values(plan, timetable.seed, kept, known_of, told=None if kept else told_changes(timetable))
    findings += kept_to(timetable, previous, released)
    findings += answer_findings(plan, timetable, stages)
    return Report(violations=_violations(findings), stages=stages)


def examine(
    world: World, bookings: Sequence[Booking], late: Mapping[Key, bool] | None = None
) -> tuple[Plan, list[Finding]]:
    """The plan that bookings make, with its absences, and everything that does not hold in it."""
    read_plan, findings = read(world, bookings, late)
    plan = Plan(world, read_plan.occurrences, read_plan.slots, absences(read_plan))
    for look in (*TERMS, *CHECKS.values()):
        findings += look(plan)
    # A weekly clash that is also one of dates has been told already.
    told = {sessions_of(finding) for finding in findings if finding.involved}
    findings += [finding for finding in weekly_clashes(plan) if sessions_of(finding) not in told]
    return plan, findings


def _violations(findings: Sequence[Finding]) -> tuple[Violation, ...]:
    return tuple(sorted({finding.violation() for finding in findings}, key=Violation.order))

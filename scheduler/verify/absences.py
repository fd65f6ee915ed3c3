"""Dates of granted sessions that are not booked, and whether something justifies it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator

from scheduler.constraints.rights import DateLoss
from scheduler.problem import Series
from scheduler.verify.checks import CHECKS
from scheduler.verify.checks.attendees import same_attendees
from scheduler.verify.checks.changeover import changeover
from scheduler.verify.checks.occupancy import overlap, sharing
from scheduler.verify.checks.resources import amounts, spaces_in_session
from scheduler.verify.checks.rights import may_give_way
from scheduler.verify.plan import Absence, Check, Finding, Occurrence, Plan, Slot, occurrence
from scheduler.verify.wall import DAY, spans_meet

BY_THEMSELVES: tuple[Check, ...] = (
    CHECKS["calendar"],
    CHECKS["closed"],
    CHECKS["opening_hours"],
    CHECKS["typed_window"],
    CHECKS["horizon"],
    CHECKS["notice"],
    CHECKS["noise"],
    CHECKS["curfew"],
    CHECKS["offer"],
    CHECKS["limits"],
    CHECKS["clock_change"],
)
"""Rules that judge each nominal date by itself: what they forbid falls."""

CLASHES: tuple[Check, ...] = (overlap, sharing, changeover, same_attendees, spaces_in_session)
"""Rules about occurrences together: what slots of two series must keep, and what a date can be lost by."""

WEEKLY: tuple[Check, ...] = (*CLASHES, amounts)
"""What slots of two series must keep; no date is lost to a pool of something that is carried."""

_NEAR = 4 * DAY
"""Farther apart no two starts clash: a session takes at most one day, a changeover or a way at most two."""


def absences(plan: Plan) -> tuple[Absence, ...]:
    """Every nominal date of a granted series session that is not booked, in order of slots and dates."""
    missing: list[tuple[Slot, Occurrence]] = []
    for slot in plan.slots:
        if isinstance(slot.request.when, Series):
            booked = {one.date for one in slot.booked}
            for day in plan.world.nominal_dates(slot.request, slot.weekday):
                if day not in booked:
                    missing.append((slot, occurrence(plan.world, slot, day)))
    fallen = _fallen(plan, [thought for _, thought in missing])
    return tuple(_judge(plan, slot, thought, fallen.get(id(thought), ())) for slot, thought in missing)


def _fallen(plan: Plan, thoughts: list[Occurrence]) -> dict[int, tuple[Finding, ...]]:
    found: dict[int, list[Finding]] = defaultdict(list)
    alone = Plan(plan.world, thoughts)
    for check in BY_THEMSELVES:
        for finding in check(alone):
            for one in finding.involved:
                found[id(one)].append(finding)
    return {key: tuple(findings) for key, findings in found.items()}


def _judge(plan: Plan, slot: Slot, thought: Occurrence, fallen: tuple[Finding, ...]) -> Absence:
    replaced_by = plan.replaced.get((slot.request.id, thought.date), ())
    settled = bool(fallen or replaced_by)  # then nobody asks whether it could stand
    rivals = [] if settled else list(_rivals(plan, thought))
    in_the_way = tuple(sorted({rival.request.id for rival in rivals}))
    lost_to = {
        rule.id: tuple(sorted({rival.request.id for rival in rivals if may_give_way(plan.world, rule, thought, rival)}))
        for rule in plan.world.rules(DateLoss)
    }
    return Absence(
        slot=slot,
        thought=thought,
        fallen=fallen,
        replaced_by=replaced_by,
        in_the_way=in_the_way,
        lost_to=lost_to,
    )


def _rivals(plan: Plan, thought: Occurrence) -> Iterator[Occurrence]:
    """The bookings with which an occurrence would clash, were it added to the bookings."""
    low = bisect_left(plan.occurrences, thought.starts - _NEAR, key=lambda o: o.starts)
    high = bisect_right(plan.occurrences, thought.starts + _NEAR, key=lambda o: o.starts)
    near = (one for one in plan.occurrences[low:high] if _may_clash(one, thought))
    trial = Plan(plan.world, (*near, thought))
    for check in CLASHES:
        for finding in check(trial):
            if any(one is thought for one in finding.involved):
                yield from (one for one in finding.involved if one is not thought)


def _may_clash(one: Occurrence, thought: Occurrence) -> bool:
    """No clash involves both, unless they are at one time, in one place, or need one person."""
    return (
        spans_meet(one.span, thought.span)
        or not one.atoms.isdisjoint(thought.atoms)
        or not set(one.request.people).isdisjoint(thought.request.people)
    )

"""The value of each stage, recomputed from dated bookings."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from scheduler.constraints.terms import WEEKDAYS, Entity, Weekday
from scheduler.problem import Dated, Stage
from scheduler.timetable import Session, Timetable
from scheduler.verify.checks import CHECKS
from scheduler.verify.fairness import at_or_beyond
from scheduler.verify.plan import Plan, Slot
from scheduler.verify.wall import MINUTE, clock, face, weekday
from scheduler.verify.world import World

SENSES = {
    "duties": "max",
    "classes": "max",
    "fairness": "min",
    "own_rank": "min",
    "wishes": "min",
    "stability": "min",
    "lot": "min",
}
"""What is best for each stage."""


class StageValue(Entity):
    """What one stage is worth; `of` is the class or the level of shortfall. Without effect it is not in force."""

    stage: Stage
    of: str | None = None
    value: int
    in_force: bool = True


def stage_values(
    plan: Plan,
    seed: int | None = None,
    previous: Timetable | None = None,
    released: Timetable | None = None,
    *,
    told: int | None = None,
) -> tuple[StageValue, ...]:
    """The value of every stage, in the order in which they count.

    Args:
        plan: Knows its absences.
        seed: Of the lot; the policy's own when None.
        previous: The timetable that this one keeps to; then `stability` counts just before `wishes`.
        released: The timetable in force, whose sessions weigh more.
        told: The value of `stability` that is to be believed, where the previous timetable is not at hand.
    """
    drawn_from = plan.world.problem.policy.seed if seed is None else seed
    stages = list(plan.world.problem.policy.stages)
    keeps = previous is not None or told is not None
    if keeps and {"stability", "wishes"} <= set(stages):
        stages.remove("stability")
        stages.insert(stages.index("wishes"), "stability")
    found: list[StageValue] = []
    for stage in stages:
        if stage == "stability" and keeps:
            value = told or 0 if previous is None else _changed(plan, previous, released)
            found.append(StageValue(stage=stage, value=value))
        else:
            found += _values(plan, stage, drawn_from)
    return tuple(found)


def _changed(plan: Plan, previous: Timetable, released: Timetable | None) -> int:
    """What the sessions cost that the previous timetable has and this one has not, those that people know of more."""
    problem = plan.world.problem
    policy, people = problem.policy.stability, {request.id: request.headcount for request in problem.requests}
    there = set()
    for slot in plan.slots:
        there.add((slot.request.id, called(plan.world, slot), face(slot.starts), slot.space.id))
    known = _held(released) if released is not None else set()
    return sum(
        (policy.session + policy.person * people.get(gone[0], 1)) * (policy.published if gone in known else 1)
        for gone in _held(previous) - there
    )


def _held(timetable: Timetable) -> set[tuple[str, str, str, str]]:
    return {(s.request, _told(s), s.starts, s.space) for s in timetable.sessions}


def _told(session: Session) -> str:
    if not session.days:
        return str(session.date or session.weekday)
    lasts = (clock(session.ends) - clock(session.starts)) // MINUTE
    return f"{'+'.join(session.days)} {','.join(map(str, session.weeks))} {lasts}"


def called(world: World, slot: Slot) -> str:
    """When a slot is, but for the hour: weekday, date, or weekdays, weeks and minutes of a pattern."""
    if isinstance(slot.request.when, Dated):
        return slot.request.when.date.isoformat()
    if not world.whole(slot.request):
        return slot.weekday
    weeks = ",".join(map(str, weeks_met(world, slot)))
    return f"{'+'.join(days_met(slot))} {weeks} {slot.lasts // MINUTE}"


def days_met(slot: Slot) -> tuple[Weekday, ...]:
    """The weekdays on which a pattern meets."""
    met = {weekday(day) for day in slot.dates}
    return tuple(day for day in WEEKDAYS if day in met)


def weeks_met(world: World, slot: Slot) -> tuple[int, ...]:
    """The weeks of the season in which a pattern meets."""
    return tuple(sorted({world.week_of(day) for day in slot.dates}))


def _values(plan: Plan, stage: Stage, seed: int) -> Iterator[StageValue]:
    if stage == "classes":
        for one in plan.world.problem.priorities:
            if not one.duty:
                yield StageValue(stage=stage, of=one.id, value=_of_class(plan, one.id))
        return
    if stage == "fairness" and (levels := at_or_beyond(plan)):
        for level, bodies in levels:
            yield StageValue(stage=stage, of=str(level), value=bodies)
        return
    if stage == "lot":
        yield StageValue(stage=stage, value=sum(drawn(plan.world, slot, seed) for slot in plan.slots))
        return
    value = {"duties": _duties, "own_rank": _own_rank, "wishes": _wishes}.get(stage)
    yield StageValue(stage=stage, value=value(plan) if value else 0, in_force=value is not None)


def _in_first_stage(plan: Plan, slot: Slot) -> bool:
    return plan.world.duty(slot.request) or plan.world.wholly_pinned(slot.request)


def _duties(plan: Plan) -> int:
    """Sessions of duties and wholly pinned requests."""
    return sum(_in_first_stage(plan, slot) for slot in plan.slots)


def _of_class(plan: Plan, priority: str) -> int:
    """Sessions of one class that are not counted in the first stage; a dated request has one."""
    return sum(s.request.priority == priority and not _in_first_stage(plan, s) for s in plan.slots)


def _own_rank(plan: Plan) -> int:
    """The own ranks of all requests that have a session, summed."""
    return sum(slots[0].request.own_rank or 0 for slots in plan.by_request.values())


def _wishes(plan: Plan) -> int:
    """Points: for each session its window and its space, times the dates that did not fall; and each lost date."""
    costs = plan.world.problem.policy.wishes
    lost = sum(absence.kind == "lost" for absence in plan.absences)
    fallen: dict[int, int] = {}
    for absence in plan.absences:
        fallen[id(absence.slot)] = fallen.get(id(absence.slot), 0) + (absence.kind == "fallen")
    total = lost * costs.lost_date + len(_standing_idle(plan)) * costs.idle_space
    for slot in plan.slots:
        if plan.world.whole(slot.request):
            total += _points_of_space(plan, slot) + _points_of_option(plan, slot)
            continue
        dates = len(plan.world.nominal_dates(slot.request, slot.weekday)) - fallen.get(id(slot), 0)
        total += dates * _points_each_date(plan, slot)
    return total + costs.rule_weight * penalties(plan)


def penalties(plan: Plan) -> int:
    """Points of the rules that should hold: each violation costs what its finding says, else the rule's weight."""
    weights = [rule.weight for rule in plan.world.problem.constraints if rule.strength == "should"]
    if not any(weights):
        return 0
    wished = Plan(World(plan.world.problem, "should"), plan.occurrences, plan.slots, plan.absences)
    kinds = {rule.kind for rule in plan.world.problem.constraints if rule.strength == "should"}
    findings = (finding for kind in sorted(kinds) for finding in CHECKS[kind](wished))
    return sum(
        finding.constraint.weight if finding.cost is None else finding.cost
        for finding in findings
        if finding.constraint is not None and finding.constraint.strength == "should"
    )


def _points_of_option(plan: Plan, slot: Slot) -> int:
    option = plan.world.option(slot.request, slot.starts, slot.lasts, slot.dates)
    return option.cost if option else 0


def _standing_idle(plan: Plan) -> set[str]:
    """Atomic spaces that some request names, alone or as a part, and that no session uses."""
    wished = {atom for request in plan.world.problem.requests for atom in plan.world.atoms_of(request.spaces)}
    return wished - {atom for slot in plan.slots for atom in plan.world.atoms[slot.space.id]}


def _points_each_date(plan: Plan, slot: Slot) -> int:
    acceptable = plan.world.liking(slot.request, slot.weekday, slot.starts) == "acceptable"
    return plan.world.problem.policy.wishes.acceptable_window * acceptable + _points_of_space(plan, slot)


def _points_of_space(plan: Plan, slot: Slot) -> int:
    wished = slot.request.spaces
    rank = wished.index(slot.space.id) if slot.space.id in wished else len(wished)
    if slot.request.space_costs:
        return slot.request.space_costs[rank] if rank < len(wished) else 0
    return plan.world.problem.policy.wishes.space_rank * rank


def drawn(world: World, slot: Slot, seed: int) -> int:
    """The number from 0 to 999 that a possible session draws from the seed."""
    ticket = f"{seed}|{slot.request.id}|{called(world, slot)}|{face(slot.starts)}|{slot.space.id}"
    return int.from_bytes(sha256(ticket.encode()).digest()[:2], "big") % 1000

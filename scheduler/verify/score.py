"""The value of each stage, recomputed from dated bookings."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from scheduler.constraints.terms import Entity
from scheduler.problem import Dated, Stage
from scheduler.timetable import Timetable
from scheduler.verify.plan import Plan, Slot
from scheduler.verify.wall import face

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
    """What one stage is worth; `of` is the class, for the stage `classes`. Without effect it is not in force."""

    stage: Stage
    of: str | None = None
    value: int
    in_force: bool = True


def stage_values(
    plan: Plan, seed: int | None = None, previous: Timetable | None = None, *, told: int | None = None
) -> tuple[StageValue, ...]:
    """The value of every stage, in the order in which they count.

    Args:
        plan: Knows its absences.
        seed: Of the lot; the policy's own when None.
        previous: The timetable that this one keeps to; then `stability` counts just before `wishes`.
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
            found.append(StageValue(stage=stage, value=told or 0 if previous is None else _changed(plan, previous)))
        else:
            found += _values(plan, stage, drawn_from)
    return tuple(found)


def _changed(plan: Plan, previous: Timetable) -> int:
    """Sessions that the previous timetable has and this one has not."""
    there = set()
    for slot in plan.slots:
        when = slot.request.when
        day = str(when.date) if isinstance(when, Dated) else slot.weekday
        there.add((slot.request.id, day, face(slot.starts), slot.space.id))
    before = {(s.request, str(s.date or s.weekday), s.starts, s.space) for s in previous.sessions}
    return len(before - there)


def _values(plan: Plan, stage: Stage, seed: int) -> Iterator[StageValue]:
    if stage == "classes":
        for one in plan.world.problem.priorities:
            if not one.duty:
                yield StageValue(stage=stage, of=one.id, value=_of_class(plan, one.id))
        return
    if stage == "lot":
        yield StageValue(stage=stage, value=sum(drawn(slot, seed) for slot in plan.slots))
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
        dates = len(plan.world.nominal_dates(slot.request, slot.weekday)) - fallen.get(id(slot), 0)
        total += dates * _points_each_date(plan, slot)
    return total


def _standing_idle(plan: Plan) -> set[str]:
    """Atomic spaces that some request names, alone or as a part, and that no session uses."""
    wished = {atom for request in plan.world.problem.requests for atom in plan.world.atoms_of(request.spaces)}
    return wished - {atom for slot in plan.slots for atom in plan.world.atoms[slot.space.id]}


def _points_each_date(plan: Plan, slot: Slot) -> int:
    costs = plan.world.problem.policy.wishes
    acceptable = plan.world.liking(slot.request, slot.weekday, slot.starts) == "acceptable"
    wished = slot.request.spaces
    rank = wished.index(slot.space.id) if slot.space.id in wished else len(wished)
    return costs.acceptable_window * acceptable + costs.space_rank * rank


def drawn(slot: Slot, seed: int) -> int:
    """The number from 0 to 999 that a possible session draws from the seed."""
    when = slot.request.when
    day = when.date.isoformat() if isinstance(when, Dated) else slot.weekday
    ticket = f"{seed}|{slot.request.id}|{day}|{face(slot.starts)}|{slot.space.id}"
    return int.from_bytes(sha256(ticket.encode()).digest()[:2], "big") % 1000

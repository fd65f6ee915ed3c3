"""Sessions as rules about several of them see them: weekdays, weeks, dates, hours; and whose a rule sets together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import Weekday
from scheduler.problem import Dated, Request
from scheduler.verify.plan import Occurrence, Plan, Slot
from scheduler.verify.wall import weekday


@dataclass(frozen=True, eq=False, slots=True)
class Held:
    """A granted session: the dates of its own weekday or pattern, whatever fell or was lost, and its hours."""

    slot: Slot
    dates: frozenset[date]
    weekdays: frozenset[Weekday]
    weeks: frozenset[int]
    starts: timedelta
    ends: timedelta

    @property
    def occurrence(self) -> Occurrence:
        """One of its bookings, to be named in a finding."""
        return self.slot.booked[0]


def held(plan: Plan, slot: Slot) -> Held:
    """A slot as it is seen by rules about several sessions."""
    world, request = plan.world, slot.request
    if isinstance(request.when, Dated):
        dates = frozenset([request.when.date])
    elif world.whole(request):
        dates = slot.dates
    else:
        dates = frozenset(world.weekly_dates(request, slot.weekday))
    season = (world.problem.season.first_date, world.problem.season.last_date)
    dates = frozenset(day for day in dates if season[0] <= day <= season[1])
    lasts = slot.lasts if world.whole(request) else timedelta(minutes=request.minutes)
    return Held(
        slot=slot,
        dates=dates,
        weekdays=frozenset(weekday(day) for day in dates),
        weeks=frozenset(world.week_of(day) for day in dates),
        starts=slot.starts,
        ends=slot.starts + lasts,
    )


def grouped(plan: Plan, rule: Relation | Load) -> list[list[Held]]:
    """The sessions in scope, group by group, in the order of the scope's own list of requests, else the problem's."""
    found: dict[str, list[Held]] = defaultdict(list)
    listed = rule.scope.requests or tuple(plan.world.requests)
    for request in listed:
        for slot in sorted(plan.by_request.get(request, ()), key=lambda s: s.number):
            if plan.world.matches(rule.scope, slot.request, slot.space):
                for key in _keys(plan, rule.each, slot):
                    found[key].append(held(plan, slot))
    return list(found.values())


def asking(plan: Plan, rule: Load) -> int:
    """How many groups ask for something in scope, whether or not they got it."""
    world, found = plan.world, set[str]()
    for request in world.problem.requests:
        if rule.scope.requests and request.id not in rule.scope.requests:
            continue
        for space in (world.spaces[each] for each in request.spaces):
            if world.matches(rule.scope, request, space):
                found.update(_groups_of(plan, rule.each, request, space.id))
    return len(found)


def _keys(plan: Plan, each: str, slot: Slot) -> Sequence[str]:
    return _groups_of(plan, each, slot.request, slot.space.id)


def _groups_of(plan: Plan, each: str, request: Request, space: str) -> Sequence[str]:
    if each == "person":
        return request.people
    if each == "body":
        return plan.world.bodies(request.applicant) or (f"applicant {request.applicant}",)
    return (
        {
            "all": "",
            "request": request.id,
            "applicant": request.applicant,
            "use": request.use,
            "priority": request.priority,
            "space": space,
        }[each],
    )

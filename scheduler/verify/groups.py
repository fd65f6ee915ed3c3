"""Sessions as rules about several of them see them: weekdays, weeks, dates, hours; and whose a rule sets together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import DatedRule, Weekday
from scheduler.problem import Dated, Request
from scheduler.verify.plan import Occurrence, Plan, Slot
from scheduler.verify.wall import weekday
from scheduler.verify.world import World, holds_on


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


def held(plan: Plan, slot: Slot, rule: Relation | Load) -> Held:
    """A slot as it is seen by a rule about several sessions: of its dates, those on which the rule holds."""
    world, request = plan.world, slot.request
    if isinstance(request.when, Dated):
        dates = frozenset([request.when.date])
    elif world.whole(request):
        dates = slot.dates
    else:
        dates = frozenset(world.weekly_dates(request, slot.weekday))
    season = (world.problem.season.first_date, world.problem.season.last_date)
    dates = frozenset(day for day in dates if season[0] <= day <= season[1] and holds_on(rule, day))
    lasts = slot.lasts if world.whole(request) else timedelta(minutes=request.minutes)
    return Held(
        slot=slot,
        dates=dates,
        weekdays=frozenset(weekday(day) for day in dates),
        weeks=frozenset(world.week_of(day) for day in dates),
        starts=slot.starts,
        ends=slot.starts + lasts,
    )


def always(rule: DatedRule) -> bool:
    """The rule has no validity dates."""
    return rule.valid_from is None and rule.valid_until is None


def counts(world: World, rule: DatedRule, slot: Slot) -> bool:
    """The rule speaks of this session: as a slot it has a date on which the rule holds."""
    weekly = slot.dates if world.whole(slot.request) else world.weekly_dates(slot.request, slot.weekday)
    return always(rule) or any(holds_on(rule, day) for day in weekly)


def could_meet(world: World, rule: DatedRule, request: Request) -> bool:
    """Some session that the request asks for would have a date on which the rule holds."""
    if always(rule):
        return True
    if world.whole(request):
        return any(holds_on(rule, day) for day in world.dates_of_options(request))
    asked = {day for window in request.windows for day in window.days}
    return any(holds_on(rule, day) for each in asked for day in world.weekly_dates(request, each))


def grouped(plan: Plan, rule: Relation | Load) -> list[list[Held]]:
    """The sessions in scope, group by group, in the order of the scope's own list of requests, else the problem's.

    A rule with validity dates does not see a session that has none of them.
    """
    found: dict[str, list[Held]] = defaultdict(list)
    listed = rule.scope.requests or tuple(plan.world.requests)
    for request in listed:
        for slot in sorted(plan.by_request.get(request, ()), key=lambda s: s.number):
            if plan.world.matches(rule.scope, slot.request, slot.space):
                seen = held(plan, slot, rule)
                for key in _keys(plan, rule.each, slot) if seen.dates or always(rule) else ():
                    found[key].append(seen)
    return list(found.values())


def asking(plan: Plan, rule: Load) -> int:
    """How many groups ask for something in scope, whether or not they got it."""
    world, found = plan.world, set[str]()
    for request in world.problem.requests:
        if rule.scope.requests and request.id not in rule.scope.requests:
            continue
        if not could_meet(world, rule, request):
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

"""Who may have how much, and who gives way to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import Sentence
from scheduler.problem import Dated, Request, Series
from scheduler.verify.groups import counts
from scheduler.verify.plan import Absence, Check, Finding, Occurrence, Plan, Slot
from scheduler.verify.wall import clock, weekday
from scheduler.verify.words import listed, number_of, place, say, slot_of, when, who
from scheduler.verify.world import World, holds_on


def quota(plan: Plan) -> Iterator[Finding]:
    """A body has at most so many weekly sessions of its series in prime time."""
    for rule in plan.world.rules(Quota):
        counted: dict[tuple[str, str], list[Slot]] = defaultdict(list)
        for slot in plan.slots:
            if _counts(plan.world, rule, slot):
                for whose in _bodies(plan.world, slot.request):
                    counted[whose].append(slot)
        for (_, body), slots in sorted(counted.items()):
            if len(slots) > rule.at_most:
                yield Finding(
                    rule="quota",
                    constraint=rule,
                    requests=tuple(dict.fromkeys(s.request.id for s in slots)),
                    sentence=say(
                        "主体{body}每周黄金时段有{count}（{sessions}），至多{most}场",
                        "body {body} has {count} a week in prime time ({sessions}), at most {most}",
                        body=body,
                        count=number_of(len(slots), "场", "session"),
                        sessions=listed(
                            say("{who}{when}", "{who} {when}", who=who(plan.world, s.request), when=slot_of(s))
                            for s in slots
                        ),
                        most=rule.at_most,
                    ),
                )


def _counts(world: World, rule: Quota, slot: Slot) -> bool:
    if isinstance(slot.request.when, Dated) or not world.matches(rule.scope, slot.request, slot.space):
        return False
    if not counts(world, rule, slot):
        return False
    if rule.indoor_only and slot.space.outdoor:
        return False
    held = {weekday(day) for day in slot.dates} if world.whole(slot.request) else {slot.weekday}
    prime = (not held.isdisjoint(p.days) and slot.starts >= clock(p.starts_from) for p in rule.prime)
    return not rule.prime or any(prime)


def _bodies(world: World, request: Request) -> list[tuple[str, str]]:
    """The bodies of a request's applicant; outside every body it is a body of one."""
    listed_in = [("body", body) for body in world.bodies(request.applicant)]
    return listed_in or [("applicant", request.applicant)]


def may_give_way(world: World, rule: DateLoss, lost: Occurrence, taken_by: Occurrence) -> bool:
    """The rule lets a series lose a date of its own to this rival, if the rival really stands in its way.

    Rivals are bookings of dated requests, and those of other series where a working weekend brings the two together:
    one of them is made up there. Elsewhere the slots of two series never clash.
    """
    series, rival = lost.request, taken_by.request
    if not isinstance(series.when, Series) or world.duty(series) or world.pinned(series) or rival is series:
        return False
    if not holds_on(rule, lost.date):
        return False
    dated = isinstance(rival.when, Dated)
    if not dated and not (lost.made_up or taken_by.made_up):
        return False
    not_lower = world.rank[rival.priority] <= world.rank[series.priority]
    return (
        (("dated_request" if dated else "series_on_working_weekend") in rule.to and not_lower)
        or ("duty" in rule.to and world.duty(rival))
        or ("pin" in rule.to and world.pinned(rival))
    )


def date_loss(plan: Plan) -> Iterator[Finding]:
    """Every nominal date is booked, unless it fell, was replaced, or could not stand against a rival that may take it.

    Without an instance of the rule no date is ever lost.
    """
    for absence in plan.absences:
        if absence.kind is None:
            missing = absence.thought
            why = _why_not(plan.world, absence)
            yield Finding(
                rule="date_loss",
                involved=(missing,),
                sentence=say(
                    "{who}缺了{when}在{place}的这一场：{why}",
                    "{who} in {place} is missing {when}: {why}",
                    who=who(plan.world, missing.request),
                    place=place(missing.space),
                    when=when(missing),
                    why=why,
                ),
            )


def _why_not(world: World, absence: Absence) -> Sentence:
    request = absence.slot.request
    if not absence.in_the_way:
        return Sentence(zh="没有任何安排与它冲突", en="nothing stands in its way")
    if world.duty(request):
        return Sentence(zh="固定任务不让日期", en="a duty loses no date")
    if world.pinned(request):
        return Sentence(zh="已锁定的申请不让日期", en="a pinned request loses no date")
    rivals = listed(who(world, world.requests[r]) for r in absence.in_the_way)
    return say("不得让给{rivals}", "it may not be lost to {rivals}", rivals=rivals)


CHECKS: dict[str, Check] = {"quota": quota, "date_loss": date_loss}

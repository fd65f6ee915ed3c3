"""How the sessions of one request lie to each other in the week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.constraints.days import DifferentDays
from scheduler.verify.groups import counts
from scheduler.verify.plan import Check, Finding, Plan, Slot
from scheduler.verify.words import listed, place, say, slot_of, who


def different_days(plan: Plan) -> Iterator[Finding]:
    """A request in scope has at most one session on a weekday."""
    for rule in plan.world.rules(DifferentDays):
        for slots in plan.by_request.values():
            request = slots[0].request
            by_day: dict[str, list[Slot]] = defaultdict(list)
            for slot in slots:
                if counts(plan.world, rule, slot) and plan.world.matches(rule.scope, request, slot.space):
                    by_day[slot.weekday].append(slot)
            for same_day in by_day.values():
                if len(same_day) > 1:
                    yield Finding(
                        rule="different_days",
                        constraint=rule,
                        requests=(request.id,),
                        space=same_day[0].space.id,
                        sentence=say(
                            "{who}有{count}场排在同一天：{when}（{places}）",
                            "{who} has {count} sessions on one weekday: {when} ({places})",
                            who=who(plan.world, request),
                            count=len(same_day),
                            when=listed(map(slot_of, same_day)),
                            places=listed(place(slot.space) for slot in same_day),
                        ),
                    )


CHECKS: dict[str, Check] = {"different_days": different_days}

"""Two series never hold clashing slots, whether or not the dates on which they would clash fell or were lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from scheduler.problem import Dated
from scheduler.verify.absences import WEEKLY
from scheduler.verify.plan import Finding, Plan, Slot, occurrence
from scheduler.verify.words import listed, say, slot_of, who

Sessions = frozenset[tuple[str, int]]


def sessions_of(finding: Finding) -> tuple[str, str | None, Sessions]:
    """What a finding is about: the rule, and the sessions involved, whatever the date."""
    constraint = finding.constraint.id if finding.constraint else None
    return finding.rule, constraint, frozenset((o.request.id, o.session) for o in finding.involved)


def _dates(plan: Plan, slot: Slot) -> Iterable[date]:
    if plan.world.whole(slot.request):
        return slot.dates
    return plan.world.weekly_dates(slot.request, slot.weekday)


def weekly_clashes(plan: Plan) -> Iterator[Finding]:
    """Clashes between series on the dates of their weekdays, each set of sessions once, with the first such date.

    Every slot is thought of as booked on all of these, so a clash past midnight into the next weekday,
    or over the end of a week, needs no rule of its own.
    """
    thoughts = [
        occurrence(plan.world, slot, day)
        for slot in plan.slots
        if not isinstance(slot.request.when, Dated)
        for day in _dates(plan, slot)
    ]
    nominal = Plan(plan.world, thoughts)
    slots = {(slot.request.id, slot.number): slot for slot in plan.slots}
    seen: set[tuple[str, str | None, Sessions]] = set()
    for check in WEEKLY:
        for finding in check(nominal):
            about = sessions_of(finding)
            if about in seen:
                continue
            seen.add(about)
            named = [slots[key] for key in sorted(about[2])]
            yield Finding(
                rule=finding.rule,
                constraint=finding.constraint,
                involved=finding.involved,
                space=finding.space,
                sentence=say(
                    "每周时段互相冲突（{slots}）：{what}",
                    "weekly slots clash ({slots}): {what}",
                    slots=listed(
                        say("{who}{when}", "{who} {when}", who=who(plan.world, s.request), when=slot_of(s))
                        for s in named
                    ),
                    what=finding.sentence,
                ),
            )

"""People cannot be in two places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from scheduler.constraints.attendees import SameAttendees
from scheduler.verify.plan import Check, Finding, Occurrence, Plan
from scheduler.verify.wall import MINUTE
from scheduler.verify.words import named, place, say, when, who
from scheduler.verify.world import holds_on


def same_attendees(plan: Plan) -> Iterator[Finding]:
    """Of two bookings with a common person the later starts when the earlier has ended, and the way is behind."""
    for rule in plan.world.rules(SameAttendees):
        for person, needed in _by_person(plan, rule).items():
            for before, after in _too_close(plan, needed):
                yield Finding(
                    rule="same_attendees",
                    constraint=rule,
                    involved=(before, after),
                    sentence=say(
                        "{before}{when}在{place}，{after}{then}在{other_place}，都要{person}到场，{zh}",
                        "{before} ({place}, {when}) and {after} ({other_place}, {then}) both need {person}, {en}",
                        before=who(plan.world, before.request),
                        place=place(before.space),
                        when=when(before),
                        after=who(plan.world, after.request),
                        other_place=place(after.space),
                        then=when(after),
                        person=named(plan.world, person),
                        **_why(plan, before, after),
                    ),
                )


def _why(plan: Plan, before: Occurrence, after: Occurrence) -> dict[str, str]:
    if after.starts < before.ends:
        return {"zh": "时间重叠", "en": "and they overlap"}
    way = plan.world.travel(before.space.site, after.space.site) // MINUTE
    return {"zh": f"路上要{way}分钟，赶不及", "en": f"who is {way} minutes on the way"}


def _by_person(plan: Plan, rule: SameAttendees) -> dict[str, list[Occurrence]]:
    found: dict[str, list[Occurrence]] = defaultdict(list)
    for one in (each for each in plan.occurrences if holds_on(rule, each.date)):
        for person in dict.fromkeys(one.request.people):
            if not rule.people or person in rule.people:
                found[person].append(one)
    return found


def _too_close(plan: Plan, needed: list[Occurrence]) -> Iterator[tuple[Occurrence, Occurrence]]:
    farthest = plan.world.longest_way()
    for place_in_line, before in enumerate(needed):
        for after in islice(needed, place_in_line + 1, None):
            if after.starts >= before.ends + farthest:
                break
            if after.starts < before.ends + plan.world.travel(before.space.site, after.space.site):
                yield before, after


CHECKS: dict[str, Check] = {"same_attendees": same_attendees}

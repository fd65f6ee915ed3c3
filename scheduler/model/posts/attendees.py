"""`same_attendees`: nobody is in two places, and the way between sites takes its time."""

from __future__ import annotations

from scheduler.constraints.attendees import SameAttendees
from scheduler.model.cliques import cover
from scheduler.model.moments import Item, Timeline
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts, in_force


def common_people(facts: Facts, a: Item, b: Item) -> SameAttendees | None:
    """The rule under which two items need one person, if any: it holds on both their dates."""
    both = set(a.placement.request.people).intersection(b.placement.request.people)
    if not both:
        return None
    rules = (rule for rule in facts.rules(SameAttendees) if in_force(rule, a.day, b.day))
    return next((rule for rule in rules if not rule.people or both.intersection(rule.people)), None)


def in_two_places(facts: Facts, a: Item, b: Item) -> SameAttendees | None:
    """The rule that two items break by needing one person at once, or sooner than the way takes."""
    way = facts.travel(a.placement.space, b.placement.space)
    if a.end + way <= b.start or b.end + way <= a.start:
        return None
    return common_people(facts, a, b)


def post_same_attendees(variables: Variables, timeline: Timeline) -> None:
    """For each person: items a, b with a.start < b.end + travel and b.start < a.end + travel are not both taken."""
    facts = variables.facts
    if not facts.rules(SameAttendees):
        return
    items = [item for item in timeline.items if item.placement.request.people]
    apart, pairs = [0] * len(items), []
    for i, a in enumerate(items):
        for j in range(i + 1, len(items)):
            if in_two_places(facts, a, items[j]) is not None:
                apart[i] |= 1 << j
                apart[j] |= 1 << i
                pairs.append((i, j))
    if timeline.real:
        pairs = [(i, j) for i, j in pairs if items[i].single or items[j].single]
    for clique in cover(apart, pairs):
        variables.exclude(items[i].literal for i in clique)


POSTS = {"same_attendees": post_same_attendees}

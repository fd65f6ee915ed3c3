"""`pooled_resource`: rooms in session, and crews for conversions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ortools.sat.python.cp_model import BoolVarT, LinearExpr, LinearExprT

from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.terms import WEEKDAYS
from scheduler.model.moments import Item, Timeline
from scheduler.model.posts.changeover import owing, row_between
from scheduler.model.posts.occupancy import covers, shared_by
from scheduler.model.variables import Variables
from scheduler.placements.facts import DAY, Facts, in_force, minutes, weekday_of


def spans_on(rule: PooledResource, day: int) -> list[tuple[int, int]]:
    """The rule's window as it falls on one date, minutes of that date: today's, and what is left of earlier ones."""
    starts, ends = minutes(rule.starts), minutes(rule.ends)
    found = []
    for back in (0, 1):
        if WEEKDAYS[weekday_of(day - back)] in rule.days:
            span = (max(0, starts - back * DAY), min(DAY, ends - back * DAY))
            if span[0] < span[1]:
                found.append(span)
    return found


def moments(rule: PooledResource, timeline: Timeline, points: Sequence[int]) -> list[int]:
    """The minutes of a timeline at which a count can newly rise: window starts, and the points inside a window."""
    return sorted(
        {
            point
            for starts, ends in spans_on(rule, timeline.day)
            for point in (starts, *points)
            if starts <= point < ends
        }
    )


def pooled_atoms(facts: Facts, rule: PooledResource) -> frozenset[str]:
    """The atoms that a rule counts."""
    return facts.once(
        ("pooled", rule.spaces),
        lambda: frozenset(atom for space in rule.spaces for atom in facts.atoms(space)) or frozenset(facts.all_atoms),
    )


def by_atom(items: Sequence[Item], atoms: frozenset[str], moment: int) -> dict[str, list[Item]]:
    """Atom -> the items that occupy it at a moment."""
    there: dict[str, list[Item]] = {}
    for item in items:
        if item.start <= moment < item.end:
            for atom in item.placement.atoms:
                if atom in atoms:
                    there.setdefault(atom, []).append(item)
    return there


def post_spaces_in_session(variables: Variables, rule: PooledResource, timeline: Timeline) -> None:
    """At every start in the window: Σ over atoms of (somebody is there) <= at_once.

    Items on one atom exclude each other, so their literals add up; where sharers may be together one literal stands
    for "the atom is in use".
    """
    atoms = pooled_atoms(variables.facts, rule)
    items = [item for item in timeline.items if in_force(rule, item.day)]
    for moment in moments(rule, timeline, [item.start for item in items]):
        there = by_atom(items, atoms, moment)
        if len(there) <= rule.at_once:
            continue
        if timeline.real and not any(item.single for items in there.values() for item in items):
            continue
        variables.model.add(sum(in_use(variables, items) for items in there.values()) <= rule.at_once)


def post_amounts(variables: Variables, rule: PooledResource, timeline: Timeline) -> None:
    """At every start in the window: Σ amount x literal of the bookings in scope <= at_once."""
    facts = variables.facts
    amounts = {each.use: each.amount for each in rule.amounts}
    items = [
        item
        for item in timeline.items
        if in_force(rule, item.day)
        and facts.selects(rule.scope, item.placement.request, item.placement.space)
        and (not rule.spaces or pooled_atoms(facts, rule).intersection(item.placement.atoms))
    ]
    for moment in moments(rule, timeline, [item.start for item in items]):
        there = [item for item in items if item.start <= moment < item.end]
        weights = [amounts.get(item.placement.request.use, 1) for item in there]
        if sum(weights) <= rule.at_once or (timeline.real and not any(item.single for item in there)):
            continue
        variables.model.add(LinearExpr.weighted_sum([item.literal for item in there], weights) <= rule.at_once)


def in_use(variables: Variables, items: Sequence[Item]) -> LinearExprT:
    """1 when one of the items on an atom is there, else 0."""
    if not any(_may_share(variables.facts, items)):
        return sum(item.literal for item in items)
    used = variables.model.new_bool_var("in_use")
    for item in items:
        variables.model.add_implication(item.literal, used)
    variables.model.add_bool_or([~used, *(item.literal for item in items)])
    return used


def _may_share(facts: Facts, items: Sequence[Item]) -> Iterator[bool]:
    sharers = [item for item in items if any(covers(rule, item) for rule in facts.rules(Sharing))]
    for index, a in enumerate(sharers):
        for b in sharers[:index]:
            yield shared_by(facts, a, b) is not None


Between = tuple[Item, ...]
Conversion = tuple[Item, Between, int]
"""(a, those between, minutes): a leaves b a conversion of so many minutes if nobody comes between."""

Before = dict[tuple[str, int, Item | None], tuple[list[Item], dict[int, Between]]]
"""(atom, start, the item itself where it shares) -> who ends before, and for each end those who end later."""


def conversions_before(facts: Facts, timeline: Timeline, b: Item, before: Before) -> Iterator[Conversion]:
    """Every a that would leave b a conversion if nobody came between."""
    for atom in b.placement.atoms:
        earlier, later_than = _before(facts, timeline, atom, b, before)
        for a in earlier:
            row = row_between(facts, atom, a.placement, b.placement)
            if row is not None and row.crew and row.minutes and owing(facts, a, b) is not None:
                yield a, later_than[a.end], row.minutes


def _before(
    facts: Facts, timeline: Timeline, atom: str, b: Item, before: Before
) -> tuple[list[Item], dict[int, Between]]:
    """Looked up once for all that start together on an atom; one who shares has its own, without its sharers."""
    shares = any(covers(rule, b) for rule in facts.rules(Sharing))
    key = (atom, b.start, b if shares else None)
    if key not in before:
        earlier = [a for a in timeline.on_atom(atom) if a.end <= b.start and not (shares and shared_by(facts, a, b))]
        ends = {item.end for item in earlier}
        before[key] = earlier, {end: tuple(item for item in earlier if item.end > end) for end in ends}
    return before[key]


def post_conversion_crews(variables: Variables, rule: PooledResource, timeline: Timeline) -> None:
    """At every moment in the window: conversions under way <= at_once.

    at_work[b, m], the crew is at work m minutes before b: for each a that owes b a conversion of at least m minutes,
    a and b and none of those between -> at_work[b, m]. The conversions before b belong to b's date even where they
    begin on the evening before, at negative minutes.
    """
    facts = variables.facts
    before: Before = {}
    later = [item for item in timeline.items if in_force(rule, item.day)]
    rows = {b: found for b in later if (found := list(conversions_before(facts, timeline, b, before)))}
    begins = [b.start - length for b, found in rows.items() for _, _, length in found]
    at_work: dict[tuple[Item, int], BoolVarT] = {}
    came: dict[int, BoolVarT] = {}
    for moment in [*_evening(rule, timeline, begins), *moments(rule, timeline, begins)]:
        busy = [b for b, found in rows.items() if any(b.start - length <= moment < b.start for *_, length in found)]
        if _crews_at_most(facts, busy) <= rule.at_once or all(b.start < 0 for b in busy):
            continue
        terms = []
        for b in busy:
            least = min(length for *_, length in rows[b] if b.start - length <= moment)
            if (b, least) not in at_work:
                at_work[b, least] = _at_work(variables, b, [row for row in rows[b] if row[2] >= least], came)
            terms.append(at_work[b, least])
        variables.model.add(sum(terms) <= rule.at_once)


def _evening(rule: PooledResource, timeline: Timeline, points: Sequence[int]) -> list[int]:
    """The moments of the evening before, in minutes of the timeline's own date."""
    return [
        moment - DAY for moment in moments(rule, Timeline(timeline.day - 1, (), real=True), [p + DAY for p in points])
    ]


def _crews_at_most(facts: Facts, busy: Sequence[Item]) -> int:
    """No more crews can be at work than there are atoms; only sharers begin together on one."""
    sharers = [b for b in busy if any(covers(rule, b) for rule in facts.rules(Sharing))]
    return len(sharers) + len({atom for b in busy if b not in sharers for atom in b.placement.atoms})


def _at_work(variables: Variables, b: Item, rows: list[Conversion], came: dict[int, BoolVarT]) -> BoolVarT:
    literal = variables.model.new_bool_var("at_work")
    for a, between, _ in rows:
        variables.model.add_bool_or([~a.literal, ~b.literal, *_anybody(variables, between, came), literal])
    return literal


def _anybody(variables: Variables, between: Between, came: dict[int, BoolVarT]) -> list[BoolVarT]:
    """The literals that somebody came between: a few by themselves, many behind one that all conversions share."""
    if len(between) <= 2:
        return [item.literal for item in between]
    if id(between) not in came:  # each is kept by `before`, so its identity is its own
        came[id(between)] = variables.model.new_bool_var("came")
        variables.model.add_bool_or([~came[id(between)], *(item.literal for item in between)])
    return [came[id(between)]]


def post_pooled_resource(variables: Variables, timeline: Timeline) -> None:
    """Rooms on slots and on dates with dated requests; crews on dates as they really are, only."""
    for rule in variables.facts.rules(PooledResource):
        if rule.resource == "space_in_session":
            post_spaces_in_session(variables, rule, timeline)
        elif rule.resource == "amount":
            post_amounts(variables, rule, timeline)
        elif timeline.real:
            post_conversion_crews(variables, rule, timeline)


POSTS = {"pooled_resource": post_pooled_resource}

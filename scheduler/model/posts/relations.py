"""`relation`: every two sessions of a group, by the numbers of their times and the names of their spaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from ortools.sat.python.cp_model import BoolVarT

from scheduler.constraints.relations import Relation
from scheduler.model.groups import Member, groups
from scheduler.model.times import Pairs, Times, common, within
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts

IN_SPACE = ("same_space", "different_space", "adjacent_spaces")
CROWDS = ("not_overlap", "same_attendees")
"""Relations that many sessions break at one moment: there one set says what all pairs would."""


class Side(NamedTuple):
    """What one session of a pair could be: literals, and for each the number of its row in a matrix of pairs."""

    numbers: Sequence[int]
    literals: Sequence[BoolVarT]


def broken(times: Times, rule: Relation) -> Pairs:
    """For each two times, the first of the session that is earlier in the list, whether they break the relation.

    The times are as the rule sees them (`Times.seen_by`); of one with dates, a time without any is in no pair.
    """
    key = (rule.relation, rule.minutes, rule.at_least, rule.at_most)
    return times.once(key, lambda: _BROKEN[rule.relation](times, rule) & (times.dated if times.cut else True))


def _days_between(times: Times, rule: Relation) -> Pairs:
    first = times.weekdays.argmax(axis=1)
    apart = np.abs(first[:, None] - first[None, :])
    return np.asarray(times.dated & ((apart < rule.at_least) | (apart > rule.at_most)))


def _precedence(times: Times, rule: Relation) -> Pairs:
    week, day = times.weeks.argmax(axis=1), times.weekdays.argmax(axis=1)
    when = week * 7 + day
    later = when[:, None] > when[None, :]
    same = when[:, None] == when[None, :]
    return np.asarray(times.dated & (later | (same & (times.ends[:, None] > times.starts[None, :]))))


def _span(times: Times) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    last = np.maximum(times.ends[:, None], times.ends[None, :])
    return last - np.minimum(times.starts[:, None], times.starts[None, :])


def _holds_the_other(times: Times) -> Pairs:
    holds = (times.starts[:, None] <= times.starts[None, :]) & (times.ends[None, :] <= times.ends[:, None])
    return np.asarray(holds | holds.T)


_BROKEN: dict[str, Callable[[Times, Relation], Pairs]] = {
    "same_start": lambda t, _: np.asarray(t.starts[:, None] != t.starts[None, :]),
    "same_time": lambda t, _: ~_holds_the_other(t),
    "different_time": lambda t, _: np.asarray(t.between < 0),
    "same_days": lambda t, _: ~within(t.weekdays),
    "different_days": lambda t, _: common(t.weekdays),
    "same_weeks": lambda t, _: ~within(t.weeks),
    "different_weeks": lambda t, _: common(t.weeks),
    "overlap": lambda t, _: ~(t.together & (t.between < 0)),
    "not_overlap": lambda t, _: t.together & (t.between < 0),
    "same_attendees": lambda t, _: t.together & (t.between < 0),
    "precedence": _precedence,
    "min_gap": lambda t, rule: t.together & (t.between < rule.minutes),
    "work_day": lambda t, rule: t.together & (_span(t) > rule.minutes),
    "consecutive": lambda t, rule: ~(t.together & (t.between >= 0) & (t.between <= rule.minutes)),
    "days_between": _days_between,
}


def post_relation(variables: Variables) -> None:
    """Of must: no two literals of a pair that break it. Of should: weight x v, with v >= both literals - 1."""
    facts = variables.facts
    for rule in [*facts.rules(Relation), *facts.wishes(Relation)]:
        must = rule.strength == "must"
        for group in groups(variables, rule):
            moving = [member for member in group if member.request not in variables.settled]
            crowded = must and rule.relation in CROWDS and _post_crowds(variables, rule, moving)
            for a, b in _that_matter(variables, rule, group):
                crowd = crowded and variables.settled.isdisjoint((a.request, b.request))
                _post_pair(variables, rule, a, b, crowd=crowd)


def _that_matter(variables: Variables, rule: Relation, group: Sequence[Member]) -> Iterator[tuple[Member, Member]]:
    """The pairs of a group; in a small model without those that cannot break the rule where one of the two is settled.

    Of hundreds of pairs a small model leaves few open. Settled pairs keep what must hold, and are left out of that.
    """
    ordered, settled = rule.relation == "precedence", variables.settled
    near = _could_break(variables, rule) if settled else None
    if near is None:
        yield from pairs(variables, group, ordered=ordered)
        return
    fixed = [place for place, member in enumerate(group) if member.request in settled]
    numbers = [(place, number) for place in fixed for number, _ in group[place].at(variables)]
    times = [number for _, number in numbers]
    moving = [member for member in group if member.request not in settled]
    yield from pairs(variables, moving, ordered=ordered)
    found: set[tuple[int, int]] = set()
    for place, member in enumerate(group):
        if not times or (member.request in settled and rule.strength == "must"):
            continue
        own = [number for number, _ in member.at(variables)]
        for hit in np.flatnonzero(near[np.ix_(own, times)].any(axis=0)):
            other = numbers[hit][0]
            if member.request not in settled or place < other:
                found.add((min(place, other), max(place, other)))
            elif place == other and not ordered and variables.facts.asked(variables.facts.requests[member.request]) > 1:
                found.add((place, place))
    for one, other in sorted(found):
        yield group[one], group[other]


def _could_break(variables: Variables, rule: Relation) -> Pairs | None:
    """For each two times, in whichever order, whether a rule could be broken by them; None where spaces tell."""
    if rule.relation in (*IN_SPACE, "not_adjacent"):
        return None
    times = variables.times.seen_by(variables.facts, rule)
    matrix = broken(times, rule)
    longest = max((way.minutes for way in variables.facts.problem.travel), default=0)
    if rule.relation == "same_attendees" and longest:
        matrix = times.once(("on the way", longest), lambda: times.together & (times.between < longest))
    key = ("either way", rule.relation, rule.minutes, rule.at_least, rule.at_most)
    return times.once(key, lambda: matrix | matrix.T)


def pairs(variables: Variables, group: Sequence[Member], *, ordered: bool) -> Iterator[tuple[Member, Member]]:
    """Every two requests, and a request with itself where it has several sessions and order does not matter."""
    for place, a in enumerate(group):
        if not ordered and variables.facts.asked(variables.facts.requests[a.request]) > 1:
            yield a, a
        for b in group[place + 1 :]:
            yield a, b


def _post_crowds(variables: Variables, rule: Relation, group: Sequence[Member]) -> bool:
    """At each moment of each date at most one session of the group."""
    times = variables.times.seen_by(variables.facts, rule)
    by_time: dict[int, list[BoolVarT]] = {}
    for member in group:
        for number, literal in member.at(variables):
            by_time.setdefault(number, []).append(literal)
    there = sorted(by_time)
    for row in times.restricted(there):
        variables.exclude(literal for place in np.flatnonzero(row) for literal in by_time[there[place]])
    for number, literals in by_time.items():
        if times.together[number, number]:
            variables.exclude(literals)
    return True


def _post_pair(variables: Variables, rule: Relation, a: Member, b: Member, *, crowd: bool) -> None:
    times = variables.times.seen_by(variables.facts, rule)
    violated = None if rule.strength == "must" else _Violation(variables, rule.weight)
    if rule.relation in IN_SPACE:
        first, second = a.within(variables), b.within(variables)
        names = sorted({each.space for each in (*first, *second)})
        matrix = np.array([[_apart(variables.facts, rule, one, other) for other in names] for one in names])
        sides = [
            Side([names.index(each.space) for each in side], [each.literal for each in side])
            for side in (first, second)
        ]
        _forbid(variables, matrix, sides[0], sides[1], violated, alone=_alone(variables, a, b))
    elif rule.relation == "not_adjacent":
        _not_adjacent(variables, rule, a, b, violated)
    else:
        one, other = (Side(*_columns(member.at(variables))) for member in (a, b))
        if not crowd:
            _forbid(variables, broken(times, rule), one, other, violated, alone=_alone(variables, a, b))
        if rule.relation == "same_attendees":
            _on_the_way(variables, times, a, b, violated)


def _columns(pairs: Sequence[tuple[int, BoolVarT]]) -> tuple[list[int], list[BoolVarT]]:
    return [number for number, _ in pairs], [literal for _, literal in pairs]


def _alone(variables: Variables, a: Member, b: Member) -> bool:
    """Whether each of the two has one session only, so that its literals exclude each other."""
    facts = variables.facts
    return all(facts.asked(facts.requests[each.request]) == 1 for each in (a, b))


class _Violation:
    """Of a rule that should hold: the literal that a pair breaks it, made when first needed. One costs the weight."""

    def __init__(self, variables: Variables, weight: int) -> None:
        self.variables, self.weight = variables, weight
        self.of_pair: BoolVarT | None = None

    def literal(self, *, alone: bool) -> BoolVarT:
        """One for a pair of requests with one session each; else one for each pair of sessions."""
        if self.of_pair is not None and alone:
            return self.of_pair
        made = self.variables.model.new_bool_var("")
        self.variables.penalties.append(self.weight * made)
        self.of_pair = made
        return made


def _forbid(variables: Variables, matrix: Pairs, a: Side, b: Side, violated: _Violation | None, *, alone: bool) -> None:
    """No two literals whose numbers the matrix names, or where they are the violation is told."""
    if not a.numbers or not b.numbers:
        return
    if not alone:
        _forbid_each(variables, matrix, a, b, violated)
        return
    for rows, columns in blocks(matrix[np.ix_(a.numbers, b.numbers)]):
        literals = [*(a.literals[i] for i in rows), *(b.literals[j] for j in columns)]
        if violated is None:
            variables.exclude(literals)
        else:
            variables.model.add(sum(literals) <= 1 + violated.literal(alone=True))


def blocks(matrix: Pairs) -> Iterator[tuple[Iterable[int], Iterable[int]]]:
    """(rows, columns) that cover the true places: rows that are alike are taken together."""
    alike: dict[bytes, list[int]] = {}
    for row, packed in enumerate(np.packbits(matrix, axis=1)):
        alike.setdefault(packed.tobytes(), []).append(row)
    for rows in alike.values():
        columns = np.flatnonzero(matrix[rows[0]])
        if len(columns):
            yield rows, columns.tolist()


def _forbid_each(variables: Variables, matrix: Pairs, a: Side, b: Side, violated: _Violation | None) -> None:
    seen = set()
    for i, number in enumerate(a.numbers):
        for j, other in enumerate(b.numbers):
            one, two = a.literals[i], b.literals[j]
            key = frozenset((one.index, two.index))
            if not matrix[number, other] or len(key) < 2 or key in seen:
                continue
            seen.add(key)
            if violated is None:
                variables.exclude([one, two])
            else:
                variables.model.add(one + two <= 1 + violated.literal(alone=False))


def _apart(facts: Facts, rule: Relation, one: str, other: str) -> bool:
    """Whether two sessions in these spaces break a relation about spaces."""
    if rule.relation == "different_space":
        return one == other
    if rule.relation == "same_space":
        return one != other
    return one != other and not side_by_side(rule, one, other)


def side_by_side(rule: Relation, one: str, other: str) -> bool:
    """Whether the rule names two spaces as neighbours."""
    return any(set(pair.spaces) == {one, other} for pair in rule.beside)


def _not_adjacent(variables: Variables, rule: Relation, a: Member, b: Member, violated: _Violation | None) -> None:
    """By placements: time and space count together."""
    times = variables.times.seen_by(variables.facts, rule)
    first, second = (member.placements(variables) for member in (a, b))
    numbers = {p.index: place for place, p in enumerate({p.index: p for p in (*first, *second)}.values())}
    matrix = np.zeros((len(numbers), len(numbers)), dtype=bool)
    meet = times.together & (times.between < 0)
    for p in first:
        for q in second:
            near = side_by_side(rule, p.space, q.space)
            matrix[numbers[p.index], numbers[q.index]] = near and meet[times.number[p.times], times.number[q.times]]
    sides = [Side([numbers[p.index] for p in side], [variables.z[p.index] for p in side]) for side in (first, second)]
    _forbid(variables, matrix, sides[0], sides[1], violated, alone=_alone(variables, a, b))


def _on_the_way(variables: Variables, times: Times, a: Member, b: Member, violated: _Violation | None) -> None:
    """same_attendees: two sessions of one date that leave less time than the way between their sites takes.

    The ways are few: for each length the pairs of times that leave less than it, and not less than the next shorter,
    exclude each other where the sites are that far apart.
    """
    facts = variables.facts
    ways = sorted({facts.travel(s, t) for s in _spaces(variables, a) for t in _spaces(variables, b)} - {0})
    if not ways:
        return
    if not _alone(variables, a, b):
        _on_the_way_each(variables, times, a, b, violated)
        return
    one, other = (Side(*_columns(member.at(variables))) for member in (a, b))
    if not one.numbers or not other.numbers:
        return
    here = np.ix_(one.numbers, other.numbers)
    together, between = times.together[here], times.between[here]
    for shorter, way in zip([0, *ways], ways, strict=False):
        matrix = together & (between >= shorter) & (between < way)
        if not matrix.any():
            continue
        far = _far(variables, a, b, way)
        for rows, columns in blocks(matrix):
            literals = [*(one.literals[i] for i in rows), *(other.literals[j] for j in columns)]
            if violated is None:
                variables.model.add(sum(literals) <= 1).only_enforce_if(far)
            else:
                variables.model.add(sum(literals) + far <= 2 + violated.literal(alone=True))


def _spaces(variables: Variables, member: Member) -> list[str]:
    return [each.space for each in member.within(variables)]


def _far(variables: Variables, a: Member, b: Member, way: int) -> BoolVarT:
    """A literal that is true wherever the sites of the two are at least so far apart."""
    facts = variables.facts
    sites: list[dict[str, list[BoolVarT]]] = [{}, {}]
    for place, member in enumerate((a, b)):
        for space, literal in member.within(variables):
            sites[place].setdefault(facts.spaces[space].site, []).append(literal)
    far = variables.model.new_bool_var("")
    for site, there in sites[0].items():
        beyond = [
            literal for other, literals in sites[1].items() if facts.way(site, other) >= way for literal in literals
        ]
        if beyond:
            variables.model.add(sum(there) + sum(beyond) <= 1 + far)
    return far


def _on_the_way_each(variables: Variables, times: Times, a: Member, b: Member, violated: _Violation | None) -> None:
    facts = variables.facts
    first, second = (member.placements(variables) for member in (a, b))
    both = combinations(first, 2) if a is b else ((p, q) for p in first for q in second)
    for p, q in both:
        at, then = times.number[p.times], times.number[q.times]
        if times.together[at, then] and 0 <= times.between[at, then] < facts.travel(p.space, q.space):
            one, two = variables.z[p.index], variables.z[q.index]
            if violated is None:
                variables.exclude([one, two])
            else:
                variables.model.add(one + two <= 1 + violated.literal(alone=False))


ONCE = {"relation": post_relation}

"""`load`: what a group has on a day or in the week. Dates on which the same literals stand alike are counted as one.

Of must, the excess is none; of should, a group costs floor(weight x excess / weeks) or weight x excess points. Every
auxiliary literal is bounded from below alone: it is as small as the choices allow when the solver makes it so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ortools.sat.python.cp_model import BoolVarT, IntVar, LinearExpr

from scheduler.constraints.loads import Load
from scheduler.model.groups import Member, groups
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Footprint, bits

Standing = list[tuple[Footprint, BoolVarT]]
"""Sessions that may stand on a date: time and literal."""
Term = LinearExpr | IntVar
PER_WEEK = ("max_day_load", "max_breaks", "max_block", "compactness")
"""Measures that sum over dates, and are divided by the weeks."""


def post_load(variables: Variables) -> None:
    """Each group of each rule: the excess is none, or costs."""
    facts = variables.facts
    for rule in [*facts.rules(Load), *facts.wishes(Load)]:
        for group in groups(variables, rule):
            terms = list(_excess(variables, rule, group))
            if rule.strength == "must":
                for term in terms:
                    variables.model.add(term <= 0)
            elif terms and rule.weight:
                _charge(variables, rule, terms)


def _charge(variables: Variables, rule: Load, terms: list[Term]) -> None:
    """Points >= (weight x excess - (weeks - 1)) / weeks: the least whole number is the quotient rounded down."""
    weeks = variables.facts.weeks if rule.measure in PER_WEEK else 1
    excess = rule.weight * LinearExpr.sum(terms)
    if weeks == 1:
        variables.penalties.append(excess)
        return
    most = rule.weight * 1440 * 366
    points = variables.model.new_int_var(0, most, "")
    variables.model.add(weeks * points >= excess - (weeks - 1))
    variables.penalties.append(points)


def _excess(variables: Variables, rule: Load, group: Sequence[Member]) -> Iterator[Term]:
    """Terms, each at least 0, whose sum is the excess of a group."""
    if rule.measure == "space_stability":
        yield from _spaces_beyond(variables, group)
    elif rule.measure in {"max_days", "min_working_days"}:
        yield from _days(variables, rule, group)
    else:
        for standing, dates in dates_alike(variables, group):
            for term in _ON_A_DATE[rule.measure](variables, rule, standing):
                yield dates * term


def dates_alike(variables: Variables, group: Sequence[Member]) -> list[tuple[Standing, int]]:
    """What may stand on a date, and on how many dates the same may."""
    there: dict[int, list[tuple[int, int]]] = {}
    literals: dict[int, BoolVarT] = {}
    for member in group:
        for number, literal in member.at(variables):
            literals[literal.index] = literal
            for day in bits(variables.times.all[number].dates):
                there.setdefault(day, []).append((number, literal.index))
    alike: dict[tuple[tuple[int, int], ...], int] = {}
    for standing in there.values():
        key = tuple(sorted(standing))
        alike[key] = alike.get(key, 0) + 1
    return [
        ([(variables.times.all[number], literals[index]) for number, index in key], dates)
        for key, dates in alike.items()
    ]


def _spaces_beyond(variables: Variables, group: Sequence[Member]) -> Iterator[Term]:
    by_space: dict[str, list[BoolVarT]] = {}
    for member in group:
        for space, literal in member.within(variables):
            by_space.setdefault(space, []).append(literal)
    used = [_any(variables, literals) for literals in by_space.values()]
    if len(used) > 1:
        beyond = variables.model.new_int_var(0, len(used), "")
        variables.model.add(beyond >= sum(used) - 1)
        yield beyond


def _days(variables: Variables, rule: Load, group: Sequence[Member]) -> Iterator[Term]:
    by_day: list[list[BoolVarT]] = [[] for _ in range(7)]
    everything: list[BoolVarT] = []
    for member in group:
        for number, literal in member.at(variables):
            everything.append(literal)
            for day in bits(variables.times.all[number].weekdays):
                by_day[day].append(literal)
    excess = variables.model.new_int_var(0, 7, "")
    if rule.measure == "max_days":
        used = [_any(variables, literals) for literals in by_day if literals]
        variables.model.add(excess >= sum(used) - rule.at_most)
        yield excess
    elif everything:
        # The days that lack: a day counts only where somebody is there, so these literals are bounded from above.
        days: list[BoolVarT] = []
        for literals in filter(None, by_day):
            at_all = variables.model.new_bool_var("")
            variables.model.add(at_all <= sum(literals))
            days.append(at_all)
        anybody = _any(variables, everything)
        variables.model.add(excess >= rule.at_least * anybody - sum(days))
        yield excess


def _any(variables: Variables, literals: Sequence[BoolVarT]) -> BoolVarT:
    """At least 1 when one of them is true."""
    if len(literals) == 1:
        return literals[0]
    one = variables.model.new_bool_var("")
    for literal in literals:
        variables.model.add_implication(literal, one)
    return one


def _above(variables: Variables, terms: Term, limit: int, most: int) -> Term:
    """What a sum has above a limit."""
    above = variables.model.new_int_var(0, max(0, most - limit), "")
    variables.model.add(above >= terms - limit)
    return above


def _minutes_above(variables: Variables, rule: Load, standing: Standing) -> Iterator[Term]:
    lengths = [each.end - each.start for each, _ in standing]
    if sum(lengths) > rule.minutes:
        minutes = LinearExpr.weighted_sum([literal for _, literal in standing], lengths)
        units = variables.model.new_int_var(0, sum(lengths), "")
        variables.model.add(rule.unit_minutes * units >= minutes - rule.minutes)
        yield units


def _blocks_above(variables: Variables, rule: Load, standing: Standing) -> Iterator[Term]:
    begins = [_begins(variables, rule, standing, start) for start in _starts(standing)]
    if len(begins) > rule.at_most + 1:
        yield _above(variables, LinearExpr.sum(begins), rule.at_most + 1, len(begins))


def _starts(standing: Standing) -> list[int]:
    return sorted({each.start for each, _ in standing})


def _begins(variables: Variables, rule: Load, standing: Standing, start: int) -> BoolVarT:
    """At least 1 when a block begins at a minute: somebody starts, and nobody before reaches it."""
    begins = variables.model.new_bool_var("")
    before = sum(literal for each, literal in standing if each.start < start <= each.end + rule.gap_minutes)
    for each, literal in standing:
        if each.start == start:
            variables.model.add(begins + before >= literal)
    return begins


def _long_blocks(variables: Variables, rule: Load, standing: Standing) -> Iterator[Term]:
    """Blocks that last too long, told by the minute at which each begins.

    goes_on[s, m]: the block that begins at s has a session that starts at m. It has one at s; and one at m when an
    earlier one of it reaches m. A block is too long when a session of it ends more than `minutes` after s, and it has
    two sessions or more.
    """
    model = variables.model
    held = _by_hours(variables, standing)
    for start in sorted({s for s, _ in held}):
        if max(end for _, end in held) - start <= rule.minutes:
            continue
        too_long = model.new_bool_var("")
        goes_on = {start: _begins(variables, rule, standing, start)}
        for (s, e), (literal, _) in sorted(held.items()):
            if s <= start:
                continue
            reaching = [
                (goes_on[at], other)
                for (at, end), (other, _) in held.items()
                if at in goes_on and at < s <= end + rule.gap_minutes
            ]
            if not reaching:
                continue
            if s not in goes_on:
                goes_on[s] = model.new_bool_var("")
            on = goes_on[s]
            for before, other in reaching:
                model.add_bool_or([~before, ~other, ~literal, on])
            if e - start > rule.minutes:
                model.add_bool_or([~on, ~literal, too_long])
        for (s, e), (literal, twice) in held.items():
            if s == start and e - s > rule.minutes:
                # The first session alone is too long: a second one in the block makes it a violation.
                others = [on for at, on in goes_on.items() if at > start]
                others += [other for (at, end), (other, _) in held.items() if at == start and end != e]
                for other in [*others, *([twice] if twice is not None else [])]:
                    model.add_bool_or([~goes_on[start], ~literal, ~other, too_long])
        yield too_long


def _by_hours(variables: Variables, standing: Standing) -> dict[tuple[int, int], tuple[BoolVarT, BoolVarT | None]]:
    """(start, end) -> a literal that somebody is there at these hours, and one that two are."""
    there: dict[tuple[int, int], list[BoolVarT]] = {}
    for each, literal in standing:
        there.setdefault((each.start, each.end), []).append(literal)
    found: dict[tuple[int, int], tuple[BoolVarT, BoolVarT | None]] = {}
    for hours, literals in there.items():
        twice = None
        if len(literals) > 1:
            twice = variables.model.new_bool_var("")
            variables.model.add(sum(literals) <= 1 + (len(literals) - 1) * twice)
        found[hours] = (_any(variables, literals), twice)
    return found


def _standing_alone(variables: Variables, _rule: Load, standing: Standing) -> Iterator[Term]:
    for place, (each, literal) in enumerate(standing):
        beside = sum(
            other
            for number, (near, other) in enumerate(standing)
            if number != place and (near.end == each.start or near.start == each.end)
        )
        alone = variables.model.new_bool_var("")
        variables.model.add(alone + beside >= literal)
        yield alone


_ON_A_DATE = {
    "max_day_load": _minutes_above,
    "max_breaks": _blocks_above,
    "max_block": _long_blocks,
    "compactness": _standing_alone,
}

ONCE = {"load": post_load}

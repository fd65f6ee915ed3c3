"""`load`: what a group has on a day or in the week. Dates on which the same literals stand alike are counted as one.

Of must, the excess is none; of should, a group costs floor(weight x excess / weeks) or weight x excess points. Every
auxiliary literal is bounded from below alone: it is as small as the choices allow when the solver makes it so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ortools.sat.python.cp_model import BoolVarT, IntVar, LinearExpr

from scheduler.constraints.loads import Load
from scheduler.constraints.rights import PrimeTime
from scheduler.constraints.terms import WEEKDAYS
from scheduler.model.groups import Member, groups, never_both
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Footprint, bits
from scheduler.placements.facts import minutes

Standing = list[tuple[Footprint, BoolVarT]]
"""Sessions that may stand on a date: time and literal."""
Term = LinearExpr | IntVar
PER_WEEK = ("max_day_load", "max_breaks", "max_block", "compactness", "useless_gap")
"""Measures whose sum over dates is divided by the weeks."""


def post_load(variables: Variables) -> None:
    """Each group of each rule: the excess is none, or costs."""
    facts = variables.facts
    for rule in [*facts.rules(Load), *facts.wishes(Load)]:
        for group in groups(variables, rule):
            if rule.strength == "must" and variables.settled.issuperset(member.request for member in group):
                continue
            terms = list(_excess(variables, rule, group))
            if rule.strength == "must":
                for term in terms:
                    variables.model.add(term <= 0)
            elif terms and rule.weight:
                _charge(variables, rule, terms)


def _charge(variables: Variables, rule: Load, terms: list[Term]) -> None:
    """Points >= (weight x excess - (weeks - 1)) / weeks: the least whole number is the quotient rounded down."""
    weeks = variables.facts.weeks_of(rule) if rule.measure in PER_WEEK else 1
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
    if rule.measure in {"space_stability", "spaces_open", "sites_open"}:
        yield from _places_beyond(variables, rule, group)
    elif rule.measure in {"max_sessions", "max_minutes", "min_minutes"}:
        yield from _in_periods(variables, rule, group)
    elif rule.measure == "share_of_supply":
        yield _lacking_share(variables, rule, group)
    elif rule.measure in {"max_days", "min_working_days"}:
        yield from _weekdays(variables, rule, group)
    else:
        for standing, dates in dates_alike(variables, rule, group):
            for term in _ON_A_DATE[rule.measure](variables, rule, standing):
                yield dates * term


def dates_alike(variables: Variables, rule: Load, group: Sequence[Member]) -> list[tuple[Standing, int]]:
    """What may stand on a date, and on how many dates the same may."""
    times = variables.times.seen_by(variables.facts, rule)
    there: dict[int, list[tuple[int, int]]] = {}
    literals: dict[int, BoolVarT] = {}
    for member in group:
        for number, literal in member.at(variables):
            literals[literal.index] = literal
            for day in bits(times.all[number].dates):
                there.setdefault(day, []).append((number, literal.index))
    alike: dict[tuple[tuple[int, int], ...], int] = {}
    for standing in there.values():
        key = tuple(sorted(standing))
        alike[key] = alike.get(key, 0) + 1
    return [([(times.all[number], literals[index]) for number, index in key], dates) for key, dates in alike.items()]


def _places_beyond(variables: Variables, rule: Load, group: Sequence[Member]) -> Iterator[Term]:
    """The spaces as they are booked beyond the first, or the atoms or sites above a number."""
    facts, by_place = variables.facts, dict[str, list[BoolVarT]]()
    for member in group:
        for space, literal in member.within(variables):
            places = {"spaces_open": facts.atoms(space), "sites_open": (facts.spaces[space].site,)}
            for place in places.get(rule.measure, (space,)):
                by_place.setdefault(place, []).append(literal)
    used = [_any(variables, literals) for literals in by_place.values()]
    most = 1 if rule.measure == "space_stability" else rule.at_most
    if len(used) > most:
        yield _above(variables, LinearExpr.sum(used), most, len(used))


def _in_periods(variables: Variables, rule: Load, group: Sequence[Member]) -> Iterator[Term]:
    """What is above a number in each period, or lacks."""
    first = variables.facts.problem.season.first_date
    seen = variables.times.seen_by(variables.facts, rule)
    counted: dict[object, dict[tuple[int, int], int]] = {
        period_of(rule, first + timedelta(days=day)): {} for day in _days(variables, rule)
    }
    literals: dict[int, BoolVarT] = {}
    for member in group:
        for number, literal in member.at(variables):
            times = seen.all[number]
            literals[literal.index] = literal
            for day in bits(times.dates):
                if not in_prime(rule.prime, day=(first + timedelta(days=day)).weekday(), start=times.start):
                    continue
                there = counted[period_of(rule, first + timedelta(days=day))]
                key = (number, literal.index)
                there[key] = there.get(key, 0) + (1 if rule.measure == "max_sessions" else times.end - times.start)
    alike: dict[tuple[tuple[tuple[int, int], int], ...], int] = {}
    for there in counted.values():
        key_of_all = tuple(sorted(there.items()))
        alike[key_of_all] = alike.get(key_of_all, 0) + 1
    for entries, periods in alike.items():
        weights = [weight for _, weight in entries]
        total = LinearExpr.weighted_sum([literals[index] for (_, index), _ in entries], weights)
        if rule.measure == "min_minutes":
            units = variables.model.new_int_var(0, rule.minutes, "")
            variables.model.add(rule.unit_minutes * units >= rule.minutes - total)
            yield periods * units
        else:
            limit = rule.at_most if rule.measure == "max_sessions" else rule.minutes
            if sum(weights) > limit:
                yield periods * _above(variables, total, limit, sum(weights))


def _days(variables: Variables, rule: Load) -> Sequence[int]:
    """The days of the season on which a rule holds, 0 for the first of the season."""
    season, dates = variables.facts.problem.season, variables.facts.season_of(rule)
    return range((season.last_date - season.first_date).days + 1) if dates is None else bits(dates)


def period_of(rule: Load, day: date) -> object:
    """The day, week, month or season that a date belongs to."""
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": (day.year, day.month),
        "season": None,
    }[rule.per]


def in_prime(prime: Sequence[PrimeTime], *, day: int, start: int) -> bool:
    """Whether a session that starts then is in prime time; without any, all time is."""
    return not prime or any(WEEKDAYS[day] in p.days and start >= minutes(p.starts_from) for p in prime)


def _lacking_share(variables: Variables, rule: Load, group: Sequence[Member]) -> Term:
    """Units x 100 x unit >= percent x everybody's minutes - 100 x the group's."""
    facts, seen = variables.facts, variables.times.seen_by(variables.facts, rule)
    first = facts.problem.season.first_date

    def granted(members: Sequence[Member]) -> LinearExpr:
        literals, weights = list[BoolVarT](), list[int]()
        for member in members:
            for number, literal in member.at(variables):
                times = seen.all[number]
                days = [(first + timedelta(days=day)).weekday() for day in bits(times.dates)]
                dates = sum(in_prime(rule.prime, day=day, start=times.start) for day in days)
                literals.append(literal)
                weights.append(dates * (times.end - times.start))
        return LinearExpr.weighted_sum(literals, weights)

    everybody = [Member(request.id, None) for request in facts.problem.requests]
    units = variables.model.new_int_var(0, 10**9, "")
    lacks = rule.percent * granted(everybody) - 100 * granted(group)
    variables.model.add(100 * rule.unit_minutes * units >= lacks)
    return units


def _weekdays(variables: Variables, rule: Load, group: Sequence[Member]) -> Iterator[Term]:
    seen = variables.times.seen_by(variables.facts, rule)
    by_day: list[list[BoolVarT]] = [[] for _ in range(7)]
    everything: list[BoolVarT] = []
    for member in group:
        for number, literal in member.at(variables):
            everything.append(literal)
            for day in bits(seen.all[number].weekdays):
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
        total = LinearExpr.weighted_sum([literal for _, literal in standing], lengths)
        units = variables.model.new_int_var(0, sum(lengths), "")
        variables.model.add(rule.unit_minutes * units >= total - rule.minutes)
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
    """Sessions of the same hours of which there is never more than one are told as one: a tighter bound, and fewer."""
    for hours, literals in _one_of_them(variables, standing):
        beside = [other for near, other in standing if near.end == hours.start or near.start == hours.end]
        alone = variables.model.new_bool_var("")
        variables.model.add(alone + LinearExpr.sum(beside) >= LinearExpr.sum(literals))
        yield alone


def _one_of_them(variables: Variables, standing: Standing) -> Iterator[tuple[Footprint, list[BoolVarT]]]:
    """Sessions that may stand on a date, in sets of the same hours of which at most one does."""
    sets: dict[tuple[int, int], list[tuple[Footprint, list[BoolVarT]]]] = {}
    for each, literal in standing:
        there = sets.setdefault((each.start, each.end), [])
        for _, literals in there:
            if all(never_both(variables, literal, other) for other in literals):
                literals.append(literal)
                break
        else:
            there.append((each, [literal]))
    for there in sets.values():
        yield from there


def _short_gaps(variables: Variables, rule: Load, standing: Standing) -> Iterator[Term]:
    """For each end and each start soon after it: 1 when both are there and nobody is between or reaches over."""
    ends = sorted({each.end for each, _ in standing})
    for end in ends:
        for start in [s for s in _starts(standing) if 0 < s - end < rule.minutes]:
            gap = variables.model.new_bool_var("")
            over = [literal for each, literal in standing if each.start < start and each.end > end]
            before = _any(variables, [literal for each, literal in standing if each.end == end])
            after = _any(variables, [literal for each, literal in standing if each.start == start])
            variables.model.add_bool_or([~before, ~after, *over, gap])
            yield gap


_ON_A_DATE = {
    "max_day_load": _minutes_above,
    "max_breaks": _blocks_above,
    "max_block": _long_blocks,
    "compactness": _standing_alone,
    "useless_gap": _short_gaps,
}

ONCE = {"load": post_load}

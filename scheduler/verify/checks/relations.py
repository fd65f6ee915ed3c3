"""How two sessions lie to each other, in time and in space: each pair by itself, as the words say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import WEEKDAYS
from scheduler.verify.groups import Held, grouped
from scheduler.verify.plan import Check, Finding, Plan
from scheduler.verify.wall import MINUTE
from scheduler.verify.words import place, say, slot_of, who


def relation(plan: Plan) -> Iterator[Finding]:
    """Every two sessions of a group stand in the relation."""
    for rule in plan.world.rules(Relation):
        for group in grouped(plan, rule):
            for one, other in combinations(group, 2):
                if rule.relation == "precedence" and one.slot.request is other.slot.request:
                    continue
                if not _STANDS[rule.relation](plan, rule, one, other):
                    yield _finding(plan, rule, one, other)


def _finding(plan: Plan, rule: Relation, one: Held, other: Held) -> Finding:
    text = rule.sentence(plan.world.names)
    return Finding(
        rule="relation",
        constraint=rule,
        involved=(one.occurrence, other.occurrence),
        sentence=say(
            "{one}（{when}，{where}）与{other}（{then}，{there}）不符合：{zh}",
            "{one} ({when}, {where}) and {other} ({then}, {there}) do not keep to: {en}",
            one=who(plan.world, one.slot.request),
            when=slot_of(one.slot),
            where=place(one.slot.space),
            other=who(plan.world, other.slot.request),
            then=slot_of(other.slot),
            there=place(other.slot.space),
            zh=text.zh,
            en=text.en,
        ),
    )


def _together(a: Held, b: Held) -> bool:
    return not a.dates.isdisjoint(b.dates)


def _hours_meet(a: Held, b: Held) -> bool:
    return a.starts < b.ends and b.starts < a.ends


def _overlap(a: Held, b: Held) -> bool:
    return _together(a, b) and _hours_meet(a, b)


def _one_holds_the_other(a: Held, b: Held) -> bool:
    inner, outer = (a, b) if a.ends - a.starts <= b.ends - b.starts else (b, a)
    return outer.starts <= inner.starts and inner.ends <= outer.ends


def _precedes(a: Held, b: Held) -> bool:
    if not a.dates or not b.dates:
        return True
    first, second = min(a.weeks), min(b.weeks)
    if first != second:
        return first < second
    day, then = _first_weekday(a), _first_weekday(b)
    return day < then if day != then else a.ends <= b.starts


def _first_weekday(a: Held) -> int:
    return min(WEEKDAYS.index(day) for day in a.weekdays)


def _gap_is(a: Held, b: Held, least: int) -> bool:
    wait = least * MINUTE
    return not _together(a, b) or a.ends + wait <= b.starts or b.ends + wait <= a.starts


def _follows(a: Held, b: Held, most: int) -> bool:
    first, second = (a, b) if a.starts <= b.starts else (b, a)
    wait = second.starts - first.ends
    return _together(a, b) and 0 * MINUTE <= wait <= most * MINUTE


def _beside(rule: Relation, a: Held, b: Held) -> bool:
    pair = (a.slot.space.id, b.slot.space.id)
    return pair in {each.spaces for each in rule.beside} or pair[::-1] in {each.spaces for each in rule.beside}


def _reachable(plan: Plan, a: Held, b: Held) -> bool:
    way = plan.world.travel(a.slot.space.site, b.slot.space.site)
    return not _together(a, b) or a.ends + way <= b.starts or b.ends + way <= a.starts


def _days_apart(a: Held, b: Held) -> int:
    return abs(_first_weekday(a) - _first_weekday(b))


_STANDS: dict[str, Callable[[Plan, Relation, Held, Held], bool]] = {
    "same_start": lambda _p, _r, a, b: a.starts == b.starts,
    "same_time": lambda _p, _r, a, b: _one_holds_the_other(a, b),
    "different_time": lambda _p, _r, a, b: not _hours_meet(a, b),
    "same_days": lambda _p, _r, a, b: a.weekdays <= b.weekdays or b.weekdays <= a.weekdays,
    "different_days": lambda _p, _r, a, b: a.weekdays.isdisjoint(b.weekdays),
    "same_weeks": lambda _p, _r, a, b: a.weeks <= b.weeks or b.weeks <= a.weeks,
    "different_weeks": lambda _p, _r, a, b: a.weeks.isdisjoint(b.weeks),
    "overlap": lambda _p, _r, a, b: _overlap(a, b),
    "not_overlap": lambda _p, _r, a, b: not _overlap(a, b),
    "precedence": lambda _p, _r, a, b: _precedes(a, b),
    "min_gap": lambda _p, r, a, b: _gap_is(a, b, r.minutes),
    "work_day": lambda _p, r, a, b: (
        not _together(a, b) or max(a.ends, b.ends) - min(a.starts, b.starts) <= r.minutes * MINUTE
    ),
    "same_attendees": lambda p, _r, a, b: _reachable(p, a, b),
    "same_space": lambda _p, _r, a, b: a.slot.space.id == b.slot.space.id,
    "different_space": lambda _p, _r, a, b: a.slot.space.id != b.slot.space.id,
    "consecutive": lambda _p, r, a, b: _follows(a, b, r.minutes),
    "days_between": lambda _p, r, a, b: not a.dates or not b.dates or r.at_least <= _days_apart(a, b) <= r.at_most,
    "adjacent_spaces": lambda _p, r, a, b: a.slot.space.id == b.slot.space.id or _beside(r, a, b),
    "not_adjacent": lambda _p, r, a, b: not _overlap(a, b) or not _beside(r, a, b),
}

CHECKS: dict[str, Check] = {"relation": relation}

"""What a group has in a day, a week, the season. ITC-2019 and ITC-2007; docs/semantics.md, rule `load`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.rights import PrimeTime
from scheduler.constraints.terms import Scope
from scheduler.problem import Problem
from tests.constraints.both_ways import costs_differ
from tests.constraints.cases import (
    Price,
    Truth,
    World,
    assert_both_ways,
    assert_costs_agree,
    assert_price,
    assert_truth,
    row,
)
from tests.factories import booking, dated, patterns, problem, series, space, weekly

WEEK = ("2026-09-07", "2026-09-13")
ROOMS = (space("A"), space("B", site="Y"), space("C"))


def rule(measure: str, **more: Any) -> Load:
    return Load(**{"id": "l", "source": "ITC", "measure": measure, **more})


def held(measure: str, *slots: str, holds: bool, where: str = "ABCABC", **more: Any) -> Truth:
    """Sessions of one week, one request each, and whether the rule lets them be."""
    world = problem(asks(slots, where), [rule(measure, **more)], ROOMS, season=WEEK)
    told = ", ".join(f"{name}={value}" for name, value in more.items())
    name = f"{measure}({told}) {'; '.join(slots)} in {where[: len(slots)]}"
    return row("load", name, world, made(world, slots, where), holds=holds)


def asks(slots: Sequence[str], where: str) -> list[Any]:
    return [series(f"R{n}", f"{slot}!", spaces=(where[n],)) for n, slot in enumerate(slots)]


def made(world: Problem, slots: Sequence[str], where: str) -> list[Any]:
    return [weekly(world, f"R{n}", slot, where[n]) for n, slot in enumerate(slots)]


TRUTH = [
    held("max_days", "MO 09:00-10:00", "MO 11:00-12:00", "TU 09:00-10:00", at_most=2, holds=True),
    held("max_days", "MO 09:00-10:00", "WE 11:00-12:00", "TU 09:00-10:00", at_most=2, holds=False),
    held("max_day_load", "MO 09:00-10:00", "MO 11:00-12:00", minutes=120, holds=True),
    held("max_day_load", "MO 09:00-10:00", "MO 11:00-12:15", minutes=120, holds=False),
    held("max_day_load", "MO 09:00-10:00", "TU 11:00-12:15", minutes=120, holds=True),
    held("max_breaks", "MO 09:00-10:00", "MO 10:15-11:00", gap_minutes=15, holds=True),
    held("max_breaks", "MO 09:00-10:00", "MO 10:16-11:00", gap_minutes=15, holds=False),
    held("max_breaks", "MO 09:00-10:00", "MO 10:16-11:00", gap_minutes=15, at_most=1, holds=True),
    held("max_breaks", "MO 09:00-12:00", "MO 09:30-10:00", "MO 12:10-13:00", gap_minutes=15, holds=True),
    held("max_breaks", "MO 09:00-10:00", "TU 12:00-13:00", holds=True),
    held("max_block", "MO 09:00-10:00", "MO 10:10-11:00", minutes=120, gap_minutes=10, holds=True),
    held("max_block", "MO 09:00-10:00", "MO 10:10-11:01", minutes=120, gap_minutes=10, holds=False),
    held("max_block", "MO 09:00-10:00", "MO 10:11-11:01", minutes=120, gap_minutes=10, holds=True),
    held("max_block", "MO 09:00-12:00", minutes=120, holds=True),
    held("max_block", "MO 09:00-12:00", "MO 09:00-12:00", minutes=120, holds=False),
    held("max_block", "MO 09:00-12:00", "MO 11:00-11:30", minutes=120, holds=False),
    held("max_block", "MO 09:00-10:00", "MO 10:00-11:00", "MO 11:00-12:00", minutes=170, holds=False),
    held("max_block", "MO 09:00-09:30", "MO 09:00-12:00", minutes=120, holds=False),
    held("min_working_days", "MO 09:00-10:00", "TU 11:00-12:00", at_least=2, holds=True),
    held("min_working_days", "MO 09:00-10:00", "MO 11:00-12:00", at_least=2, holds=False),
    held("compactness", "MO 09:00-10:00", "MO 10:00-11:00", holds=True),
    held("compactness", "MO 09:00-10:00", "MO 10:01-11:00", holds=False),
    held("compactness", "MO 09:00-10:00", "TU 10:00-11:00", holds=False),
    held("space_stability", "MO 09:00-10:00", "TU 10:00-11:00", where="AA", holds=True),
    held("space_stability", "MO 09:00-10:00", "TU 10:00-11:00", where="AB", holds=False),
    held("space_stability", "MO 09:00-10:00", "TU 10:00-11:00", where="AB", each="request", holds=True),
]

EVENING = (PrimeTime(days=("MO",), starts_from="18:00"),)
TRUTH += [
    held("max_sessions", "MO 09:00-10:00", "TU 09:00-10:00", at_most=2, holds=True),
    held("max_sessions", "MO 09:00-10:00", "TU 09:00-10:00", at_most=1, holds=False),
    held("max_sessions", "MO 09:00-10:00", "TU 09:00-10:00", at_most=1, per="day", holds=True),
    held("max_sessions", "MO 09:00-10:00", "MO 11:00-12:00", at_most=1, per="day", holds=False),
    held("max_sessions", "MO 09:00-10:00", "MO 18:00-19:00", at_most=1, prime=EVENING, holds=True),
    held("max_sessions", "MO 18:00-19:00", "MO 19:00-20:00", at_most=1, prime=EVENING, holds=False),
    held("max_sessions", "MO 18:00-19:00", "TU 19:00-20:00", at_most=1, prime=EVENING, holds=True),
    held("max_minutes", "MO 09:00-10:00", "TU 09:00-10:00", minutes=120, holds=True),
    held("max_minutes", "MO 09:00-10:00", "TU 09:00-10:01", minutes=120, holds=False),
    held("max_minutes", "MO 09:00-10:00", "TU 09:00-10:01", minutes=120, per="month", holds=False),
    held("min_minutes", "MO 09:00-10:00", "TU 09:00-10:00", minutes=120, holds=True),
    held("min_minutes", "MO 09:00-10:00", "TU 09:00-09:59", minutes=120, holds=False),
    held("min_minutes", "MO 09:00-10:00", "TU 09:00-10:00", minutes=60, each="request", holds=True),
    held("min_minutes", "MO 09:00-10:00", "TU 09:00-09:59", minutes=60, each="request", holds=False),
    held("share_of_supply", "MO 09:00-10:00", "TU 09:00-10:00", percent=50, scope=Scope(requests=("R0",)), holds=True),
    held("share_of_supply", "MO 09:00-10:00", "TU 09:00-10:02", percent=50, scope=Scope(requests=("R0",)), holds=False),
    held("spaces_open", "MO 09:00-10:00", "TU 09:00-10:00", at_most=2, holds=True),
    held("spaces_open", "MO 09:00-10:00", "TU 09:00-10:00", at_most=1, holds=False),
    held("spaces_open", "MO 09:00-10:00", "TU 09:00-10:00", where="AA", at_most=1, holds=True),
    held("sites_open", "MO 09:00-10:00", "TU 09:00-10:00", where="AC", at_most=1, holds=True),
    held("sites_open", "MO 09:00-10:00", "TU 09:00-10:00", where="AB", at_most=1, holds=False),
    held("useless_gap", "MO 09:00-10:00", "MO 10:00-11:00", minutes=30, holds=True),
    held("useless_gap", "MO 09:00-10:00", "MO 10:29-11:00", minutes=30, holds=False),
    held("useless_gap", "MO 09:00-10:00", "MO 10:30-11:00", minutes=30, holds=True),
    held("useless_gap", "MO 09:00-12:00", "MO 10:00-11:00", "MO 11:10-13:00", minutes=30, holds=True),
    held("useless_gap", "MO 09:00-10:00", "TU 10:15-11:00", minutes=30, holds=True),
    held("useless_gap", "MO 09:00-10:00", "MO 10:15-11:00", minutes=30, each="space", holds=True),
    held("useless_gap", "MO 09:00-10:00", "MO 10:15-11:00", where="AA", minutes=30, each="space", holds=False),
]

EVERY: dict[str, dict[str, Any]] = {
    "max_days": {"at_most": 1},
    "max_day_load": {"minutes": 120},
    "max_breaks": {"gap_minutes": 15},
    "max_block": {"minutes": 100, "gap_minutes": 15},
    "min_working_days": {"at_least": 2},
    "compactness": {},
    "space_stability": {},
    "max_sessions": {"at_most": 1},
    "max_minutes": {"minutes": 120, "per": "day"},
    "min_minutes": {"minutes": 60, "per": "season", "each": "request"},
    "share_of_supply": {"percent": 60, "scope": Scope(requests=("R1", "R3"))},
    "spaces_open": {"at_most": 1},
    "sites_open": {"at_most": 1},
    "useless_gap": {"minutes": 90},
}


def choice(measure: str, **more: Any) -> Problem:
    """Three requests with choices of time and space; weeks in which not all stand."""
    wishes = [
        patterns("R1", "MO 09:00 1", "MO 10:00", "MO,TU 10:15 2", spaces=("A",)),
        patterns("R2", "MO 10:00 1,2", "MO 09:00 2 120m", spaces=("B",)),
        series("R3", "MO 11:00-12:00!;TU 10:00-11:00!", spaces=("A", "B")),
    ]
    return problem(wishes, [rule(measure, **more)], ROOMS, season=("2026-09-07", "2026-09-15"))


def crowd(measure: str, **more: Any) -> Problem:
    """One day, many hours: blocks of all kinds."""
    wishes = [
        series("R1", "MO 09:00-10:00!;MO 10:00-11:00!", spaces=("A",)),
        series("R2", "MO 09:00-11:00!;MO 10:30-12:30!", spaces=("B",), minutes=120),
        series("R3", "MO 09:00-11:00!;MO 11:15-13:15!", spaces=("C",), minutes=120),
        series("R4", "MO 09:30-10:00!;MO 12:30-13:00!", spaces=("D",), applicant="O2"),
    ]
    rooms = (*ROOMS, space("D"))
    return problem(wishes, [rule(measure, **more)], rooms, season=("2026-09-07", "2026-09-07"))


ASKED_TWICE = "MO 09:00-10:00!;MO 10:00-11:00!;MO 11:30-12:30!;TU 09:00-10:00!"


def twice(measure: str, **more: Any) -> Problem:
    """A request with several sessions a week, by itself a group."""
    wishes = [
        series("R1", ASKED_TWICE, per_week=2, min_sessions=1, spaces=("A", "B")),
        series("R2", "MO 10:00-11:00!", spaces=("C",)),
    ]
    return problem(wishes, [rule(measure, **({"each": "request"} | more))], ROOMS, season=("2026-09-07", "2026-09-08"))


def outside(measure: str, **more: Any) -> Problem:
    """A dated request outside the season counts nowhere."""
    wishes = [
        dated("R1", "2026-09-22", "TU 09:00-10:00!", spaces=("A",)),
        series("R2", "MO 09:00-10:00!;WE 09:00-10:00!", spaces=("B",), per_week=2, min_sessions=1),
    ]
    return problem(wishes, [rule(measure, **more)], ROOMS, season=("2026-09-07", "2026-09-13"))


OUTSIDE = ("2026-09-07", "2026-09-09", "2026-09-22")
DATES = ("2026-09-07", "2026-09-08", "2026-09-14", "2026-09-15")
TIGHT: dict[str, dict[str, Any]] = {
    "max_day_load": {"minutes": 90},
    "max_minutes": {"minutes": 90},
    "share_of_supply": {"scope": Scope(requests=("R1",))},
}
ONE_DAY = ("max_day_load", "max_breaks", "max_block", "compactness", "useless_gap", "max_sessions")
WORLDS = [
    *(World("load", n, choice(n, **more), ("09:00", "11:00"), DATES) for n, more in EVERY.items()),
    *(World("load", f"{n}, one day", crowd(n, **EVERY[n]), ("09:00", "12:30"), DATES[:1]) for n in ONE_DAY),
    *(
        World("load", f"{n}, twice", twice(n, **(more | TIGHT.get(n, {}))), ("09:00", "11:30"), DATES[:2], step=30)
        for n, more in EVERY.items()
    ),
    *(
        World("load", f"{n} with a date outside the season", outside(n, at_most=1), ("09:00", "09:00"), OUTSIDE)
        for n in ("max_days", "max_sessions")
    ),
]


def wished(world: World) -> World:
    made = tuple(c.model_copy(update={"strength": "should", "weight": 5}) for c in world.problem.constraints)
    asked = world.problem.model_copy(update={"constraints": made})
    return World(world.kind, f"{world.name}, should", asked, world.span)


def price(name: str, points: int, rules: list[Load], *slots: str, where: str = "ABCABC", weeks: int = 1) -> Price:
    season = ("2026-09-07", f"2026-09-{6 + 7 * weeks:02d}")
    world = problem(asks(slots, where), rules, ROOMS, season=season)
    return Price(name, world, tuple(b for each in made(world, slots, where) for b in each), points)


def wish(measure: str, weight: int, **more: Any) -> list[Load]:
    return [rule(measure, strength="should", weight=weight, **more)]


MO, TU, WE = "MO 09:00-10:00", "TU 09:00-10:00", "WE 09:00-10:00"
LACK = wish("min_minutes", 2, minutes=121, unit_minutes=30)
PRICES = [
    price("two days above one", 10, wish("max_days", 5, at_most=1), MO, TU, WE),
    price("30 above in each of 2 weeks", 90, wish("max_day_load", 3, minutes=60), MO, "MO 11:00-11:30", weeks=2),
    price("three alone in each of 3 weeks", 3, wish("compactness", 1), MO, TU, WE, weeks=3),
    price("one space beyond the first", 4, wish("space_stability", 4), MO, TU, WE, where="AAB"),
    price("one date above in each of 2 weeks", 14, wish("max_sessions", 7, at_most=1), MO, TU, weeks=2),
    price(
        "half hours that lack, begun ones too",
        6,
        wish("min_minutes", 2, minutes=121, unit_minutes=30),
        "MO 09:00-09:40",
    ),
    price("two spaces above one", 6, wish("spaces_open", 3, at_most=1), MO, TU, WE),
    price("two days lack", 10, wish("min_working_days", 5, at_least=3), MO),
]


def in_one_week_of_two() -> Price:
    """One session alone, in one of two weeks: 3 x 1 // 2 = 1."""
    world = problem([patterns("R1", "MO 09:00 1", spaces=("A",))], wish("compactness", 3), ROOMS)
    return Price("rounded down once", world, (booking(world, "R1", "2026-09-07 09:00-10:00"),), 1)


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


@pytest.mark.parametrize("world", [wished(each) for each in WORLDS], ids=str)
def test_costs_agree(world: World) -> None:
    assert_costs_agree(world)


@pytest.mark.parametrize("case", [*PRICES, in_one_week_of_two()], ids=str)
def test_price(case: Price) -> None:
    assert_price(case)


@pytest.mark.parametrize("limit", [{"valid_from": date(2026, 9, 14)}, {"scope": Scope(spaces=("A",))}], ids=str)
def test_sessions_that_are_kept_apart_elsewhere_alone_stand_alone_each(limit: dict[str, Any]) -> None:
    """At one hour of the first Monday both may stand, in two rooms: the rule is of later dates, or of room A."""
    asks = [
        patterns("R1", "MO 09:00 1", "MO 11:00 2", spaces=("A", "B")),
        series("R2", "MO 09:00-10:00!", spaces=("A", "C")),
    ]
    apart = Relation(id="apart", source="s", relation="not_overlap", **limit)
    compact = Load(id="compact", source="s", measure="compactness", strength="should", weight=3)
    world = problem(asks, [apart, compact], spaces=[space(name) for name in "ABC"])
    assert costs_differ(world) == ""

"""How two sessions lie to each other. ITC-2019, distribution constraints; docs/semantics.md, rule `relation`."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints.relations import Beside, Relation
from scheduler.constraints.terms import Scope
from scheduler.problem import Problem
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

TWO_WEEKS = ("2026-09-07", "2026-09-20")
ROOMS = (space("A"), space("B"), space("C", site="Y"))
MONDAY, TUESDAY, WEDNESDAY, NEXT = "2026-09-07", "2026-09-08", "2026-09-09", "2026-09-14"


def rule(relation: str, **more: Any) -> Relation:
    return Relation(**{"id": "r", "source": "ITC-2019", "relation": relation, **more})


def beside(*pairs: tuple[str, str]) -> tuple[Beside, ...]:
    return tuple(Beside(spaces=pair) for pair in pairs)


def two(relation: str, first: str, second: str, *, holds: bool, where: str = "AB", **more: Any) -> Truth:
    """Two patterns, each with one option, and whether they stand in the relation."""
    asks = [patterns("R1", first, spaces=(where[0],)), patterns("R2", second, spaces=(where[1],))]
    world = problem(asks, [rule(relation, **more)], ROOMS, season=TWO_WEEKS, travel={("X", "Y"): 30})
    made = [made_of(world, "R1", first, where[0]), made_of(world, "R2", second, where[1])]
    name = f"{first} | {second}" + (f" in {where}" if where != "AB" else "")
    return row("relation", f"{relation} {name}", world, made, holds=holds)


def made_of(world: Problem, request: str, text: str, place: str) -> list[Any]:
    """The bookings of an option, its dates found by hand: the season begins on a Monday."""
    days, starts, *rest = text.split()
    weeks = [int(week) for part in rest if part[-1] != "m" for week in part.split(",")] or [1, 2]
    length = next((int(part[:-1]) for part in rest if part[-1] == "m"), 60)
    hour, minute = map(int, starts.split(":"))
    end = hour * 60 + minute + length
    clocks = f"{starts}-{end // 60:02d}:{end % 60:02d}"
    numbers = [("MO", "TU", "WE", "TH", "FR", "SA", "SU").index(day) for day in days.split(",")]
    dates = [7 + (week - 1) * 7 + number for week in weeks for number in numbers]
    return [booking(world, request, f"2026-09-{day:02d} {clocks}", place) for day in dates]


TRUTH = [
    two("same_start", "MO 09:00", "TU 09:00 1 90m", holds=True),
    two("same_start", "MO 09:00", "MO 09:05", holds=False),
    two("same_time", "MO 09:00 120m", "TU 09:30 2", holds=True),
    two("same_time", "MO 09:00", "TU 09:00 1", holds=True),
    two("same_time", "MO 09:00 90m", "MO 09:30 120m", holds=False),
    two("different_time", "MO 09:00", "TU 10:00", holds=True),
    two("different_time", "MO 09:00", "TU 09:59", holds=False),
    two("same_days", "MO,WE 09:00", "WE 14:00 2", holds=True),
    two("same_days", "MO,WE 09:00", "WE,FR 09:00", holds=False),
    two("different_days", "MO 09:00", "TU,WE 09:00", holds=True),
    two("different_days", "MO,TU 09:00", "TU 14:00", holds=False),
    two("same_weeks", "MO 09:00 1,2", "TU 09:00 2", holds=True),
    two("same_weeks", "MO 09:00 1", "MO 11:00 2", holds=False),
    two("different_weeks", "MO 09:00 1", "MO 09:00 2", holds=True),
    two("different_weeks", "MO 09:00 1,2", "TU 09:00 2", holds=False),
    two("overlap", "MO 09:00", "MO 09:59 1", holds=True),
    two("overlap", "MO 09:00", "MO 10:00", holds=False),
    two("overlap", "MO 09:00 1", "MO 09:00 2", holds=False),
    two("not_overlap", "MO 09:00", "MO 10:00", holds=True),
    two("not_overlap", "MO,WE 09:00", "WE 09:59 2", holds=False),
    two("not_overlap", "MO 09:00 1", "MO 09:00 2", holds=True),
    two("precedence", "TU 09:00", "WE 08:00", holds=True),
    two("precedence", "WE 08:00", "TU 09:00", holds=False),
    two("precedence", "WE 08:00 1", "MO 08:00 2", holds=True),
    two("precedence", "MO 09:00", "MO 10:00", holds=True),
    two("precedence", "MO 09:00", "MO 09:59", holds=False),
    two("min_gap", "MO 09:00", "MO 10:30", minutes=30, holds=True),
    two("min_gap", "MO 09:00", "MO 10:29", minutes=30, holds=False),
    two("min_gap", "MO 09:00", "TU 10:00", minutes=30, holds=True),
    two("work_day", "MO 09:00", "MO 12:00", minutes=240, holds=True),
    two("work_day", "MO 09:00", "MO 12:01", minutes=240, holds=False),
    two("work_day", "MO 09:00 1", "MO 19:00 2", minutes=240, holds=True),
    two("same_attendees", "MO 09:00", "MO 10:00", holds=True),
    two("same_attendees", "MO 09:00", "MO 09:59", holds=False),
    two("same_attendees", "MO 09:00", "MO 10:29", where="AC", holds=False),
    two("same_attendees", "MO 09:00", "MO 10:30", where="AC", holds=True),
    two("same_attendees", "MO 09:00", "TU 10:00", where="AC", holds=True),
    two("same_space", "MO 09:00", "TU 09:00", where="AA", holds=True),
    two("same_space", "MO 09:00", "TU 09:00", holds=False),
    two("different_space", "MO 09:00", "TU 09:00", holds=True),
    two("different_space", "MO 09:00", "TU 09:00", where="AA", holds=False),
    two("consecutive", "MO 09:00", "MO 10:15", minutes=15, holds=True),
    two("consecutive", "MO 10:15", "MO 09:00", minutes=15, holds=True),
    two("consecutive", "MO 09:00", "MO 10:16", minutes=15, holds=False),
    two("consecutive", "MO 09:00", "MO 09:30", minutes=15, holds=False),
    two("consecutive", "MO 09:00", "TU 10:00", minutes=15, holds=False),
    two("days_between", "MO 09:00", "WE,FR 09:00", at_least=2, at_most=3, holds=True),
    two("days_between", "MO 09:00", "TU 09:00", at_least=2, at_most=3, holds=False),
    two("days_between", "FR 09:00", "MO 09:00", at_least=2, at_most=3, holds=False),
    two("adjacent_spaces", "MO 09:00", "TU 09:00", beside=beside(("B", "A")), holds=True),
    two("adjacent_spaces", "MO 09:00", "TU 09:00", beside=beside(("B", "C")), holds=False),
    two("not_adjacent", "MO 09:00", "MO 09:30", beside=beside(("A", "B")), holds=False),
    two("not_adjacent", "MO 09:00", "MO 10:00", beside=beside(("A", "B")), holds=True),
]


def choice(relation: str, **more: Any) -> Problem:
    """Three requests with choices of time and space, not all of which must be granted."""
    asks = [
        patterns("R1", "MO 09:00 1", "MO 10:00", "TU 09:30 2", spaces=("A", "C")),
        patterns("R2", "MO 10:00 1,2", "MO,TU 09:00 2 30m", spaces=("B",)),
        series("R3", "MO 10:00-11:00!;TU 10:30-11:30!", spaces=("A", "B")),
    ]
    return problem(
        asks,
        [rule(relation, **more)],
        ROOMS,
        season=("2026-09-07", "2026-09-15"),
        travel={("X", "Y"): 30},
    )


DATES = ("2026-09-07", "2026-09-08", "2026-09-14", "2026-09-15")
EVERY: dict[str, dict[str, Any]] = {
    "same_start": {},
    "same_time": {},
    "different_time": {},
    "same_days": {},
    "different_days": {},
    "same_weeks": {},
    "different_weeks": {},
    "overlap": {},
    "not_overlap": {},
    "precedence": {},
    "min_gap": {"minutes": 30},
    "work_day": {"minutes": 90},
    "same_attendees": {},
    "same_space": {},
    "different_space": {},
    "consecutive": {"minutes": 0},
    "days_between": {"at_least": 1, "at_most": 1},
    "adjacent_spaces": {"beside": beside(("A", "B"))},
    "not_adjacent": {"beside": beside(("A", "B"), ("C", "B"))},
}


def several() -> Problem:
    """Requests with several sessions a week, held to their own kind: pairs of one request count."""
    asks = [
        series("R1", "MO 09:00-10:00!;MO 10:00-11:00!;TU 09:00-10:00!", per_week=2, min_sessions=1, spaces=("A", "C")),
        series("R2", "MO 10:00-11:00!", spaces=("B",), applicant="O2"),
    ]
    return problem(
        asks,
        [rule("same_attendees", each="applicant")],
        ROOMS,
        season=("2026-09-07", "2026-09-08"),
        travel={("X", "Y"): 5},
    )


def outside(relation: str) -> Problem:
    """A dated request outside the season has no date, weekday or week in it."""
    asks = [
        dated("R1", "2026-09-22", "TU 09:00-10:00!", spaces=("A",)),
        series("R2", "MO 09:00-10:00!;WE 09:00-10:00!", spaces=("B",)),
    ]
    return problem(asks, [rule(relation)], ROOMS, season=("2026-09-07", "2026-09-13"))


OUTSIDE = ("2026-09-07", "2026-09-09", "2026-09-22")


def in_places() -> Problem:
    """A rule about the sessions in one space and on one site, and about nobody of a tag."""
    asks = [
        patterns("R1", "MO 09:00", spaces=("A", "B")),
        patterns("R2", "MO 09:30", spaces=("B", "C")),
        patterns("R3", "MO 09:30", spaces=("C", "A"), tags=("free",)),
    ]
    scope = Scope(any_of=(Scope(spaces=("A",)), Scope(sites=("Y",))), none_of=(Scope(tags=("free",)),))
    return problem(asks, [rule("not_overlap", scope=scope)], ROOMS, season=("2026-09-07", "2026-09-07"))


WORLDS = [
    *(
        World("relation", name, choice(name, **more), ("09:00", "10:30"), DATES, step=30)
        for name, more in EVERY.items()
    ),
    World("relation", "several sessions a week", several(), ("09:00", "10:00"), DATES[:2], step=60),
    World("relation", "a scope of places", in_places(), ("09:00", "09:30"), DATES[:1], step=30),
    *(
        World("relation", f"{name} with a date outside the season", outside(name), ("09:00", "09:00"), OUTSIDE)
        for name in ("same_days", "different_days", "precedence", "overlap")
    ),
]


def wish(relation: str, **more: Any) -> World:
    return World(
        "relation", f"{relation}, should", choice(relation, strength="should", weight=7, **more), ("09:00", "10:30")
    )


def wished(problem: Problem) -> Problem:
    made = tuple(c.model_copy(update={"strength": "should", "weight": 3}) for c in problem.constraints)
    return problem.model_copy(update={"constraints": made})


WISHES = [
    *(wish(name, **more) for name, more in EVERY.items()),
    World("relation", "several sessions a week, should", wished(several()), ("09:00", "10:00")),
    World("relation", "a scope of places, should", wished(in_places()), ("09:00", "09:30")),
]


def three_at_once() -> Price:
    """Three sessions at one time are three pairs; a fourth, on another day, is in none."""
    asks = [series(f"R{n}", "MO 09:00-10:00!", spaces=(room,)) for n, room in ((1, "A"), (2, "B"), (3, "C"))]
    asks.append(series("R4", "TU 09:00-10:00!", spaces=("A",)))
    world = problem(asks, [rule("not_overlap", strength="should", weight=7)], ROOMS)
    made = [weekly(world, f"R{n}", f"{day} 09:00-10:00") for n, day in ((1, "MO"), (2, "MO"), (3, "MO"), (4, "TU"))]
    return Price("three pairs at 7 points", world, tuple(b for each in made for b in each), 21)


def by_applicant() -> Price:
    """Pairs of one applicant only."""
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("A",), applicant="O1"),
        series("R2", "MO 09:00-10:00!", spaces=("B",), applicant="O2"),
        series("R3", "TU 09:00-10:00!", spaces=("B",), applicant="O2"),
    ]
    rules = [rule("same_days", each="applicant", strength="should", weight=5)]
    world = problem(asks, rules, ROOMS)
    made = [weekly(world, f"R{n}", f"{day} 09:00-10:00") for n, day in ((1, "MO"), (2, "MO"), (3, "TU"))]
    return Price("one pair of one applicant", world, tuple(b for each in made for b in each), 5)


PRICES = [three_at_once(), by_applicant()]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


@pytest.mark.parametrize("world", WISHES, ids=str)
def test_costs_agree(world: World) -> None:
    assert_costs_agree(world)


@pytest.mark.parametrize("case", PRICES, ids=str)
def test_price(case: Price) -> None:
    assert_price(case)

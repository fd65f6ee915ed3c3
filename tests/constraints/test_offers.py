"""What an owner gives of its spaces, and in which measures. docs/semantics.md, rules `offer` and `limits`."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from scheduler.constraints.offers import Limits, Offer, OfferedHours
from scheduler.constraints.terms import WEEKDAYS, Scope, Weekday
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
from tests.factories import booking, dated, problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
TWO_MONDAYS = ("2026-09-07", "2026-09-14")
PLACES = (space("A"), space("B"), space("A+B", parts=("A", "B"), layouts={"room": 60}))


def hours(days: str, starts: str, ends: str, *dates: str) -> OfferedHours:
    """Hours on weekdays written as `MO,TU`, or on some dates alone."""
    return OfferedHours(
        days=cast(tuple[Weekday, ...], tuple(days.split(","))) if days else WEEKDAYS,
        dates=tuple(map(date.fromisoformat, dates)),
        starts=starts,
        ends=ends,
    )


def offer(*given: OfferedHours, id: str = "o", spaces: tuple[str, ...] = ("A",), **more: Any) -> Offer:
    return Offer(id=id, source="agreement", spaces=spaces, hours=given, **more)


def asked(name: str, when: str, *rules: Any, holds: bool, breaks: str = "offer", **wish: Any) -> Truth:
    wish = {"spaces": ("A",)} | wish
    world = problem([series("R1", f"MO {when}!", **wish)], rules, PLACES, season=MONDAY)
    return row(breaks, name, world, weekly(world, "R1", f"MO {when}"), holds=holds, breaks=breaks)


MORNING, LATER = hours("MO", "09:00", "12:00"), hours("MO", "13:00", "14:00")
TUESDAY = date(2026, 9, 8)
TRUTH = [
    asked("within the hours", "09:00-12:00", offer(MORNING), holds=True),
    asked("a minute too long", "09:00-12:01", offer(MORNING), holds=False),
    asked("a minute too early", "08:59-10:00", offer(MORNING), holds=False),
    asked("another day is offered", "09:00-10:00", offer(hours("TU", "09:00", "12:00")), holds=False),
    asked("that date is offered", "09:00-10:00", offer(hours("", "09:00", "12:00", "2026-09-07")), holds=True),
    asked("another date is offered", "09:00-10:00", offer(hours("", "09:00", "12:00", "2026-09-14")), holds=False),
    asked("another space is offered", "20:00-21:00", offer(MORNING, spaces=("B",)), holds=True),
    asked("a whole with a part that is offered", "11:30-12:30", offer(MORNING), spaces=("A+B",), holds=False),
    asked("two offers do not join", "11:00-13:00", offer(MORNING, hours("MO", "12:00", "14:00")), holds=False),
    asked(
        "the second of two offers",
        "13:00-14:00",
        offer(MORNING),
        offer(hours("MO", "13:00", "14:00"), id="p"),
        holds=True,
    ),
    asked("as many people as are let in", "09:00-10:00", offer(MORNING, at_most_people=10), holds=True),
    asked("one person too many", "09:00-10:00", offer(MORNING, at_most_people=9), holds=False),
    asked("for this use", "09:00-10:00", offer(MORNING, scope=Scope(uses=("U1",))), holds=True),
    asked("for another use", "09:00-10:00", offer(MORNING, scope=Scope(uses=("U2",))), use="U3", holds=False),
    asked("over since the day before", "09:00-10:00", offer(MORNING, valid_until=date(2026, 9, 6)), holds=False),
]


def limits(**more: Any) -> Limits:
    return Limits(**{"id": "m", "source": "terms", **more})


TRUTH += [
    asked(name, when, limits(**more), holds=holds, breaks="limits")
    for name, when, more, holds in (
        ("on the grid", "09:30-10:30", {"start_every": 30}, True),
        ("off the grid", "09:15-10:15", {"start_every": 30}, False),
        ("as short as may be", "09:00-10:00", {"at_least_minutes": 60}, True),
        ("too short", "09:00-09:59", {"at_least_minutes": 60}, False),
        ("as long as may be", "09:00-10:00", {"at_most_minutes": 60}, True),
        ("too long", "09:00-10:01", {"at_most_minutes": 60}, False),
        ("a third of the places", "09:00-10:00", {"at_least_percent": 33}, True),
        ("less than 34 in a hundred", "09:00-10:00", {"at_least_percent": 34}, False),
        ("in another space", "09:15-10:15", {"start_every": 30, "spaces": ("B",)}, True),
        ("in a part of it", "09:15-10:15", {"start_every": 30, "spaces": ("A+B",)}, False),
        ("after it is over", "09:15-10:15", {"start_every": 30, "valid_until": date(2026, 9, 6)}, True),
        ("for others", "09:15-10:15", {"start_every": 30, "scope": Scope(tags=("x",))}, True),
    )
]


def two_owners() -> Problem:
    """Hours on some dates only, people, and a whole whose parts two owners offer."""
    asks = [
        series("R1", "MO 09:00-10:30", minutes=60, spaces=("A", "A+B")),
        dated("R2", "2026-09-14", "MO 09:30-11:00", minutes=60, spaces=("B", "A+B"), headcount=20),
    ]
    rules = [
        offer(hours("MO", "09:00", "10:15"), at_most_people=15),
        offer(hours("", "09:00", "11:00", "2026-09-14"), id="p", spaces=("B",)),
    ]
    return problem(asks, rules, PLACES, season=TWO_MONDAYS)


def measures(**more: Any) -> Problem:
    asks = [
        series("R1", "MO 09:00-10:30", minutes=60, spaces=("A", "B", "A+B"), headcount=20),
        series("R2", "MO 09:00-10:00", minutes=30, spaces=("B",)),
    ]
    return problem(asks, [limits(**more)], PLACES, season=TWO_MONDAYS)


DATES = ("2026-09-07", "2026-09-08", "2026-09-14")
WORLDS = [
    World("offer", "two owners and a whole", two_owners(), ("09:00", "10:00"), DATES),
    World("limits", "a grid", measures(start_every=30), ("09:00", "09:45"), DATES),
    World(
        "limits",
        "one hall too big, one date",
        measures(at_least_percent=40, valid_from=date(2026, 9, 8)),
        ("09:00", "09:45"),
        DATES,
    ),
    World("limits", "lengths", measures(at_least_minutes=45, spaces=("B",)), ("09:00", "09:45"), DATES),
]
WISHES = [
    World("limits", name, measures(strength="should", weight=7, **more), ("09:00", "09:45"))
    for name, more in (
        ("a grid, should", {"start_every": 30}),
        ("one date, should", {"at_least_percent": 40, "valid_from": date(2026, 9, 8)}),
    )
]


def two_dates_in_a_big_hall() -> Price:
    world = problem(
        [series("R1", "MO 09:00-10:00!", spaces=("A+B",))],
        [limits(at_least_percent=50, strength="should", weight=4)],
        PLACES,
        season=TWO_MONDAYS,
    )
    return Price("two dates at 4 points", world, tuple(weekly(world, "R1", "MO 09:00-10:00")), 8)


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


@pytest.mark.parametrize("world", WISHES, ids=str)
def test_costs_agree(world: World) -> None:
    assert_costs_agree(world)


def test_price() -> None:
    assert_price(two_dates_in_a_big_hall())


def test_the_hours_are_those_of_the_day_on_which_a_booking_begins() -> None:
    night = (space("A", hours="00:00-30:00"),)
    for ends, holds in (("25:00", True), ("24:30", False)):
        rules = [offer(hours("MO", "22:00", ends))]
        world = problem([dated("R1", "2026-09-07", "MO 23:00-25:00!", spaces=("A",))], rules, night)
        made = [booking(world, "R1", "2026-09-07 23:00-25:00")]
        assert_truth(row("offer", "into the night", world, made, holds=holds))

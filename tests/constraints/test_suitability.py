"""Whether a space suits a request; docs/semantics.md, `capacity`, `features`, `floors`."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.problem import Problem, Space
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")


def one(place: Space, **wish: Any) -> Problem:
    return problem([series("R1", "MO 09:00-10:00!", **wish)], spaces=[place], season=MONDAY)


def suits(
    kind: str, name: str, place: Space, *, holds: bool, layout: str = "room", breaks: str = "", **wish: Any
) -> Truth:
    world = one(place, **wish)
    return row(kind, name, world, weekly(world, "R1", "MO 09:00-10:00", layout=layout), holds=holds, breaks=breaks)


HALL = space(layouts={"room": 30, "rows": 60}, features=("piano", "stage"), floor=2)
TRUTH = [
    suits("capacity", "as many as places", HALL, headcount=30, holds=True),
    suits("capacity", "one more", HALL, headcount=31, holds=False),
    suits("capacity", "rows hold sixty", HALL, headcount=60, layouts=("room", "rows"), layout="rows", holds=True),
    suits(
        "capacity",
        "the first layout with room is used",
        HALL,
        headcount=20,
        layouts=("room", "rows"),
        layout="rows",
        breaks="layout",
        holds=False,
    ),
    suits(
        "capacity", "a layout that nobody asked for", HALL, headcount=20, layout="rows", breaks="layout", holds=False
    ),
    suits("features", "the piano is there", HALL, features=("piano",), holds=True),
    suits("features", "all of them are needed", HALL, features=("piano", "mirror"), holds=False),
    suits("floors", "on the second floor", HALL, floors=(1, 2), holds=True),
    suits("floors", "only on the first", HALL, floors=(1,), holds=False),
]


def rooms() -> Problem:
    places = [
        space("A", layouts={"room": 10, "rows": 20}),
        space("B", layouts={"rows": 30}, features=("piano",), floor=2),
        space("C", layouts={"room": 30}, features=("piano",), floor=1),
    ]
    asks = [
        series("R1", "MO 09:00-10:00!", headcount=15, layouts=("room", "rows"), spaces=("A", "B", "C")),
        series("R2", "MO 09:00-10:00!", features=("piano",), floors=(1,), spaces=("A", "B", "C")),
    ]
    return problem(asks, spaces=places, season=MONDAY)


WORLDS = [World(kind, "three rooms", rooms(), ("09:00", "09:15")) for kind in ("capacity", "features", "floors")]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS[:1], ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)

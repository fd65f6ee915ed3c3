"""Who may be in a space at the same time. By-law, clause 8; docs/semantics.md, rules `overlap` and `sharing`."""

from __future__ import annotations

import pytest

from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Problem
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import booking, dated, problem, series, space, weekly

ONE_WEEK = ("2026-09-07", "2026-09-13")
MONDAY = ("2026-09-07", "2026-09-07")
TWO_DAYS = ("2026-09-07", "2026-09-08")
HALL = (space("A"), space("B"), space("A+B", parts=("A", "B")))
READING = Sharing(id="l", source="by-law 8", space="S1", uses=("lend", "study"), layout="room", seats=48)
LIBRARY = (space(layouts={"room": 60}),)


def two(a: str, b: str, where_a: str = "S1", where_b: str = "S1") -> Problem:
    spaces = HALL if "A" in where_a + where_b else None
    asks = [series("R1", f"MO {a}!", spaces=(where_a,)), series("R2", f"MO {b}!", spaces=(where_b,))]
    return problem(asks, spaces=spaces, season=MONDAY)


def pair(name: str, a: str, b: str, where_a: str = "S1", where_b: str = "S1", *, holds: bool) -> Truth:
    world = two(a, b, where_a, where_b)
    return row("overlap", name, world, [weekly(world, "R1", f"MO {a}"), weekly(world, "R2", f"MO {b}")], holds=holds)


def reading(heads: int, use: str = "study", when: str = "13:00-15:00") -> Problem:
    asks = [
        series("R1", "MO 09:00-20:00!", use="lend", headcount=40),
        series("R2", f"MO {when}!", use=use, headcount=heads),
    ]
    return problem(asks, [READING], LIBRARY, season=MONDAY)


def together(name: str, heads: int, *, holds: bool, use: str = "study", kind: str = "sharing") -> Truth:
    world = reading(heads, use)
    made = [weekly(world, "R1", "MO 09:00-20:00"), weekly(world, "R2", "MO 13:00-15:00")]
    return row(kind, name, world, made, holds=holds)


TRUTH = [
    pair("one hour in common", "09:00-11:00", "10:00-12:00", holds=False),
    pair("end meets start: half-open", "09:00-10:00", "10:00-11:00", holds=True),
    pair("one inside the other", "20:00-22:00", "20:30-21:00", holds=False),
    pair("two rooms", "09:00-11:00", "09:00-11:00", "A", "B", holds=True),
    pair("a part against the whole", "09:00-11:00", "10:00-12:00", "A", "A+B", holds=False),
    pair("the whole twice", "09:00-11:00", "10:00-12:00", "A+B", "A+B", holds=False),
    together("48 heads on 48 seats", 8, holds=True),
    together("49 heads on 48 seats", 9, holds=False),
    together("a use that does not share", 8, use="dance", kind="overlap", holds=False),
]


def sharers() -> Problem:
    asks = [
        series("R1", "MO 09:00-13:00!", use="lend", headcount=30),
        series("R2", "MO 09:00-11:00", use="study", headcount=10, minutes=60),
        series("R3", "MO 10:00-11:00!", use="study", headcount=10),
        series("R4", "MO 10:00-11:00!", use="dance", headcount=5),
    ]
    return problem(asks, [READING], LIBRARY, season=MONDAY)


def at_night() -> Problem:
    """A party on Monday until half past one, and early risers on Tuesday at one and at two."""
    asks = [
        series("R1", "MO 22:00-25:30!"),
        series("R2", "TU 01:00-03:00", minutes=60),
        dated("R3", "2026-09-08", "TU 01:00-02:00!"),
    ]
    return problem(asks, spaces=[space(hours="00:00-24:00")], season=TWO_DAYS)


def parts() -> Problem:
    asks = [
        series("R1", "MO 09:00-11:00", minutes=60, spaces=("A", "A+B")),
        series("R2", "MO 09:00-10:00!", spaces=("A+B", "B")),
        dated("R3", "2026-09-07", "MO 10:00-11:00!", spaces=("A+B",)),
    ]
    return problem(asks, spaces=HALL, season=MONDAY)


def two_sessions() -> Problem:
    asks = [
        series("R1", "MO,TU 09:00-10:00!", per_week=2),
        series("R2", "MO,TU 09:00-10:00!", per_week=2, min_sessions=1),
    ]
    return problem(asks, season=TWO_DAYS)


WORLDS = [
    World("overlap", "parts and the whole", parts(), ("09:00", "10:00")),
    World("overlap", "past midnight", at_night(), ("00:45", "25:15"), ("2026-09-07", "2026-09-08")),
    World(
        "overlap",
        "two sessions, all or nothing, and a part of them",
        two_sessions(),
        ("09:00", "09:15"),
        ("2026-09-07", "2026-09-08"),
    ),
    World("sharing", "a library, two study groups and a dance", sharers(), ("08:45", "10:15")),
]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


def test_the_clock_of_the_next_morning_is_compared_with_the_evening_before() -> None:
    """22:00-25:30 on Monday and 01:00-02:00 on Tuesday are half an hour in the same room (peers.md, Helsinki)."""
    world = at_night()
    made = [*weekly(world, "R1", "MO 22:00-25:30"), booking(world, "R3", "2026-09-08 01:00-02:00")]
    assert_truth(row("overlap", "", world, made, holds=False))

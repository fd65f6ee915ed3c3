"""Nobody in two places. By-law, clause 13; docs/semantics.md, rule `same_attendees`."""

from __future__ import annotations

import pytest

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.rights import DateLoss
from scheduler.problem import Problem
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import dated, problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
RULE = SameAttendees(id="i", source="by-law 13")
PLACES = (space("A", site="X"), space("B", site="X"), space("C", site="Y"))
WAY = {("X", "Y"): 30}


def two(where: str, start: str, people: tuple[str, ...], rule: SameAttendees = RULE) -> Problem:
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("A",), people=("T1",)),
        series("R2", f"MO {start}-12:00!", spaces=(where,), people=people),
    ]
    return problem(asks, [rule], PLACES, season=MONDAY, travel=WAY)


def teacher(name: str, where: str, start: str, *people: str, holds: bool, rule: SameAttendees = RULE) -> Truth:
    world = two(where, start, people, rule)
    made = [weekly(world, "R1", "MO 09:00-10:00"), weekly(world, "R2", f"MO {start}-12:00")]
    return row("same_attendees", name, world, made, holds=holds)


TRUTH = [
    teacher("two rooms at once", "B", "09:30", "T1", holds=False),
    teacher("another teacher", "B", "09:30", "T2", holds=True),
    teacher("one of two teachers is the same", "B", "09:30", "T2", "T1", holds=False),
    teacher("one after the other in one house", "B", "10:00", "T1", holds=True),
    teacher("29 minutes for a way of 30", "C", "10:29", "T1", holds=False),
    teacher("30 minutes for a way of 30", "C", "10:30", "T1", holds=True),
    teacher(
        "a rule about somebody else",
        "B",
        "09:30",
        "T1",
        rule=SameAttendees(id="i", source="x", people=("T2",)),
        holds=True,
    ),
]


def busy_teacher() -> Problem:
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("A",), people=("T1",)),
        series("R2", "MO 09:30-11:30", minutes=60, spaces=("B", "C"), people=("T1", "T2")),
        series("R3", "MO 10:00-11:00!", spaces=("A",), people=("T2",)),
    ]
    return problem(asks, [RULE], PLACES, season=MONDAY, travel=WAY)


def lost_date() -> Problem:
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("A",), people=("T1",)),
        dated("R2", "2026-09-14", "MO 09:30-11:00", minutes=60, spaces=("C",), people=("T1",)),
    ]
    loss = DateLoss(id="j", source="by-law 14", to=("dated_request",))
    return problem(asks, [RULE, loss], PLACES, season=("2026-09-07", "2026-09-14"), travel=WAY)


def into_the_night() -> Problem:
    """A way of thirty minutes over midnight."""
    asks = [
        series("R1", "MO 22:30-23:45!", spaces=("A",), people=("T1",)),
        series("R2", "TU 00:00-01:00", minutes=30, spaces=("C",), people=("T1",)),
    ]
    open_all_day = [space("A", hours="00:00-24:00"), space("C", site="Y", hours="00:00-24:00")]
    return problem(asks, [RULE], open_all_day, season=("2026-09-07", "2026-09-08"), travel=WAY)


def two_days_away() -> Problem:
    """The longest way that can be stated."""
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("A",), people=("T1",)),
        series("R2", "WE 09:00-10:15", minutes=60, spaces=("C",), people=("T1",)),
    ]
    return problem(asks, [RULE], PLACES[::2], season=("2026-09-07", "2026-09-09"), travel={("X", "Y"): 2880})


WORLDS = [
    World(
        "same_attendees",
        "two days away",
        two_days_away(),
        ("09:00", "09:15"),
        ("2026-09-07", "2026-09-08", "2026-09-09"),
    ),
    World("same_attendees", "two teachers, two houses", busy_teacher(), ("08:45", "10:45")),
    World(
        "same_attendees",
        "a date lost for the teacher's sake",
        lost_date(),
        ("08:45", "10:15"),
        ("2026-09-07", "2026-09-08", "2026-09-14"),
    ),
    World(
        "same_attendees",
        "over midnight",
        into_the_night(),
        ("00:00", "22:30"),
        ("2026-09-07", "2026-09-08"),
    ),
]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)

"""A preference for waking idle rooms: part of the wishes, worth as much as the policy says."""

from __future__ import annotations

import pytest

from scheduler.problem import Problem
from scheduler.solve import Solved, solve
from scheduler.verify import verify
from tests.factories import problem, series, space
from tests.journeys.centre import centre

ROOMS = (space("MAIN"), space("ANNEX"), space("UNASKED"))


def two_wishes(idle_space: int) -> Problem:
    """Both would rather be in the main room, at different hours; either would go to the annex, one rank down."""
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("MAIN", "ANNEX")),
        series("R2", "TU 09:00-10:00!", spaces=("MAIN", "ANNEX")),
    ]
    return problem(asks, spaces=ROOMS, policy={"wishes": {"idle_space": idle_space}})


def answer(asked: Problem) -> tuple[list[str], int]:
    outcome = solve(asked, time_limit=30)
    assert isinstance(outcome, Solved)
    assert verify(asked, outcome.timetable).holds
    wishes = next(each for each in outcome.timetable.stages if each.stage == "wishes")
    assert wishes.status == "optimal"
    return sorted(each.space for each in outcome.timetable.sessions), wishes.value


@pytest.mark.parametrize(
    ("points", "rooms", "value"),
    [
        (0, ["MAIN", "MAIN"], 0),
        (19, ["MAIN", "MAIN"], 19),  # the annex stands idle: 19, less than two Mondays of rank 1
        (21, ["ANNEX", "MAIN"], 20),  # 2 dates x 10 for the rank; nobody asks for the third room
        (1000, ["ANNEX", "MAIN"], 20),
    ],
)
def test_worth_as_much_as_the_policy_says(points: int, rooms: list[str], value: int) -> None:
    assert answer(two_wishes(points)) == (rooms, value)


def test_a_joined_room_wakes_its_parts() -> None:
    spaces = [space("A"), space("B"), space("A+B", parts=("A", "B"))]
    asks = [series("R1", "MO 09:00-10:00!", spaces=("A", "A+B"))]
    assert answer(problem(asks, spaces=spaces, policy={"wishes": {"idle_space": 100}})) == (["A+B"], 20)


def test_the_verifier_counts_idle_rooms_by_itself() -> None:
    asked = two_wishes(21)
    outcome = solve(asked, time_limit=30)
    assert isinstance(outcome, Solved)
    cheaper = asked.model_copy(update={"policy": two_wishes(0).policy})
    told = outcome.timetable.model_copy(update={"problem": cheaper.fingerprint()})
    assert verify(cheaper, told).holds  # 20 points for the rank, in both
    lazy = solve(cheaper, time_limit=30)
    assert isinstance(lazy, Solved)
    told = lazy.timetable.model_copy(update={"problem": asked.fingerprint()})
    assert [each.sentence.en for each in verify(asked, told).violations] == [
        "stage wishes states the value 0, the bookings give 21"
    ]


def test_the_reference_has_no_such_preference() -> None:
    assert centre().policy.wishes.idle_space == 0

"""What the manager sees of a proposal that is not on the pages of `test_desk`."""

from __future__ import annotations

from datetime import date

from api.web.proposal import Proposal, proposal_of
from scheduler.problem import Calendar, Problem
from scheduler.solve import Solved, solve
from tests.factories import patterns, problem, series, space


def seen(asked: Problem) -> Proposal:
    outcome = solve(asked)
    assert isinstance(outcome, Solved)
    return proposal_of(asked, outcome.timetable)


def test_a_pattern_stands_on_each_of_its_weekdays_and_makes_up_nothing() -> None:
    found = seen(problem([patterns("R1", "MO,WE 09:00 2")]))
    [room] = found.rooms
    assert [[place.time for place in day] for day in room.days] == [
        ["09:00-10:00"],
        [],
        ["09:00-10:00"],
        [],
        [],
        [],
        [],
    ]
    assert list(found.made_up) == []


def test_the_small_hours_are_of_the_evening_before() -> None:
    late = series("R1", "SA 24:30-25:30!", minutes=60)
    found = seen(problem([late], (), [space(hours="08:00-30:00")]))
    assert list(found.made_up) == []


def test_a_date_that_is_made_up_is_listed() -> None:
    school = Calendar(id="school", counts_as={"2026-09-12": "MO"})
    asked = problem([series("R1", "MO 09:00-10:00!", calendar="school")], calendars=(Calendar(id="always"), school))
    assert [each.partition(" ")[2] for each in seen(asked).made_up] == [f"{date(2026, 9, 12)} 09:00，按周一"]

"""The four tiny cases on which Helsinki's allocator of 2021-2023 failed, and its midnight case (shared/peers.md).

The whole answers are compared in `tests/test_tiny.py`; here each test would see the failure itself.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import fixtures.tiny
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from scheduler.verify import verify
from scheduler.wellformed import read_problem


@cache
def timetable(case: str) -> Timetable:
    problem = read_problem((Path(fixtures.tiny.__file__).parent / f"helsinki-{case}" / "problem.json").read_bytes())
    outcome = solve(problem, time_limit=30, audit=True)
    assert isinstance(outcome, Solved)
    assert verify(problem, outcome.timetable).holds
    return outcome.timetable


def hours(case: str, request: str) -> list[tuple[str, str, str]]:
    """Date, start and end of every booking of a request."""
    return [
        (f"{b.starts:%F}", f"{b.starts:%R}", f"{b.ends:%F} {b.ends:%R}")
        for b in timetable(case).bookings
        if b.request == request
    ]


def test_two_rooms_one_closed_that_day() -> None:
    """Theirs answered 00:00-00:00, as it kept one start for both rooms. Ours: the open room, at the hour asked for."""
    [session] = timetable("1-two-rooms-one-closed").sessions
    assert (session.space, session.starts, session.ends) == ("west", "10:00", "12:00")
    assert {b.space for b in timetable("1-two-rooms-one-closed").bookings} == {"west"}
    assert all(start == "10:00" for _, start, _ in hours("1-two-rooms-one-closed", "club"))


def test_closed_on_the_first_monday_only() -> None:
    """Theirs gave nothing for the season. Ours: every other Monday, and the first is listed with its rule."""
    case = "2-closed-on-the-first-monday"
    assert [day for day, *_ in hours(case, "club")] == ["2026-09-14", "2026-09-21", "2026-09-28"]
    assert timetable(case).refusals == ()
    assert [(str(m.date), m.kind, m.rule) for m in timetable(case).missing] == [
        ("2026-09-07", "fallen", "opening_hours")
    ]


def test_open_on_the_first_monday_only() -> None:
    """Theirs gave the whole season. Ours: that one date, and the three others are listed."""
    case = "3-open-on-the-first-monday-only"
    assert hours(case, "club") == [("2026-09-07", "18:00", "2026-09-07 20:00")]
    assert {(m.kind, m.rule) for m in timetable(case).missing} == {("fallen", "opening_hours")}
    assert len(timetable(case).missing) == 3


def test_open_8_to_12_and_14_to_20() -> None:
    """Theirs lost the morning. Ours has it, uses the afternoon from its start, and puts nobody into the gap."""
    case = "4-open-8-12-and-14-20"
    assert {start for _, start, _ in hours(case, "morning")} == {"10:00"}
    assert {start for _, start, _ in hours(case, "afternoon")} == {"14:00"}
    assert {each.request: each.code for each in timetable(case).refusals} == {
        "noon": "opening_hours",
        "whole-day": "opening_hours",
    }
    assert not [b for b in timetable(case).bookings if f"{b.starts:%R}" < "14:00" and f"{b.ends:%R}" > "12:00"]


def test_2000_to_2400_overlaps_2100_to_2200() -> None:
    """Theirs compared 24:00 as 00:00 and saw no overlap. Ours: only one of the two has the hall."""
    case = "midnight"
    assert {(start, end[-5:]) for _, start, end in hours(case, "friday")} == {("20:00", "00:00")}
    assert hours(case, "within") == []
    [told] = [each for each in timetable(case).refusals if each.request == "within"]
    assert (told.code, told.reasons[0].rivals) == ("overlap", ("friday",))


def test_what_runs_past_midnight_overlaps_the_next_morning() -> None:
    """20:00-24:30 on Saturday excludes Sunday 00:00-00:30, and leaves the hall free at 00:30 to the minute."""
    case = "midnight"
    assert hours(case, "sunday-0000") == []
    assert {start for _, start, _ in hours(case, "sunday-0030")} == {"00:30"}
    assert len(hours(case, "sunday-0030")) == len(hours(case, "saturday")) == 4

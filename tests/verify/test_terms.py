"""What each request itself asked for."""

from __future__ import annotations

import pytest

from tests.factories import booking, dated, problem, series, space, weekly
from tests.verify.small import broken, check_lines, every, once, unmet

TWO = [space("S1"), space("S2"), space("S3")]


@pytest.mark.parametrize(
    ("windows", "when", "holds"),
    [
        ("MO 09:00-12:00", "09:00-10:00", True),
        ("MO 09:00-12:00", "09:15-10:15", True),
        ("MO 09:00-12:00", "09:10-10:10", False),
        ("MO 09:00-12:00", "11:00-12:00", True),
        ("MO 09:00-12:00", "11:15-12:15", False),
        ("MO 09:00-12:00", "08:45-09:45", False),
        ("MO 09:05-12:00*", "09:20-10:20", True),
        ("MO 09:05-12:00*", "09:15-10:15", False),
        ("MO 09:00-12:00!", "09:00-10:00", True),
        ("MO 09:00-12:00!", "09:15-10:15", False),
        ("TU 09:00-12:00", "09:00-10:00", False),
        ("TU 09:00-12:00; MO 09:00-12:00", "09:00-10:00", True),
    ],
)
def test_a_start_is_on_the_grid_of_a_window(windows: str, when: str, holds: bool) -> None:
    world = problem([dated("D1", "2026-09-07", windows, minutes=60)])
    found = check_lines(world, [booking(world, "D1", f"2026-09-07 {when}")])
    assert found == ([] if holds else ["windows D1 S1 2026-09-07"])


def test_the_step_is_the_policys() -> None:
    world = problem([dated("D1", "2026-09-07", "MO 09:00-12:00", minutes=60)], policy={"start_step_minutes": 20})
    found = [check_lines(world, [booking(world, "D1", f"2026-09-07 09:{m}-10:{m}")]) for m in (20, 15)]
    assert found == [[], ["windows D1 S1 2026-09-07"]]


def test_a_window_may_run_past_midnight() -> None:
    nights = [space(hours="00:00-24:00")]
    world = problem([dated("D1", "2026-09-07", "MO 22:00-25:30", minutes=60)], spaces=nights)
    found = [
        check_lines(world, [booking(world, "D1", f"2026-09-07 {when}")])
        for when in ("24:30-25:30", "24:45-25:45", "00:30-01:30")
    ]
    assert found == [[], ["windows D1 S1 2026-09-07"], ["windows D1 S1 2026-09-07"]]


def test_a_session_is_as_long_as_it_was_asked() -> None:
    world = problem([dated("D1", "2026-09-07", "MO 09:00-12:00", minutes=60)])
    found = check_lines(world, [booking(world, "D1", "2026-09-07 09:00-10:01")])
    assert found == ["duration D1 S1 2026-09-07"]


def test_a_space_nobody_asked_for() -> None:
    world = problem([dated("D1", "2026-09-07", "MO 09:00-10:00")], spaces=TWO)
    found = check_lines(world, [booking(world, "D1", "2026-09-07 09:00-10:00", "S2")])
    assert found == ["spaces D1 S2 2026-09-07"]


@pytest.mark.parametrize("day", ["2026-09-14", "2026-09-06"])
def test_a_dated_request_is_on_its_date_alone(day: str) -> None:
    world = problem([dated("D1", "2026-09-07", "ALL 09:00-10:00")])
    assert check_lines(world, [booking(world, "D1", f"{day} 09:00-10:00")]) == [f"dates D1 S1 {day}"]


def test_a_dated_request_may_lie_outside_the_season_and_only_its_weekday_counts() -> None:
    assert broken(once("D1", "2026-12-24 09:00-10:00")) == []
    world = problem([dated("D1", "2026-09-07", "TU 09:00-10:00!")])
    assert check_lines(world, [booking(world, "D1", "2026-09-07 09:00-10:00")]) == ["windows D1 S1 2026-09-07"]


@pytest.mark.parametrize(
    ("own", "nominal"),
    [
        ({}, ["2026-09-07", "2026-09-14"]),
        ({"first_date": "2026-09-08"}, ["2026-09-14"]),
        ({"last_date": "2026-09-13"}, ["2026-09-07"]),
        ({"first_date": "2026-08-01", "last_date": "2026-12-31"}, ["2026-09-07", "2026-09-14"]),
    ],
)
def test_a_series_has_all_its_dates_and_no_others(own: dict[str, str], nominal: list[str]) -> None:
    world = problem([series("R1", "MO 09:00-10:00", **own)])  # type: ignore[arg-type] # only dates are given
    mondays = ["2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21"]
    bookings = {day: booking(world, "R1", f"{day} 09:00-10:00") for day in mondays}
    assert check_lines(world, [bookings[day] for day in nominal]) == []
    outside = [day for day in mondays if day not in nominal]
    assert check_lines(world, list(bookings.values())) == [f"dates R1 S1 {day}" for day in outside]


def test_a_gap_in_the_season_is_told_by_date() -> None:
    assert broken(every("R1", "MO 09:00-10:00", but=["2026-09-07"])) == ["date_loss R1 S1 2026-09-07"]


def test_a_session_has_one_weekday() -> None:
    world = problem([series("R1", "MO,TU 09:00-10:00")])
    mixed = [booking(world, "R1", f"{day} 09:00-10:00") for day in ("2026-09-07", "2026-09-15")]
    assert check_lines(world, mixed) == ["date_loss R1 S1 2026-09-14", "session R1 S1 2026-09-15"]


@pytest.mark.parametrize("other", ["2026-09-14 09:15-10:15", "2026-09-14 09:00-10:00 S2"])
def test_a_session_has_one_start_and_one_space(other: str) -> None:
    day, clocks, *place = other.split()
    world = problem([series("R1", "MO 09:00-12:00", minutes=60, spaces=("S1", "S2"))], spaces=TWO)
    mixed = [
        booking(world, "R1", "2026-09-07 09:00-10:00"),
        booking(world, "R1", f"{day} {clocks}", *place),
    ]
    assert [line.split()[0] for line in check_lines(world, mixed)] == ["session"]


@pytest.mark.parametrize(
    ("booked", "terms", "expected"),
    [
        ("MO TU WE", {}, []),
        ("MO TU", {}, ["per_week R1 S1 -"]),
        ("MO", {}, ["per_week R1 S1 -"]),
        ("", {}, []),
        ("MO TU WE TH", {}, ["per_week R1 S1 -"]),
        ("MO TU", {"min_sessions": 2}, []),
        ("MO", {"min_sessions": 2}, ["per_week R1 S1 -"]),
        ("", {"min_sessions": 2}, []),
        ("MO TU WE", {"priority": "fix"}, []),
        ("MO TU", {"priority": "fix", "min_sessions": 2}, ["duty R1 S1 -"]),
        ("", {"priority": "fix"}, ["duty R1 - -"]),
        ("MO TU WE TH", {"priority": "fix"}, ["duty R1 S1 -"]),
    ],
)
def test_all_sessions_or_none_or_from_the_least_number(
    booked: str, terms: dict[str, object], expected: list[str]
) -> None:
    world = problem([series("R1", "ALL 09:00-10:00", per_week=3, **terms)])  # type: ignore[arg-type]
    bookings = [
        one
        for number, day in enumerate(booked.split(), start=1)
        for one in weekly(world, "R1", f"{day} 09:00-10:00", session=number)
    ]
    assert check_lines(world, bookings) == expected


def test_a_dated_request_has_one_session_and_a_dated_duty_has_it() -> None:
    world = problem([dated("D1", "2026-09-07", "MO 09:00-12:00", minutes=60)])
    two = [booking(world, "D1", f"2026-09-07 {n}:00-{n + 1}:00", session=n - 9) for n in (10, 11)]
    assert check_lines(world, two) == ["per_week D1 S1 -"]
    duty = unmet(once("D1", "2026-09-07 09:00-10:00", priority="fix").request)
    assert broken(duty) == ["duty D1 - -"]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((1, 2), []),
        ((2, 1), ["numbering R1 S1 -", "numbering R1 S2 -"]),
        ((1, 3), ["numbering R1 S2 -"]),
    ],
)
def test_sessions_are_numbered_by_weekday_start_and_space(numbers: tuple[int, int], expected: list[str]) -> None:
    world = problem([series("R1", "MO 09:00-10:00", per_week=2, spaces=("S2", "S1"))], spaces=TWO)
    bookings = weekly(world, "R1", "MO 09:00-10:00", "S1", session=numbers[0])
    bookings += weekly(world, "R1", "MO 09:00-10:00", "S2", session=numbers[1])
    assert check_lines(world, bookings) == expected


def test_no_two_sessions_of_a_request_are_the_same() -> None:
    world = problem([series("R1", "MO 09:00-10:00", per_week=2, last_date="2026-09-07")])
    bookings = [booking(world, "R1", "2026-09-07 09:00-10:00", session=number) for number in (1, 2)]
    assert check_lines(world, bookings) == [
        "distinct R1 S1 -",
        "distinct R1 S1 -",
        "overlap R1 S1 2026-09-07",
    ]

"""Bookings as they are written: offsets, whole minutes, midnight, repetition."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from scheduler.verify import check
from scheduler.verify.reading import read
from scheduler.verify.world import World
from tests.factories import booking, problem, series, space, weekly
from tests.verify.small import check_lines, made, once

NIGHTS = [space(hours="00:00-24:00")]


def test_a_wrong_offset_is_told_with_the_right_one() -> None:
    world, (good,) = made(once("D1", "2026-09-07 09:00-10:00"))
    wrong = {"starts": good.starts.replace(tzinfo=timezone(timedelta(hours=9)))}
    (found,) = check(world, [good.model_copy(update=wrong)])
    assert found.rule == "offset"
    assert found.sentence.zh == "D1 在 S1 9月7日周一09:00：+09:00 不是 Asia/Shanghai 当时的时差，应为 +08:00"
    assert found.sentence.en == (
        "D1 in S1 at Mon 2026-09-07 09:00: the offset +09:00 is not that of Asia/Shanghai then, which is +08:00"
    )


def test_the_same_instant_in_another_zone_is_not_the_communitys_clock() -> None:
    world, (good,) = made(once("D1", "2026-09-07 09:00-10:00"))
    abroad = good.model_copy(update={"starts": good.starts.astimezone(UTC), "ends": good.ends.astimezone(UTC)})
    assert check_lines(world, [abroad]) == [
        "offset D1 S1 2026-09-07",
        "opening_hours D1 S1 2026-09-07",
        "windows D1 S1 2026-09-07",
    ]


@pytest.mark.parametrize("change", [{"seconds": 30}, {"microseconds": 1}])
def test_times_are_whole_minutes(change: dict[str, int]) -> None:
    world, (good,) = made(once("D1", "2026-09-07 09:00-10:00"))
    late = good.model_copy(update={"ends": good.ends + timedelta(**change)})
    assert check_lines(world, [late]) == ["duration D1 S1 2026-09-07", "whole_minutes D1 S1 2026-09-07"]


def test_an_end_before_the_start_is_told_and_not_counted() -> None:
    world, (good,) = made(once("D1", "2026-09-07 09:00-10:00"))
    backwards = good.model_copy(update={"ends": good.starts})
    assert check_lines(world, [backwards]) == ["duration D1 S1 2026-09-07"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"request": "D9"}, "request D9 S1 2026-09-07"), ({"space": "S9"}, "space D1 S9 2026-09-07")],
)
def test_what_is_not_in_the_problem_is_told(change: dict[str, str], expected: str) -> None:
    world, (good,) = made(once("D1", "2026-09-07 09:00-10:00"))
    assert check_lines(world, [good.model_copy(update=change)]) == [expected]


def test_a_booking_made_twice_is_told_once() -> None:
    world, (good,) = made(once("D1", "2026-09-07 09:00-10:00"))
    assert check_lines(world, [good, good]) == ["duplicate D1 S1 2026-09-07"]


def test_one_session_twice_on_a_date_is_told() -> None:
    world = problem([series("R1", "MO 09:00-12:00", minutes=60, last_date="2026-09-07")])
    twice = [booking(world, "R1", "2026-09-07 09:00-10:00"), booking(world, "R1", "2026-09-07 11:00-12:00")]
    assert check_lines(world, twice) == ["duplicate R1 S1 2026-09-07", "session R1 S1 2026-09-07"]


@pytest.mark.parametrize(
    ("windows", "weekday", "starts_hours"),
    [
        ("SU 00:30-01:30!", "SU", 0.5),
        ("SA 24:30-25:30!", "SA", 24.5),
        ("SU 00:30-01:30!; SA 24:30-25:30!", "SU", 0.5),
    ],
)
def test_half_past_midnight_belongs_to_the_date_that_the_window_says(
    windows: str, weekday: str, starts_hours: float
) -> None:
    world = problem([series("R1", windows)], spaces=NIGHTS)
    clocks = "SU 00:30-01:30" if weekday == "SU" else "SA 24:30-25:30"
    plan, findings = read(World(world), weekly(world, "R1", clocks))
    assert [(slot.weekday, slot.starts) for slot in plan.slots] == [(weekday, timedelta(hours=starts_hours))]
    assert findings == []


def test_where_both_readings_fit_the_hint_decides() -> None:
    world = problem([series("R1", "SU 00:30-01:30; SA 24:30-25:30!")], spaces=NIGHTS)
    bookings = weekly(world, "R1", "SA 24:30-25:30")[:1]
    readings = [read(World(world), bookings, hint)[0].slots[0].weekday for hint in (None, {("R1", 1): True})]
    assert readings == ["SU", "SA"]


def test_the_season_decides_where_the_windows_do_not() -> None:
    """The last Saturday night of the season ends on a Sunday outside it."""
    world = problem([series("R1", "SU 00:30-01:30; SA 24:30-25:30!", last_date="2026-09-19")], spaces=NIGHTS)
    bookings = weekly(world, "R1", "SA 24:30-25:30")
    assert [slot.weekday for slot in read(World(world), bookings)[0].slots] == ["SA"]
    assert check_lines(world, bookings) == []

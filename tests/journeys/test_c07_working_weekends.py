"""C7, story 5: Sun 20 Sep counts as Friday, Sat 10 Oct as Wednesday for school and offices; leisure keeps its date."""

from __future__ import annotations

from datetime import timedelta

from scheduler.problem import Series
from tests.journeys.centre import centre, dates, lost, season

DAYS_OFF = {f"2026-09-{day}" for day in range(25, 28)} | {f"2026-10-0{day}" for day in range(1, 8)}
WORKING = {"2026-09-20", "2026-10-10"}


def test_after_school_runs_on_both_working_days_at_1630() -> None:
    """The keeper finds R010 and R011 on the Sunday and on the Saturday: 34 and 30 children are not locked out."""
    for name in ("R010", "R011"):
        there = [b for b in season().bookings if b.request == name and b.starts.date().isoformat() in WORKING]
        assert [f"{b.starts:%m-%d %H:%M}-{b.ends:%H:%M}" for b in there] == ["09-20 16:30-18:00", "10-10 16:30-18:00"]


def test_after_school_has_56_dates_each() -> None:
    """60 weekdays in twelve weeks, less six that are off, and two made up."""
    assert len(dates(season(), "R010")) == 56
    assert len(dates(season(), "R011")) == 56


def test_on_the_ten_days_off_only_the_calendar_always_runs_and_the_party_that_names_its_date() -> None:
    calendars = {r.id: r.when.calendar for r in centre().requests if isinstance(r.when, Series)}
    running = {b.request for b in season().bookings if b.starts.date().isoformat() in DAYS_OFF}
    assert {calendars[name] for name in running if name in calendars} == {"always"}
    assert running - calendars.keys() == {"R103", "R117"}


def test_homework_on_the_saturday_that_counts_as_wednesday_falls() -> None:
    """R087 follows the school calendar, and has no 10 Oct; the reason is the calendar."""
    assert "2026-10-10" not in dates(season(), "R087")
    [fallen] = [m for m in season().missing if m.request == "R087" and m.date.isoformat() == "2026-10-10"]
    assert (fallen.kind, fallen.rule) == ("fallen", "calendar")


def test_weekend_uses_lose_these_dates_and_no_others() -> None:
    """Each with the rival that a working weekend brings into its room; of R072 and R069 one, by a tie."""
    there = {key: to for key, to in lost(season()).items() if key[1] in WORKING}
    tied = [key for key in there if key in {("R072", "2026-10-10"), ("R069", "2026-10-10")}]
    assert len(tied) == 1
    assert {key: to for key, to in there.items() if key not in tied} == {
        ("R036", "2026-09-20"): ("R054",),
        ("R045", "2026-09-20"): ("R053",),
        ("R070", "2026-09-20"): ("R068",),
        ("R071", "2026-09-20"): ("R068",),
        ("R064", "2026-10-10"): ("R011",),
        ("R070", "2026-10-10"): ("R068",),
        ("R071", "2026-10-10"): ("R068",),
    }


def test_leisure_keeps_its_own_sunday_where_nobody_needs_the_room() -> None:
    """R094 dances on Sat 10 Oct as on every Saturday but 26 Sep and 3 Oct."""
    kept = set(dates(season(), "R094"))
    first = centre().season.first_date
    saturdays = {(first + timedelta(days=5 + 7 * week)).isoformat() for week in range(12)}
    assert kept == saturdays - {"2026-09-26", "2026-10-03"}


def test_holiday_lunch_stands_in_for_lunch_on_national_day() -> None:
    """R117 instead of R004 on 1 Oct."""
    assert dates(season(), "R117") == ["2026-10-01"]
    assert "2026-10-01" not in dates(season(), "R004")

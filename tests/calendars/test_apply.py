"""A notice makes the next version of each calendar that takes of it, and touches only its year."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.calendars.apply import apply
from scheduler.calendars.notice import BadNoticeError, read_rows
from scheduler.problem import Calendar

OLD = (date(2026, 10, 1), date(2027, 1, 1))
CALENDARS = (
    Calendar(id="always"),
    Calendar(
        id="school", days_off=OLD, counts_as={"2026-10-10": "WE", "2027-01-02": "FR"}, provisional_years=(2027, 2028)
    ),
    Calendar(id="leisure", days_off=OLD, provisional_years=(2027,), source="by-law"),
)
NOTICE = read_rows(
    2027,
    [
        {"date": "2027-10-01", "name": "国庆节", "off": "off"},
        {"date": "2027-10-09", "name": "国庆节", "off": "work", "counts_as": "WE"},
    ],
    source="notice of 2027",
)
NEW = (date(2026, 10, 1), date(2027, 10, 1))


def test_each_calendar_takes_its_own() -> None:
    always, school, leisure = apply(CALENDARS, NOTICE)
    assert always == CALENDARS[0]
    assert school == Calendar(
        id="school",
        days_off=NEW,
        counts_as={"2026-10-10": "WE", "2027-10-09": "WE"},
        provisional_years=(2028,),
        source="notice of 2027",
        version=2,
    )
    assert leisure == Calendar(id="leisure", days_off=NEW, source="notice of 2027", version=2)


def test_the_same_notice_twice_changes_nothing() -> None:
    once = apply(CALENDARS, NOTICE)
    assert apply(once, NOTICE) == once


def test_a_calendar_can_be_told_what_it_takes() -> None:
    always, school, _ = apply(CALENDARS, NOTICE, {"always": "days_off", "school": "nothing"})
    assert always.days_off == (date(2027, 10, 1),)
    assert school == CALENDARS[1]


def test_a_working_weekend_without_a_weekday_is_refused_where_it_is_taken() -> None:
    notice = read_rows(2027, [{"date": "2027-10-09", "off": "work"}])
    with pytest.raises(BadNoticeError):
        apply(CALENDARS, notice)
    assert apply(CALENDARS[::2], notice)[1].days_off == (date(2026, 10, 1),)

"""A year of public holidays from the library `holidays`, in the form of a yearly notice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import holidays

from scheduler.calendars.apply import Follows, apply
from scheduler.calendars.notice import propose, read_document
from scheduler.problem import Calendar

_SATURDAY = 5


def seed(year: int) -> dict[str, Any]:
    """China's days off and working weekends of a year: year, provisional, days of name, date, isOffDay.

    The library lists a year that has not been announced by rules of its own and without working weekends; such a
    year is `provisional`. It leaves out the weekends inside a holiday; they are added here.
    """
    public = holidays.country_holidays("CN", years=year, language="zh_CN")
    off = {day: name for day, name in public.items() if day.year == year}
    worked = {day for day in public.weekend_workdays if day.year == year}
    _add_weekends(off, worked)
    days = [{"date": day.isoformat(), "name": _plain(name), "isOffDay": True} for day, name in off.items()]
    days += [{"date": day.isoformat(), "name": "调休上班", "isOffDay": False} for day in worked]
    return {"year": year, "provisional": not worked, "days": sorted(days, key=lambda each: str(each["date"]))}


def _add_weekends(off: dict[date, str], worked: set[date]) -> None:
    """Weekend days that touch a day off, and those that touch them, of the same year."""
    todo = list(off)
    for day in todo:
        for near in (day - timedelta(days=1), day + timedelta(days=1)):
            if near.weekday() >= _SATURDAY and near.year == day.year and near not in off and near not in worked:
                off[near] = off[day]
                todo.append(near)


def _plain(name: str) -> str:
    """Without what stands in brackets: by which working weekend a day off is made up."""
    return re.sub(r"（.*?）", "", name)


def calendars_of(years: Iterable[int]) -> tuple[Calendar, ...]:
    """The four calendars that a centre begins with, seeded for these years; what is not announced is provisional.

    Which weekday a working weekend counts as is a proposal (`scheduler.calendars.notice`), for a person to look at.
    """
    begun: tuple[Calendar, ...] = (
        Calendar(id="always", meaning="每天"),
        Calendar(id="school", meaning="按学校放假和调休"),
        Calendar(id="office", meaning="按机关放假和调休"),
        Calendar(id="leisure", meaning="放假日停，周末照常"),
    )
    takes: dict[str, Follows] = {"school": "working_days", "office": "working_days", "leisure": "days_off"}
    for year in years:
        notice = propose(read_document(seed(year), source="holidays"))
        begun = apply(begun, notice, takes)
    return begun

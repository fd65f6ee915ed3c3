"""A year of public holidays from the library `holidays`, in the form of a yearly notice."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import holidays

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

"""Times and dates: ends after starts, dates in order, a zone that is known."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel

from scheduler.problem import Problem
from scheduler.wellformed.clocks import clock_of, minutes_of
from scheduler.wellformed.faults import NOTHING, Fault, Loc, fault, nearest
from scheduler.wellformed.walk import entities

LONGEST_SEASON_DAYS = 731
LONGEST_NIGHT_MINUTES = 16 * 60
"""An end before its start is taken for the next morning's, in what is suggested, up to this length."""

ORDERED = (("first_date", "last_date"), ("valid_from", "valid_until"))
INTERVAL = ("starts", "ends")
NOT_PLACES = frozenset({"localtime", "posixrules", "Factory"})
"""Names in the zone database whose meaning differs from machine to machine."""


def zone(problem: Problem) -> Iterator[Fault]:
    """The community's zone is in the zone database."""
    name = problem.community.zone
    if name not in _zones():
        close = nearest(name, sorted(_zones())) or ["Asia/Shanghai"]
        zh, en = f"IANA 时区名，如 {'、'.join(close)}", f"an IANA time zone, such as {', '.join(close)}"
        yield fault("unknown_zone", ("community", "zone"), name, zh, en)


def season(problem: Problem) -> Iterator[Fault]:
    """A season is at most two years long."""
    days = (problem.season.last_date - problem.season.first_date).days + 1
    if days > LONGEST_SEASON_DAYS:
        zh, en = f"至多 {LONGEST_SEASON_DAYS} 天", f"at most {LONGEST_SEASON_DAYS} days"
        yield fault("season_too_long", ("season", "last_date"), str(problem.season.last_date), zh, en)


def ends_after_starts(problem: Problem) -> Iterator[Fault]:
    """Wherever something starts and ends, both are given and the end is later."""
    for loc, entity in entities(problem):
        if set(INTERVAL) <= set(type(entity).model_fields):
            yield from _interval(loc, entity)


def dates_in_order(problem: Problem) -> Iterator[Fault]:
    """The last date is not before the first."""
    for loc, entity in entities(problem):
        for first_field, last_field in ORDERED:
            if first_field not in type(entity).model_fields:
                continue
            first, last = getattr(entity, first_field), getattr(entity, last_field)
            if first is not None and last is not None and last < first:
                zh, en = f"不早于 {first_field} {first} 的日期", f"a date not before {first_field}, {first}"
                yield fault("dates_reversed", (*loc, last_field), str(last), zh, en)


def calendars(problem: Problem) -> Iterator[Fault]:
    """A date of a calendar is either off or counts as a weekday."""
    for place, calendar in enumerate(problem.calendars):
        off = {each.isoformat() for each in calendar.days_off}
        for key in calendar.counts_as:
            if key in off:
                loc = ("calendars", place, "counts_as", key)
                zh, en = "不在 days_off 中的日期", "a date that is not among days_off"
                yield fault("off_and_on", loc, key, zh, en)


def _interval(loc: Loc, entity: BaseModel) -> Iterator[Fault]:
    starts, ends = (getattr(entity, name) for name in INTERVAL)
    if (starts is None) != (ends is None):
        missing = "starts" if starts is None else "ends"
        yield fault("half_interval", (*loc, missing), NOTHING, "starts 和 ends 同时写或都不写", "both or neither")
    elif starts is not None and minutes_of(ends) <= minutes_of(starts):
        yield fault("ends_before_start", (*loc, "ends"), ends, *_later(starts, ends))


def _later(starts: str, ends: str) -> tuple[str, str]:
    """If the end is meant for the next morning, how that is written."""
    zh, en = f"晚于 {starts} 的钟点", f"a time after {starts}"
    next_morning = minutes_of(ends) + 1440
    if 0 < next_morning - minutes_of(starts) <= LONGEST_NIGHT_MINUTES:
        written = clock_of(next_morning)
        zh += f"；若指次日 {ends}，写作 {written}"
        en += f"; if {ends} of the next day is meant, it is written {written}"
    return zh, en


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - NOT_PLACES)

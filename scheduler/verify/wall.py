"""The community's wall clock, in words of the verifier's own: naive datetimes, and time since a date's midnight.

The model turns clock times into minutes with code that is not shared with this, by design.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from scheduler.constraints.terms import WEEKDAYS, Weekday

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]
"""Half-open, naive: from the first moment up to, not including, the second."""


@cache  # the schema knows fewer than three thousand clock times
def clock(text: str) -> timedelta:
    """`24:30` as the time that has passed since the midnight at which its own date began."""
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def face(since: timedelta) -> str:
    """The clock of a time since midnight, as the schema writes it: HH:MM, counting on after 24:00."""
    hours, minutes = divmod(since // MINUTE, 60)
    return f"{hours:02d}:{minutes:02d}"


def at(day: date, since: timedelta) -> datetime:
    """The wall time that lies `since` after the midnight at which `day` began."""
    return datetime.combine(day, time()) + since


def since_midnight(day: date, wall: datetime) -> timedelta:
    """How long after the midnight at which `day` began: the opposite of `at`."""
    return wall - datetime.combine(day, time())


def weekday(day: date) -> Weekday:
    """MO to SU."""
    return WEEKDAYS[day.weekday()]


def offset(wall: datetime, zone: ZoneInfo) -> timedelta | None:
    """The zone's own offset at a wall time; of a time that comes twice, the first."""
    return wall.replace(tzinfo=zone, fold=0).utcoffset()


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """False for the times that summer time skips: on the way to UTC and back they become others."""
    there = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return there.astimezone(zone).replace(tzinfo=None) == wall


def days_of(span: Span) -> Iterator[date]:
    """The dates whose clock reaches into a span: from the day before it (which counts on to 47:59) to its end."""
    starts, ends = span
    day = starts.date() - DAY
    while day <= ends.date():
        yield day
        day += DAY


def spans_meet(one: Span, other: Span) -> bool:
    """Half-open spans have a moment in common."""
    return one[0] < other[1] and other[0] < one[1]


def windows_met(
    span: Span, starts: str, ends: str, days: Collection[Weekday] = (), dates: Collection[date] = ()
) -> Iterator[Span]:
    """The windows [starts, ends) of these weekdays and dates that have a moment in common with the span."""
    opens, shuts = clock(starts), clock(ends)
    for day in days_of(span):
        if day in dates or weekday(day) in days:
            window = (at(day, opens), at(day, shuts))
            if spans_meet(span, window):
                yield window

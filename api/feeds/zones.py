"""VTIMEZONE for a calendar's zone, in the form that all clients tried read alike (RFC 5545 section 3.6.5).

A fixed zone is one STANDARD that starts in 1970: a definition that starts after an event reads as UTC in some
clients, none at all reads as floating. Zones with summer time have one yearly RRULE each way; lists of RDATE
are read an hour wrong by two clients.

Where the rules change within the covered years, or follow no yearly rule, there is no VTIMEZONE and events
are written in UTC. Half the clients look up the zone's name in data of their own, and a rule that changes is
what theirs may not know yet: tried with Morocco, whose change of September 2026 six of nine clients missed
although it was written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from api.feeds.release import Release

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SAMPLE_YEARS = 28
"""After 28 years dates fall on the same weekdays again.

A rule that fits so many fits (the Gregorian gap of 2100 aside).
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the zone's offset; `wall` is the time on the clock just before it, kept as if UTC."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def kind(self) -> str:
        """DAYLIGHT where clocks go forward; Dublin's negative winter time is STANDARD for every client."""
        return "DAYLIGHT" if self.after > self.before else "STANDARD"


def zone_definition(release: Release) -> bytes:
    """`vtimezone` of the community's zone, for all years that its calendars show."""
    years = {release.first_date.year, release.last_date.year}
    for entry in release.entries:
        years |= {entry.starts.year, entry.ends.year}
        if entry.left is not None:
            years |= {entry.left.starts.year, entry.left.ends.year}
    return vtimezone(release.zone, min(years), max(years))


@lru_cache(maxsize=64)
def vtimezone(key: str, first_year: int, last_year: int) -> bytes:
    """The VTIMEZONE component of zone `key`, right for all dates of these years (both included).

    Empty where no pair of yearly rules is: then times must be written in UTC.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: no such zone.
    """
    zone = ZoneInfo(key)
    covered = list(_changes(zone, first_year - 1, last_year + 1))
    body = (
        _yearly(list(_changes(zone, first_year - 1, first_year - 1 + SAMPLE_YEARS)))
        if covered
        else _fixed(zone, first_year)
    )
    if not body:
        return b""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{key}", *body, "END:VTIMEZONE"]
    return "".join(line + "\r\n" for line in lines).encode("ascii")


def _instant(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _name(zone: ZoneInfo, at: datetime) -> str:
    return at.astimezone(zone).tzname() or str(zone)


def _changes(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[Change]:
    """The changes of offset from the start of the first year to the end of the last, in order."""
    day, end = _instant(first_year), _instant(last_year + 1)
    while day < end:
        following = day + timedelta(days=1)
        before, after = _offset(zone, day), _offset(zone, following)
        if before != after:
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            yield Change(high + before, before, after, _name(zone, high))
        day = following


def _yearly(changes: Sequence[Change]) -> list[str]:
    """Two observances with a yearly rule each; nothing where no such pair of rules fits all changes."""
    lines: list[str] = []
    for kind in ("STANDARD", "DAYLIGHT"):
        same = [change for change in changes if change.kind == kind]
        model = same[0] if same else None
        if model is None or len(same) != SAMPLE_YEARS + 1 or len({change.wall.year for change in same}) != len(same):
            return []
        if len({(change.wall.month, change.wall.time(), change.before, change.after) for change in same}) != 1:
            return []
        rule = _rule([change.wall.date() for change in same])
        if rule is None:
            return []
        first = next(day for day in _days_of(1970, model.wall.month) if _fits(day, rule))
        start = f"{first:%Y%m%d}T{model.wall:%H%M%S}"
        lines += _observance(kind, start, model, f"FREQ=YEARLY;{rule}")
    return lines


def _rule(dates: Sequence[date]) -> str | None:
    """The yearly rule (RFC 5545 section 3.3.10) that gives these dates of one month, one a year."""
    if len({day.weekday() for day in dates}) != 1:
        return None
    month, weekday = f"BYMONTH={dates[0].month}", WEEKDAYS[dates[0].weekday()]
    low, high = min(day.day for day in dates), max(day.day for day in dates)
    days = ",".join(map(str, range(low, low + 7)))
    candidates = [f"{month};BYDAY={nth}{weekday}" for nth in ("1", "2", "3", "4", "-1")]
    if high - low == 6:
        candidates.append(f"{month};BYMONTHDAY={days};BYDAY={weekday}")
    return next((rule for rule in candidates if all(_fits(day, rule) for day in dates)), None)


def _fits(day: date, rule: str) -> bool:
    """Whether a date of the rule's month is the one that the rule means."""
    parts = dict(part.split("=") for part in rule.split(";"))
    nth, weekday = parts["BYDAY"][:-2], parts["BYDAY"][-2:]
    if WEEKDAYS[day.weekday()] != weekday:
        return False
    if "BYMONTHDAY" in parts:
        return str(day.day) in parts["BYMONTHDAY"].split(",")
    if nth == "-1":
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 + 1 == int(nth)


def _days_of(year: int, month: int) -> Iterator[date]:
    day = date(year, month, 1)
    while day.month == month:
        yield day
        day += timedelta(days=1)


def _fixed(zone: ZoneInfo, year: int) -> list[str]:
    offset = _offset(zone, _instant(year))
    always = Change(_instant(year), offset, offset, _name(zone, _instant(year)))
    return _observance("STANDARD", "19700101T000000", always)


def _observance(kind: str, start: str, change: Change, rule: str = "") -> list[str]:
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{start}",
        *([f"RRULE:{rule}"] if rule else []),
        f"TZNAME:{change.name}",
        f"TZOFFSETFROM:{_signed(change.before)}",
        f"TZOFFSETTO:{_signed(change.after)}",
        f"END:{kind}",
    ]


def _signed(offset: timedelta) -> str:
    """An offset as RFC 5545 section 3.3.14 writes it: +0800, -0330, seconds only where there are any."""
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{'-' if seconds < 0 else '+'}{hours:02}{rest // 60:02}"
    return text + (f"{rest % 60:02}" if rest % 60 else "")

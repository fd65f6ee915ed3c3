"""What a page shows, worked out before the template: which bookings on which day, in which words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from api.feeds.release import Entry, Release, SpaceInfo
from api.feeds.scopes import Calendar, Shown, calendars
from api.web.dates import day_and_weekday, monday_of, short_day, span, weekday
from api.web.names import Site, Text

PARTS = (("morning", time(0)), ("afternoon", time(12)), ("evening", time(18)))
"""Parts of the day and when they begin.

What begins in one and lasts into the evening is named there again.
"""
EVENING_AT_LEAST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Item:
    """One booking as a page shows it."""

    href: str
    time: str
    what: Text
    who: Text
    where: Text
    floor: str
    cancelled: bool
    note: str
    note_name: Text | None
    waiting: int | None = None
    """The year whose notice of holidays may still change the date."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a day with the bookings that begin in it; `going_on` began earlier."""

    id: str
    items: tuple[Item, ...]
    going_on: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the page's week; `badge` is set for today and tomorrow."""

    date: date
    iso: str
    weekday: str
    short: str
    named: str
    badge: str
    is_today: bool
    is_selected: bool
    href: str
    parts: tuple[Part, ...]
    standing: int


@dataclass(frozen=True, slots=True)
class Row:
    """A room's week: for each day its bookings."""

    name: Text
    floor: str
    href: str
    cells: tuple[tuple[Item, ...], ...]


class Week:
    """The bookings of one week, seen by day and by room."""

    def __init__(self, site: Site, selected: date, today: date) -> None:
        self.monday = monday_of(selected)
        self._site = site
        self._selected = selected
        self._today = today
        self._clock = ZoneInfo(site.release.zone)
        self._dates = [self.monday + timedelta(days=day) for day in range(7)]
        self.release = _of_dates(site.release, frozenset(self._dates), self._clock)

    def days(self, shown: Iterable[Shown] | None = None, *, path: str = "") -> tuple[Day, ...]:
        """Day by day: the given bookings, or all; the days lead to the page at `path`."""
        chosen = [Shown(entry) for entry in self.release.entries] if shown is None else shown
        by_date: dict[date, list[Shown]] = {day: [] for day in self._dates}
        for each in chosen:
            day = self._date(each.entry.starts)
            if day in by_date:
                by_date[day].append(each)
        return tuple(self._day(day, sorted(found, key=self._order), path) for day, found in by_date.items())

    def rows(self) -> tuple[Row, ...]:
        """Room by room.

        A combination has no row: what is on in it is shown in the row of each of its parts.
        """
        spaces = {space.id: space for space in self.release.spaces if len(space.atoms) == 1}
        shown = {calendar.id: calendar for calendar in calendars(self.release) if calendar.scope == "spaces"}
        ordered = sorted(spaces.values(), key=lambda space: (space.order, space.id))
        return tuple(self._row(space, shown[space.id]) for space in ordered)

    def item(self, shown: Shown, *, row: str = "") -> Item:
        """A booking in words; `row` is the room in whose row it stands."""
        entry, site = shown.entry, self._site
        space = site.names.space(entry.space)
        note, name = "", None
        if shown.moved_to:
            note, name = "moved_away", site.names.space(shown.moved_to)
        elif entry.left is not None and entry.status == "confirmed":
            note, name = "moved_here", site.names.space(entry.left.space)
        elif row and entry.space != row:
            note, name = "joined", space
        return Item(
            href=site.link(f"bookings/{quote(entry.uid, safe='')}"),
            time=span(entry.starts.astimezone(self._clock), entry.ends.astimezone(self._clock), site.lang),
            what=site.name(site.names.use(entry.use)),
            who=site.name(site.names.applicant(entry.applicant)),
            where=site.name(space),
            floor=site.floor(space),
            cancelled=entry.status == "cancelled",
            note=note,
            note_name=site.name(name) if name else None,
            waiting=self._waiting(entry),
        )

    def _waiting(self, entry: Entry) -> int | None:
        year = self._date(entry.starts).year
        waits = entry.status == "confirmed" and (entry.request, year) in self.release.provisional
        return year if waits else None

    def _row(self, space: SpaceInfo, calendar: Calendar) -> Row:
        cells: dict[date, list[Item]] = {day: [] for day in self._dates}
        for each in calendar.shown:
            day = self._date(each.entry.starts)
            if day in cells:
                cells[day].append(self.item(each, row=space.id))
        site = self._site
        href = site.calendar_page("spaces", space.id)
        return Row(site.name(space), site.floor(space), href, tuple(map(tuple, cells.values())))

    def _day(self, day: date, shown: Sequence[Shown], path: str) -> Day:
        lang = self._site.lang
        badges = {self._today: "today", self._today + timedelta(days=1): "tomorrow"}
        return Day(
            date=day,
            iso=day.isoformat(),
            weekday=weekday(day, lang),
            short=short_day(day, lang),
            named=day_and_weekday(day, lang),
            badge=self._site.word(badges[day]) if day in badges else "",
            is_today=day == self._today,
            is_selected=day == self._selected,
            href=self._site.link(path, as_of=day.isoformat()),
            parts=tuple(part for part in self._parts(shown) if part.items or part.going_on),
            standing=sum(each.entry.status == "confirmed" for each in shown),
        )

    def _parts(self, shown: Sequence[Shown]) -> Iterable[Part]:
        begun: dict[str, list[Shown]] = {part: [] for part, _ in PARTS}
        for each in shown:
            begun[self._part(each.entry.starts)].append(each)
        lasting = [each for part in ("morning", "afternoon") for each in begun[part] if self._lasts(each.entry)]
        for part, _ in PARTS:
            going_on = tuple(map(self.item, lasting)) if part == "evening" else ()
            yield Part(part, tuple(map(self.item, begun[part])), going_on)

    def _part(self, at: datetime) -> str:
        clock = at.astimezone(self._clock).time()
        return next(part for part, begins in reversed(PARTS) if clock >= begins)

    def _lasts(self, entry: Entry) -> bool:
        """Whether somebody who comes in the evening finds it."""
        evening = entry.starts.astimezone(self._clock).replace(hour=18, minute=0) + EVENING_AT_LEAST
        return entry.status == "confirmed" and entry.ends.astimezone(self._clock) >= evening

    def _date(self, at: datetime) -> date:
        return at.astimezone(self._clock).date()

    def _order(self, shown: Shown) -> tuple[datetime, int, str]:
        return (shown.entry.starts, self._site.names.space(shown.entry.space).order, shown.entry.uid)


def _of_dates(release: Release, dates: frozenset[date], clock: ZoneInfo) -> Release:
    """The release with only what begins, or once began, on these dates.

    Pages look at a week, not at a season.
    """
    entries = tuple(
        entry
        for entry in release.entries
        if entry.starts.astimezone(clock).date() in dates
        or (entry.left is not None and entry.left.starts.astimezone(clock).date() in dates)
    )
    return replace(release, entries=entries)

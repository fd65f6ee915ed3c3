"""From calendars and a notice to the calendars' next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from scheduler.calendars.notice import Notice, require_weekdays
from scheduler.problem import Calendar

Follows = Literal["nothing", "days_off", "working_days"]
"""What of a notice a calendar takes: nothing, only the days off, or the working weekends too."""


def follows(calendar: Calendar) -> Follows:
    """What a calendar took of the notices before: told by what it has."""
    if calendar.counts_as:
        return "working_days"
    return "days_off" if calendar.days_off else "nothing"


def apply(
    calendars: Sequence[Calendar], notice: Notice, takes: Mapping[str, Follows] | None = None
) -> tuple[Calendar, ...]:
    """The calendars under a notice: its year's days replaced, other years untouched.

    The year is provisional afterwards only if the notice is. A calendar that the notice does not change stays as it
    is, version and source too, so that the same notice twice changes nothing.

    Args:
        calendars: in their order, which is kept.
        notice: with a weekday for each working weekend if any calendar takes them.
        takes: calendar -> what it takes of the notice, where it is not what `follows` tells.

    Raises:
        BadNoticeError: a working weekend without its weekday.
    """
    kinds = {each.id: (takes or {}).get(each.id, follows(each)) for each in calendars}
    if "working_days" in kinds.values():
        require_weekdays(notice)
    return tuple(_next(each, notice, kinds[each.id]) for each in calendars)


def _next(calendar: Calendar, notice: Notice, kind: Follows) -> Calendar:
    if kind == "nothing":
        return calendar
    off = {day for day in calendar.days_off if day.year != notice.year}
    off |= {day.date for day in notice.days if day.off}
    year = f"{notice.year:04d}-"
    counts = {day: weekday for day, weekday in calendar.counts_as.items() if not day.startswith(year)}
    if kind == "working_days":
        counts |= {day.date.isoformat(): day.counts_as for day in notice.days if day.counts_as}
    years = set(calendar.provisional_years) - {notice.year} | ({notice.year} if notice.provisional else set())
    provisional = tuple(sorted(years))
    same = off == set(calendar.days_off) and counts == calendar.counts_as
    if same and years == set(calendar.provisional_years):
        return calendar
    return calendar.model_copy(
        update={
            "days_off": tuple(sorted(off)),
            "counts_as": dict(sorted(counts.items())),
            "provisional_years": provisional,
            "source": notice.source or calendar.source,
            "version": calendar.version + 1,
        }
    )

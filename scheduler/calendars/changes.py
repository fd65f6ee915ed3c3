"""Which dates a new version of the calendars gives and takes, before anything is solved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from scheduler.calendars.notice import Notice
from scheduler.constraints.terms import WEEKDAYS, Sentence, Weekday
from scheduler.problem import Calendar, Dated, Patterns, Problem, Request, Series
from scheduler.timetable import Session

NAMES: dict[Weekday, str] = dict(zip(WEEKDAYS, ("周一", "周二", "周三", "周四", "周五", "周六", "周日"), strict=True))


@dataclass(frozen=True, slots=True)
class Change:
    """A date that the sessions of one weekday of a request gain or lose. `weekday` is the session's, not the date's."""

    use: str
    request: str
    weekday: Weekday
    date: date
    kind: Literal["gained", "lost"]
    reason: Literal["day_off", "counts_as", "own_weekday"]
    sentence: Sentence


def runs_as(calendar: Calendar, day: date) -> Weekday | None:
    """The weekday whose sessions run on a date; None on a day off."""
    if day in calendar.days_off:
        return None
    return calendar.counts_as.get(day.isoformat(), WEEKDAYS[day.weekday()])


def dates(problem: Problem, request: Request, calendar: Calendar) -> frozenset[tuple[Weekday, date]]:
    """All dates on which sessions of a request may run, each with the weekday whose sessions run.

    Of a series: season and validity under the calendar, on the weekdays of its windows. Of a dated request: its date.
    Patterns follow no calendar, and have none here.
    """
    when = request.when
    asked = {day for window in request.windows for day in window.days}
    if isinstance(when, Patterns):
        return frozenset()
    if isinstance(when, Dated):
        return frozenset({(WEEKDAYS[when.date.weekday()], when.date)})
    first = max(problem.season.first_date, when.first_date or problem.season.first_date)
    last = min(problem.season.last_date, when.last_date or problem.season.last_date)
    found = set()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        weekday = runs_as(calendar, day)
        if weekday in asked and weekday is not None:
            found.add((weekday, day))
    return frozenset(found)


def changes(
    problem: Problem,
    old: Sequence[Calendar],
    new: Sequence[Calendar],
    *,
    notice: Notice | None = None,
    sessions: Sequence[Session] | None = None,
) -> tuple[Change, ...]:
    """The dates that change from the old calendars to the new, by request in its order, then by date.

    Args:
        problem: whose requests; its own calendars are not looked at.
        old: the calendars as they were.
        new: the calendars as they shall be.
        notice: gives the days off their names.
        sessions: the released timetable's; then only the weekdays on which a request has a session are told.
    """
    before, after = {each.id: each for each in old}, {each.id: each for each in new}
    names = {day.date: day.name for day in notice.days} if notice else {}
    held = None if sessions is None else {(each.request, each.weekday) for each in sessions}
    return tuple(
        change
        for request in problem.requests
        if isinstance(request.when, Series)
        for change in _of(problem, request, (before[request.when.calendar], after[request.when.calendar]), names)
        if held is None or (change.request, change.weekday) in held
    )


def _of(
    problem: Problem, request: Request, versions: tuple[Calendar, Calendar], names: Mapping[date, str]
) -> Iterator[Change]:
    old, new = versions
    was, is_ = dates(problem, request, old), dates(problem, request, new)
    for weekday, day in sorted(was ^ is_, key=lambda pair: (pair[1], pair[0])):
        runs = runs_as(new, day)
        kind: Literal["gained", "lost"] = "gained" if (weekday, day) in is_ else "lost"
        reason: Literal["day_off", "counts_as", "own_weekday"] = (
            "day_off" if runs is None else "counts_as" if day.isoformat() in new.counts_as else "own_weekday"
        )
        told = _sentence(day, kind, runs, reason == "counts_as", names.get(day, ""))
        yield Change(request.use, request.id, weekday, day, kind, reason, told)


def _sentence(day: date, kind: str, runs: Weekday | None, counts: bool, name: str) -> Sentence:
    zh, en = ("增加", "gained") if kind == "gained" else ("取消", "lost")
    if runs is None:
        why = (f"放假（{name}）" if name else "放假"), (f"day off ({name})" if name else "day off")
    elif counts:
        why = f"调休上班，按{NAMES[runs]}运行", f"working weekend, counts as {runs}"
    else:
        why = f"当天按本来的{NAMES[runs]}运行", f"the date runs its own weekday, {runs}"
    return Sentence(zh=f"{day} {zh}：{why[0]}", en=f"{day} {en}: {why[1]}")

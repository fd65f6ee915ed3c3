"""Tiny problems in few words, for every test that needs one.

    problem([series("R1", "MO,TU 19:00-20:30!", per_week=2), dated("D1", "2026-09-12", "SA 09:00-12:00!")])

is a whole `Problem`: one site, one space `S1` (layout `room`, 30 people, open 08:00-22:00), classes `fix`
(duty) and P1 to P5, two weeks from Monday 2026-09-07, zone Asia/Shanghai, no rules. What a request names (its
use, applicant, people, calendar) is added to it, so that a test states only what it is about. Windows
are written as the scenario writes them: `!` fixed, `*` preferred, nothing acceptable; several are parted by
`;`. Every other field of the schema can be given by its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, cast
from zoneinfo import ZoneInfo

from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, Weekday
from scheduler.problem import (
    Applicant,
    Calendar,
    Community,
    Dated,
    DatedHours,
    Hours,
    Interval,
    Layout,
    Pattern,
    Patterns,
    Person,
    Policy,
    PriorityClass,
    Problem,
    Replaces,
    Request,
    Season,
    Series,
    Site,
    Space,
    Travel,
    Use,
    Window,
)
from scheduler.timetable import Booking

CLASSES = ("fix", "P1", "P2", "P3", "P4", "P5")
SEASON = ("2026-09-07", "2026-09-20")
"""Two weeks, Monday to Sunday."""


def space(
    name: str = "S1",
    *,
    hours: str | Sequence[Hours] = "08:00-22:00",
    shut: Iterable[str] = (),
    dated_hours: Mapping[str, str] | None = None,
    layouts: Mapping[str, int] | None = None,
    parts: Sequence[str] = (),
    **more: Any,
) -> Space:
    """A space `name` of site `X`. `hours` and the values of `dated_hours` are intervals parted by blanks.

    A space with `parts` states no hours of its own unless they are given. `shut` dates have no interval.
    """
    if parts and hours == "08:00-22:00":
        hours = ()
    if isinstance(hours, str):
        hours = [Hours(starts=s, ends=e) for s, e in _intervals(hours)]
    exceptions = {**dict.fromkeys(shut, ""), **(dated_hours or {})}
    return Space(
        id=name,
        name=more.pop("title", name),
        site=more.pop("site", "X"),
        layouts=tuple(Layout(id=i, capacity=n) for i, n in (layouts or {"room": 30}).items()),
        parts=tuple(parts),
        hours=tuple(hours),
        dated_hours=tuple(
            DatedHours(
                date=date.fromisoformat(day),
                intervals=tuple(Interval(starts=s, ends=e) for s, e in _intervals(text)),
            )
            for day, text in exceptions.items()
        ),
        **more,
    )


def window(text: str) -> Window:
    """A window from `MO,TU 19:00-20:30!`: `!` fixed, `*` preferred, else acceptable; `ALL` is every day."""
    days, _, clocks = text.strip().partition(" ")
    kind = {"!": "fixed", "*": "preferred"}.get(clocks[-1], "acceptable")
    starts, ends = clocks.rstrip("!*").split("-")
    named = WEEKDAYS if days == "ALL" else tuple(days.split(","))
    return Window(days=cast(tuple[Weekday, ...], named), starts=starts, ends=ends, kind=cast(Any, kind))


def series(
    name: str,
    windows: str,
    *,
    per_week: int = 1,
    min_sessions: int | None = None,
    first_date: str | None = None,
    last_date: str | None = None,
    calendar: str = "always",
    **more: Any,
) -> Request:
    """A weekly request. It is as long as its first window, unless `minutes` says otherwise."""
    when = Series(
        per_week=per_week,
        min_sessions=min_sessions,
        first_date=date.fromisoformat(first_date) if first_date else None,
        last_date=date.fromisoformat(last_date) if last_date else None,
        calendar=calendar,
    )
    return _request(name, windows, when, more)


def patterns(name: str, *options: str, minutes: int = 60, **more: Any) -> Request:
    """A request for one of several patterns: `MO,WE 09:00 1,2 +5` is Monday and Wednesday of weeks 1 and 2, 5 points.

    Weeks, minutes (`90m`) and points may be left out.
    """
    return _request(name, "", Patterns(options=tuple(map(pattern, options))), {"minutes": minutes, **more})


def pattern(text: str) -> Pattern:
    """One option."""
    days, starts, *rest = text.split()
    return Pattern(
        days=cast(tuple[Weekday, ...], tuple(days.split(","))),
        starts=starts,
        weeks=tuple(int(week) for part in rest if part[0].isdigit() and part[-1] != "m" for week in part.split(",")),
        minutes=next((int(part[:-1]) for part in rest if part[-1] == "m"), None),
        cost=next((int(part[1:]) for part in rest if part[0] == "+"), 0),
    )


def dated(
    name: str,
    day: str,
    windows: str,
    *,
    replaces: str | None = None,
    published_on: str | None = None,
    **more: Any,
) -> Request:
    """A request for one date; `replaces` is the series in whose stead it stands that day."""
    when = Dated(
        date=date.fromisoformat(day),
        published_on=date.fromisoformat(published_on) if published_on else None,
        replaces=Replaces(request=replaces) if replaces else None,
    )
    return _request(name, windows, when, more)


def problem(
    requests: Iterable[Request] = (),
    constraints: Iterable[ConstraintBase] = (),
    spaces: Iterable[Space] | None = None,
    *,
    season: tuple[str, str] = SEASON,
    zone: str = "Asia/Shanghai",
    travel: Mapping[tuple[str, str], int] | None = None,
    policy: Mapping[str, Any] | None = None,
    **more: Any,
) -> Problem:
    """The whole problem; `travel` maps pairs of sites to minutes. Whatever the requests name is added."""
    asked, places = tuple(requests), (space(),) if spaces is None else tuple(spaces)
    calendars = {r.when.calendar for r in asked if isinstance(r.when, Series)} | {"always"}
    fields: dict[str, Any] = {
        "community": Community(id="tiny", name="小小社区", zone=zone),
        "season": Season(first_date=date.fromisoformat(season[0]), last_date=date.fromisoformat(season[1])),
        "policy": Policy(**(policy or {})),
        "priorities": tuple(PriorityClass(id=c, duty=c == "fix") for c in CLASSES),
        "calendars": tuple(Calendar(id=c) for c in sorted(calendars)),
        "sites": tuple(Site(id=s, name=s) for s in sorted({p.site for p in places} | {"X"})),
        "travel": tuple(Travel(between=pair, minutes=m) for pair, m in (travel or {}).items()),
        "uses": tuple(Use(id=u, name=u, noise=0, calendar="always") for u in sorted({r.use for r in asked} | {"U1"})),
        "applicants": tuple(
            Applicant(id=a, name=a, priority="P3") for a in sorted({r.applicant for r in asked} | {"O1"})
        ),
        "people": tuple(Person(id=p) for p in sorted(set(chain.from_iterable(r.people for r in asked)))),
    }
    return Problem(spaces=places, requests=asked, constraints=tuple(constraints), **(fields | more))


def booking(
    world: Problem,
    request: str,
    when: str,
    place: str | None = None,
    *,
    session: int = 1,
    layout: str | None = None,
) -> Booking:
    """One booking of `request` at `when`, such as `2026-09-07 19:00-20:30`, on the community's wall clock.

    Unless given, the place is the first that the request names, the layout its first that the place has.
    Clocks may count on past midnight (`22:00-25:30`).
    """
    wish = next(r for r in world.requests if r.id == request)
    chosen = place or wish.spaces[0]
    there = [x.id for s in world.spaces if s.id == chosen for x in s.layouts]
    day, _, clocks = when.partition(" ")
    starts, ends = (_wall(day, clock, ZoneInfo(world.community.zone)) for clock in clocks.split("-"))
    return Booking(
        request=request,
        session=session,
        starts=starts,
        ends=ends,
        space=chosen,
        layout=layout or next((x for x in wish.layouts if x in there), wish.layouts[0]),
    )


def weekly(world: Problem, request: str, when: str, place: str | None = None, **more: Any) -> list[Booking]:
    """One booking for every date of a weekday in the season and the request's own dates: `MO 19:00-20:30`."""
    weekday, _, clocks = when.partition(" ")
    return [booking(world, request, f"{day} {clocks}", place, **more) for day in dates(world, request, weekday)]


def dates(world: Problem, request: str, weekday: str) -> Iterator[date]:
    """The nominal dates of a series on a weekday."""
    when = next(r for r in world.requests if r.id == request).when
    assert isinstance(when, Series)
    day = max(world.season.first_date, when.first_date or world.season.first_date)
    last = min(world.season.last_date, when.last_date or world.season.last_date)
    while day <= last:
        if WEEKDAYS[day.weekday()] == weekday:
            yield day
        day += timedelta(days=1)


def _request(name: str, windows: str, when: Series | Dated | Patterns, more: dict[str, Any]) -> Request:
    asked = tuple(window(text) for text in windows.split(";") if text)
    length = _minutes(asked[0].ends) - _minutes(asked[0].starts) if asked else 0
    fields: dict[str, Any] = {
        "applicant": "O1",
        "use": "U1",
        "headcount": 10,
        "minutes": length,
        "spaces": ("S1",),
        "layouts": ("room",),
        "noise": 0,
        "priority": "P3",
    }
    return Request(id=name, when=when, windows=asked, **(fields | more))


def _intervals(text: str) -> list[tuple[str, str]]:
    return [(one.partition("-")[0], one.partition("-")[2]) for one in text.split()]


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _wall(day: str, clock: str, zone: ZoneInfo) -> datetime:
    midnight = datetime.fromisoformat(f"{day}T00:00:00")
    return (midnight + timedelta(minutes=_minutes(clock))).replace(tzinfo=zone)

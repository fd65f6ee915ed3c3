"""From aware bookings to a plan: naive wall-clock occurrences, and the weekly slot that each session holds.

A wall time of 00:30 can belong to its own date, or, counted 24:30, to the evening before. Which of the two a session
means is decided by its request: a dated one names its date; of a series the reading counts by which more bookings
lie in its windows and on its dates. Where both do, the caller's hint decides, else the plain reading.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.constraints.terms import Weekday
from scheduler.problem import Dated, Patterns, Request, Space
from scheduler.timetable import Booking
from scheduler.verify.plan import Finding, Occurrence, Plan, Slot
from scheduler.verify.wall import DAY, MINUTE, offset, since_midnight
from scheduler.verify.words import moment, say
from scheduler.verify.world import World

Key = tuple[str, int]
"""A session: request and number."""
_Place = tuple[Weekday, timedelta, str, str]


@dataclass(frozen=True, eq=False, slots=True)
class _Read:
    """A booking of a known request and space, on the wall clock."""

    request: Request
    session: int
    starts: datetime
    ends: datetime
    space: Space
    layout: str


def read(
    world: World, bookings: Sequence[Booking], late: Mapping[Key, bool] | None = None
) -> tuple[Plan, list[Finding]]:
    """The plan that the bookings make, and what is wrong with a booking as it is written.

    Args:
        world: The facts of the problem.
        bookings: In any order.
        late: Hint for each session: its start counts on past 24:00.
    """
    findings: list[Finding] = []
    sessions: dict[str, dict[int, list[_Read]]] = defaultdict(lambda: defaultdict(list))
    for booking, times in sorted(Counter(bookings).items(), key=lambda item: _order(item[0])):
        findings += _repeated(booking, times)
        findings += _badly_written(world, booking)
        if booking.request in world.requests and booking.space in world.spaces and booking.ends > booking.starts:
            sessions[booking.request][booking.session].append(_wall(world, booking))
    occurrences: list[Occurrence] = []
    slots: list[Slot] = []
    for request in world.problem.requests:
        for number, told in sorted(sessions.get(request.id, {}).items()):
            booked = _dates(world, told, _days_late(world, told, bool(late and late.get((request.id, number)))))
            occurrences += booked
            slots.append(_slot(request, number, booked))
    return Plan(world, occurrences, slots), findings


def _order(booking: Booking) -> tuple[str, str, str, int, str, str]:
    return (
        booking.starts.isoformat(),
        booking.ends.isoformat(),
        booking.request,
        booking.session,
        booking.space,
        booking.layout,
    )


def _wall(world: World, booking: Booking) -> _Read:
    return _Read(
        request=world.requests[booking.request],
        session=booking.session,
        starts=booking.starts.replace(tzinfo=None, fold=0),
        ends=booking.ends.replace(tzinfo=None, fold=0),
        space=world.spaces[booking.space],
        layout=booking.layout,
    )


def _days_late(world: World, bookings: list[_Read], hint: bool) -> int:
    """How many days before the wall date of its start the own date of a session's bookings lies: 0, or 1."""
    request = bookings[0].request
    if isinstance(request.when, Dated):
        return int(bookings[0].starts.date() - request.when.date == DAY)
    if isinstance(request.when, Patterns):
        return next((days for days in (0, 1, 2) if _is_option(world, bookings, days)), 0)

    def fitting(days: int) -> int:
        return sum(_fits(world, request, one.starts, days) for one in bookings)

    plain = fitting(0)
    if plain == len(bookings) and not hint:
        return 0  # no reading has more
    later = fitting(1)
    return int(later > plain or (later == plain > 0 and hint))


def _is_option(world: World, bookings: list[_Read], days: int) -> bool:
    first = bookings[0]
    own = frozenset(one.starts.date() - days * DAY for one in bookings)
    starts = since_midnight(first.starts.date() - days * DAY, first.starts)
    return world.option(first.request, starts, first.ends - first.starts, own) is not None


def _fits(world: World, request: Request, starts: datetime, days: int) -> bool:
    day = starts.date() - days * DAY
    runs = world.runs_as(request, day)
    return world.liking(request, runs, since_midnight(day, starts)) is not None and day in world.nominal_dates(
        request, runs
    )


def _dates(world: World, bookings: list[_Read], days_late: int) -> tuple[Occurrence, ...]:
    return tuple(
        Occurrence(
            request=one.request,
            session=one.session,
            date=one.starts.date() - days_late * DAY,
            weekday=world.runs_as(one.request, one.starts.date() - days_late * DAY),
            starts=one.starts,
            ends=one.ends,
            space=one.space,
            layout=one.layout,
            atoms=world.atoms[one.space.id],
        )
        for one in bookings
    )


def _slot(request: Request, number: int, booked: tuple[Occurrence, ...]) -> Slot:
    """The slot is what most of the bookings say; the first of them, where as many say something else.

    The weekday of a pattern, which has several, is that of its first date.
    """
    most = Counter(place_of(one) for one in booked).most_common(1)[0][0]
    one = next(one for one in booked if place_of(one) == most)
    first = min(booked, key=lambda each: each.date).weekday
    return Slot(
        request=request,
        number=number,
        weekday=first if isinstance(request.when, Patterns) else most[0],
        starts=most[1],
        space=one.space,
        layout=one.layout,
        booked=booked,
    )


def place_of(one: Occurrence) -> _Place:
    """What all bookings of a session have in common: weekday (but for a pattern), start, space, layout."""
    day = "MO" if isinstance(one.request.when, Patterns) else one.weekday
    return day, since_midnight(one.date, one.starts), one.space.id, one.layout


def _repeated(booking: Booking, times: int) -> list[Finding]:
    if times == 1:
        return []
    return [
        _about(
            booking,
            "duplicate",
            "{request} 第{session}场在 {space} {starts} 的预订重复了{times}次",
            "{request}, session {session}, is booked {times} times in {space} at {starts}",
            times=times,
        )
    ]


def _badly_written(world: World, booking: Booking) -> list[Finding]:
    found: list[Finding] = []
    if booking.request not in world.requests:
        found.append(_about(booking, "request", "没有 {request} 这项申请", "there is no request {request}"))
    if booking.space not in world.spaces:
        found.append(
            _about(
                booking,
                "space",
                "{request} 排在 {space}，但没有这个空间",
                "{request} is in {space}, which is not there",
            )
        )
    if booking.ends <= booking.starts:
        found.append(
            _about(
                booking,
                "duration",
                "{request} 在 {space} {starts} 还没开始就结束了",
                "{request} in {space} at {starts} ends before it starts",
            )
        )
    for end in (booking.starts, booking.ends):
        found += _badly_told(world, booking, end)
    return found


def _badly_told(world: World, booking: Booking, end: datetime) -> list[Finding]:
    wall = end.replace(tzinfo=None, fold=0)
    if end.second or end.microsecond:
        return [
            _about(
                booking,
                "whole_minutes",
                "{request} 在 {space} {starts} 的时间不是整分钟",
                "{request} in {space} at {starts}: times are whole minutes",
            )
        ]
    if end.utcoffset() != offset(wall, world.zone):
        return [
            _about(
                booking,
                "offset",
                "{request} 在 {space} {starts}：{told} 不是 {zone} 当时的时差，应为 {right}",
                "{request} in {space} at {starts}: the offset {told} is not that of {zone} then, which is {right}",
                told=_signed(end.utcoffset()),
                zone=str(world.zone),
                right=_signed(offset(wall, world.zone)),
            )
        ]
    return []


def _about(booking: Booking, rule: str, zh: str, en: str, **parts: str | int) -> Finding:
    wall = booking.starts.replace(tzinfo=None)
    named: dict[str, str | int] = {"request": booking.request, "space": booking.space, "session": booking.session}
    return Finding(
        rule=rule,
        requests=(booking.request,),
        space=booking.space,
        date=wall.date(),
        sentence=say(zh, en, starts=moment(wall), **(named | parts)),
    )


def _signed(away: timedelta | None) -> str:
    minutes = (away or timedelta()) // MINUTE
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"

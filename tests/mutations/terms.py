"""A truth table of what each request itself asks for (`scheduler/verify/terms.py`), for faults seeded there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Request
from scheduler.timetable import Booking
from tests.constraints.cases import Truth, World, row
from tests.factories import booking, dated, problem, series, space, weekly

TWO_DAYS = ("2026-09-07", "2026-09-08")
ROOMS = (space("A", layouts={"room": 30, "rows": 60}), space("B", layouts={"room": 30, "rows": 60}), space("C"))
WISH = dated("R1", "2026-09-07", "MO 09:00-12:00", minutes=60, spaces=("A", "B"), layouts=("room", "rows"))


def one(rule: str, name: str, when: str, *, holds: bool, place: str = "A", layout: str = "room") -> Truth:
    """A dated wish for an hour of Monday morning in A or B, and one booking."""
    world = problem([WISH], spaces=ROOMS, season=TWO_DAYS)
    return row(rule, name, world, [booking(world, "R1", when, place, layout=layout)], holds=holds)


TOGETHER = Sharing(id="l", source="by-law 8", space="A", uses=("U1",), layout="room", seats=30)


def some(rule: str, name: str, request: Request, slots: Sequence[str], *, holds: bool) -> Truth:
    """A series, and each slot booked as a session: `1 MO 09:00-10:00 A`. In A sessions may overlap."""
    world = problem([request], [TOGETHER], ROOMS, season=TWO_DAYS)
    made = []
    for slot in slots:
        number, day, clocks, place = slot.split()
        made += weekly(world, "R1", f"{day} {clocks}", place, session=int(number))
    return row(rule, name, world, made, holds=holds)


def wish(per_week: int = 2, least: int | None = None, priority: str = "P3") -> Request:
    return series(
        "R1",
        "MO,TU 09:00-11:00",
        minutes=60,
        per_week=per_week,
        min_sessions=least,
        spaces=("A", "B"),
        priority=priority,
    )


def replaced(granted: bool, stands: bool) -> Truth:
    asks = [
        series("R1", "MO 09:00-10:00!"),
        dated("R2", "2026-09-14", "MO 09:00-10:00!", spaces=("S2",), replaces="R1"),
    ]
    world = problem(asks, spaces=[space("S1"), space("S2")], season=("2026-09-07", "2026-09-14"))
    made = [booking(world, "R1", "2026-09-07 09:00-10:00")]
    made += [booking(world, "R1", "2026-09-14 09:00-10:00")] if stands else []
    made += [booking(world, "R2", "2026-09-14 09:00-10:00")] if granted else []
    name = f"{'replaced' if granted else 'not replaced'} and {'booked' if stands else 'not booked'}"
    return row("replaces", name, world, made, holds=granted != stands, breaks="replaces" if granted else "date_loss")


def twice(name: str, first: str, second: str, breaks: str) -> Truth:
    """One session on two Mondays, the second of which is not what it should be."""
    world = problem([series("R1", "MO 09:00-11:00", minutes=60, spaces=("A", "B"))], spaces=ROOMS)
    made: list[Booking] = []
    for slot in (first, second):
        day, clocks, place = slot.split()
        made.append(booking(world, "R1", f"{day} {clocks}", place))
    return row(breaks, name, world, made, holds=breaks == "")


def later(name: str, *days: str, holds: bool) -> Truth:
    """A series of one Monday out of three."""
    wish = series("R1", "MO 09:00-10:00!", spaces=("A",), first_date="2026-09-14", last_date="2026-09-20")
    world = problem([wish], spaces=ROOMS, season=("2026-09-07", "2026-09-21"))
    return row("dates", name, world, [booking(world, "R1", f"{day} 09:00-10:00") for day in days], holds=holds)


def other_date(name: str, day: str, *, holds: bool) -> Truth:
    world = problem([WISH], spaces=ROOMS)
    return row("dates", name, world, [booking(world, "R1", f"{day} 09:00-10:00")], holds=holds)


def written(name: str, times: int, *, holds: bool) -> Truth:
    world = problem([WISH], spaces=ROOMS)
    return row("duplicate", name, world, [booking(world, "R1", "2026-09-07 09:00-10:00")] * times, holds=holds)


def abroad(name: str, offset: str, *, holds: bool) -> Truth:
    world = problem([WISH], spaces=ROOMS)
    plain = booking(world, "R1", "2026-09-07 09:00-10:00")
    ends = datetime.fromisoformat(f"2026-09-07T10:00:00{offset}")
    starts = datetime.fromisoformat(f"2026-09-07T09:00:00{offset}")
    return row("offset", name, world, [plain.model_copy(update={"starts": starts, "ends": ends})], holds=holds)


TRUTH = [
    one("windows", "on the grid", "2026-09-07 09:15-10:15", holds=True),
    one("windows", "off the grid", "2026-09-07 09:10-10:10", holds=False),
    one("windows", "to the end of the window", "2026-09-07 11:00-12:00", holds=True),
    one("windows", "beyond the end of the window", "2026-09-07 11:15-12:15", holds=False),
    one("windows", "before the window", "2026-09-07 08:45-09:45", holds=False),
    one("duration", "a minute too long", "2026-09-07 09:00-10:01", holds=False),
    one("duration", "a minute too short", "2026-09-07 09:00-09:59", holds=False),
    one("spaces", "the second space of the list", "2026-09-07 09:00-10:00", place="B", holds=True),
    one("spaces", "a space of no list", "2026-09-07 09:00-10:00", place="C", holds=False),
    one("layout", "the second layout, though the first fits", "2026-09-07 09:00-10:00", layout="rows", holds=False),
    later("from its first date", "2026-09-14", holds=True),
    later("a week before its first date", "2026-09-07", "2026-09-14", holds=False),
    later("a week after its last date", "2026-09-14", "2026-09-21", holds=False),
    other_date("its date", "2026-09-07", holds=True),
    other_date("another date", "2026-09-14", holds=False),
    replaced(granted=True, stands=False),
    replaced(granted=True, stands=True),
    replaced(granted=False, stands=True),
    replaced(granted=False, stands=False),
    twice("the same on both dates", "2026-09-07 09:00-10:00 A", "2026-09-14 09:00-10:00 A", ""),
    twice("another start on the second date", "2026-09-07 09:00-10:00 A", "2026-09-14 09:15-10:15 A", "session"),
    twice("another room on the second date", "2026-09-07 09:00-10:00 A", "2026-09-14 09:00-10:00 B", "session"),
    some("per_week", "both sessions", wish(), ["1 MO 09:00-10:00 A", "2 TU 09:00-10:00 A"], holds=True),
    some("per_week", "one of two", wish(), ["1 MO 09:00-10:00 A"], holds=False),
    some("per_week", "one of two, which is enough", wish(least=1), ["1 MO 09:00-10:00 A"], holds=True),
    some("per_week", "none", wish(), [], holds=True),
    some("duty", "all of a duty", wish(1, priority="fix"), ["1 MO 09:00-10:00 A"], holds=True),
    some("duty", "none of a duty", wish(priority="fix"), [], holds=False),
    some("numbering", "counted from two", wish(1), ["2 MO 09:00-10:00 A"], holds=False),
    some("numbering", "in the wrong order", wish(), ["2 MO 09:00-10:00 A", "1 TU 09:00-10:00 A"], holds=False),
    some("distinct", "one hour in two rooms", wish(), ["1 MO 09:00-10:00 A", "2 MO 09:00-10:00 B"], holds=True),
    some("distinct", "one hour, twice in one room", wish(), ["1 MO 09:00-10:00 A", "2 MO 09:00-10:00 A"], holds=False),
    written("once", 1, holds=True),
    written("twice", 2, holds=False),
    abroad("the zone's own offset", "+08:00", holds=True),
    abroad("another offset", "+09:00", holds=False),
]
WORLDS: list[World] = []

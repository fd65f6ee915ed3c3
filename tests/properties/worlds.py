"""Tiny worlds drawn at random: all kinds of rules mixed, on few requests, spaces, dates and starts.

Two scenes. By day a Monday and the next Monday, starts from nine. By night Mondays that run past midnight and Tuesdays
that begin early, so that one date reaches into the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.availability import Closed, Horizon, Notice, TypedWindow
from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.noise import ClearingTime, Curfew, Noise
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, PrimeTime, Quota
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, DatedRule, Scope, Weekday
from scheduler.problem import Applicant, Body, Calendar, Patterns, Person, Problem, Request, Series, Site, Space, Use
from tests.factories import dated, patterns, problem, series, space
from tests.properties.vocabulary import makers


@dataclass(frozen=True)
class Scene:
    """When things may be: windows, dates of the season, and those of them that the checker tries.

    At night the small hours of Tuesday are tried as the late hours of Monday.
    """

    name: str
    windows: tuple[str, ...]
    longer: tuple[str, ...]
    dates: tuple[str, ...]
    tried: tuple[str, ...]
    hours: str


DAY = Scene(
    "day",
    ("MO 09:00-10:00!", "MO 09:30-10:30!", "MO 10:00-11:00!", "MO 09:15-10:15!"),
    ("MO 09:00-10:30*", "MO 09:15-10:45", "MO 09:00-10:00!;MO 10:00-11:00"),
    ("2026-09-07", "2026-09-14"),
    ("2026-09-07", "2026-09-12", "2026-09-14"),
    "08:00-22:00",
)
NIGHT = Scene(
    "night",
    ("MO 23:00-24:00!", "MO 23:30-24:30!", "TU 00:00-01:00!", "TU 00:15-01:15!"),
    ("MO 23:00-24:30*", "TU 00:00-01:30", "MO 23:30-25:00"),
    ("2026-09-07", "2026-09-08", "2026-09-14"),
    ("2026-09-07", "2026-09-08", "2026-09-14"),
    "00:00-30:00",
)

TABLES: tuple[tuple[ChangeoverRow, ...], ...] = (
    (),
    (ChangeoverRow(minutes=15),),
    (ChangeoverRow(minutes=30),),
    (ChangeoverRow(layout_changes=True, minutes=20, crew=True),),
    (ChangeoverRow(layout_changes=True, minutes=30, crew=True), ChangeoverRow(minutes=10)),
    (ChangeoverRow(before=Occupant(uses=("eat",)), after=Occupant(not_uses=("eat",)), minutes=45),),
    (ChangeoverRow(after=Occupant(spaces=("A+B",)), minutes=30),),
    (ChangeoverRow(before=Occupant(layouts=("room",)), after=Occupant(layouts=("rows",)), minutes=15, crew=True),),
)

SCHOOLS = {
    "day": (
        Calendar(id="school", days_off=(date(2026, 9, 14),)),
        Calendar(id="school", counts_as={"2026-09-14": "TU"}),
        Calendar(id="school", counts_as={"2026-09-12": "MO"}),
    ),
    "night": (
        Calendar(id="school", days_off=(date(2026, 9, 8),)),
        Calendar(id="school", counts_as={"2026-09-08": "MO"}),
    ),
}

OPTIONS = {
    "day": ("MO 09:00", "MO 09:30 1", "MO 10:00 2", "MO 09:15 2 30m"),
    "night": ("MO 23:30", "MO,TU 00:15 1", "TU 00:00 1 30m", "MO 23:00 2 90m"),
}
some = st.sampled_from


@st.composite
def places(draw: st.DrawFn, scene: Scene) -> tuple[Space, ...]:
    """One room, two rooms, or two rooms that also join."""

    def room(name: str) -> Space:
        shut = draw(some([()] * 6 + [(scene.dates[0],), (scene.dates[-1],)]))
        special: dict[str, str] = draw(some([{}] * 5 + [{scene.dates[-1]: "09:30-23:45"}]))
        return space(
            name,
            hours=draw(some([scene.hours] * 3 + ["08:00-10:30 10:30-24:15"])),
            shut=shut,
            dated_hours={} if shut else special,
            layouts=draw(some([{"room": 20}, {"room": 20, "rows": 20}, {"rows": 5, "room": 20}])),
            changeover=draw(some(TABLES)),
            floor=draw(some([1, 1, 2])),
            outdoor=draw(some([False, False, True])),
            features=draw(some([(), ("piano",)])),
            site=draw(some(["X", "X", "Y"])),
        )

    rooms = [room(name) for name in draw(some([("A",), ("A", "B"), ("A", "B")]))]
    if len(rooms) == 2 and rooms[0].site == rooms[1].site and draw(st.booleans()):
        exception: dict[str, str] = draw(some([{}, {}, {scene.dates[0]: "09:00-24:00"}]))
        rooms.append(
            space("A+B", parts=("A", "B"), layouts={"room": 40, "rows": 40}, dated_hours=exception, site=rooms[0].site)
        )
    return tuple(rooms)


@st.composite
def wishes(draw: st.DrawFn, name: str, scene: Scene, spaces: Sequence[Space], earlier: Sequence[Request]) -> Request:
    """A series or a dated request, for one or two of the spaces; the first is a series, which others may clash with."""
    names = [place.id for place in (spaces[0], *spaces)]
    fields: dict[str, Any] = {
        "minutes": draw(some([60, 60, 30])),
        "spaces": tuple(draw(st.lists(some(names), min_size=1, max_size=2, unique=True))),
        "layouts": draw(some([("room",), ("room", "rows"), ("rows", "room")])),
        "headcount": draw(some([5, 10, 10, 15])),
        "use": draw(some(["eat", "read", "sing"])),
        "applicant": draw(some(["O1", "O2", "O3"])),
        "priority": draw(some(["P2", "P2", "P3", "P3", "P3", "P4", "fix"])),
        "people": draw(some([(), (), ("T1",), ("T1", "T2")])),
        "noise": draw(some([0, 0, 2, 3])),
        "features": draw(some([()] * 7 + [("piano",)])),
        "floors": draw(some([()] * 6 + [(1,), (1, 2)])),
        "tags": draw(some([(), (), ("exempt",)])),
    }
    windows = draw(some(scene.windows + scene.longer))
    if "!" in windows:
        fields["minutes"] = 60
    if len(earlier) > 0 and draw(st.integers(0, 2)) > 0:
        days = [day for day in scene.dates if WEEKDAYS[date.fromisoformat(day).weekday()] == windows[:2]]
        day, replaced = draw(some(days)), None
        if draw(st.integers(0, 3)) == 0 and stands_on(earlier[0], day):
            replaced, fields["applicant"] = earlier[0].id, earlier[0].applicant
        published = draw(some([None, "2026-08-20", "2026-09-01"]))
        return dated(name, day, windows, replaces=replaced, published_on=published, **fields)
    if draw(st.integers(0, 4)) == 0:
        return patterns(name, *draw(st.lists(some(OPTIONS[scene.name]), min_size=1, max_size=2, unique=True)), **fields)
    own: dict[str, Any] = draw(some([{}, {}, {}, {"first_date": "2026-09-08"}, {"last_date": "2026-09-13"}]))
    if scene is DAY and draw(st.integers(0, 4)) == 0:
        windows, fields["minutes"] = "MO 09:00-10:00!;MO 10:00-11:00!", 60
        own = {"per_week": 2, "min_sessions": draw(some([None, 1]))}
    return series(name, windows, **own, calendar=draw(some(["always", "always", "school"])), **fields)


def first_day(request: Request) -> Weekday:
    """A weekday on which a request could be."""
    first = request.when.options[0] if isinstance(request.when, Patterns) else request.windows[0]
    return first.days[0]


def stands_on(request: Request, day: str) -> bool:
    """Whether a series can have this date."""
    when, there = request.when, date.fromisoformat(day)
    return (
        isinstance(when, Series)
        and WEEKDAYS[there.weekday()] in request.windows[0].days
        and (when.first_date or there) <= there <= (when.last_date or there)
    )


@st.composite
def rules(draw: st.DrawFn, scene: Scene, spaces: Sequence[Space], asks: Sequence[Request]) -> list[ConstraintBase]:
    """Some rules of all families, each with an identity of its own."""
    names, first, last = [place.id for place in spaces], *(date.fromisoformat(scene.dates[i]) for i in (0, -1))
    who = some([Scope(), Scope(), Scope(uses=("eat",)), Scope(without_tags=("exempt",)), Scope(priorities=("P3",))])
    where, pinned, shared = some(names), draw(some(asks)), draw(some(spaces))
    opens, closes = ("09:45", "10:30") if scene is DAY else ("23:45", "24:30")
    window: dict[str, Any] = {"starts": opens, "ends": closes}
    base = {"source": "by-law"}

    def one(kind: str) -> ConstraintBase:
        fields: dict[str, Any] = {"id": kind, **base}
        made: dict[str, Any] = {
            "closed": lambda: Closed(
                **fields,
                spaces=(draw(where),),
                dates=(draw(some([first, last])),),
                scope=draw(who),
                **draw(some([{}, window])),
            ),
            "typed_window": lambda: TypedWindow(
                **fields, spaces=(draw(where),), days=("MO",), **window, allows=Scope(uses=("eat",)), scope=draw(who)
            ),
            "horizon": lambda: Horizon(**fields, first_date=draw(some([first, last])), last_date=last, scope=draw(who)),
            "notice": lambda: Notice(**fields, days=draw(some([6, 14])), scope=draw(who)),
            "noise": lambda: Noise(
                **fields, quiet_space=names[0], neighbours=(draw(where),), days=("MO",), **window, max_noise=1
            ),
            "curfew": lambda: Curfew(
                **fields,
                spaces=(draw(where),),
                amplified_from_noise=2,
                amplified_ends=opens,
                cleared_by=closes,
                clearing=(ClearingTime(use="sing", minutes=15),),
            ),
            "changeover": lambda: Changeover(**fields, nothing_owed_after_minutes=draw(some([360, 360, 30]))),
            "rooms": lambda: PooledResource(
                **fields, resource="space_in_session", at_once=draw(some([1, 1, 2])), **draw(some([{}, window]))
            ),
            "crews": lambda: PooledResource(
                **fields, resource="conversion_crew", at_once=draw(some([0, 1])), **draw(some([{}, window]))
            ),
            "same_attendees": lambda: SameAttendees(**fields, people=draw(some([(), ("T2",)]))),
            "quota": lambda: Quota(
                **fields,
                at_most=1,
                scope=draw(who),
                indoor_only=draw(st.booleans()),
                prime=draw(some([(), (PrimeTime(days=("MO",), starts_from=draw(some(["09:30", "23:30"]))),)])),
            ),
            "date_loss": lambda: DateLoss(
                **fields,
                to=draw(some([("dated_request",), ("dated_request",), ("dated_request", "pin"), ("duty",), ("pin",)])),
            ),
            "different_days": lambda: DifferentDays(**fields, scope=draw(who)),
            "pin": lambda: Pin(
                **fields,
                request=pinned.id,
                slot=draw(some([None, PinnedSlot(space=pinned.spaces[0]), PinnedSlot(weekday=first_day(pinned))])),
            ),
            "sharing": lambda: Sharing(
                **fields,
                space=shared.id,
                uses=draw(some([("eat", "read"), ("eat", "read", "sing")])),
                layout=shared.layouts[0].id,
                seats=min(shared.layouts[0].capacity, draw(some([10, 15, 20]))),
            ),
        }
        rule: ConstraintBase = made[kind]()
        return rule

    often = [kind for kind in OFTEN if draw(st.booleans())]
    often += ["date_loss"] if "date_loss" not in often and draw(st.booleans()) else []
    newer = makers(draw, spaces, opens, closes, last)
    several = draw(st.lists(some(sorted(newer)), max_size=2, unique=True))
    older = [one(kind) for kind in (*often, *draw(st.lists(some(SELDOM), max_size=2, unique=True)))]
    return [draw(dated_or_not(rule, scene)) for rule in (*older, *(newer[kind]() for kind in several))]


@st.composite
def dated_or_not(draw: st.DrawFn, rule: ConstraintBase, scene: Scene) -> ConstraintBase:
    """A rule as it is, or with validity dates about the season: on either end of it, within it, or beyond."""
    if not isinstance(rule, DatedRule) or draw(st.booleans()):
        return rule
    first, last = draw(some(VALID[scene.name]))
    return rule.model_copy(update={"valid_from": first, "valid_until": last})


def _span(text: str) -> tuple[date | None, date | None]:
    first, last = (date(2026, 9, int(day)) if day else None for day in text.split("-"))
    return first, last


VALID = {
    "day": [
        _span(text) for text in ("7-7", "-7", "-11", "8-", "8-12", "8-13", "12-", "13-", "14-14", "-6", "15-", "1-30")
    ],
    "night": [_span(text) for text in ("7-7", "-7", "8-", "8-8", "-8", "9-", "8-14", "14-", "-6", "15-", "1-30")],
}
"""Validity dates in September: around Mondays, working Saturdays and the nights between; two of them for nothing."""


OFTEN = ("date_loss", "changeover", "sharing", "rooms", "same_attendees")
"""Kinds that only mean something to several bookings: each is in every other world."""

SELDOM = ("closed", "typed_window", "horizon", "notice", "noise", "curfew", "crews", "quota", "different_days", "pin")


def starts_of(asks: Sequence[Request]) -> list[str]:
    """Every start that one of the requests asks for; the checker tries them with all of the requests."""
    found: set[int] = set()
    for option in (option for ask in asks if isinstance(ask.when, Patterns) for option in ask.when.options):
        starts = int(option.starts[:2]) * 60 + int(option.starts[3:])
        # On Tuesday night the small hours are tried as the late hours of Monday, and as they are.
        found |= {starts, starts + 1440} if starts < 480 else {starts}
    for window in (window for ask in asks for window in ask.windows):
        opens, closes = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (window.starts, window.ends))
        late = 1440 if "TU" in window.days else 0
        found |= set(range(opens + late, closes + late - 15, 15)) if window.kind != "fixed" else {opens + late}
    return [f"{minute // 60:02d}:{minute % 60:02d}" for minute in sorted(found)]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Problem, Scene]:
    """A whole problem, and the scene in which it plays."""
    scene = draw(some([DAY, NIGHT]))
    spaces = draw(places(scene))
    asks: list[Request] = []
    for number in range(1, draw(st.integers(2, 3)) + 1):
        asks.append(draw(wishes(f"R{number}", scene, spaces, asks)))
    return (
        problem(
            asks,
            draw(rules(scene, spaces, asks)),
            spaces,
            # A dated request may lie outside the season.
            season=(scene.dates[0], draw(some([scene.dates[-1]] * 4 + [scene.dates[0]]))),
            calendars=(Calendar(id="always"), draw(some(SCHOOLS[scene.name]))),
            travel=draw(some([{}, {("X", "Y"): 15}])),
            bodies=draw(some([(), (Body(id="T", applicants=("O1", "O2")),)])),
            sites=tuple(Site(id=name, name=name) for name in ("X", "Y")),
            uses=tuple(Use(id=name, name=name, noise=0, calendar="always") for name in ("eat", "read", "sing")),
            applicants=tuple(Applicant(id=name, name=name, priority="P3") for name in ("O1", "O2", "O3")),
            people=tuple(Person(id=name) for name in ("T1", "T2")),
        ),
        scene,
    )

"""Every kind of rule that can have validity dates, in a world of two Mondays in which some bookings break it.

One table for all kinds: the 7th and the 14th of September, bookings that break a rule wherever it holds on one of
them, or on one only, and the validity dates under which it judges them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Beside, Relation
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import DatedRule, Scope
from scheduler.problem import Problem
from scheduler.timetable import Booking
from tests.constraints.cases import (
    Truth,
    row,
)
from tests.factories import booking, dated, problem, series, space, weekly

TWO_MONDAYS = ("2026-09-07", "2026-09-14")
ROOMS = (space("A"), space("B"), space("C", site="Y"))
DATES = ("2026-09-07", "2026-09-14")

VALID: dict[str, tuple[int | None, int | None, tuple[int, ...]]] = {
    "always": (None, None, (7, 14)),
    "from the first Monday to the last": (7, 14, (7, 14)),
    "from the last Monday on": (14, None, (14,)),
    "until the first Monday": (None, 7, (7,)),
    "from the day after the first Monday on": (8, None, (14,)),
    "until the day before the last Monday": (None, 13, (7,)),
    "between the Mondays": (8, 13, ()),
    "over before the season": (None, 6, ()),
    "not begun in the season": (15, None, ()),
}
"""Validity in days of September, and the Mondays that are left."""


def on(rule: DatedRule, first: int | None, last: int | None) -> DatedRule:
    begins, ends = (day and date(2026, 9, day) for day in (first, last))
    return rule.model_copy(update={"valid_from": begins, "valid_until": ends})


@dataclass(frozen=True)
class Case:
    """Requests and bookings that break a rule that holds on one of `on`, Mondays of September."""

    name: str
    rule: DatedRule
    asks: Sequence[Any]
    slots: Sequence[tuple[Any, ...]]
    on: tuple[int, ...] = (7, 14)
    spaces: Sequence[Any] = ROOMS
    beside: Sequence[Any] = ()

    def world(self, rule: DatedRule) -> Problem:
        return problem(self.asks, [*self.beside, rule], self.spaces, season=TWO_MONDAYS, travel={("X", "Y"): 30})

    def made(self, world: Problem) -> list[Booking]:
        """Slots are (request, "MO 09:00-10:00") or, with a date, one booking; and the space, the session."""
        found = []
        for request, when, *more in self.slots:
            fields = dict(zip(("place", "session"), more, strict=False))
            single = when[0].isdigit()
            found += [booking(world, request, when, **fields)] if single else weekly(world, request, when, **fields)
        return found

    def rows(self) -> Iterator[Truth]:
        for told, (first, last, left) in VALID.items():
            world = self.world(on(self.rule, first, last))
            holds = not set(left) & set(self.on)
            yield row(self.rule.kind, f"{self.name}: {told}", world, self.made(world), holds=holds)


def two(first: str = "MO 09:00-10:00", second: str = "MO 09:00-10:00", where: str = "AB", **more: Any) -> list[Any]:
    asks = zip(("R1", "R2"), (first, second), where, strict=True)
    return [series(name, f"{slot}!", spaces=(place,), **more) for name, slot, place in asks]


def both(asks: Sequence[Any], *slots: str) -> list[tuple[str, str]]:
    return [(ask.id, slot) for ask, slot in zip(asks, slots or ("MO 09:00-10:00",) * len(asks), strict=True)]


def relation(name: str, first: str, second: str, where: str = "AB", **more: Any) -> Case:
    rule = Relation(**{"id": "r", "source": "s", "relation": name, **more})
    asks = two(first, second, where)
    return Case(name, rule, asks, both(asks, first, second))


NINE, HALF, TEN = "MO 09:00-10:00", "MO 09:30-10:30", "MO 10:00-11:00"
RELATIONS = [
    relation("same_start", NINE, HALF),
    relation("same_time", NINE, HALF),
    relation("different_time", NINE, HALF),
    relation("different_days", NINE, TEN),
    relation("different_weeks", NINE, TEN),
    relation("overlap", NINE, TEN),
    relation("not_overlap", NINE, HALF),
    relation("precedence", TEN, NINE),
    relation("min_gap", NINE, TEN, minutes=15),
    relation("work_day", NINE, TEN, minutes=90),
    relation("same_attendees", NINE, TEN, "AC"),
    relation("same_space", NINE, TEN),
    relation("different_space", NINE, TEN, "AA"),
    relation("consecutive", NINE, HALF),
    relation("days_between", NINE, TEN, at_least=1),
    relation("adjacent_spaces", NINE, TEN),
    relation("not_adjacent", NINE, HALF, beside=(Beside(spaces=("A", "B")),)),
]


def load(measure: str, *slots: str, where: str = "ABC", **more: Any) -> Case:
    rule = Load(**{"id": "l", "source": "s", "measure": measure, **more})
    asks = [series(f"R{n}", f"{slot}!", spaces=(where[n],)) for n, slot in enumerate(slots)]
    return Case(measure, rule, asks, both(asks, *slots))


LOADS = [
    load("max_days", NINE, at_most=0),
    load("max_day_load", NINE, minutes=59),
    load("max_breaks", NINE, "MO 11:00-12:00"),
    load("max_block", NINE, TEN, minutes=90),
    load("min_working_days", NINE, at_least=2),
    load("compactness", NINE),
    load("space_stability", NINE, TEN),
    load("max_sessions", NINE, at_most=0),
    load("max_minutes", NINE, minutes=59, per="day"),
    load("min_minutes", NINE, minutes=61, per="day"),
    load("share_of_supply", NINE, TEN, percent=51, scope=Scope(requests=("R0",))),
    load("spaces_open", NINE, TEN, at_most=1),
    load("sites_open", NINE, TEN, where="AC", at_most=1),
    load("useless_gap", NINE, "MO 10:15-11:00", minutes=30),
]

TWICE = [series("R1", "MO 09:00-10:00!;MO 10:00-11:00!", per_week=2, min_sessions=1, spaces=("A",))]
TWO_SLOTS = [("R1", NINE, "A", 1), ("R1", TEN, "A", 2)]
OWED = (space("A", layouts={"room": 30, "rows": 30}, changeover=(ChangeoverRow(minutes=15),)),)
MOVED = ChangeoverRow(layout_changes=True, minutes=20, crew=True)
CREWS = (space("A", layouts={"room": 30, "rows": 30}, changeover=(MOVED,)),)
TO_ROWS = [
    series("R1", f"{NINE}!", spaces=("A",)),
    series("R2", "MO 10:30-11:30!", spaces=("A",), layouts=("rows",)),
]
DATED = [series("R1", f"{NINE}!", spaces=("A",)), dated("D1", "2026-09-14", f"{HALF}!", spaces=("B",), people=("T1",))]
LOSS = DateLoss(id="j", source="s", to=("dated_request",))
WATCHED = Changeover(id="o", source="s")
GREEDY = [
    series("R1", "MO 09:00-10:00!;MO 10:00-11:00!", per_week=2, min_sessions=1, spaces=("A",), applicant="O1"),
    series("R2", "MO 09:00-10:00!", spaces=("B",), applicant="O2"),
]

CASES = [
    *RELATIONS,
    *LOADS,
    Case("quota", Quota(id="q", source="s", at_most=1), TWICE, TWO_SLOTS),
    Case("different_days", DifferentDays(id="d", source="s"), TWICE, TWO_SLOTS),
    Case("at most one", Choice(id="c", source="s", at_most=1), two(), both(two())),
    Case("linked", Choice(id="c", source="s", linked=True), two(), [("R1", NINE)]),
    Case("growth", Growth(id="g", source="s"), GREEDY, TWO_SLOTS),
    Case("same_attendees", SameAttendees(id="i", source="s"), two(NINE, HALF, people=("T1",)), both(two(), NINE, HALF)),
    Case(
        "same_attendees on the 14th",
        SameAttendees(id="i", source="s"),
        [series("R1", f"{NINE}!", spaces=("A",), people=("T1",)), DATED[1]],
        [("R1", NINE), ("D1", "2026-09-14 09:30-10:30")],
        on=(14,),
    ),
    Case("changeover", Changeover(id="o", source="s"), two(NINE, TEN, "AA"), both(two(), NINE, TEN), spaces=OWED),
    Case(
        "changeover on the 14th",
        Changeover(id="o", source="s"),
        [series("R1", f"{NINE}!", spaces=("A",)), dated("D1", "2026-09-14", f"{TEN}!", spaces=("A",))],
        [("R1", NINE), ("D1", "2026-09-14 10:00-11:00")],
        on=(14,),
        spaces=OWED,
    ),
    Case("rooms", PooledResource(id="p", source="s", resource="space_in_session", at_once=1), two(), both(two())),
    Case("amounts", PooledResource(id="p", source="s", resource="amount", at_once=1), two(), both(two())),
    Case(
        "rooms on the 14th",
        PooledResource(id="p", source="s", resource="space_in_session", at_once=1),
        DATED,
        [("R1", NINE), ("D1", "2026-09-14 09:30-10:30")],
        on=(14,),
    ),
    Case(
        "crews",
        PooledResource(id="p", source="s", resource="conversion_crew", at_once=0),
        TO_ROWS,
        [("R1", NINE), ("R2", "MO 10:30-11:30")],
        spaces=CREWS,
        beside=(WATCHED,),
    ),
]
"""In each the bookings are allowed but for the one rule."""

"""When a space may be used; docs/semantics.md. The four cases of Helsinki's allocator have tests of their own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.constraints.availability import Closed, Horizon, Notice, TypedWindow
from scheduler.constraints.rights import DateLoss
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.problem import Calendar, Problem, Space
from tests.constraints.cases import (
    Price,
    Truth,
    World,
    assert_both_ways,
    assert_costs_agree,
    assert_price,
    assert_truth,
    row,
)
from tests.factories import booking, dated, problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
TWO_MONDAYS = ("2026-09-07", "2026-09-14")
MONDAYS = ("2026-09-07", "2026-09-08", "2026-09-14")
FIRST, SECOND = date(2026, 9, 7), date(2026, 9, 14)
FLOORS = (space("A"), space("B", floor=2), space("A+B", parts=("A", "B")))


def shut(**how: Any) -> Closed:
    return Closed(id="g", source="notice", dates=(FIRST,), **how)


def alone(
    kind: str,
    name: str,
    rule: ConstraintBase | None,
    *,
    holds: bool,
    when: str = "09:00-11:00",
    spaces: tuple[Space, ...] = FLOORS,
    season: tuple[str, str] = MONDAY,
    as_of: str | None = None,
    **wish: Any,
) -> Truth:
    policy = {"as_of": date.fromisoformat(as_of)} if as_of else {}
    asks = [series("R1", f"MO {when}!", **({"spaces": ("A",)} | wish))]
    world = problem(asks, [rule] if rule else [], spaces, season=season, policy=policy)
    return row(kind, name, world, weekly(world, "R1", f"MO {when}"), holds=holds)


def once(kind: str, name: str, rule: ConstraintBase, day: str, *, holds: bool, **wish: Any) -> Truth:
    world = problem([dated("R1", day, "MO 09:00-11:00!", **wish)], [rule], season=TWO_MONDAYS)
    return row(kind, name, world, [booking(world, "R1", f"{day} 09:00-11:00")], holds=holds)


def opening(name: str, when: str, *, holds: bool, **hours: Any) -> Truth:
    return alone("opening_hours", name, None, when=when, spaces=(space("A", **hours),), holds=holds)


def spring(name: str, when: str, *, holds: bool) -> Truth:
    """Helsinki on the Sunday on which the clock goes from 03:00 to 04:00."""
    night = (space(hours="00:00-24:00"),)
    asks = [dated("R1", "2026-03-29", f"SU {when}!")]
    world = problem(asks, spaces=night, season=("2026-03-23", "2026-03-29"), zone="Europe/Helsinki")
    return row("clock_change", name, world, [booking(world, "R1", f"2026-03-29 {when}")], holds=holds)


YEAR = (
    Calendar(id="always"),
    Calendar(id="leisure", days_off=(SECOND,)),
    Calendar(id="school", days_off=(SECOND,), counts_as={"2026-09-13": "MO"}),
)
"""Monday 14 September is off, Sunday 13 counts as Monday for schools."""


def school(name: str, days: str, *, holds: bool, breaks: str = "", calendar: str = "school", on: str = "MO") -> Truth:
    world = problem([series("R1", f"{on} 09:00-11:00!", calendar=calendar)], season=TWO_MONDAYS, calendars=YEAR)
    made = [booking(world, "R1", f"2026-09-{day} 09:00-11:00") for day in days.split()]
    return row("calendar", name, world, made, holds=holds, breaks=breaks)


def on_a_day_off() -> Truth:
    world = problem([dated("R1", "2026-09-14", "MO 09:00-11:00!")], season=TWO_MONDAYS, calendars=YEAR)
    made = [booking(world, "R1", "2026-09-14 09:00-11:00")]
    return row("calendar", "a date that names itself", world, made, holds=True)


def working_sunday(calendar: str = "school") -> Problem:
    asks = [
        series("R1", "MO 09:00-10:00!", calendar=calendar, per_week=1),
        series("R2", "SU 09:15-10:15!;MO 09:15-10:15!", calendar="leisure"),
    ]
    return problem(asks, season=TWO_MONDAYS, spaces=[space("S1"), space("S2")], calendars=YEAR)


MEALS = TypedWindow(
    id="t", source="by-law", spaces=("A",), days=("MO",), starts="10:50", ends="13:00", allows=Scope(uses=("meal",))
)
AHEAD = Notice(id="k", source="property rules, art. 15", days=15, scope=Scope(uses=("assembly",)))
NOT_TOO_EARLY = Notice(id="k", source="terms", at_most_days=14)
RELEASED = MEALS.model_copy(update={"released_on": date(2026, 8, 20)})
SEASON = Horizon(id="m", source="season notice", first_date=FIRST, last_date=date(2026, 9, 13))
TRUTH = [
    school("the working Sunday, and no day off", "07 13", holds=True),
    school("a day off", "07 13 14", holds=False),
    school("the working Sunday is left out", "07", holds=False, breaks="date_loss"),
    school("leisure has no working Sunday", "07", holds=True, calendar="leisure"),
    school("Sunday leisure keeps its own date", "13", holds=True, calendar="leisure", on="SU"),
    school("always knows no day off", "07 14", holds=True, calendar="always"),
    on_a_day_off(),
    alone("closed", "the room", shut(spaces=("A",)), holds=False),
    alone("closed", "another room", shut(spaces=("B",)), holds=True),
    alone("closed", "a floor", shut(floors=(2,)), spaces=FLOORS, holds=True),
    alone("closed", "a room of that floor", shut(floors=(1,)), holds=False),
    alone("closed", "a site", shut(sites=("X",)), holds=False),
    alone("closed", "joined rooms, one of them shut", shut(spaces=("B",)), spaces=FLOORS, holds=True),
    alone("closed", "until the booking begins", shut(spaces=("A",), starts="07:00", ends="09:00"), holds=True),
    alone("closed", "into the booking", shut(spaces=("A",), starts="07:00", ends="09:01"), holds=False),
    alone(
        "closed", "who is exempt", shut(spaces=("A",), scope=Scope(without_tags=("lift",))), tags=("lift",), holds=True
    ),
    opening("within", "08:00-10:00", hours="08:00-12:00", holds=True),
    opening("before they open", "07:59-10:00", hours="08:00-12:00", holds=False),
    opening("over noon, shut 12 to 14", "11:00-15:00", hours="08:00-12:00 14:00-20:00", holds=False),
    opening("over noon, open from 12", "11:00-15:00", hours="08:00-12:00 12:00-20:00", holds=True),
    opening("shut on that date", "09:00-10:00", shut=("2026-09-07",), holds=False),
    opening("open longer on that date", "06:00-07:00", dated_hours={"2026-09-07": "05:00-08:00"}, holds=True),
    opening("past midnight", "22:00-25:00", hours="20:00-25:00", holds=True),
    opening("past midnight, a minute too long", "22:00-25:01", hours="20:00-25:00", holds=False),
    alone("typed_window", "a class at lunch", MEALS, when="10:00-11:00", holds=False),
    alone("typed_window", "a class until lunch", MEALS, when="09:50-10:50", holds=True),
    alone("typed_window", "lunch at lunch", MEALS, when="11:00-12:00", use="meal", holds=True),
    once("horizon", "the last date", SEASON.model_copy(update={"last_date": SECOND}), "2026-09-14", holds=True),
    once("horizon", "the day after", SEASON, "2026-09-14", holds=False),
    once("notice", "15 days ahead", AHEAD, "2026-09-14", use="assembly", published_on="2026-08-30", holds=True),
    once("notice", "14 days ahead", AHEAD, "2026-09-14", use="assembly", published_on="2026-08-31", holds=False),
    once("notice", "never published", AHEAD, "2026-09-14", use="assembly", holds=False),
    once("notice", "another use", AHEAD, "2026-09-14", use="dance", holds=True),
    once("notice", "as early as may be", NOT_TOO_EARLY, "2026-09-14", published_on="2026-08-31", holds=True),
    once("notice", "a day too early", NOT_TOO_EARLY, "2026-09-14", published_on="2026-08-30", holds=False),
    alone("typed_window", "kept until a day to come", RELEASED, when="10:00-11:00", as_of="2026-08-19", holds=False),
    alone("typed_window", "released on that day", RELEASED, when="10:00-11:00", as_of="2026-08-20", holds=True),
    alone("typed_window", "nobody says what day it is", RELEASED, when="10:00-11:00", holds=False),
    spring("ends a minute before the hour that is skipped", "02:00-02:59", holds=True),
    spring("ends as that hour begins: 03:00 is already 04:00", "02:00-03:00", holds=False),
    spring("begins within it", "03:30-04:30", holds=False),
    spring("begins as it is over", "04:00-05:00", holds=True),
    spring("lasts over it: both ends exist", "02:30-04:30", holds=True),
]


def mondays(*rules: ConstraintBase, spaces: tuple[Space, ...] = FLOORS) -> Problem:
    asks = [
        series("R1", "MO 09:00-11:30", minutes=120, spaces=("A", "A+B")),
        dated("R2", "2026-09-14", "MO 10:00-12:00!", spaces=("B", "A"), use="assembly", published_on="2026-08-30"),
    ]
    return problem(asks, rules, spaces, season=TWO_MONDAYS)


def never_together() -> Problem:
    """Each of two series falls on another of two Mondays, so they never meet; their slots clash all the same."""
    asks = [series("R1", "MO 09:00-10:00!", spaces=("A",)), series("R2", "MO 09:30-10:30!", spaces=("A", "B"))]
    first = shut(spaces=("A",), scope=Scope(requests=("R1",)))
    second = shut(spaces=("A",), scope=Scope(requests=("R2",)))
    rules = [first, second.model_copy(update={"id": "g2", "dates": (SECOND,)})]
    return problem(asks, rules, FLOORS[:2], season=TWO_MONDAYS)


def joined_on_one_date() -> Problem:
    """Joined rooms that state hours for one date alone: on every other date those of the rooms hold."""
    joined = space("A+B", parts=("A", "B"), dated_hours={"2026-09-14": "10:00-12:00"})
    asks = [series("R1", "MO 09:00-10:30", minutes=60, spaces=("A+B",))]
    return problem(asks, spaces=[space("A"), space("B"), joined], season=TWO_MONDAYS)


def own_dates() -> Problem:
    """Series that begin after the season does, and that end before it."""
    asks = [
        series("R1", "MO 09:00-10:00!", first_date="2026-09-08"),
        series("R2", "MO 10:00-11:00!", last_date="2026-09-13"),
    ]
    return problem(asks, [SEASON.model_copy(update={"last_date": SECOND})], season=TWO_MONDAYS)


SPAN = ("09:00", "10:00")
OPEN = (space("A", hours="08:00-11:15", shut=("2026-09-14",)), space("B"), space("A+B", parts=("A", "B")))
WORLDS = [
    World(
        "closed",
        "the second Monday",
        mondays(
            shut(floors=(2,)),
            shut(spaces=("A",)).model_copy(update={"id": "g2", "dates": (SECOND,), "starts": "11:00", "ends": "12:00"}),
        ),
        SPAN,
        TWO_MONDAYS,
    ),
    World("closed", "slots clash, though not on any date", never_together(), ("09:00", "09:30"), TWO_MONDAYS, step=30),
    World(
        "opening_hours", "joined rooms with hours for one date", joined_on_one_date(), ("09:00", "09:30"), TWO_MONDAYS
    ),
    World("opening_hours", "shut on the second Monday", mondays(spaces=OPEN), SPAN, MONDAYS),
    World(
        "typed_window",
        "a dated window",
        mondays(MEALS.model_copy(update={"days": (), "dates": (SECOND,), "starts": "11:00"})),
        SPAN,
        TWO_MONDAYS,
    ),
    World("horizon", "one Monday of two", mondays(SEASON), SPAN, TWO_MONDAYS),
    World("horizon", "series with dates of their own", own_dates(), SPAN, MONDAYS, step=60),
    World("notice", "published in time, or not", mondays(AHEAD), SPAN, TWO_MONDAYS),
    World(
        "calendar",
        "days off, a working Sunday, and who loses nothing to it without a rule",
        working_sunday(),
        ("09:00", "09:15"),
        ("2026-09-07", "2026-09-13", "2026-09-14"),
    ),
    World(
        "clock_change",
        "the night the clock goes forward",
        problem(
            [series("R1", "SU 01:00-04:00", minutes=60)],
            spaces=[space(hours="00:00-24:00")],
            season=("2026-03-22", "2026-03-29"),
            zone="Europe/Helsinki",
            policy={"start_step_minutes": 60},
        ),
        ("00:00", "04:00"),
        ("2026-03-22", "2026-03-29"),
    ),
]


def lunch_should_be_kept() -> Problem:
    """A window that should be kept free, and a dated request to which a date of it may be lost."""
    kept = MEALS.model_copy(update={"strength": "should", "weight": 6, "starts": "09:30", "ends": "10:00"})
    loss = DateLoss(id="l", source="by-law", to=("dated_request",))
    return mondays(kept, loss, AHEAD)


def test_each_date_in_a_window_that_should_be_kept_costs() -> None:
    assert_costs_agree(World("typed_window", "should", lunch_should_be_kept(), SPAN))


def test_two_dates_of_a_series_cost_twice() -> None:
    world = lunch_should_be_kept()
    both = tuple(booking(world, "R1", f"{day} 09:00-11:00", "A") for day in TWO_MONDAYS)
    assert_price(Price("two Mondays", world, both, 12))


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)

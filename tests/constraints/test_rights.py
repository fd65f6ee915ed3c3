"""Who may have how much, and who gives way. By-law, clauses 12 and 14; docs/semantics.md, `quota` and `date_loss`."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, PrimeTime, Quota
from scheduler.constraints.terms import Scope
from scheduler.problem import Body, Calendar, Problem
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import booking, dated, problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
TWO_DAYS = ("2026-09-07", "2026-09-08")
TWO_MONDAYS = ("2026-09-07", "2026-09-14")
MONDAYS = ("2026-09-07", "2026-09-14", "2026-09-21")
ONE_EACH = Quota(
    id="h",
    source="by-law 12",
    scope=Scope(priorities=("P3",)),
    at_most=1,
    indoor_only=True,
    prime=(PrimeTime(days=("MO", "TU"), starts_from="18:00"),),
)
ROOMS = (space("A"), space("B"), space("OUT", outdoor=True))
TEAMS = (Body(id="T", applicants=("O1", "O2")),)


def evenings(second: dict[str, Any], windows: str = "MO 19:00-20:00!") -> Problem:
    asks = [
        series("R1", "MO 19:00-20:00!", spaces=("A",), applicant="O1"),
        series("R2", windows, **({"spaces": ("B",), "applicant": "O2"} | second)),
    ]
    return problem(asks, [ONE_EACH], ROOMS, season=MONDAY, bodies=TEAMS)


def capped(name: str, *, holds: bool, at: str = "19:00-20:00", **second: Any) -> Truth:
    world = evenings(second, f"MO {at}!")
    return row(
        "quota", name, world, [weekly(world, "R1", "MO 19:00-20:00"), weekly(world, "R2", f"MO {at}")], holds=holds
    )


LOSS = DateLoss(id="j", source="by-law 14", to=("dated_request",))


def hall(*, choir: str, meeting: str, loss: DateLoss | None = LOSS, pins: tuple[Pin, ...] = ()) -> Problem:
    """A weekly choir of one class, and a meeting of another on the second Monday, at the same time in the same hall."""
    asks = [
        series("R1", "MO 09:00-11:00!", priority=choir),
        dated("R2", "2026-09-14", "MO 10:00-12:00!", priority=meeting),
    ]
    return problem(asks, [*([loss] if loss else []), *pins], season=TWO_MONDAYS)


def displaced(name: str, *, holds: bool, kind: str = "date_loss", **terms: Any) -> Truth:
    world = hall(**terms)
    made = [booking(world, "R1", "2026-09-07 09:00-11:00"), booking(world, "R2", "2026-09-14 10:00-12:00")]
    return row(kind, name, world, made, holds=holds)


TRUTH = [
    capped("two teams of one body, one evening each", holds=False),
    capped("a team of another body", applicant="O3", holds=True),
    capped("the second before six", at="17:59-18:59", holds=True),
    capped("the second from six", at="18:00-19:00", holds=False),
    capped("the second outdoors", spaces=("OUT",), holds=True),
    capped("a class that is not counted", priority="P2", holds=True),
    displaced("to a higher class", choir="P3", meeting="P1", holds=True),
    displaced("to the same class", choir="P3", meeting="P3", holds=True),
    displaced("never to a lower class", choir="P3", meeting="P4", holds=False),
    displaced("a duty loses none", choir="fix", meeting="fix", holds=False),
    displaced(
        "what is pinned loses none",
        choir="P3",
        meeting="P1",
        pins=(Pin(id="p", source="m", request="R1"),),
        holds=False,
    ),
    displaced("without the rule no date is lost", choir="P3", meeting="P1", loss=None, holds=False),
    displaced(
        "to a pin of a lower class, if the rule says so",
        choir="P3",
        meeting="P5",
        loss=DateLoss(id="j", source="by-law 14", to=("pin",)),
        pins=(Pin(id="p", source="m", request="R2"),),
        holds=True,
    ),
    displaced(
        "to a duty, pinned or not, if the rule says duties",
        choir="P3",
        meeting="fix",
        loss=DateLoss(id="j", source="by-law 14", to=("duty",)),
        pins=(Pin(id="p", source="m", request="R2"),),
        holds=True,
    ),
]


def body_of_two() -> Problem:
    asks = [
        series("R1", "MO,TU 18:30-19:30!", per_week=2, min_sessions=1, spaces=("A",), applicant="O1"),
        series("R2", "MO 17:45-19:00", minutes=60, spaces=("B", "OUT"), applicant="O2"),
    ]
    return problem(asks, [ONE_EACH], ROOMS, season=TWO_DAYS, bodies=TEAMS)


def crowded_hall() -> Problem:
    asks = [
        series("R1", "MO 09:00-10:00!", priority="P2"),
        series("R2", "MO 10:00-11:30", minutes=60, priority="P3"),
        dated("R3", "2026-09-14", "MO 09:30-11:00", minutes=60, priority="P2"),
        dated("R4", "2026-09-14", "MO 11:00-12:00!", priority="P4"),
    ]
    return problem(asks, [LOSS], season=TWO_MONDAYS)


def two_instead() -> Problem:
    """Two requests stand in one date's stead, each in a room of its own; one of them or both may be granted."""
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("S1",)),
        dated("R2", "2026-09-14", "MO 09:00-10:00!", spaces=("S2",), replaces="R1"),
        dated("R3", "2026-09-14", "MO 09:00-10:00!", spaces=("S1",), replaces="R1"),
    ]
    return problem(asks, [LOSS], [space("S1"), space("S2")], season=TWO_MONDAYS)


def replaced_lunch() -> Problem:
    """A duty whose second date another duty takes over, and an optional one that may take over the first."""
    asks = [
        series("R1", "MO 11:00-13:00!", priority="fix"),
        dated("R2", "2026-09-14", "MO 11:00-13:00!", priority="fix", replaces="R1"),
        dated("R3", "2026-09-07", "MO 11:00-13:00!", priority="P2", replaces="R1"),
    ]
    return problem(asks, [LOSS], season=("2026-09-07", "2026-09-21"))


def replaced_elsewhere() -> Problem:
    """A duty's second date moves to the other room; whoever asks for the room it leaves may have it that day."""
    asks = [
        series("R1", "MO 11:00-13:00!", priority="fix"),
        dated("R2", "2026-09-14", "MO 11:00-13:00!", priority="P1", replaces="R1", spaces=("S2",)),
        dated("R3", "2026-09-14", "MO 11:00-12:00!", priority="P4"),
    ]
    return problem(asks, [LOSS], [space("S1"), space("S2")], season=TWO_MONDAYS)


def night_before() -> Problem:
    """A meeting past midnight takes the next morning's date."""
    asks = [
        series("R1", "TU 00:30-01:30!", priority="P3"),
        dated("R2", "2026-09-07", "MO 23:00-25:30", minutes=120, priority="P1"),
    ]
    return problem(asks, [LOSS], [space(hours="00:00-24:00")], season=TWO_DAYS)


def only_date() -> Problem:
    """A session whose only date is lost is no session, and this request takes both or none."""
    asks = [
        series("R1", "MO 09:00-10:00!;TU 09:00-10:00!", per_week=2, priority="P3"),
        dated("R2", "2026-09-08", "TU 09:30-11:00", minutes=60, priority="P1"),
    ]
    return problem(asks, [LOSS], season=TWO_DAYS)


WEEKEND = ("2026-09-07", "2026-09-13", "2026-09-14", "2026-09-20")
SCHOOL = (Calendar(id="always"), Calendar(id="school", counts_as={"2026-09-13": "MO"}))
"""Sunday 13 September is worked as a Monday."""
ANY = DateLoss(id="j", source="by-law 14", to=("dated_request", "duty", "pin", "series_on_working_weekend"))


def working_sunday(first: str, second: str, *rules: Any, loss: DateLoss = ANY, **more: Any) -> Problem:
    """A Monday class, made up on the Sunday on which the choir sings; each of the class given, by id of priority."""
    asks = [
        series("R1", "MO 09:00-10:30!", priority=first, calendar="school"),
        series("R2", "SU 09:30-10:30!", priority=second, **({"spaces": ("S1",)} | more)),
    ]
    spaces = [space("S1"), space("S2")]
    return problem(asks, [loss, *rules], spaces, season=(WEEKEND[0], WEEKEND[-1]), calendars=SCHOOL)


def late_on_the_working_sunday() -> Problem:
    """Past midnight the class made up on Sunday reaches into the night shift's Monday."""
    asks = [
        series("R1", "MO 23:00-25:00!", priority="P2", calendar="school"),
        series("R2", "MO 00:30-01:30!", priority="P3"),
    ]
    night = [space(hours="00:00-28:00")]
    return problem(asks, [ANY], night, season=("2026-09-07", "2026-09-14"), calendars=SCHOOL)


ONE_ROOM = PooledResource(id="f", source="by-law 7", resource="space_in_session", at_once=1)
SEATS = Sharing(id="l", source="by-law 8", space="S1", uses=("U1",), layout="room", seats=15)
ON_A_SUNDAY = {
    "a lower class gives way": working_sunday("P2", "P3"),
    "the class made up may be the lower": working_sunday("P4", "P2"),
    "in one class either": working_sunday("P3", "P3"),
    "to a duty": working_sunday("fix", "P1", loss=ANY.model_copy(update={"to": ("duty",)})),
    "to no duty unless the rule says so": working_sunday("fix", "P1", loss=LOSS, spaces=("S1", "S2")),
    "a pin keeps its dates": working_sunday("P2", "P3", Pin(id="p", source="manager", request="R2")),
    "a seventh room": working_sunday("P2", "P3", ONE_ROOM, spaces=("S2",)),
    "too few seats": working_sunday("P3", "P3", SEATS),
}

WORLDS = [
    *(World("date_loss", name, world, ("09:00", "09:30"), WEEKEND, 30) for name, world in ON_A_SUNDAY.items()),
    World(
        "date_loss",
        "late on a working Sunday",
        late_on_the_working_sunday(),
        ("00:30", "23:00"),
        ("2026-09-07", "2026-09-13", "2026-09-14"),
        30,
    ),
    World("date_loss", "the only date of a session", only_date(), ("09:00", "10:00"), TWO_DAYS),
    World("quota", "a body of two", body_of_two(), ("17:30", "18:30"), TWO_DAYS),
    World("date_loss", "four in one hall", crowded_hall(), ("08:45", "11:15"), TWO_MONDAYS),
    World("date_loss", "another stands in its stead", replaced_lunch(), ("11:00", "11:15"), MONDAYS),
    World("date_loss", "another stands in its stead, elsewhere", replaced_elsewhere(), ("11:00", "11:00"), TWO_MONDAYS),
    World("date_loss", "two stand in its stead", two_instead(), ("09:00", "09:00"), TWO_MONDAYS),
    World("date_loss", "past midnight", night_before(), ("00:15", "23:45"), TWO_DAYS),
]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


def test_a_date_is_not_lost_to_somebody_who_stands_elsewhere() -> None:
    world = hall(choir="P3", meeting="P1")
    apart = world.model_copy(update={"spaces": (space("S1"), space("S2"))})
    made = [booking(apart, "R1", "2026-09-07 09:00-11:00")]
    assert_truth(row("date_loss", "nobody is there", apart, made, holds=False))

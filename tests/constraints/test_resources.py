"""At most so many at once. By-law, clauses 6 and 7; docs/semantics.md, rule `pooled_resource`."""

from __future__ import annotations

import pytest

from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource, UseAmount
from scheduler.constraints.rights import DateLoss
from scheduler.constraints.terms import Scope
from scheduler.problem import Problem
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import booking, dated, problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
TWO_MONDAYS = ("2026-09-07", "2026-09-14")
TWO_DAYS = ("2026-09-07", "2026-09-08")
NIGHTS = ("2026-09-07", "2026-09-14", "2026-09-15")
EVENING = PooledResource(
    id="f",
    source="by-law 7",
    resource="space_in_session",
    at_once=2,
    starts="18:30",
    ends="24:00",
    spaces=("A", "B", "C"),
)
HALL = (space("A"), space("B"), space("C"), space("D"), space("A+B", parts=("A", "B")))


def evening(*where: str, rule: PooledResource = EVENING, times: tuple[str, ...] = ()) -> Problem:
    slots = times or ("19:00-20:00",) * len(where)
    asks = [series(f"R{n}", f"MO {t}!", spaces=(s,)) for n, (s, t) in enumerate(zip(where, slots, strict=True), 1)]
    return problem(asks, [rule], HALL, season=MONDAY)


def in_session(name: str, *where: str, holds: bool, times: tuple[str, ...] = ()) -> Truth:
    world = evening(*where, times=times)
    slots = times or ("19:00-20:00",) * len(where)
    made = [weekly(world, f"R{n}", f"MO {t}") for n, t in enumerate(slots, 1)]
    return row("pooled_resource", name, world, made, holds=holds)


TURN = (
    ChangeoverRow(before=Occupant(layouts=("room",)), after=Occupant(layouts=("rows",)), minutes=20, crew=True),
    ChangeoverRow(minutes=10),
)
ONE_CREW = PooledResource(id="e", source="by-law 6", resource="conversion_crew", at_once=1)
OWED = Changeover(id="a", source="by-law 5")


def crews(second: str, *, between: bool = False) -> Problem:
    """Two halls turned from room to rows, the second at a time of its own; perhaps with rows in between already."""
    layouts = {"room": 30, "rows": 30}
    halls = [space("A", layouts=layouts, changeover=TURN), space("B", layouts=layouts, changeover=TURN)]
    asks = [
        series("R1", "MO 08:00-09:00!", spaces=("A",)),
        series("R2", "MO 08:00-09:00!", spaces=("B",)),
        series("R3", "MO 11:00-12:00!", spaces=("A",), layouts=("rows",)),
        series("R4", f"MO {second}!", spaces=("B",), layouts=("rows",)),
    ]
    if between:
        asks.append(series("R5", "MO 09:30-10:00!", spaces=("B",), layouts=("rows",)))
    return problem(asks, [OWED, ONE_CREW], halls, season=MONDAY)


def turned(name: str, second: str, *, holds: bool, between: bool = False) -> Truth:
    world = crews(second, between=between)
    times = {"R1": "08:00-09:00", "R2": "08:00-09:00", "R3": "11:00-12:00", "R4": second, "R5": "09:30-10:00"}
    made = [weekly(world, r.id, f"MO {times[r.id]}") for r in world.requests]
    return row("pooled_resource", name, world, made, holds=holds)


TRUTH = [
    in_session("two rooms of three", "A", "B", holds=True),
    in_session("three rooms", "A", "B", "C", holds=False),
    in_session("a room that is not counted", "A", "B", "D", holds=True),
    in_session("joined rooms count as two", "A+B", "C", holds=False),
    in_session("one after the other", "A", "B", "C", times=("19:00-20:00", "19:00-20:00", "20:00-21:00"), holds=True),
    in_session("before half past six nobody counts", "A", "B", "C", times=("17:00-18:30",) * 3, holds=True),
    in_session("over half past six", "A", "B", "C", times=("17:00-18:31",) * 3, holds=False),
    turned("two conversions, the same twenty minutes", "11:00-12:00", holds=False),
    turned("two conversions, one minute in common", "11:19-12:00", holds=False),
    turned("two conversions, one after the other", "11:20-12:00", holds=True),
    turned("the second hall stands in rows already", "11:00-12:00", between=True, holds=True),
]


def shared_rooms() -> Problem:
    sharing = Sharing(id="l", source="by-law 8", space="A", uses=("lend", "study"), layout="room", seats=30)
    asks = [
        series("R1", "MO 19:00-21:00!", spaces=("A",), use="lend", headcount=20),
        series("R2", "MO 19:00-20:00!", spaces=("A",), use="study", headcount=10),
        series("R3", "MO 19:00-21:00", minutes=60, spaces=("B",)),
        series("R4", "MO 19:30-20:30!", spaces=("C",)),
    ]
    return problem(asks, [EVENING, sharing], HALL[:3], season=MONDAY)


def lost_to_a_full_house() -> Problem:
    """A dated request of a higher class fills the house: one of the series may lose that date, and only that one."""
    rule = PooledResource(
        id="f", source="by-law 7", resource="space_in_session", at_once=1, starts="18:30", ends="24:00"
    )
    asks = [
        series("R1", "MO 19:00-20:00!", spaces=("A",), priority="P3"),
        dated("R2", "2026-09-14", "MO 19:00-20:30", minutes=60, spaces=("B",), priority="P2"),
    ]
    loss = DateLoss(id="j", source="by-law 14", to=("dated_request",))
    return problem(asks, [rule, loss], [space("A"), space("B")], season=("2026-09-07", "2026-09-14"))


def lost_to_the_third() -> Problem:
    """Two rooms at once: a third takes the date of one of them, a second does not."""
    rule = PooledResource(id="f", source="by-law 7", resource="space_in_session", at_once=2)
    asks = [
        series("R1", "MO 19:00-20:00!", spaces=("A",)),
        series("R2", "MO 19:30-20:30!", spaces=("B",), first_date="2026-09-14"),
        dated("R3", "2026-09-14", "MO 19:00-20:30!", spaces=("C",)),
    ]
    loss = DateLoss(id="j", source="by-law 14", to=("dated_request",))
    return problem(asks, [rule, loss], HALL[:3], season=TWO_MONDAYS)


def lost_after_midnight() -> Problem:
    """What is too much begins on the next date."""
    asks = [
        series("R1", "MO 23:00-24:30!", spaces=("A",)),
        dated("R2", "2026-09-15", "TU 00:15-01:00!", spaces=("B",)),
    ]
    rule = PooledResource(id="f", source="by-law 7", resource="space_in_session", at_once=1)
    loss = DateLoss(id="j", source="by-law 14", to=("dated_request",))
    rooms = [space("A", hours="00:00-25:00"), space("B", hours="00:00-25:00")]
    return problem(asks, [rule, loss], rooms, season=TWO_MONDAYS)


def seats_after_midnight() -> Problem:
    asks = [
        series("R1", "MO 23:00-24:30!"),
        series("R2", "MO 23:00-24:30!", first_date="2026-09-14"),
        dated("R3", "2026-09-15", "TU 00:15-01:00!"),
    ]
    sharing = Sharing(id="l", source="by-law 8", space="S1", uses=("U1",), layout="room", seats=20)
    loss = DateLoss(id="j", source="by-law 14", to=("dated_request",))
    return problem(asks, [sharing, loss], [space(hours="00:00-25:00")], season=TWO_MONDAYS)


def night_turns(tuesday: str, late: str) -> Problem:
    """Conversions at work around midnight, in two halls; each begins on Monday."""
    layouts = {"room": 30, "rows": 30}
    slow = (TURN[0].model_copy(update={"minutes": 40}),)
    halls = [
        space("A", layouts=layouts, changeover=slow, hours="00:00-25:00"),
        space("B", layouts=layouts, changeover=TURN, hours="00:00-25:00"),
    ]
    asks = [
        series("R1", "MO 15:55-23:00!", spaces=("A",)),
        series("R2", "MO 15:55-23:00!", spaces=("B",)),
        series("R3", tuesday, spaces=("A",), layouts=("rows",)),
        series("R4", late, spaces=("B",), layouts=("rows",)),
    ]
    return problem(asks, [OWED, ONE_CREW], halls, season=TWO_DAYS)


def sharers_turn() -> Problem:
    """Each of two bookings that share a hall has a conversion before it: by the rule that is two crews."""
    sharing = Sharing(id="l", source="by-law 8", space="A", uses=("U1",), layout="rows", seats=30)
    asks = [
        series("R1", "MO 09:00-10:00!", spaces=("A",), layouts=("room",)),
        series("R2", "MO 10:30-11:00!", spaces=("A",), layouts=("rows",)),
        series("R3", "MO 10:30-11:00!", spaces=("A",), layouts=("rows",)),
    ]
    hall = space("A", layouts={"room": 30, "rows": 30}, changeover=TURN)
    return problem(asks, [OWED, ONE_CREW, sharing], [hall], season=MONDAY)


def three_turns() -> Problem:
    layouts = {"room": 30, "rows": 30}
    halls = [space("A", layouts=layouts, changeover=TURN), space("B", layouts=layouts, changeover=TURN)]
    asks = [
        series("R1", "MO 08:00-09:00!", spaces=("A",)),
        series("R2", "MO 08:00-09:00!", spaces=("B",)),
        series("R3", "MO 09:15-10:45", minutes=60, spaces=("A", "B"), layouts=("rows",)),
        series("R4", "MO 09:20-10:20!", spaces=("B",), layouts=("rows",)),
        dated("R5", "2026-09-07", "MO 09:30-10:30!", spaces=("A",), layouts=("rows",)),
    ]
    return problem(asks, [OWED, ONE_CREW], halls, season=MONDAY)


def past_midnight() -> Problem:
    """The window runs until one in the morning; the second room opens on the next date."""
    rule = PooledResource(
        id="f", source="by-law 7", resource="space_in_session", at_once=1, days=("MO",), starts="22:00", ends="25:00"
    )
    asks = [series("R1", "MO 23:00-24:30!", spaces=("A",)), series("R2", "TU 00:15-01:45", minutes=30, spaces=("B",))]
    rooms = [space("A", hours="00:00-24:00"), space("B", hours="00:00-24:00")]
    return problem(asks, [rule], rooms, season=("2026-09-07", "2026-09-08"))


def small_hours() -> Problem:
    """The window lies after midnight, and nothing begins on that date: all of it belongs to the evening before."""
    rule = PooledResource(
        id="f", source="by-law 7", resource="space_in_session", at_once=1, days=("TU",), starts="00:00", ends="01:00"
    )
    asks = [
        series("R1", "MO 23:00-24:30!", spaces=("A",)),
        series("R2", "MO 23:15-25:00", minutes=60, spaces=("B",)),
    ]
    rooms = [space("A", hours="00:00-25:00"), space("B", hours="00:00-25:00")]
    return problem(asks, [rule], rooms, season=MONDAY)


WORLDS = [
    World("pooled_resource", "the small hours", small_hours(), ("23:00", "24:00")),
    World("pooled_resource", "rooms, one of them shared", shared_rooms(), ("18:45", "20:15")),
    World(
        "pooled_resource",
        "a date lost to a full house",
        lost_to_a_full_house(),
        ("18:45", "19:45"),
        ("2026-09-07", "2026-09-08", "2026-09-14"),
    ),
    World("pooled_resource", "a date lost to the third room", lost_to_the_third(), ("19:00", "19:30"), TWO_MONDAYS),
    World(
        "pooled_resource", "a date lost after midnight", lost_after_midnight(), ("00:15", "23:00"), NIGHTS, step=1365
    ),
    World(
        "sharing", "a date lost for seats after midnight", seats_after_midnight(), ("00:15", "23:00"), NIGHTS, step=1365
    ),
    World(
        "pooled_resource",
        "crews before midnight",
        night_turns("TU 00:00-00:45!", "TU 00:00-01:00!"),
        ("00:00", "15:55"),
        TWO_DAYS,
        step=955,
    ),
    World(
        "pooled_resource",
        "crews over midnight",
        night_turns("TU 00:15-01:00!", "MO 23:45-24:15!"),
        ("00:15", "23:45"),
        TWO_DAYS,
        step=470,
    ),
    World("pooled_resource", "sharers and their crews", sharers_turn(), ("09:00", "10:30"), step=90),
    World("pooled_resource", "crews", three_turns(), ("08:00", "09:45"), step=5),
    World(
        "pooled_resource",
        "past midnight",
        past_midnight(),
        ("00:00", "23:00"),
        ("2026-09-07", "2026-09-08"),
    ),
]


PROJECTORS = PooledResource(
    id="p",
    source="inventory",
    resource="amount",
    called="投影仪",
    at_once=2,
    amounts=(UseAmount(use="film", amount=2), UseAmount(use="talk", amount=1)),
    scope=Scope(uses=("film", "talk")),
)


IN_B = PROJECTORS.model_copy(update={"spaces": ("B",)})
FROM_TEN = PROJECTORS.model_copy(update={"starts": "10:00"})


def shown(name: str, *uses: str, holds: bool, starts: str = "09:00", rule: PooledResource = PROJECTORS) -> Truth:
    """The first from nine to ten, the others for an hour from `starts`, each in a room of its own."""
    hours = ["09:00-10:00", *[f"{starts}-{int(starts[:2]) + 1:02d}{starts[2:]}"] * (len(uses) - 1)]
    asks = [
        series(f"R{n}", f"MO {when}!", spaces=(room,), use=use)
        for n, (use, room, when) in enumerate(zip(uses, "ABC", hours, strict=False))
    ]
    world = problem(asks, [rule], [space("A"), space("B"), space("C")], season=("2026-09-07", "2026-09-07"))
    made = [weekly(world, f"R{n}", f"MO {when}", "ABC"[n]) for n, when in enumerate(hours)]
    return row("pooled_resource", f"{name}: {', '.join(uses)} from {starts}", world, made, holds=holds)


TRUTH += [
    shown("two of two", "talk", "talk", holds=True),
    shown("three of two", "film", "talk", holds=False),
    shown("one after the other", "film", "film", starts="10:00", holds=True),
    shown("others are not counted", "film", "dance", "dance", holds=True),
    shown(
        "in the rooms of the rule", "film", "film", rule=PROJECTORS.model_copy(update={"spaces": ("B",)}), holds=True
    ),
    shown("in the window", "film", "talk", rule=PROJECTORS.model_copy(update={"starts": "10:00"}), holds=True),
]


def carried() -> Problem:
    """A dated request takes what a series has: the series keeps its date, since the room is not what is short."""
    asks = [
        series("R1", "MO 09:00-10:30", minutes=60, spaces=("A",), use="film"),
        dated("R2", "2026-09-14", "MO 09:00-10:00!", spaces=("B",), use="talk", priority="P2"),
        series("R3", "MO 10:00-11:00!", spaces=("B",), use="talk"),
    ]
    loss = DateLoss(id="l", source="by-law", to=("dated_request",))
    return problem(asks, [PROJECTORS, loss], [space("A"), space("B")], season=("2026-09-07", "2026-09-14"))


WORLDS.append(World("pooled_resource", "projectors", carried(), ("09:00", "10:00"), ("2026-09-07", "2026-09-14")))


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


def test_a_date_is_not_lost_while_there_is_a_room_left() -> None:
    world = lost_to_a_full_house()
    roomy = world.model_copy(
        update={"constraints": (world.constraints[0].model_copy(update={"at_once": 2}), world.constraints[1])}
    )
    made = [booking(roomy, "R1", "2026-09-07 19:00-20:00"), booking(roomy, "R2", "2026-09-14 19:00-20:00")]
    assert_truth(row("date_loss", "", roomy, made, holds=False))
    assert_truth(row("date_loss", "", world, made, holds=True))

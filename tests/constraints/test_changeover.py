"""Minutes between two occupants. By-law, clause 5; docs/semantics.md, rule `changeover`."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Problem
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import dated, problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
OWED = Changeover(id="a", source="by-law 5")
MEALS = Occupant(uses=("meal",))
OTHERS = Occupant(not_uses=("meal",))
CANTEEN = (
    ChangeoverRow(before=MEALS, after=OTHERS, minutes=45),
    ChangeoverRow(after=MEALS, minutes=20),
    ChangeoverRow(layout_changes=True, minutes=15, crew=True),
    ChangeoverRow(minutes=10),
)
JOINED = (
    ChangeoverRow(before=Occupant(spaces=("A+B",)), after=Occupant(spaces=("A+B",)), minutes=10),
    ChangeoverRow(before=Occupant(spaces=("A+B",)), minutes=30),
    ChangeoverRow(after=Occupant(spaces=("A+B",)), minutes=30),
    ChangeoverRow(minutes=10),
)
LAYOUTS = {"room": 30, "rows": 30}


def canteen(*asks: Any, rules: tuple[Any, ...] = (OWED,)) -> Problem:
    return problem(asks, rules, [space(layouts=LAYOUTS, changeover=CANTEEN)], season=MONDAY)


def after(gap_ends: str, start: str, first: dict[str, Any], second: dict[str, Any], *, holds: bool, name: str) -> Truth:
    world = canteen(series("R1", f"MO 08:00-{gap_ends}!", **first), series("R2", f"MO {start}-21:30!", **second))
    made = [weekly(world, "R1", f"MO 08:00-{gap_ends}"), weekly(world, "R2", f"MO {start}-21:30")]
    return row("changeover", name, world, made, holds=holds)


def rooms(name: str, first: str, second: str, start: str, *, holds: bool) -> Truth:
    spaces = (space("A", changeover=JOINED), space("B", changeover=JOINED), space("A+B", parts=("A", "B")))
    asks = [series("R1", "MO 08:00-10:00!", spaces=(first,)), series("R2", f"MO {start}-12:00!", spaces=(second,))]
    world = problem(asks, [OWED], spaces, season=MONDAY)
    made = [weekly(world, "R1", "MO 08:00-10:00"), weekly(world, "R2", f"MO {start}-12:00")]
    return row("changeover", name, world, made, holds=holds)


MEAL: dict[str, Any] = {"use": "meal"}
CLASS: dict[str, Any] = {"use": "class"}
ROWS: dict[str, Any] = {"use": "class", "layouts": ("rows",)}

LONG = (ChangeoverRow(minutes=360),)


def rested(name: str, start: str, *, holds: bool, rules: tuple[Any, ...] = (OWED,)) -> Truth:
    """Six hours are owed, and nothing is owed after a gap of six hours."""
    asks = [series("R1", "MO 08:00-10:00!"), series("R2", f"MO {start}-18:00!")]
    world = problem(asks, rules, [space(changeover=LONG)], season=MONDAY)
    made = [weekly(world, "R1", "MO 08:00-10:00"), weekly(world, "R2", f"MO {start}-18:00")]
    return row("changeover", name, world, made, holds=holds)


PATIENT = Changeover(id="a", source="by-law 5", nothing_owed_after_minutes=300)
TRUTH = [
    after("13:00", "13:45", MEAL, CLASS, holds=True, name="45 minutes after a meal"),
    after("13:00", "13:44", MEAL, CLASS, holds=False, name="44 minutes after a meal"),
    after("10:30", "10:50", CLASS, MEAL, holds=True, name="20 minutes to set the tables"),
    after("10:31", "10:50", CLASS, MEAL, holds=False, name="19 minutes to set the tables"),
    after("13:00", "13:20", MEAL, MEAL, holds=True, name="first row that matches: a meal after a meal owes 20"),
    after("10:00", "10:10", CLASS, CLASS, holds=True, name="same layout, 10"),
    after("10:00", "10:14", CLASS, ROWS, holds=False, name="other layout, 15: one value, not 10 + 15"),
    after("10:00", "10:15", CLASS, ROWS, holds=True, name="other layout, 15"),
    rooms("the joined rooms after one of them", "A", "A+B", "10:30", holds=True),
    rooms("the joined rooms too soon after one of them", "A", "A+B", "10:29", holds=False),
    rooms("one of them after both", "A+B", "B", "10:29", holds=False),
    rooms("both after both", "A+B", "A+B", "10:10", holds=True),
    rooms("two rooms beside each other owe nothing", "A", "B", "10:00", holds=True),
    rested("a minute short of six hours", "15:59", holds=False),
    rested("six hours", "16:00", holds=True),
    rested("after five hours nothing is owed, says the rule", "15:00", rules=(PATIENT,), holds=True),
    rested("a minute short of these five hours", "14:59", rules=(PATIENT,), holds=False),
    rested("without the rule nothing is owed", "10:00", rules=(), holds=True),
]


def day_of_meals() -> Problem:
    asks = [
        series("R1", "MO 10:00-11:00!", use="meal", priority="fix"),
        series("R2", "MO 08:30-12:30", use="class", minutes=60),
        series("R3", "MO 11:15-13:30", use="class", minutes=60, layouts=("rows",)),
        dated("R4", "2026-09-07", "MO 12:45-13:45!", use="class"),
    ]
    return canteen(*asks)


def after_meals() -> Problem:
    """Each of two meals keeps each of two classes away, meals and classes among themselves owe nothing: no triangle."""
    cleared = (ChangeoverRow(before=MEALS, after=OTHERS, minutes=45),)
    asks = [
        series("R1", "MO 09:00-09:15!", use="meal"),
        series("R2", "MO 09:15-09:30!", use="meal"),
        series("R3", "MO 09:30-09:45!", use="class"),
        series("R4", "MO 09:45-10:00!", use="class"),
    ]
    return problem(asks, [OWED], [space(changeover=cleared)], season=MONDAY)


def chain() -> Problem:
    """Three in a row whose changeovers are longer than the shortest of them: point cliques alone do not say it."""
    slow = (ChangeoverRow(before=Occupant(layouts=("room",)), after=Occupant(layouts=("rows",)), minutes=40),)
    asks = [
        series("R1", "MO 09:00-10:30", minutes=15),
        series("R2", "MO 09:15-10:15", minutes=15, layouts=("rows",)),
        series("R3", "MO 09:00-10:30", minutes=30, layouts=("room",)),
    ]
    return problem(asks, [OWED], [space(layouts=LAYOUTS, changeover=slow)], season=MONDAY)


def overnight() -> Problem:
    """Cleaning after a night's use reaches into the next morning."""
    table = (ChangeoverRow(minutes=60),)
    asks = [
        series("R1", "MO 22:00-24:00!"),
        series("R2", "TU 00:30-02:00", minutes=30),
        dated("R3", "2026-09-08", "TU 00:45-01:00!"),
    ]
    return problem(asks, [OWED], [space(hours="00:00-24:00", changeover=table)], season=("2026-09-07", "2026-09-08"))


def shared_day() -> Problem:
    sharing = Sharing(id="l", source="by-law 8", space="S1", uses=("meal", "study"), layout="room", seats=25)
    asks = [
        series("R1", "MO 09:00-10:00!", use="meal"),
        series("R2", "MO 09:00-11:30", use="study", minutes=60),
        series("R3", "MO 10:00-11:00!", use="class", layouts=("room",)),
    ]
    return canteen(*asks, rules=(OWED, sharing))


WORLDS = [
    World(
        "changeover",
        "classes around a meal",
        day_of_meals(),
        ("08:15", "12:45"),
    ),
    World("changeover", "two classes after two meals", after_meals(), ("09:00", "09:45")),
    World("changeover", "longer than the shortest", chain(), ("09:00", "10:15")),
    World(
        "changeover",
        "into the next morning",
        overnight(),
        ("00:15", "22:15"),
        ("2026-09-07", "2026-09-08"),
    ),
    World("changeover", "sharers owe each other nothing", shared_day(), ("09:00", "10:45")),
]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


def test_without_the_rule_nothing_is_owed() -> None:
    world = canteen(series("R1", "MO 08:00-10:00!"), series("R2", "MO 10:00-12:00!", use="meal"), rules=())
    made = [weekly(world, "R1", "MO 08:00-10:00"), weekly(world, "R2", "MO 10:00-12:00")]
    assert_truth(row("changeover", "no rule", world, made, holds=True))

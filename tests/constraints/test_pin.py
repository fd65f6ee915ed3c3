"""What the manager holds in place; docs/semantics.md, rule `pin`."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.problem import Problem, Request
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

TWO_DAYS = ("2026-09-07", "2026-09-08")
MONDAY = ("2026-09-07", "2026-09-07")


def choir(slot: PinnedSlot | None, *others: Request) -> Problem:
    asks = [series("R1", "MO,TU 09:00-10:30", minutes=60, spaces=("A", "B")), *others]
    pin = Pin(id="p", source="manager", request="R1", slot=slot)
    return problem(asks, [pin], [space("A"), space("B")], season=TWO_DAYS)


def at(name: str, slot: PinnedSlot | None, when: str | None, place: str = "A", *, holds: bool) -> Truth:
    world = choir(slot)
    return row("pin", name, world, weekly(world, "R1", when, place) if when else [], holds=holds)


TUESDAY = PinnedSlot(weekday="TU", starts="09:30", space="B")
TRUTH = [
    at("as pinned", TUESDAY, "TU 09:30-10:30", "B", holds=True),
    at("another day", TUESDAY, "MO 09:30-10:30", "B", holds=False),
    at("another start", TUESDAY, "TU 09:15-10:15", "B", holds=False),
    at("another room", TUESDAY, "TU 09:30-10:30", "A", holds=False),
    at("not at all", TUESDAY, None, holds=False),
    at("pinned to a day only", PinnedSlot(weekday="MO"), "MO 09:15-10:15", "B", holds=True),
    at("the whole request, anywhere", None, "TU 09:00-10:00", holds=True),
    at("the whole request, nowhere", None, None, holds=False),
]


def two_of_three() -> Problem:
    asks = [
        series("R1", "MO,TU 09:00-10:30", minutes=60, per_week=2, min_sessions=1),
        dated("R2", "2026-09-08", "TU 09:30-10:30!"),
    ]
    return problem(asks, [Pin(id="p", source="m", request="R1", slot=PinnedSlot(weekday="MO"))], season=TWO_DAYS)


def held_date() -> Problem:
    asks = [dated("R1", "2026-09-07", "MO 09:00-10:30", minutes=60, priority="P5"), series("R2", "MO 09:30-10:30!")]
    pin = Pin(id="p", source="m", request="R1", slot=PinnedSlot(date=date(2026, 9, 7), starts="09:15"))
    return problem(asks, [pin], season=MONDAY)


WORLDS = [
    World("pin", "one of two sessions", two_of_three(), ("09:00", "09:30"), TWO_DAYS),
    World("pin", "a whole request", choir(None), ("09:00", "09:30"), TWO_DAYS),
    World(
        "pin",
        "a whole request, which leaves room for another",
        choir(None, dated("R2", "2026-09-07", "MO 09:30-10:30!", spaces=("A",))),
        ("09:00", "09:30"),
        TWO_DAYS,
    ),
]


def claim(slot: PinnedSlot | None) -> Problem:
    """Last season's slot, kept where it can be: another wants the same hour."""
    asks = [
        series("R1", "MO 09:00-10:30;TU 09:00-10:00", minutes=60, per_week=2, min_sessions=1),
        series("R2", "MO 09:00-10:00!", priority="P2"),
    ]
    pin = Pin(id="p", source="last season", request="R1", slot=slot, strength="should", weight=9)
    return problem(asks, [pin], season=TWO_DAYS)


@pytest.mark.parametrize("slot", [PinnedSlot(weekday="MO", starts="09:00"), None])
def test_a_standing_claim_costs_its_weight_where_it_is_not_met(slot: PinnedSlot | None) -> None:
    assert_costs_agree(World("pin", "a claim", claim(slot), ("09:00", "09:30"), TWO_DAYS))


def test_a_claim_that_is_not_met_costs_once() -> None:
    world = claim(PinnedSlot(weekday="MO", starts="09:00"))
    lost = tuple(weekly(world, "R1", "MO 09:30-10:30"))
    assert_price(Price("another start", world, lost, 9))
    assert_price(Price("kept", world, tuple(weekly(world, "R1", "MO 09:00-10:00")), 0))


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


def test_a_pinned_date_stands_before_others() -> None:
    world = held_date()
    made = [booking(world, "R1", "2026-09-07 09:15-10:15")]
    assert_truth(row("pin", "the pin is met", world, made, holds=True))
    assert_truth(row("pin", "nobody is there", world, [], holds=False))

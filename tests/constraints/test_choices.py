"""Which of several requests are granted together. docs/semantics.md, rules `choice` and `growth`."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.terms import Scope
from scheduler.problem import Body, Problem
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
from tests.factories import problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
ROOMS = (space("A"), space("B"), space("C"))
NINE = "09:00-10:00"


def choice(**more: Any) -> Choice:
    return Choice(**{"id": "c", "source": "by-law", **more})


def three(*rules: Any, **more: Any) -> Problem:
    asks = [series(f"R{n}", f"MO {NINE}!", spaces=(room,)) for n, room in ((1, "A"), (2, "B"), (3, "C"))]
    return problem(asks, rules, ROOMS, season=MONDAY, **more)


def got(name: str, rule: Choice, *granted: int, holds: bool) -> Truth:
    world = three(rule)
    return row(
        "choice", f"{name}: {granted}", world, [weekly(world, f"R{n}", f"MO {NINE}") for n in granted], holds=holds
    )


TWO = Scope(requests=("R1", "R2"))
TRUTH = [
    got("linked", choice(linked=True, scope=TWO), 1, 2, holds=True),
    got("linked", choice(linked=True, scope=TWO), 3, holds=True),
    got("linked", choice(linked=True, scope=TWO), 1, 3, holds=False),
    got("at most one of two", choice(at_most=1, scope=TWO), 1, 3, holds=True),
    got("at most one of two", choice(at_most=1, scope=TWO), 1, 2, holds=False),
    got("at most two of all", choice(at_most=2), 1, 2, 3, holds=False),
    got("none in a space", choice(at_most=0, scope=Scope(spaces=("C",))), 1, 2, holds=True),
    got("none in a space", choice(at_most=0, scope=Scope(spaces=("C",))), 3, holds=False),
]


def growing(*sessions: int, strength: Literal["must", "should"] = "must", weight: int = 0) -> Problem:
    """Three applicants that ask for so many sessions each, from one on; two of them are one body."""
    slots = ";".join(f"{day} {NINE}!" for day in ("MO", "TU", "WE"))
    asks = [
        series(f"R{n}", slots, per_week=count, min_sessions=1, spaces=(room,), applicant=f"O{n}")
        for n, (count, room) in enumerate(zip(sessions, "ABC", strict=False), start=1)
    ]
    rule = Growth(id="g", source="by-law", strength=strength, weight=weight)
    return problem(
        asks, [rule], ROOMS, season=("2026-09-07", "2026-09-09"), bodies=(Body(id="T", applicants=("O2", "O3")),)
    )


def grown(name: str, *granted: int, holds: bool, asked: tuple[int, ...] = (3, 3)) -> Truth:
    world = growing(*asked)
    made = [
        weekly(world, f"R{n}", f"{day} {NINE}", session=number)
        for n, count in enumerate(granted, start=1)
        for number, day in enumerate(("MO", "TU", "WE")[:count], start=1)
    ]
    return row("growth", f"{name}: {granted} of {asked}", world, made, holds=holds)


TRUTH += [
    grown("level", 1, 1, holds=True),
    grown("one ahead", 2, 1, holds=True),
    grown("two ahead", 3, 1, holds=False),
    grown("one has a second, the other nothing", 2, 0, holds=False),
    grown("the other has all that it asked for", 3, 1, asked=(3, 1), holds=True),
    grown("two applicants are one body", 3, 1, 1, asked=(3, 2, 1), holds=True),
    grown("two applicants are one body", 1, 2, 1, asked=(3, 2, 1), holds=False),
]

DAYS = ("2026-09-07", "2026-09-08", "2026-09-09")
WORLDS = [
    World("choice", "linked", three(choice(linked=True, scope=TWO)), ("09:00", "09:00"), DAYS[:1]),
    World("choice", "at most two", three(choice(at_most=2)), ("09:00", "09:00"), DAYS[:1]),
    World("growth", "two bodies", growing(3, 2), ("09:00", "09:00"), DAYS),
    World("growth", "two bodies, three applicants", growing(3, 1, 1), ("09:00", "09:00"), DAYS),
]
WISHES = [World("growth", "should", growing(3, 2, strength="should", weight=4), ("09:00", "09:00"), DAYS)]


def two_ahead() -> Price:
    world = growing(3, 2, strength="should", weight=4)
    made = [weekly(world, "R1", f"{day} {NINE}", session=n) for n, day in enumerate(("MO", "TU", "WE"), start=1)]
    return Price("three against none: two too many", world, tuple(b for each in made for b in each), 8)


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


@pytest.mark.parametrize("world", WISHES, ids=str)
def test_costs_agree(world: World) -> None:
    assert_costs_agree(world)


def test_price() -> None:
    assert_price(two_ahead())

"""The sessions of one request. By-law, clause 4; docs/semantics.md, rule `different_days`."""

from __future__ import annotations

import pytest

from scheduler.constraints.days import DifferentDays
from scheduler.constraints.terms import Scope
from scheduler.problem import Problem
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import problem, series, space, weekly

TWO_DAYS = ("2026-09-07", "2026-09-08")
RULE = DifferentDays(id="d", source="by-law 4")


def twice(rule: DifferentDays | None = RULE) -> Problem:
    asks = [series("R1", "MO,TU 09:00-10:00!;MO,TU 11:00-12:00!", per_week=2)]
    return problem(asks, [rule] if rule else [], season=TWO_DAYS)


def sessions(name: str, world: Problem, first: str, second: str, *, holds: bool) -> Truth:
    made = [weekly(world, "R1", first, session=1), weekly(world, "R1", second, session=2)]
    return row("different_days", name, world, made, holds=holds)


ELSEWHERE = DifferentDays(id="d", source="by-law 4", scope=Scope(requests=("R9",)))
TRUTH = [
    sessions("two days", twice(), "MO 09:00-10:00", "TU 09:00-10:00", holds=True),
    sessions("one day, no overlap", twice(), "MO 09:00-10:00", "MO 11:00-12:00", holds=False),
    sessions("a rule about another request", twice(ELSEWHERE), "MO 09:00-10:00", "MO 11:00-12:00", holds=True),
    sessions("no rule", twice(None), "MO 09:00-10:00", "MO 11:00-12:00", holds=True),
]


def partial() -> Problem:
    asks = [series("R1", "MO,TU 09:00-10:30", minutes=60, per_week=3, min_sessions=1, spaces=("A", "B"))]
    return problem(asks, [RULE], [space("A"), space("B")], season=TWO_DAYS)


def two_of_three() -> Problem:
    """Three asked for, two are the least: none, two or three, never one."""
    season = ("2026-09-07", "2026-09-09")
    return problem([series("R1", "MO,TU,WE 09:00-10:00!", per_week=3, min_sessions=2)], [RULE], season=season)


WORLDS = [
    World(
        "different_days",
        "two of three are the least",
        two_of_three(),
        ("09:00", "09:00"),
        ("2026-09-07", "2026-09-08", "2026-09-09"),
    ),
    World("different_days", "two sessions", twice(), ("09:00", "11:00"), TWO_DAYS),
    World("different_days", "three asked, two days", partial(), ("09:00", "09:30"), TWO_DAYS),
    World("different_days", "no rule", twice(None), ("09:00", "11:00"), TWO_DAYS),
]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)

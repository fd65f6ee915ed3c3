"""Quiet next door and at night. By-law, clauses 9 and 10; docs/semantics.md, rules `noise` and `curfew`."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.constraints.noise import ClearingTime, Curfew, Noise
from scheduler.problem import Problem
from tests.constraints.cases import Truth, World, assert_both_ways, assert_truth, row
from tests.factories import problem, series, space, weekly

MONDAY = ("2026-09-07", "2026-09-07")
QUIET = Noise(
    id="b",
    source="by-law 9",
    quiet_space="Q",
    days=("MO",),
    starts="19:00",
    ends="21:30",
    neighbours=("A",),
    max_noise=1,
)
NIGHT = Curfew(
    id="c",
    source="by-law 10",
    spaces=("S",),
    amplified_from_noise=2,
    amplified_ends="21:30",
    cleared_by="22:00",
    clearing=(ClearingTime(use="market", minutes=30),),
)
PLACES = (space("Q"), space("A"), space("B"), space("A+B", parts=("A", "B")), space("S", hours="06:00-24:00"))


def one(where: str, when: str, noise: int, use: str = "U1") -> Problem:
    return problem(
        [series("R1", f"MO {when}!", spaces=(where,), noise=noise, use=use)], [QUIET, NIGHT], PLACES, season=MONDAY
    )


def alone(kind: str, name: str, where: str, when: str, noise: int, *, holds: bool, use: str = "U1") -> Truth:
    world = one(where, when, noise, use)
    return row(kind, name, world, [weekly(world, "R1", f"MO {when}")], holds=holds)


TRUTH = [
    alone("noise", "a drum next door", "A", "19:00-20:30", 3, holds=False),
    alone("noise", "talk next door", "A", "19:00-20:30", 1, holds=True),
    alone("noise", "the drum ends as quiet begins", "A", "17:30-19:00", 3, holds=True),
    alone("noise", "one minute into quiet time", "A", "17:31-19:01", 3, holds=False),
    alone("noise", "a drum further away", "B", "19:00-20:30", 3, holds=True),
    alone("noise", "a drum in joined rooms, one of them next door", "A+B", "19:00-20:30", 3, holds=False),
    alone("curfew", "amplified until half past nine", "S", "20:00-21:30", 2, holds=True),
    alone("curfew", "amplified a minute longer", "S", "20:00-21:31", 2, holds=False),
    alone("curfew", "quiet until ten", "S", "20:00-22:00", 1, holds=True),
    alone("curfew", "quiet past ten", "S", "20:00-22:01", 1, holds=False),
    alone("curfew", "a market clears for half an hour", "S", "18:00-21:30", 1, use="market", holds=True),
    alone("curfew", "a market that would clear past ten", "S", "18:00-21:31", 1, use="market", holds=False),
    alone("curfew", "past midnight is past ten", "S", "23:00-24:00", 0, holds=False),
]


def two_weeks() -> Problem:
    """Quiet time holds for one of two Mondays only: that date falls, the other stays."""
    exam = QUIET.model_copy(update={"valid_from": date(2026, 9, 14), "valid_until": date(2026, 9, 14)})
    asks = [series("R1", "MO 18:30-20:00", minutes=60, spaces=("A", "B"), noise=3)]
    return problem(asks, [exam], PLACES[:3], season=("2026-09-07", "2026-09-14"))


def square() -> Problem:
    asks = [
        series("R1", "MO 20:00-22:30", minutes=60, spaces=("S",), noise=2),
        series("R2", "MO 20:30-22:30", minutes=60, spaces=("S",), noise=1, use="market"),
    ]
    return problem(asks, [NIGHT], PLACES[4:], season=MONDAY)


WORLDS = [
    World(
        "noise",
        "one of two Mondays",
        two_weeks(),
        ("18:30", "19:00"),
        ("2026-09-07", "2026-09-08", "2026-09-14"),
    ),
    World("curfew", "the square at night", square(), ("20:00", "21:45")),
]


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)

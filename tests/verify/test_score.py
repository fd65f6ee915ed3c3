"""The value of every stage, by hand."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from scheduler.constraints.availability import Closed
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.rights import DateLoss
from scheduler.problem import Problem, WishCosts
from scheduler.timetable import Booking
from scheduler.verify.core import examine
from scheduler.verify.score import stage_values
from scheduler.verify.world import World
from tests.factories import booking, dated, problem, series, space, weekly
from tests.verify.small import every, made, once, rule, unmet

TWO = [space("S1"), space("S2")]


def values(world: Problem, bookings: list[Booking]) -> dict[str, int]:
    """Stage, or stage and class -> value."""
    plan, findings = examine(World(world), bookings)
    assert findings == []
    return {f"{v.stage} {v.of}" if v.of else v.stage: v.value for v in stage_values(plan)}


def test_sessions_are_counted_by_class_and_duties_apart() -> None:
    world, bookings = made(
        every("R1", "MO 09:00-10:00; TU 09:00-10:00", priority="fix"),
        every("R2", "WE 09:00-10:00; TH 09:00-10:00", priority="P2"),
        once("D1", "2026-09-11 09:00-10:00", priority="P2"),
        every("R3", "SA 09:00-10:00", priority="P4"),
        unmet(series("R4", "SU 09:00-10:00", priority="P4")),
        every("R5", "SU 11:00-12:00", priority="P5"),
        every("R6", "SU 13:00-14:00", priority="P3"),
        rules=[
            rule(Pin, "whole", request="R5"),
            rule(Pin, "slot", request="R6", slot=PinnedSlot(weekday="SU")),
        ],
    )
    found = values(world, bookings)
    assert list(found) == [
        "duties",
        "classes P1",
        "classes P2",
        "classes P3",
        "classes P4",
        "classes P5",
        "fairness 5",
        "fairness 4",
        "fairness 3",
        "fairness 2",
        "fairness 1",
        "own_rank",
        "wishes",
        "stability",
        "lot",
    ]
    assert [found[stage] for stage in list(found)[:6]] == [3, 0, 3, 1, 1, 0]


def test_the_order_of_the_policy_is_kept() -> None:
    world = problem(policy={"stages": ("lot", "duties")})
    assert list(values(world, [])) == ["lot", "duties"]


def test_own_ranks_of_requests_that_got_something_are_summed() -> None:
    world, bookings = made(
        every("R1", "MO 09:00-10:00; TU 09:00-10:00", own_rank=2),
        once("D1", "2026-09-11 09:00-10:00", own_rank=5),
        unmet(series("R2", "WE 09:00-10:00", own_rank=1)),
        every("R3", "TH 09:00-10:00"),
    )
    assert values(world, bookings)["own_rank"] == 7


@pytest.mark.parametrize(
    ("windows", "when", "place", "points"),
    [
        ("MO 09:00-10:00!", "MO 09:00-10:00", "S1", 0),
        ("MO 09:00-11:00*", "MO 09:30-10:30", "S1", 0),
        ("MO 09:00-11:00", "MO 09:30-10:30", "S1", 2 * 25),
        ("MO 09:00-10:00", "MO 09:00-10:00", "S2", 2 * (25 + 10)),
        ("MO 09:00-10:00*", "MO 09:00-10:00", "S2", 2 * 10),
        ("MO 08:00-12:00; MO 09:00-10:00*", "MO 09:00-10:00", "S1", 0),
        ("MO 09:00-10:00*; MO 08:00-12:00", "MO 10:00-11:00", "S1", 2 * 25),
    ],
)
def test_windows_and_spaces_cost_each_date(windows: str, when: str, place: str, points: int) -> None:
    world = problem([series("R1", windows, minutes=60, spaces=("S1", "S2"))], spaces=TWO)
    assert values(world, weekly(world, "R1", when, place))["wishes"] == points


def test_a_dated_request_has_one_date() -> None:
    world = problem([dated("D1", "2026-09-07", "MO 09:00-10:00", spaces=("S1", "S2"))], spaces=TWO)
    assert values(world, [booking(world, "D1", "2026-09-07 09:00-10:00", "S2")])["wishes"] == 35


def test_the_costs_are_the_policys() -> None:
    world = problem(
        [dated("D1", "2026-09-07", "MO 09:00-10:00", spaces=("S1", "S2"))],
        spaces=TWO,
        policy={"wishes": WishCosts(acceptable_window=3, space_rank=4)},
    )
    assert values(world, [booking(world, "D1", "2026-09-07 09:00-10:00", "S2")])["wishes"] == 7


def test_fallen_dates_cost_nothing_replaced_ones_count_lost_ones_cost_more() -> None:
    """Three weeks in an acceptable window: the first date falls, the second is replaced, the third is lost."""
    world = problem(
        [
            series("R1", "MO 09:00-10:00"),
            dated("D1", "2026-09-14", "MO 15:00-16:00!", replaces="R1"),
            dated("D2", "2026-09-21", "MO 09:30-10:30!"),
        ],
        [
            rule(Closed, "shut", spaces=("S1",), dates=(date(2026, 9, 7),)),
            rule(DateLoss, "loss", to=("dated_request",)),
        ],
        season=("2026-09-07", "2026-09-30"),
    )
    bookings = [
        booking(world, "R1", "2026-09-28 09:00-10:00"),
        booking(world, "D1", "2026-09-14 15:00-16:00"),
        booking(world, "D2", "2026-09-21 09:30-10:30"),
    ]
    assert values(world, bookings)["wishes"] == 3 * 25 + 100


def draw(ticket: str) -> int:
    return int(sha256(ticket.encode()).hexdigest()[:4], 16) % 1000


@pytest.mark.parametrize("seed", [0, 20260801])
def test_the_lot_is_drawn_from_the_published_seed(seed: int) -> None:
    policy: dict[str, Any] = {"seed": seed}
    world, bookings = made(
        every("R1", "MO 09:00-10:00; SA 24:30-25:30"),
        once("D1", "2026-09-08 09:00-10:00"),
        spaces=[space(hours="00:00-24:00")],
        policy=policy,
    )
    expected = [f"{seed}|R1|MO|09:00|S1", f"{seed}|R1|SA|24:30|S1", f"{seed}|D1|2026-09-08|09:00|S1"]
    assert values(world, bookings)["lot"] == sum(map(draw, expected))

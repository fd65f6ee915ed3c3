"""The ways in: with a problem, with a world, and for a plain yes or no."""

from __future__ import annotations

import pytest

from scheduler.constraints.pin import Pin
from scheduler.verify import check
from scheduler.verify.core import accepts, check_in
from scheduler.verify.world import World
from tests.factories import problem, series
from tests.verify.small import Wish, every, made, once, rule, unmet

GOOD = every("R1", "MO 09:00-10:00")


@pytest.mark.parametrize(
    "wishes",
    [
        (GOOD,),
        (every("R1", "MO 09:00-10:00", but=["2026-09-14"]),),
        (GOOD, once("D1", "2026-09-14 09:30-10:30")),
        (every("R1", "MO 09:00-10:00", per_week=2),),
        (unmet(series("R1", "MO 09:00-10:00", priority="fix")),),
    ],
    ids=["holds", "a date missing", "a clash", "too few", "a duty not placed"],
)
def test_all_ways_in_say_the_same(wishes: tuple[Wish, ...]) -> None:
    asked, bookings = made(*wishes)
    world = World(asked)
    assert check_in(world, bookings) == check_in(world, bookings) == check(asked, bookings)
    assert accepts(world, bookings) == (check(asked, bookings) == ())


def test_nothing_booked_is_right_where_nothing_must_be() -> None:
    asked = problem([series("R1", "MO 09:00-10:00"), series("R2", "TU 09:00-10:00")])
    assert check(asked, []) == ()
    pinned = asked.model_copy(update={"constraints": (rule(Pin, request="R2"),)})
    assert [v.requests for v in check(pinned, [])] == [("R2",)]

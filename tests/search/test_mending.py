"""Mending: a plan in which little does not hold becomes one in which everything does, and most of it stays."""

from __future__ import annotations

import random

import numpy as np
import pytest

from scheduler.search.effort import Effort
from scheduler.search.mending import MOST_BROKEN, mended
from scheduler.search.slices import Numbers
from tests.search.test_annealing import Posted
from tests.search.test_neighbourhoods import forty


def best() -> tuple[Posted, Numbers]:
    """Forty sessions, every place taken: what is moved is in somebody's way."""
    posted = Posted(forty())
    solution, _ = posted.solved(None) or pytest.fail("there is a plan")
    return posted, np.array(solution, dtype=np.int64)


def with_moved(posted: Posted, solution: Numbers, count: int, seed: int) -> Numbers:
    """So many sessions put anywhere else; what follows from the choices follows."""
    assert posted.annealing is not None
    places = posted.annealing.places
    rng, value = random.Random(seed), solution.copy()
    for number in rng.sample(np.flatnonzero(value[places.variable] == 1).tolist(), count):
        like = [n for n in places.by_time[places.of_from[number] : places.of_to[number]].tolist() if n != number]
        value[places.variable[number]] = 0
        value[places.variable[rng.choice(like)]] = 1
    sessions = np.flatnonzero(value[places.variable] == 1)
    return posted.annealing._state(sessions, solution).value


@pytest.mark.parametrize("seed", range(4))
def test_what_two_moves_broke_is_mended_and_most_stays(seed: int) -> None:
    posted, solution = best()
    assert posted.annealing is not None
    rows = posted.annealing.whole
    broken = with_moved(posted, solution, 2, seed)
    assert 0 < len(rows.slices.broken(broken)) <= MOST_BROKEN
    assert not rows.slices.holds(broken)
    found = mended(rows, broken, Effort(20.0, deterministic=False, seed=seed))
    assert found is not None
    assert rows.slices.holds(found)


def test_a_plan_that_holds_is_left_as_it_is() -> None:
    posted, solution = best()
    assert posted.annealing is not None
    found = mended(posted.annealing.whole, solution, Effort(5.0, deterministic=False, seed=1))
    assert found is not None
    assert (found == solution).all()


def test_without_time_nothing_is_mended() -> None:
    posted, solution = best()
    assert posted.annealing is not None
    effort = Effort(20.0, deterministic=False, seed=1)
    effort.end()
    assert mended(posted.annealing.whole, with_moved(posted, solution, 2, 1), effort) is None

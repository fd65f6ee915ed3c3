"""Mending: a plan in which little does not hold becomes one in which everything does, and most of it stays."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import numpy as np
import pytest
from ortools.sat.python import cp_model

from scheduler.search import arrays
from scheduler.search.effort import Effort
from scheduler.search.landscape import Landscape
from scheduler.search.mending import FIRST_SIZE, MOST_BROKEN, _taken, mended
from scheduler.search.neighbourhoods import Whole
from scheduler.search.slices import Numbers, Slices
from tests.factories import patterns, problem
from tests.search.test_annealing import Posted
from tests.search.test_neighbourhoods import HOURS, ROOMS, forty


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


def mend(posted: Posted, value: Numbers, effort: Effort) -> Numbers | None:
    assert posted.annealing is not None
    return mended(replace(posted.annealing.whole, solution=value), posted.annealing.landscape, effort)


@pytest.mark.parametrize("seed", range(4))
def test_what_two_moves_broke_is_mended_and_most_stays(seed: int) -> None:
    posted, solution = best()
    assert posted.annealing is not None
    slices, taken = posted.annealing.whole.slices, posted.annealing.places.variable
    broken = with_moved(posted, solution, 2, seed)
    assert 0 < len(slices.broken(broken)) <= MOST_BROKEN
    found = mend(posted, broken, Effort(20.0, deterministic=False, seed=seed))
    assert found is not None
    assert slices.holds(found)
    stay = int((broken[taken] & found[taken]).sum())
    assert stay >= 40 - FIRST_SIZE, "no more is set free than is asked for"


def ends_broken(monkeypatch: pytest.MonkeyPatch, posted: Posted, solution: Numbers) -> list[Effort]:
    """Annealing of which both plans end with something broken, at no cost; what is spent on mending them."""
    assert posted.annealing is not None
    mending: list[Effort] = []

    def anneal(state: arrays.State, _seed: int, ends: float, *_: object, **_k: object) -> None:
        assert ends - time.monotonic() < 36.5, "some of the time is kept"
        state.total[:2] = 0, 1

    def noted(whole: Whole, look: Landscape, effort: Effort) -> Numbers | None:
        mending.append(effort)
        return mended(replace(whole, solution=with_moved(posted, solution, 2, 1)), look, effort)

    monkeypatch.setattr(posted.annealing, "_anneal", anneal)
    monkeypatch.setattr("scheduler.search.annealing.mended", noted)
    return mending


def test_annealing_that_ends_broken_has_what_is_mended_and_no_more_time_than_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posted, solution = best()
    assert posted.annealing is not None
    mending = ends_broken(monkeypatch, posted, solution)
    sessions = np.flatnonzero(solution[posted.annealing.places.variable] == 1)
    found = posted.annealing.run(sessions, solution, 40.0, 1, lambda _: False)
    assert found is not None
    assert posted.annealing.whole.slices.holds(found)
    assert len(mending) == 2
    assert mending[0] is mending[1], "both at once, in one tenth of the time"
    assert mending[0].budget == pytest.approx(4.0)


def test_who_stops_annealing_does_not_wait_for_mending(monkeypatch: pytest.MonkeyPatch) -> None:
    posted, solution = best()
    assert posted.annealing is not None
    mending = ends_broken(monkeypatch, posted, solution)
    sessions = np.flatnonzero(solution[posted.annealing.places.variable] == 1)
    assert posted.annealing.run(sessions, solution, 40.0, 1, lambda _: True) is None
    assert mending == []


def test_where_a_first_plan_is_enough_and_there_is_nothing_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    posted, solution = best()
    assert posted.annealing is not None
    annealing, mending = posted.annealing, ends_broken(monkeypatch, posted, solution)
    sessions = np.flatnonzero(solution[annealing.places.variable] == 1)

    def poll(_: int | None) -> bool:
        annealing.found, annealing.best = 1, sessions  # the other plan's
        return False

    found = annealing.run(sessions, solution, 40.0, 1, poll, enough=True)
    assert found is not None
    assert mending == []


def test_a_plan_that_holds_is_left_as_it_is() -> None:
    posted, solution = best()
    assert posted.annealing is not None
    found = mend(posted, solution, Effort(5.0, deterministic=False, seed=1))
    assert found is not None
    assert (found == solution).all()


def test_without_time_nothing_is_mended() -> None:
    posted, solution = best()
    assert posted.annealing is not None
    effort = Effort(20.0, deterministic=False, seed=1)
    effort.end()
    assert mend(posted, with_moved(posted, solution, 2, 1), effort) is None


def in_a_chain() -> tuple[Posted, Numbers]:
    """Y and X are both in the first hour. X may go nowhere but to V's, Y to W's alone, and W to a free one."""
    hours = {"X": (0, 3), "V": (0, 3), "Y": (0, 1), "W": (1, 2)}
    asks = [
        patterns(name, *(HOURS[hour] for hour in there), spaces=("A",), space_costs=(0,), priority="fix")
        for name, there in hours.items()
    ]
    posted = Posted(problem(asks, spaces=ROOMS[:1]))
    assert posted.annealing is not None
    places = posted.annealing.landscape.placements
    hour = {start: number for number, start in enumerate(sorted({each.start for each in places}))}
    taken = {"X": 0, "V": 3, "Y": 0, "W": 1}
    sessions = [number for number, each in enumerate(places) if hour[each.start] == taken[each.request.id]]
    solution, _ = posted.solved(None) or pytest.fail("there is a plan")
    base = np.array(solution, dtype=np.int64)
    return posted, posted.annealing._state(np.array(sessions, dtype=np.int64), base).value


def test_who_stands_in_the_way_of_those_who_must_go_elsewhere_goes_elsewhere() -> None:
    posted, broken = in_a_chain()
    found = mend(posted, broken, Effort(10.0, deterministic=False, seed=1))
    assert found is not None
    assert posted.annealing is not None
    assert posted.annealing.whole.slices.holds(found)


def test_more_and_more_is_set_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.search.mending.FIRST_SIZE", 1)
    posted, broken = in_a_chain()
    assert mend(posted, broken, Effort(10.0, deterministic=False, seed=1)) is not None


def test_where_much_is_broken_it_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.search.mending.MOST_BROKEN", 0)
    posted, broken = in_a_chain()
    assert mend(posted, broken, Effort(10.0, deterministic=False, seed=1)) is None


def test_sessions_are_found_behind_what_is_said_of_them() -> None:
    """Two of three choices are counted by an equation, the third is in the row itself; one is not taken."""
    model = cp_model.CpModel()
    a, b, c, d = (model.new_bool_var(name) for name in "abcd")
    count = model.new_int_var(0, 3, "count")
    model.add(a + b - count == 0)
    model.add(count + c + d <= 1)
    slices = Slices(model, np.array([0, 1, 2, 3], dtype=np.int64), 99)
    value = np.array([1, 1, 1, 0, 2], dtype=np.int64)
    broken = slices.broken(value)
    assert broken.tolist() == [1]
    assert sorted(_taken(slices, value, broken)) == [0, 1, 2]

"""Large neighbourhoods: from a poor plan to the best one, with what was reached before held."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from functools import partial

import pytest

from scheduler.constraints.relations import Relation
from scheduler.model.build import candidates_of
from scheduler.model.objective import Goal, goals
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search.choosing import KINDS, Chooser
from scheduler.search.effort import Effort
from scheduler.search.landscape import Landscape
from scheduler.search.neighbourhoods import Held, Neighbourhoods
from tests.factories import patterns, problem, series, space

HOURS = [f"MO {hour:02d}:00" for hour in range(8, 18)]
ROOMS = [space(name) for name in "ABCD"]


def forty() -> Problem:
    """Forty duties for four rooms of ten hours: all places are taken. R<n> would have hour n // 4, each hour off is 1.

    In the best plan nobody is off.
    """
    asks = [
        patterns(
            f"R{n}",
            *(f"{hour} +{abs(place - n // 4)}" for place, hour in enumerate(HOURS)),
            spaces=tuple("ABCD"),
            space_costs=(0, 0, 0, 0),
            priority="fix",
        )
        for n in range(40)
    ]
    return problem(asks, spaces=ROOMS)


def searched(asked: Problem) -> Neighbourhoods:
    facts = Facts(asked)
    return Neighbourhoods(facts, candidates_of(facts), partial(goals, seed=1))


def at(search: Neighbourhoods, request: str, starts: int, room: str) -> int:
    there = search.landscape.placements
    return next(p.index for p in there if (p.request.id, p.start, p.space) == (request, starts * 60, room))


def backwards(search: Neighbourhoods) -> dict[str, tuple[int, ...]]:
    """The worst plan: who would have the first hour has the last."""
    return {f"R{n}": (at(search, f"R{n}", 17 - n // 4, "ABCD"[n % 4]),) for n in range(40)}


def worst(asked: Problem) -> int:
    """4 x (9 + 7 + 5 + 3 + 1) x 2."""
    assert len(asked.requests) == 40
    return 200


def effort(seconds: float, *, deterministic: bool = True) -> Effort:
    return Effort(seconds, deterministic=deterministic, seed=1)


@pytest.mark.parametrize("deterministic", [True, False])
def test_the_best_plan_is_found_and_the_search_ends(deterministic: bool) -> None:
    search = searched(forty())
    search.held = [Held(40, ()), *(Held(0, ()) for _ in range(5)), Held(0, ()), Held(0, ())]
    stages = [goal.stage for goal in search.goals(search.model(search.facts, {}, {}))]
    search.held = search.held[: stages.index("wishes")]
    told: list[int] = []
    began = time.monotonic()

    def poll(value: int) -> bool:
        told.append(value)
        return False

    search.improve(backwards(search), worst(forty()), 0, effort(60, deterministic=deterministic), poll)
    assert search.value == 0
    hours = {request: search.landscape.placements[number].start for request, (number,) in search.best.items()}
    assert hours == {f"R{n}": (8 + n // 4) * 60 for n in range(40)}
    assert told == sorted(told, reverse=True)
    assert time.monotonic() - began < 50


def test_the_same_seed_gives_the_same_plan() -> None:
    found = []
    for _ in range(2):
        search = searched(forty())
        stages = [goal.stage for goal in search.goals(search.model(search.facts, {}, {}))]
        search.held = [Held(40, ()), *(Held(0, ()) for _ in stages)][: stages.index("wishes")]
        search.improve(backwards(search), worst(forty()), 0, effort(0.05), lambda _: False)
        found.append((search.best, search.value))
    assert found[0] == found[1]
    assert 0 < found[0][1] < worst(forty())


def two_classes() -> Problem:
    """One hour in one room: R1 of the higher class has it; R2 and R3 together would be two."""
    asks = [
        series("R1", "MO 09:00-11:00!", priority="P1"),
        series("R2", "MO 09:00-10:00!", priority="P2"),
        series("R3", "MO 10:00-11:00!", priority="P2"),
    ]
    return problem(asks, spaces=[space()])


def test_what_was_reached_before_is_held() -> None:
    search = searched(two_classes())
    plan = {"R1": (at(search, "R1", 9, "S1"),)}
    # Duties none, P1 one of one; now P2.
    search.held = [Held(0, ()), Held(1, ())]
    search.improve(plan, 0, 2, effort(0.3), lambda _: False)
    assert (search.value, search.best) == (0, plan)
    search.held = [Held(0, ()), Held(0, ())]
    search.improve(plan, 0, 2, effort(3), lambda _: False)
    assert (search.value, set(search.best)) == (2, {"R2", "R3"})


def test_who_asks_is_heard_within_a_second() -> None:
    search = searched(forty())
    search.held = [Held(40, ())]
    began = time.monotonic()
    search.improve(backwards(search), 0, 1, effort(600, deterministic=False), lambda _: time.monotonic() - began > 0.5)
    assert time.monotonic() - began < 1.5
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("neighbourhoods")] == []


def test_an_error_in_a_small_model_is_the_callers() -> None:
    facts = Facts(forty())

    def broken(variables: Variables) -> Sequence[Goal]:
        raise LookupError("no goals")

    search = Neighbourhoods(facts, candidates_of(facts), broken)
    search.best = backwards(search)
    with pytest.raises(LookupError, match="no goals"):
        search.improve(search.best, 1, 0, effort(60, deterministic=False), lambda _: False)


@pytest.mark.parametrize("kind", KINDS)
def test_each_way_sets_about_so_many_free_and_keeps_the_others(kind: str) -> None:
    facts = Facts(forty().model_copy(update={"constraints": (Relation(id="r", source="x", relation="same_days"),)}))
    look = Landscape(facts, candidates_of(facts))
    search = searched(forty())
    plan = backwards(search)
    for seed in range(20):
        choice = Chooser(look, plan, random.Random(seed)).choose(kind, 6)
        assert all(plan[request] == there for request, there in choice.stays.items())
        assert set(choice.stays) | choice.opened == set(plan)
        assert set(choice.stays).isdisjoint(choice.opened)
        assert 1 <= len(choice.opened) <= (24 if kind == "swap" else 6)


def test_one_request_alone_can_be_set_free() -> None:
    """Fewer sessions than are wanted free: the drawing ends all the same."""
    facts = Facts(problem([patterns("R1", "MO 09:00 +1", "MO 10:00", spaces=("A",), priority="fix")], spaces=ROOMS[:1]))
    look = Landscape(facts, candidates_of(facts))
    for kind in KINDS:
        assert Chooser(look, {"R1": (0,)}, random.Random(1)).choose(kind, 25).opened == {"R1"}

"""A goal that the whole model does not prove soon is bettered by neighbourhoods, and what is told of it stays true."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from scheduler.model.build import build, candidates_of
from scheduler.model.objective import goals
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search.around import Around
from scheduler.search.effort import Effort
from scheduler.search.goal import GoalSearch as Search
from scheduler.search.neighbourhoods import Held
from scheduler.search.results import Limits, Progress
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from scheduler.verify import verify
from tests.factories import problem, series
from tests.properties.test_solve import small
from tests.search.test_neighbourhoods import forty

STAGES = "scheduler.search.goal"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole model has hardly begun when neighbourhoods are tried."""
    for name in ("FIRST_SECONDS", "FIRST_SHARE", "LEAST_SECONDS", "SETTLE_SECONDS"):
        monkeypatch.setattr(f"{STAGES}.{name}", 0.01)
    monkeypatch.setattr(f"{STAGES}.GoalSearch.together", lambda *_: None)


def solved(
    asked: Problem,
    seconds: float,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Timetable:
    found = solve(asked, time_limit=seconds, workers=1, progress=progress, stop=stop)
    assert isinstance(found, Solved)
    assert verify(asked, found.timetable).holds
    return found.timetable


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("way", ["whole", "around", "annealed"])
def test_whoever_has_the_rest_of_the_time_the_best_is_found(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(f"{STAGES}.Turns.next", way)
    monkeypatch.setattr(f"{STAGES}.Turns.untried", lambda *_: False)
    told: list[Progress] = []
    found = solved(forty(), 60, progress=told.append)
    wishes = next(stage for stage in found.stages if stage.stage == "wishes")
    assert (wishes.value, wishes.bound, wishes.status) == (0, 0, "optimal")
    hours = {session.request: session.starts for session in found.sessions}
    assert hours == {f"R{n}": f"{8 + n // 4:02d}:00" for n in range(40)}
    of_wishes = [each.incumbent for each in told if each.stage == "wishes" and each.incumbent is not None]
    assert of_wishes == sorted(of_wishes, reverse=True)
    assert of_wishes[-1] == 0


def test_stages_reached_by_neighbourhoods_are_held_and_no_bound_is_crossed(request: pytest.FixtureRequest) -> None:
    proved = solve(small(), time_limit=30)
    assert isinstance(proved, Solved)
    assert proved.timetable.status == "optimal"
    request.getfixturevalue("soon")
    found = solved(small(), 12)
    for ours, best in zip(found.stages, proved.timetable.stages, strict=True):
        assert (ours.bound >= best.bound) if ours.sense == "max" else (ours.bound <= best.bound)
        if ours.value != best.value:
            assert (ours.value < best.value) if ours.sense == "max" else (ours.value > best.value)
            break


@pytest.mark.usefixtures("soon")
def test_who_asks_is_heard_while_neighbourhoods_are_searched() -> None:
    began = time.monotonic()
    found = solved(small(), 600, stop=lambda: time.monotonic() - began > 2)
    assert time.monotonic() - began < 5
    assert [stage.value for stage in found.stages if stage.stage == "duties"] == [0]


def test_the_plan_is_that_of_the_solution_also_of_those_who_lose_their_place() -> None:
    """Six ask for three hours, and the lot decides: who had an hour may have none. Plan and solution say the same."""
    asked = problem([series(f"R{n}", "MO 09:00-12:00", minutes=60) for n in range(6)])
    facts = Facts(asked)
    variables = build(facts, candidates_of(facts))
    wanted = goals(variables, 1)
    around = Around(variables, partial(goals, seed=1))
    search = Search(variables.model, wanted, Limits(20.0, deterministic=False, workers=1, seed=1), None, None)
    for number, goal in enumerate(wanted[:-1]):
        reached = search.improve(goal, number, 0.5)
        search.hold(reached)
        around.held.append(Held(reached.value, tuple(search.value(each) for each in goal.held)))
    whole = around.whole(search.solution or (), wanted[-1])
    assert whole is not None
    plan = plan_of(variables, search.solution or [])
    found = around.neighbourhoods
    value = search.value(wanted[-1].terms)
    found.improve(plan, value, 0, Effort(3.0, deterministic=False, seed=1), lambda _: False, whole=whole)
    assert found.whole is not None
    assert found.value < value
    assert found.best.keys() != plan.keys()
    assert {request: set(there) for request, there in found.best.items()} == {
        request: set(there) for request, there in plan_of(variables, found.whole.solution.tolist()).items()
    }


def plan_of(variables: Variables, solution: list[int]) -> dict[str, tuple[int, ...]]:
    plan: dict[str, tuple[int, ...]] = {}
    for placement in variables.candidates.placements:
        if solution[variables.z[placement.index].index]:
            plan[placement.request.id] = (*plan.get(placement.request.id, ()), placement.index)
    return plan

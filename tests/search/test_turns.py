"""When annealing is tried: for a first plan that the solver does not have soon, and by turns with neighbourhoods."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from itertools import combinations, pairwise
from typing import Literal

import numpy as np
import pytest
from ortools.sat.python import cp_model

from scheduler.model.build import build, candidates_of
from scheduler.model.objective import Goal, goals
from scheduler.placements.facts import Facts
from scheduler.search import goal
from scheduler.search.around import Around
from scheduler.search.goal import GoalSearch
from scheduler.search.results import Limits, OutOfTimeError, Progress, Reached
from scheduler.search.turns import Turns, closed
from scheduler.search.whole import InVain, WholeSearch
from scheduler.solve import Solved, solve
from scheduler.verify import verify
from tests.search.test_neighbourhoods import forty

LIMITS = Limits(60.0, deterministic=False, workers=1, seed=1)


def searching() -> tuple[GoalSearch, list[Goal]]:
    facts = Facts(forty())
    variables = build(facts, candidates_of(facts))
    wanted = list(goals(variables, 1))
    search = GoalSearch(variables.model, wanted, LIMITS, None, None)
    search.around = Around(variables, partial(goals, seed=1))
    return search, wanted


def compiled(search: GoalSearch) -> None:
    """Wait for the machine code, which a slow machine that has none yet takes longer to make than searches wait."""
    assert search.around is not None
    annealing = search.around.annealing(next(each for each in search.goals if each.stage == "wishes"))
    assert annealing is not None
    assert annealing.ready(time.monotonic() + 300, lambda: False)


def test_a_first_plan_is_found_by_annealing_where_the_solver_has_none_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    search, wanted = searching()
    compiled(search)
    asked: list[float] = []

    def none_soon(_goal: Goal, _number: int, seconds: float) -> Reached:
        asked.append(seconds)
        raise OutOfTimeError

    monkeypatch.setattr(search, "whole", none_soon)
    reached = search.improve(wanted[0], 0, 1.0)
    assert (reached.value, reached.bound) == (40, 40)
    assert asked == [goal.SOON_SECONDS]
    assert search.around is not None
    slices = search.around.slices()
    assert slices is not None
    assert slices.holds(np.array(search.solution))


def test_where_annealing_finds_none_either_the_solver_has_the_rest_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    search, wanted = searching()
    asked: list[float] = []

    def none_at_all(_goal: Goal, _number: int, seconds: float) -> Reached:
        asked.append(seconds)
        raise OutOfTimeError

    monkeypatch.setattr(search, "whole", none_at_all)
    monkeypatch.setattr(goal, "FOUND_SHARE", 0.0)
    with pytest.raises(OutOfTimeError):
        search.improve(wanted[0], 0, 1.0)
    # The clock stands still for this solver: it is asked four times, at last for all there is.
    assert [round(each / 10) * 10 for each in asked] == [0, 0, 30, 60]


@pytest.mark.parametrize(
    ("gains", "begun"),
    [
        # Neighbourhoods and annealing are tried; then whoever closes more of the gap in a second.
        # Neighbourhoods close half (50 of 100), then annealing does (25 of 50), after which neighbourhoods are thought
        # to close a quarter: annealing goes on, and when it gains nothing they do.
        ({"n": [50, 0], "a": [25, 0], "w": [0]}, "naanw"),
        # Who gained nothing waits until the others gain nothing either.
        ({"n": [0], "a": [10, 10, 0], "w": [5, 0]}, "naaawwn"),
        # Nobody gains anything: each in turn, the one who waited longest first.
        ({"n": [0], "a": [0], "w": [0]}, "nawnaw"),
    ],
)
def test_whoever_closes_more_of_the_gap_has_the_next_turn(
    monkeypatch: pytest.MonkeyPatch, gains: dict[str, list[int]], begun: str
) -> None:
    search, wanted = searching()
    turns: list[str] = []

    def turn(name: str) -> object:
        left = list(gains[name])

        def take(_around: Around, reached: Reached, _number: int, _until: float) -> Reached:
            if not search.stopped:
                turns.append(name)
            if len(turns) == len(begun):
                search.stopped = True
            return Reached(reached.goal, reached.value - (left.pop(0) if left else 0), reached.bound)

        return take

    monkeypatch.setattr(search, "_annealed", turn("a"))
    monkeypatch.setattr(search, "_around_until", turn("n"))
    monkeypatch.setattr(search, "_again", turn("w"))
    assert search.around is not None
    ways = Turns(("around", "annealed"))
    ways.learn("whole", 0.0, 1.0)
    search._by_turns(search.around, Reached(wanted[-1], 100, 0), 1, time.monotonic() + 60, ways)
    assert "".join(turns) == begun


def test_a_gap_is_closed_from_both_sides() -> None:
    _, wanted = searching()
    before = Reached(wanted[-1], 100, 20)
    assert closed(before, Reached(wanted[-1], 60, 20)) == 0.5
    assert closed(before, Reached(wanted[-1], 100, 60)) == 0.5
    assert closed(before, Reached(wanted[-1], 60, 60)) == 1.0
    assert closed(before, Reached(wanted[-1], 120, 20)) == 0.0, "it does not open again"


def test_what_one_gains_the_others_cannot_gain_any_more() -> None:
    ways = Turns(("one", "other", "third"))
    ways.learn("one", 0.8, 2.0)
    ways.learn("other", 0.5, 5.0)
    assert ways.rates == {"one": pytest.approx(0.2), "other": pytest.approx(0.1), "third": float("inf")}
    assert ways.next == "third"
    ways.learn("third", 0.0, 9.0)
    assert ways.rates["third"] == -1.0
    assert ways.next == "one"
    ways.learn("one", 0.0, 9.0)
    assert (ways.rates["one"], ways.next) == (-2.0, "other"), "behind the third, who waited longer"


@pytest.mark.parametrize(("bound", "tried"), [(4, "anw"), (5, "naw"), (49, "naw"), (50, "nw"), (100, "")])
def test_annealing_is_tried_where_less_than_half_is_proved_and_first_where_next_to_nothing_is(
    monkeypatch: pytest.MonkeyPatch, bound: int, tried: str
) -> None:
    search, wanted = searching()
    wishes = next(number for number, each in enumerate(wanted) if each.stage == "wishes")
    search.solution = [0] * len(search.model.proto.variables)
    monkeypatch.setattr(search, "value", lambda _: 100)
    monkeypatch.setattr(search, "whole", lambda each, *_a, **_k: Reached(each, 100, bound))
    turns: list[str] = []
    left: dict[str, float] = {}

    def turn(name: str) -> object:
        def take(_around: Around, reached: Reached, _number: int, until: float) -> Reached:
            if search._goes_on(reached, until):
                turns.append(name)
                left.setdefault(name, until - time.monotonic())
            search.stopped = len(turns) == 4
            return reached

        return take

    monkeypatch.setattr(search, "_annealed", turn("a"))
    monkeypatch.setattr(search, "_around_until", turn("n"))
    monkeypatch.setattr(search, "_again", turn("w"))
    search.improve(wanted[wishes], wishes, 0.2)  # of a minute
    assert "".join(dict.fromkeys(turns)) == tried
    assert left.get(tried[:1], 0.0) < 6, "half of the time is left to the others"


def test_the_whole_model_is_left_when_it_is_seen_that_it_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    search, wanted = searching()
    wishes = next(each for each in wanted if each.stage == "wishes")
    heard: list[InVain] = []

    def whole(each: Goal, _number: int, _seconds: float, *, in_vain: InVain) -> Reached:
        heard.append(in_vain)
        return Reached(each, 100, 0)

    monkeypatch.setattr(search, "whole", whole)
    search._first_of_whole(wishes, 1, 60.0)
    assert not heard[0](100, 0), "it has its first seconds"
    monkeypatch.setattr(goal, "FIRST_SECONDS", -1.0)
    search._first_of_whole(wishes, 1, 60.0)
    assert [heard[1](100, bound) for bound in (None, 0, 4, 100)] == [False, True, False, False]
    assert not heard[1](None, 0), "nothing is known of what it will come to"
    assert not heard[1](0, 0), "it is done"
    search._first_of_whole(replace(wishes, stage="classes"), 1, 60.0)
    assert not heard[2](100, 0), "nobody else is at that goal"


def test_a_search_in_vain_ends() -> None:
    """A shortest ruler of fourteen marks, no two at the same distance: no solver proves that in ten seconds."""
    model = cp_model.CpModel()
    marks = [model.new_int_var(0, 300, f"{number}") for number in range(14)]
    for one, other in pairwise(marks):
        model.add(one < other)
    model.add_all_different(other - one for one, other in combinations(marks, 2))
    search = WholeSearch(model, LIMITS, None, None, 1)
    length = Goal("wishes", None, "min", "points", 1 * marks[-1], 0)
    began = time.monotonic()
    search.whole(length, 0, 30.0, in_vain=lambda value, _bound: value is not None)
    assert search.solution is not None
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("variables", "deterministic", "workers"), [(10, False, 8), (50_001, False, 5), (10, True, 1), (50_001, True, 1)]
)
def test_a_large_model_is_not_copied_too_often(variables: int, deterministic: bool, workers: int) -> None:
    model = cp_model.CpModel()
    for _ in range(variables):
        model.new_bool_var("")
    limits = replace(LIMITS, deterministic=deterministic, workers=8)
    assert WholeSearch(model, limits, None, None, 1)._solver(1.0).parameters.num_workers == workers


@pytest.mark.parametrize(("sense", "known", "bound"), [("min", 4, 4), ("min", 9, 7), ("max", 11, 11), ("max", 6, 7)])
def test_what_was_proved_before_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch, sense: Literal["max", "min"], known: int, bound: int
) -> None:
    """The search ends before it has found or proved anything; no bound goes beyond the solution of 7 there was."""
    model = cp_model.CpModel()
    number = model.new_int_var(0, 20, "number")
    search = WholeSearch(model, LIMITS, None, None, 1)
    search.solution = [7]
    told: list[Progress] = []
    search.report = told.append

    def watched(solver: cp_model.CpSolver, goal: Goal, number: int, best: int, **_: object) -> object:
        search.tell(goal, number, 7, best)
        solver.parameters.max_time_in_seconds = 0.0
        return solver.solve(model)

    monkeypatch.setattr(search, "_watch", watched)
    goal = Goal("wishes", None, sense, "points", 1 * number, 0 if sense == "min" else 20)
    assert search.whole(goal, 0, 1.0, known=known) == Reached(goal, 7, bound)
    assert told[0].bound == known


@pytest.mark.parametrize("before", [0, 9])
@pytest.mark.parametrize("sense", ["max", "min"])
def test_a_search_that_ends_with_a_worse_solution_leaves_the_one_before(
    monkeypatch: pytest.MonkeyPatch, sense: Literal["max", "min"], before: int
) -> None:
    """The solver ends with the first solution that it comes to, and is not told of the one before."""
    model = cp_model.CpModel()
    number = model.new_int_var(0, 9, "number")
    search = WholeSearch(model, LIMITS, None, None, 1)
    search.solution = [before]
    monkeypatch.setattr(search, "hint", lambda: None)

    def watched(solver: cp_model.CpSolver, *_: object, **_k: object) -> object:
        found = solver.solve(model)
        assert found == cp_model.OPTIMAL
        return cp_model.FEASIBLE

    model.add(number == 5)
    monkeypatch.setattr(search, "_watch", watched)
    search.whole(Goal("wishes", None, sense, "points", 1 * number, 0), 0, 1.0)
    better = max if sense == "max" else min
    assert search.solution == [better(before, 5)]


def test_a_solve_in_which_the_solver_has_no_time_is_annealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """All together, through the public interface: forty sessions, no place free, nobody off in the best plan."""
    monkeypatch.setattr(goal, "SOON_SECONDS", 0.001)
    monkeypatch.setattr(goal.GoalSearch, "together", lambda *_: None)
    asked = forty()
    outcome = solve(asked, time_limit=60.0, seed=3)
    assert isinstance(outcome, Solved)
    assert verify(asked, outcome.timetable).holds
    assert {stage.stage: stage.value for stage in outcome.timetable.stages}["wishes"] == 0

"""Annealing: what it computes of a plan is what the solver says of it, and what it finds holds in the whole model."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from scheduler.model.build import build, candidates_of
from scheduler.model.objective import Goal, goals
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search import arrays, moves
from scheduler.search.annealing import Annealing
from scheduler.search.around import Around
from tests.factories import patterns, problem, space
from tests.properties.test_random_worlds import CALM, SOFT, meant
from tests.properties.worlds import Scene, worlds
from tests.search.test_neighbourhoods import forty


def goes_on(_value: int | None) -> bool:
    return False


class Posted:
    """A problem with its whole model, and annealing of its wishes."""

    def __init__(self, asked: Problem) -> None:
        facts = Facts(asked)
        self.variables: Variables = build(facts, candidates_of(facts))
        self.around = Around(self.variables, partial(goals, seed=1))
        found = [goal for goal in goals(self.variables, 1) if goal.stage == "wishes"]
        self.goal: Goal | None = found[0] if found and not isinstance(found[0].terms, int) else None
        self.annealing: Annealing | None = None
        if self.goal is not None and self.variables.z:
            self.annealing = self.around.annealing(self.goal)

    def solved(self, taken: set[int] | None) -> tuple[list[int], int] | None:
        """A solution, the best with these placements, and its value; any solution when none are given."""
        assert self.goal is not None
        model = self.variables.model.clone()
        for number, literal in self.variables.z.items():
            if taken is not None:
                domain = model.proto.variables[literal.index].domain
                domain[0] = domain[1] = int(number in taken)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if taken is not None:
            model.minimize(self.goal.terms)
        if solver.solve(model) != cp_model.OPTIMAL:
            return None
        solution = list(solver.response_proto.solution)
        return solution, int(solver.value(self.goal.terms))

    def taken(self, solution: list[int]) -> set[int]:
        return {number for number, literal in self.variables.z.items() if solution[literal.index]}


def agree(asked: Problem, seed: int) -> None:
    """Of a plan, and of plans some moves from it: what is computed is what the solver finds with these placements."""
    posted = Posted(asked)
    annealing = posted.annealing
    if annealing is None or posted.goal is None or (found := posted.solved(None)) is None:
        return
    taken = posted.taken(found[0])
    base, value = posted.solved(taken) or pytest.fail("a plan that was found does not hold")
    if not taken:
        return
    sessions, start = np.array(sorted(taken), dtype=np.int64), np.array(base, dtype=np.int64)
    state = annealing._state(sessions, start)
    offset = annealing.whole.objective.offset
    assert state.total[arrays.GOAL] + offset == value
    assert state.total[arrays.BROKEN] == 0
    assert annealing.whole.slices.holds(state.value)
    moves.sow(seed)
    moves.weigh(annealing.model, state, 3, 1.1, 0.9)
    for _ in range(5):
        moves.anneal(annealing.model, annealing.places, state, 50.0, 40)
        afresh = annealing._state(state.sessions, start)
        assert (afresh.value == state.value).all()
        assert (afresh.act == state.act).all()
        assert (afresh.total[:2] == state.total[:2]).all()
        if state.total[arrays.BROKEN] == 0:
            assert annealing.whole.slices.holds(state.value)
            _, least = posted.solved(set(state.sessions.tolist())) or pytest.fail("what holds here does not hold there")
            # Where dates may be lost the solver may choose which: it is never worse.
            assert least <= state.total[arrays.GOAL] + offset
            if not annealing.follows.still.any():
                assert least == state.total[arrays.GOAL] + offset


@settings(max_examples=120, **CALM)
@given(worlds(), st.integers(0, 9))
def test_what_follows_is_what_the_solver_finds(drawn: tuple[Problem, Scene], seed: int) -> None:
    """With rules that should hold, whose costs are auxiliary variables."""
    rules = [
        rule.model_copy(update={"strength": "should", "weight": 3 + place}) if isinstance(rule, SOFT) else rule
        for place, rule in enumerate(drawn[0].constraints)
    ]
    asked = drawn[0].model_copy(update={"constraints": tuple(rules)})
    assume(meant(asked))
    agree(asked, seed)


@settings(max_examples=60, **CALM)
@given(worlds(), st.integers(0, 9))
def test_what_must_hold_holds(drawn: tuple[Problem, Scene], seed: int) -> None:
    assume(meant(drawn[0]))
    agree(drawn[0], seed)


def test_the_best_plan_is_found_from_nothing() -> None:
    posted = Posted(forty())
    assert posted.annealing is not None
    asked = {request.id: 1 for request in posted.around.duties()}
    assert len(asked) == 40
    sessions = posted.around.neighbourhoods.landscape.at_random(asked, 1)
    assert sessions is not None
    found = posted.annealing.run(sessions, None, 12.0, 1, goes_on)
    assert found is not None
    assert posted.annealing.whole.slices.holds(found)
    assert posted.annealing.value == 0


def test_any_plan_is_enough_when_one_is_looked_for() -> None:
    posted = Posted(forty())
    assert posted.annealing is not None
    asked = {request.id: 1 for request in posted.around.duties()}
    sessions = posted.around.neighbourhoods.landscape.at_random(asked, 1)
    assert sessions is not None
    posted.annealing.run(sessions, None, 0.1, 1, goes_on)  # made into machine code by now
    began = time.monotonic()
    assert posted.annealing.run(sessions, None, 60.0, 1, goes_on, enough=True) is not None
    assert time.monotonic() - began < 30.0


def test_it_ends_when_told_to() -> None:
    posted = Posted(forty())
    assert posted.annealing is not None
    asked = {request.id: 1 for request in posted.around.duties()}
    sessions = posted.around.neighbourhoods.landscape.at_random(asked, 1)
    assert sessions is not None
    posted.annealing.run(sessions, None, 0.1, 1, goes_on)
    began = time.monotonic()
    posted.annealing.run(sessions, None, 60.0, 1, lambda _: True)
    assert time.monotonic() - began < 10.0


def test_where_nothing_holds_nothing_is_found() -> None:
    """Two who must be in the same room at the only hour: each move leaves a row broken."""
    two = [patterns(name, "MO 08:00 +0", "MO 08:00 +1", spaces=("A",), priority="fix") for name in ("R1", "R2")]
    posted = Posted(problem(two, spaces=[space("A")]))
    if posted.annealing is None:
        return
    sessions = posted.around.neighbourhoods.landscape.at_random({"R1": 1, "R2": 1}, 1)
    assert sessions is not None
    assert posted.annealing.run(sessions, None, 0.5, 1, goes_on) is None
    assert posted.annealing.value is None


def test_who_has_fewer_placements_than_it_needs_is_not_begun_with() -> None:
    posted = Posted(forty())
    look = posted.around.neighbourhoods.landscape
    there = len(look.of["R0"])
    assert look.at_random({"R0": there}, 1) is not None
    assert look.at_random({"R0": there + 1}, 1) is None


def test_an_error_in_a_thread_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    posted = Posted(forty())
    annealing = posted.annealing
    assert annealing is not None

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(annealing, "_anneal", fails)
    with pytest.raises(ZeroDivisionError):
        annealing.run(np.array([3]), None, 5.0, 1, goes_on)


def test_who_has_no_session_has_nothing_to_move() -> None:
    annealing = Posted(forty()).annealing
    assert annealing is not None
    assert annealing.run(np.zeros(0, dtype=np.int64), None, 5.0, 1, goes_on) is None

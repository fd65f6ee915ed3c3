"""Parts of a model that have nothing to do with each other are found, and searched one by one to the same values."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Literal

import pytest
from ortools.sat.python import cp_model

from scheduler.model.build import build, candidates_of
from scheduler.model.objective import Goal, goals
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search.goal import GoalSearch
from scheduler.search.parts import apart, parts_of
from scheduler.search.results import Limits, Progress, Reached
from scheduler.search.stages import run
from tests.factories import problem, series, space

LIMITS = Limits(budget=60, deterministic=False, workers=2, seed=3, first=0.2)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of three variables count, and hardly anything is found of all parts at once."""
    monkeypatch.setattr("scheduler.search.parts.LEAST_PART", 3)
    monkeypatch.setattr("scheduler.search.goal.AT_ONCE_SECONDS", 0.0)


def two_halls(*joined: str) -> Problem:
    """Five wishes for the hours of each of two halls, which are too few; the joined go to either hall.

    Without the stage `fairness`, in which all sessions of a body are counted together, whatever their hall is.
    """
    asks = [
        series(f"{hall}{n}", f"MO 09:00-{10 + n % 3}:00;TU 09:00-10:00", minutes=60, spaces=(hall,))
        for hall in ("A", "B")
        for n in range(5)
    ]
    asks = [ask.model_copy(update={"spaces": ("A", "B")}) if ask.id in joined else ask for ask in asks]
    stages = ("duties", "classes", "wishes", "lot")
    return problem(asks, spaces=[space("A"), space("B")], policy={"stages": stages})


@pytest.mark.usefixtures("small")
def test_two_halls_are_two_parts_unless_somebody_asks_for_both() -> None:
    for asked, count in ((two_halls(), 2), (two_halls("A1"), 1)):
        facts = Facts(asked)
        variables = build(facts, candidates_of(facts))
        parts = parts_of(variables.model)
        assert len({parts[z.index] for z in variables.z.values()}) == count


def test_few_variables_are_no_part_of_their_own() -> None:
    facts = Facts(two_halls())
    assert set(parts_of(build(facts, candidates_of(facts)).model)) == {0}


@pytest.mark.usefixtures("small")
def test_a_model_with_a_constraint_that_is_not_understood_is_one_part() -> None:
    model = cp_model.CpModel()
    whole = [model.new_int_var(0, 9, "") for _ in range(6)]
    model.add(whole[0] + whole[1] + whole[2] <= 9)
    model.add(whole[3] + whole[4] + whole[5] <= 9)
    assert len(set(parts_of(model))) == 2
    model.add_max_equality(whole[0], [whole[1], whole[3]])
    assert len(set(parts_of(model))) == 1
    other = cp_model.CpModel()
    more = [other.new_int_var(0, 9, "") for _ in range(6)]
    other.add(more[0] + more[1] + more[2] <= 9)
    other.add(more[3] + more[4] + more[5] <= 9)
    other.add_all_different(more[:2])
    assert set(parts_of(other)) == {0}


@pytest.mark.usefixtures("small")
def test_a_condition_joins_parts() -> None:
    model = cp_model.CpModel()
    literals = [model.new_bool_var("") for _ in range(6)]
    model.add_at_most_one(literals[:3])
    model.add(sum(literals[3:]) <= 1).only_enforce_if(~literals[0])
    assert len(set(parts_of(model))) == 1


@pytest.mark.parametrize(("sense", "limits"), [("max", [9, 27]), ("min", [5, -1])])
def test_the_parts_of_a_goal_are_the_goal(sense: Literal["max", "min"], limits: list[int]) -> None:
    """3a - b + 4c + 5, with a up to 9, b and c up to 1; c is of a part of its own, and is the smaller one."""
    model = cp_model.CpModel()
    a, b, c = model.new_int_var(0, 9, ""), model.new_int_var(0, 1, ""), model.new_int_var(0, 1, "")
    goal = Goal("wishes", None, sense, "points", 3 * a - b + 4 * c + 5, 0)
    found = list(apart(model, goal, [1, 1, 2]))
    assert [part for part, _ in found] == [2, 1]
    assert [each.limit for _, each in found] == limits
    model.add(sum(each.terms for _, each in found) != goal.terms)
    assert cp_model.CpSolver().solve(model) == cp_model.INFEASIBLE
    assert list(apart(model, replace(goal, terms=7), [1, 1, 2])) == []


def _keep(told: dict[int, Progress], heard: Progress) -> None:
    told[heard.done] = heard


@pytest.mark.usefixtures("small")
def test_stages_are_proved_part_by_part_with_the_same_values_and_told_so() -> None:
    facts = Facts(two_halls())
    values = []
    for in_parts in (False, True):
        variables = build(facts, candidates_of(facts))
        told: dict[int, Progress] = {}
        found = run(
            variables,
            goals(variables, 3),
            replace(LIMITS, in_parts=in_parts),
            partial(_keep, told),
            remake=lambda each: goals(each, 3),
        )
        values.append([(reached.goal.stage, reached.value, reached.bound) for reached in found.reached])
        assert [(each.incumbent, each.bound) for each in told.values()] == [(v, v) for _, v, _ in values[-1]]
    assert values[0] == values[1] == [(stage, value, value) for stage, value, _ in values[0]]


@pytest.mark.usefixtures("small")
def test_what_is_not_proved_in_each_part_is_held_for_all_together() -> None:
    """The first class is left unproved by a search without time: its parts may still pay for one another."""
    facts = Facts(two_halls())
    variables = build(facts, candidates_of(facts))
    search = GoalSearch(variables.model, (), LIMITS, None, None)
    search.parts = parts_of(variables.model)
    search.solution = [0] * len(variables.model.proto.variables)
    goal = next(each for each in goals(variables, 3) if each.of == "P3")
    before = len(variables.model.proto.constraints)
    search.hold(Reached(goal, 0, 0))
    assert len(variables.model.proto.constraints) == before + 2
    assert search.parts is not None
    search.hold(Reached(goal, 0, 1))
    assert len(variables.model.proto.constraints) == before + 3
    assert search.parts is None


def test_the_other_parts_stay_as_they_are_while_one_is_searched() -> None:
    """Else a search of one part, which looks at no other, could give away what was found there."""
    model = cp_model.CpModel()
    first, second = model.new_bool_var(""), model.new_int_var(0, 7, "")
    search = GoalSearch(model, (), LIMITS, None, None)
    search.parts, search.solution = [1, 2], [1, 5]
    goal = Goal("wishes", None, "max", "points", first + second, 8)
    split = list(apart(model, goal, search.parts))
    model.maximize(7 - second)
    with search.fixed([(1, 5)]):
        assert list(model.proto.variables[1].domain) == [5, 5]
        solver = cp_model.CpSolver()
        assert solver.solve(model) == cp_model.OPTIMAL
        assert solver.value(second) == 5
    assert [list(each.domain) for each in model.proto.variables] == [[0, 1], [0, 7]]
    reached = search._in_parts(Reached(goal, 6, 8), split, 0, time.monotonic() + 30, {1: 1, 2: 7})
    assert (reached.value, reached.bound, search.solution) == (8, 8, [1, 7])

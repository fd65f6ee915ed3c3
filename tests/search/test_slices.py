"""Small models that are cut out of the whole one: what they find holds in it, and nothing better is hidden."""

from __future__ import annotations

import random

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
from scheduler.search.slices import ANY, AT_MOST_ONE, ENDLESS, EXACTLY_ONE, LINEAR, Objective, Slices
from tests.properties.test_random_worlds import CALM, SOFT, meant
from tests.properties.worlds import Scene, worlds


def solver_of(model: cp_model.CpModel) -> cp_model.CpSolver | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return solver if solver.solve(model) == cp_model.OPTIMAL else None


def with_values(model: cp_model.CpModel, values: dict[int, int]) -> cp_model.CpModel:
    """The model with some of its variables held."""
    held = model.clone()
    for index, value in values.items():
        domain = held.proto.variables[index].domain
        domain[0], domain[1] = value, value
    return held


def solved(model: cp_model.CpModel, goal: Goal, values: dict[int, int]) -> list[int] | None:
    """The best solution with some variables held."""
    held = with_values(model, values)
    names = {variable: held.get_int_var_from_proto_index(variable) for variable in range(len(held.proto.variables))}
    objective = Objective.of(goal.terms, goal.sense)
    terms = sum(
        int(weight) * names[int(variable)]
        for variable, weight in zip(objective.variables, objective.coefficients, strict=True)
    )
    (held.maximize if goal.sense == "max" else held.minimize)(terms)
    solver = solver_of(held)
    return list(solver.response_proto.solution) if solver is not None else None


def posted(problem: Problem, stage: str) -> tuple[Variables, Goal] | None:
    facts = Facts(problem)
    variables = build(facts, candidates_of(facts))
    found = [goal for goal in goals(variables, 1) if goal.stage == stage and not isinstance(goal.terms, int)]
    return (variables, found[0]) if found and variables.z else None


def agree(problem: Problem, stage: str, seed: int) -> None:
    """Of a plan some choices are set free: cut out or in the whole model, the best is worth the same."""
    made = posted(problem, stage)
    assume(made is not None)
    assert made is not None
    variables, goal = made
    model = variables.model
    z = [literal.index for literal in variables.z.values()]
    # Any plan; and of all solutions that have it the best, so that nothing auxiliary is higher than it need be.
    first = solver_of(model)
    assume(first is not None)
    assert first is not None
    base = solved(model, goal, {index: first.response_proto.solution[index] for index in z})
    assert base is not None
    rng = random.Random(seed)
    chosen = [index for index in z if rng.random() < 0.6]
    best = solved(model, goal, {index: base[index] for index in z if index not in chosen})
    assert best is not None
    objective = Objective.of(goal.terms, goal.sense)
    slices = Slices(model, np.array(z), len(model.proto.constraints))
    assert slices.known
    piece = slices.cut(np.array(chosen, dtype=np.int64), np.array(base), objective)
    solver = solver_of(piece.model)
    assert solver is not None
    found = piece.whole(np.array(base), solver.response_proto.solution)
    assert solver_of(with_values(model, dict(enumerate(found.tolist())))) is not None
    assert objective.value(found) == objective.value(np.array(best))
    assert all(found[index] == base[index] for index in z if index not in chosen)


@settings(max_examples=150, **CALM)
@given(worlds(), st.integers(0, 9))
def test_the_best_of_what_is_free_is_found(drawn: tuple[Problem, Scene], seed: int) -> None:
    assume(meant(drawn[0]))
    agree(drawn[0], "classes", seed)


@settings(max_examples=250, **CALM)
@given(worlds(), st.integers(0, 9))
def test_the_best_of_wishes_is_found(drawn: tuple[Problem, Scene], seed: int) -> None:
    """With rules that should hold, whose costs are auxiliary variables."""
    rules = [
        rule.model_copy(update={"strength": "should", "weight": 3 + place}) if isinstance(rule, SOFT) else rule
        for place, rule in enumerate(drawn[0].constraints)
    ]
    asked = drawn[0].model_copy(update={"constraints": tuple(rules)})
    assume(meant(asked))
    agree(asked, "wishes", seed)


def rows(model: cp_model.CpModel) -> list[tuple[int, list[int], list[int], int, int]]:
    read = Slices(model, np.array([0]), ENDLESS)
    assert read.known
    return [
        (
            int(read.kind[row]),
            read.vars[read.ptr[row] : read.ptr[row + 1]].tolist(),
            read.coefs[read.ptr[row] : read.ptr[row + 1]].tolist(),
            int(read.lo[row]),
            int(read.hi[row]),
        )
        for row in range(len(read.lo))
    ]


@pytest.fixture
def model() -> tuple[cp_model.CpModel, list[cp_model.BoolVarT]]:
    made = cp_model.CpModel()
    return made, [made.new_bool_var("") for _ in range(4)]


def test_each_kind_of_constraint_is_read(model: tuple[cp_model.CpModel, list[cp_model.BoolVarT]]) -> None:
    made, (a, b, c, d) = model
    made.add_at_most_one([a, ~b])
    made.add_exactly_one([a, b, ~c])
    made.add_bool_or([~a, ~d])
    made.add_implication(a, ~b)
    made.add(2 * a - 3 * b <= 4)
    assert rows(made) == [
        (AT_MOST_ONE, [0, 1], [1, -1], -ENDLESS, 0),
        (EXACTLY_ONE, [0, 1, 2], [1, 1, -1], 0, 0),
        (ANY, [0, 3], [-1, -1], -1, ENDLESS),
        (ANY, [1, 0], [-1, -1], -1, ENDLESS),
        (LINEAR, [0, 1], [2, -3], -ENDLESS, 4),
    ]
    read = Slices(made, np.array([0]), ENDLESS)
    assert made.add(a + b >= 1).index == 5
    assert read.extend()
    assert len(read.lo) == 6


def test_another_kind_is_not_cut(model: tuple[cp_model.CpModel, list[cp_model.BoolVarT]]) -> None:
    made, literals = model
    made.add_bool_xor(literals)
    assert not Slices(made, np.array([0]), ENDLESS).known


def test_a_row_under_a_condition_counts_when_the_condition_does(
    model: tuple[cp_model.CpModel, list[cp_model.BoolVarT]],
) -> None:
    """At most one of a, b if c; c free, held at 1, held at 0. The goal is to have both, and c."""
    made, (a, b, c, _) = model
    made.add(a + b <= 1).only_enforce_if(c)
    goal = Objective.of(2 * a + 2 * b + 3 * c, "max")
    for free, base, best in (([0, 1, 2], [0, 0, 0, 0], 5), ([0, 1], [0, 0, 1, 0], 5), ([0, 1], [0, 0, 0, 0], 4)):
        piece = Slices(made, np.array([0, 1, 2]), ENDLESS).cut(np.array(free), np.array(base), goal)
        solver = solver_of(piece.model)
        assert solver is not None
        assert goal.value(piece.whole(np.array(base), solver.response_proto.solution)) == best


def test_values_with_gaps_keep_them(model: tuple[cp_model.CpModel, list[cp_model.BoolVarT]]) -> None:
    """Of a, b, c none or two; c is held at 1, so one of the others is there as well, and not both."""
    made, (a, b, c, _) = model
    made.add_linear_expression_in_domain(a + b + c, cp_model.Domain.from_values([0, 2]))
    goal = Objective.of(a + 2 * b, "max")
    base = np.array([1, 0, 1, 0])
    piece = Slices(made, np.array([0, 1, 2]), ENDLESS).cut(np.array([0, 1]), base, goal)
    solver = solver_of(piece.model)
    assert solver is not None
    assert piece.whole(base, solver.response_proto.solution).tolist() == [0, 1, 1, 0]


def test_what_holds_earlier_goals_joins_everything_and_frees_nothing() -> None:
    """A cost of each choice is auxiliary; the sum of all is held. Only that of the choice that is free is free."""
    made = cp_model.CpModel()
    choices = [made.new_bool_var("") for _ in range(3)]
    costs = [made.new_int_var(0, 9, "") for _ in range(3)]
    for choice, cost in zip(choices, costs, strict=True):
        made.add(cost >= 5 * choice)
    before = len(made.proto.constraints)
    made.add(sum(costs) <= 10)
    slices = Slices(made, np.array([0, 1, 2]), before)
    assert slices.reach(np.array([0])).tolist() == [True, False, False, True, False, False]
    base = np.array([1, 1, 0, 5, 5, 0])
    piece = slices.cut(np.array([0, 2]), base, Objective.of(sum(choices), "max"))
    solver = solver_of(piece.model)
    assert solver is not None
    assert sum(piece.whole(base, solver.response_proto.solution).tolist()[:3]) == 2


def test_what_costs_is_traced_to_the_choices_that_it_follows_from() -> None:
    """Two hours, each the sum of two choices; a penalty when both are taken, and one that follows from another.

    The other hour of each is no part of it, though an equation has it: nor is what holds an earlier goal.
    """
    made = cp_model.CpModel()
    a, b, c, d, other = [made.new_bool_var("") for _ in range(5)]
    first, second = made.new_bool_var(""), made.new_bool_var("")
    made.add(a + b == first)
    made.add(c + d == second)
    penalty, units, free = made.new_bool_var(""), made.new_int_var(0, 9, ""), made.new_int_var(0, 9, "")
    made.add(first + second - penalty <= 1)
    made.add(3 * units >= 7 * penalty)
    made.add(free >= 2 * other)
    before = len(made.proto.constraints)
    made.add(penalty + other <= 2)
    choices = [each.index for each in (a, b, c, d, other)]
    slices = Slices(made, np.array(choices), before)
    goal = Objective.of(10 * units + free + other, "min")
    base = np.array([1, 0, 0, 1, 1, 1, 1, 1, 3, 2])
    variables, costs = slices.costing(base, goal)
    assert (variables.tolist(), costs.tolist()) == ([units.index, free.index], [30, 2])
    assert sorted(slices.behind(units.index).tolist()) == [a.index, b.index, c.index, d.index]
    assert slices.behind(free.index).tolist() == [other.index]


def test_what_follows_from_the_rest_is_not_free() -> None:
    """Of three one is there; two are held at none, so the third is known. With one of the two free, both are open."""
    made = cp_model.CpModel()
    literals = [made.new_bool_var("") for _ in range(3)]
    made.add_exactly_one(literals)
    slices = Slices(made, np.array([0, 1, 2]), ENDLESS)
    goal = Objective.of(literals[0] + 2 * literals[1], "min")
    base = np.array([1, 0, 0])
    assert slices.cut(np.array([0]), base, goal).free.tolist() == []
    assert slices.cut(np.array([0, 1]), base, goal).free.tolist() == [0, 1]


def test_an_hour_of_somebody_who_stays_is_not_free() -> None:
    """Each hour is said by its own choice; the penalty of both is open with either, the other's hour is not."""
    made = cp_model.CpModel()
    choices = [made.new_bool_var("") for _ in range(4)]
    hours = [made.new_bool_var("") for _ in range(2)]
    for number, hour in enumerate(hours):
        made.add(choices[2 * number] + choices[2 * number + 1] == hour)
    penalty = made.new_bool_var("")
    made.add(hours[0] + hours[1] - penalty <= 1)
    slices = Slices(made, np.array([0, 1, 2, 3]), ENDLESS)
    assert np.flatnonzero(slices.reach(np.array([0]))).tolist() == [0, hours[0].index, penalty.index]


def test_what_no_row_limits_any_more_is_free_for_the_goal() -> None:
    made = cp_model.CpModel()
    a, b = made.new_bool_var(""), made.new_bool_var("")
    made.add(a + b <= 2)
    goal = Objective.of(a + b, "max")
    piece = Slices(made, np.array([0, 1]), ENDLESS).cut(np.array([0]), np.array([0, 0]), goal)
    solver = solver_of(piece.model)
    assert solver is not None
    assert piece.whole(np.array([0, 0]), solver.response_proto.solution).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("x", "y", "b", "broken"),
    [(0, 1, 1, []), (2, 1, 0, [0]), (3, 1, 0, []), (3, 1, 1, [1]), (2, 0, 1, [0, 1]), (5, 2, 0, [0])],
)
def test_the_rows_that_do_not_hold_are_told(x: int, y: int, b: int, broken: list[int]) -> None:
    """The sum of x and y is 0, 1, 4 or 5, and x is at most 1 if b."""
    model = cp_model.CpModel()
    first, second, condition = model.new_int_var(0, 9, "x"), model.new_int_var(0, 9, "y"), model.new_bool_var("b")
    model.add_linear_expression_in_domain(first + second, cp_model.Domain.from_intervals([[0, 1], [4, 5]]))
    model.add(first <= 1).only_enforce_if(condition)
    slices = Slices(model, np.array([0], dtype=np.int64), 99)
    solution = np.array([x, y, b], dtype=np.int64)
    assert slices.broken(solution).tolist() == broken
    assert slices.holds(solution) == (not broken)
    assert not slices.holds(np.array([-1, 1, 0], dtype=np.int64)), "x is not less than 0"

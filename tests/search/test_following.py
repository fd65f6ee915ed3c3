"""What follows from choices, told from the rows of small models that are written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ortools.sat.python import cp_model

from scheduler.search.following import ANY, EQUAL, HARD, HIGHEST, LOWEST, Following, following
from scheduler.search.slices import ENDLESS, Objective, Slices

Literals = list[cp_model.IntVar]


def made(count: int) -> tuple[cp_model.CpModel, Literals]:
    """A model with so many choices, which are its first variables."""
    model = cp_model.CpModel()
    return model, [model.new_bool_var(f"z{number}") for number in range(count)]


def told(model: cp_model.CpModel, choices: Literals, terms: cp_model.LinearExprT, sense: str = "min") -> Following:
    slices = Slices(model, np.array([each.index for each in choices], dtype=np.int64), ENDLESS)
    assert slices.known
    follows = following(slices, Objective.of(terms, sense))
    assert follows is not None
    return follows


def does_of(follows: Following, variable: cp_model.IntVar) -> list[int]:
    """What the rows do that a variable owns."""
    return [int(each) for each in follows.does[follows.owner == variable.index]]


def test_literals_that_each_imply_one_are_one_row() -> None:
    model, (a, b, c) = made(3)
    used = model.new_bool_var("")
    for each in (a, b, c):
        model.add_implication(each, used)
    follows = told(model, [a, b, c], used)
    assert does_of(follows, used) == [ANY]
    assert follows.level.tolist() == [0, 0, 0, 1]
    assert not follows.still.any()
    assert (follows.does == HARD).sum() == 0


def test_one_implication_is_a_row_of_its_own() -> None:
    model, (a, b) = made(2)
    used = model.new_bool_var("")
    model.add_implication(a, used)
    model.add(used >= a + b - 1)
    follows = told(model, [a, b], used)
    assert does_of(follows, used) == [LOWEST, LOWEST]


def test_an_excess_is_as_low_as_it_can_be_and_days_that_count_against_it_as_high() -> None:
    """With excess >= 2 - days, a day counts where somebody is there: as min_working_days is posted."""
    model, (a, b) = made(2)
    days = [model.new_bool_var("") for _ in range(2)]
    model.add(days[0] <= a)
    model.add(days[1] <= b)
    excess = model.new_int_var(0, 7, "")
    model.add(excess >= 2 - sum(days))
    follows = told(model, [a, b], 5 * excess)
    assert [does_of(follows, each) for each in days] == [[HIGHEST], [HIGHEST]]
    assert does_of(follows, excess) == [LOWEST]
    assert follows.level.tolist() == [0, 0, 1, 1, 2]
    assert follows.cost.tolist() == [0, 0, 0, 0, 5]


def test_a_goal_that_is_to_be_most_costs_what_it_lacks() -> None:
    model, (a,) = made(1)
    there = model.new_bool_var("")
    model.add(there <= a)
    follows = told(model, [a], 3 * there, "max")
    assert follows.cost.tolist() == [0, -3]
    assert does_of(follows, there) == [HIGHEST]


def test_an_equation_says_what_its_last_variable_is_and_is_owned_once() -> None:
    model, (a, b, c) = made(3)
    one, same = model.new_bool_var(""), model.new_bool_var("")
    model.add(a + b == one)
    model.add(a + b == one)
    model.add(one + c == same)
    model.add(same <= 0)
    follows = told(model, [a, b, c], cp_model.LinearExpr.sum([c]))
    assert does_of(follows, one) == [EQUAL]
    assert does_of(follows, same) == [EQUAL]
    assert follows.level.tolist() == [0, 0, 0, 1, 2]
    assert follows.most.tolist() == [1, 1, 1, 1, 0]  # a row of one variable is a bound


def test_what_must_hold_has_no_owner() -> None:
    model, (a, b) = made(2)
    model.add_at_most_one([a, b])
    model.add_exactly_one([a, ~b])
    follows = told(model, [a, b], cp_model.LinearExpr.sum([a]))
    assert follows.does.tolist() == [HARD, HARD]
    assert (follows.owner == -1).all()


def test_a_row_under_a_condition_leaves_room_without_it() -> None:
    """With a + b <= 1 where c holds: a + b + c <= 2; where it does not: a + b - c <= 1."""
    model, (a, b, c) = made(3)
    model.add(a + b <= 1).only_enforce_if(c)
    model.add(a + b <= 1).only_enforce_if(~c)
    follows = told(model, [a, b, c], cp_model.LinearExpr.sum([a]))
    assert follows.rows.vars.tolist() == [0, 1, 2, 0, 1, 2]
    assert follows.rows.coefs.tolist() == [1, 1, 1, 1, 1, -1]
    assert follows.rows.hi.tolist() == [2, 1]


def test_what_goes_in_circles_stays_as_it_is() -> None:
    model, (a,) = made(1)
    one, other = model.new_bool_var(""), model.new_bool_var("")
    model.add(one + a >= other)
    model.add(other + a >= one)
    follows = told(model, [a], one + other)
    assert follows.still.tolist() == [False, True, True]
    assert (follows.does == HARD).all()


def test_gaps_in_what_is_allowed_are_not_for_annealing() -> None:
    model, (a, b) = made(2)
    model.add_linear_expression_in_domain(a + 2 * b, cp_model.Domain.from_values([0, 1, 3]))
    slices = Slices(model, np.array([0, 1]), ENDLESS)
    assert following(slices, Objective.of(a + b, "min")) is None


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ([1, 0, 0], True),
        ([1, 1, 0], True),
        ([1, 1, 1], False),
        ([0, 0, 0], False),
        ([2, 0, 0], False),
        ([1, -1, 0], False),
    ],
)
def test_whether_values_hold_in_all_rows(values: list[int], *, holds: bool) -> None:
    model, (a, b, c) = made(3)
    model.add_bool_or([a, b])
    model.add(a + b <= 1).only_enforce_if(c)
    assert Slices(model, np.array([0, 1, 2]), ENDLESS).holds(np.array(values)) is holds


def test_values_in_a_gap_do_not_hold() -> None:
    model, (a, b) = made(2)
    model.add_linear_expression_in_domain(a + 2 * b, cp_model.Domain.from_values([0, 1, 3]))
    slices = Slices(model, np.array([0, 1]), ENDLESS)
    assert [slices.holds(np.array(each)) for each in ([0, 0], [0, 1], [1, 1])] == [True, False, True]

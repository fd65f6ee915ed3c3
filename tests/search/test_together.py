"""Goals searched as one: which are, what the sum says, and that each comes to what it would have by itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import pytest
from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.search import goal as search
from scheduler.search.results import OutOfTimeError, Reached
from scheduler.search.together import LEAST, WIDEST, as_one, groups
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from tests.search.test_neighbourhoods import two_classes


def goal(terms: cp_model.LinearExprT, sense: str = "max", held: tuple[cp_model.LinearExprT, ...] = ()) -> Goal:
    return Goal("classes", None, sense, "sessions", terms, 0, held=held)  # type: ignore[arg-type]  # one of the two


def test_goals_are_one_as_long_as_their_values_multiplied_are_not_too_many() -> None:
    model = cp_model.CpModel()
    wide, narrow = model.new_int_var(-5, WIDEST // 10, "wide"), model.new_int_var(0, 8, "narrow")
    nine = goal(1 * narrow)
    assert list(groups(model, [])) == []
    assert list(groups(model, [goal(2 * wide)])) == [(0, 1)]
    assert list(groups(model, [nine] * 9)) == [(0, 9)]  # 9 ** 9 < 10 ** 9 < 9 ** 10
    assert list(groups(model, [nine] * 10)) == [(0, 9), (9, 10)]
    assert list(groups(model, [nine, goal(2 * wide), nine, goal(0)])) == [(0, 1), (1, 2), (2, 4)]


def test_a_goal_that_has_more_held_than_itself_is_the_last_of_its_group() -> None:
    model = cp_model.CpModel()
    few = model.new_int_var(0, 3, "few")
    holds = goal(1 * few, held=(1 * few,))
    assert list(groups(model, [goal(1 * few), holds, goal(1 * few), goal(1 * few)])) == [(0, 2), (2, 4)]


@pytest.mark.parametrize("seed", range(40))
def test_the_sum_orders_solutions_as_the_goals_do_one_after_another(seed: int) -> None:
    random = Random(seed)
    model = cp_model.CpModel()
    ends = [(random.randint(-3, 0), random.randint(0, 3)) for _ in range(3)]
    variables = [model.new_int_var(low, high, "x") for low, high in ends]
    rows = [[random.randint(-3, 3) for _ in variables] for _ in range(3)]
    senses = [random.choice(("min", "max")) for _ in rows]
    expressions = [cp_model.LinearExpr.weighted_sum(variables, row) + random.randint(-9, 9) for row in rows]
    one = as_one(model, [goal(terms, sense) for terms, sense in zip(expressions, senses, strict=True)])
    assert isinstance(one.terms, cp_model.LinearExpr)
    flat = cp_model.FlatIntExpr(one.terms)
    found = []
    for values in product(*(range(low, high + 1) for low, high in ends)):
        of = {variable.index: value for variable, value in zip(variables, values, strict=True)}
        total = sum(factor * of[each.index] for each, factor in zip(flat.vars, flat.coeffs, strict=True))
        plain = [sum(a * b for a, b in zip(row, values, strict=True)) for row in rows]
        found.append((tuple(-v if sense == "max" else v for v, sense in zip(plain, senses, strict=True)), total))
    for (key, total), (other, others) in product(found, found):
        assert (key < other) == (total < others)


def stages_of(seed: int) -> list[tuple[str, str | None, int, int]]:
    outcome = solve(two_classes(), time_limit=20, seed=seed)
    assert isinstance(outcome, Solved)
    timetable: Timetable = outcome.timetable
    assert timetable.status == "optimal"
    return [(stage.stage, stage.of, stage.value, stage.bound) for stage in timetable.stages]


def test_stages_proved_together_are_what_they_are_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TOGETHER_SHARE", 1.0)
    asked: list[tuple[str, bool]] = []
    whole = search.GoalSearch.whole

    def counted(self: search.GoalSearch, goal: Goal, *a: object, **k: object) -> object:
        asked.append((goal.stage, bool(k.get("quiet"))))
        return whole(self, goal, *a, **k)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(search.GoalSearch, "whole", counted)
    together = stages_of(1)
    assert ("classes", True) in asked, "the first goals are tried as one"
    assert ("classes", False) not in asked, "what is proved together is not searched again"
    asked.clear()
    monkeypatch.setattr(search.GoalSearch, "together", lambda *_: None)
    assert stages_of(1) == together
    assert ("classes", False) in asked
    assert not any(quiet for _, quiet in asked)


@pytest.mark.parametrize("found", [True, False])
def test_what_is_not_proved_together_is_searched_one_by_one(monkeypatch: pytest.MonkeyPatch, found: bool) -> None:
    together = stages_of(1)
    asked: list[str] = []
    whole = search.GoalSearch.whole

    def unproved(self: search.GoalSearch, goal: Goal, *a: object, **k: object) -> Reached:
        if k.get("quiet"):
            if not found:
                raise OutOfTimeError
            return replace(whole(self, goal, *a, **k), bound=LEAST)  # type: ignore[arg-type]  # as it is called
        asked.append(goal.stage)
        return whole(self, goal, *a, **k)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(search.GoalSearch, "whole", unproved)
    assert stages_of(1) == together
    assert "classes" in asked or found, "what is found together may be seen to be the best there is"

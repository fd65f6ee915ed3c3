"""Goals searched as one: which are, what the sum says, and that each comes to what it would have by itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product
from random import Random
from typing import ClassVar, Literal

import pytest
from ortools.sat.python import cp_model

from scheduler.model.build import build, candidates_of
from scheduler.model.objective import Goal, goals
from scheduler.placements.facts import Facts
from scheduler.search.goal import GoalSearch
from scheduler.search.results import Limits, OutOfTimeError, Progress, Reached
from scheduler.search.stages import run
from scheduler.search.together import LEAST, WIDEST, as_one, groups
from scheduler.search.whole import InVain
from scheduler.solve import Solved, Undecided, solve
from scheduler.timetable import Timetable
from tests.search.test_neighbourhoods import two_classes
from tests.search.test_parts import two_halls

Sense = Literal["max", "min"]
BOTH: tuple[Sense, Sense] = ("max", "min")


def goal(terms: cp_model.LinearExprT, sense: Sense = "max", held: tuple[cp_model.LinearExprT, ...] = ()) -> Goal:
    return Goal("classes", None, sense, "sessions", terms, 0, held=held)


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
    senses = [random.choice(BOTH) for _ in rows]
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


class Asked(GoalSearch):
    """Notes of which stages the whole model is searched, and whether several goals at once."""

    stages: ClassVar[list[tuple[str, bool]]] = []
    unproved: ClassVar[bool] = False
    without_time: ClassVar[bool] = False

    def whole(
        self,
        goal: Goal,
        number: int,
        budget: float,
        *,
        quiet: bool = False,
        in_vain: InVain | None = None,
        known: int | None = None,
    ) -> Reached:
        self.stages.append((goal.stage, quiet))
        if quiet and self.without_time:
            self.asked_to_stop()  # as the search itself asks
            raise OutOfTimeError
        reached = super().whole(goal, number, budget, quiet=quiet, in_vain=in_vain, known=known)
        return replace(reached, bound=LEAST) if quiet and self.unproved else reached


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> type[Asked]:
    monkeypatch.setattr("scheduler.search.goal.TOGETHER_SHARE", 1.0)
    monkeypatch.setattr("scheduler.search.stages.GoalSearch", Asked)
    monkeypatch.setattr(Asked, "stages", [])
    return Asked


def test_stages_proved_together_are_what_they_are_one_by_one(
    asked: type[Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    together = stages_of(1)
    assert ("classes", True) in asked.stages, "the first goals are tried as one"
    assert ("classes", False) not in asked.stages, "what is proved together is not searched again"
    asked.stages.clear()
    monkeypatch.setattr(asked, "together", lambda *_: None)
    assert stages_of(1) == together
    assert ("classes", False) in asked.stages
    assert not any(quiet for _, quiet in asked.stages)


@pytest.mark.parametrize("how", ["unproved", "without_time"])
def test_what_is_not_proved_together_is_searched_one_by_one(
    asked: type[Asked], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    together = stages_of(1)
    asked.stages.clear()
    monkeypatch.setattr(asked, how, True)
    assert stages_of(1) == together
    assert ("classes", True) in asked.stages
    assert ("classes", False) in asked.stages


def test_who_stops_while_goals_are_searched_together_hears_no_second_search(
    asked: type[Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no plan yet, and there is none to be: the end is the end."""
    monkeypatch.setattr(asked, "without_time", True)
    outcome = solve(two_classes(), time_limit=20, stop=lambda: bool(asked.stages))
    assert isinstance(outcome, Undecided)
    assert asked.stages == [("classes", True)]


def test_nothing_is_searched_together_without_time(asked: type[Asked], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.search.goal.TOGETHER_SHARE", 0.0)
    stages_of(1)
    assert not any(quiet for _, quiet in asked.stages)


def test_an_audit_searches_goal_by_goal(asked: type[Asked]) -> None:
    """Its steps are counted, and the stages of an audit are what they were before."""
    assert isinstance(solve(two_classes(), time_limit=20, audit=True), Solved)
    assert ("classes", False) in asked.stages
    assert not any(quiet for _, quiet in asked.stages)


def test_what_has_parts_is_searched_part_by_part(asked: type[Asked], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.search.parts.LEAST_PART", 3)
    facts = Facts(two_halls())
    variables = build(facts, candidates_of(facts))
    limits = Limits(budget=20, deterministic=False, workers=2, seed=1)
    for in_parts in (False, True):
        asked.stages.clear()
        fresh = build(facts, variables.candidates)
        run(fresh, goals(fresh, 1), replace(limits, in_parts=in_parts), remake=partial(goals, seed=1))
        assert (("classes", True) in asked.stages) != in_parts


def test_of_a_search_of_several_goals_nobody_is_told_the_sum(asked: type[Asked]) -> None:
    told: list[Progress] = []
    assert isinstance(solve(two_classes(), time_limit=20, progress=told.append), Solved)
    assert ("classes", True) in asked.stages
    classes = [each for each in told if each.stage == "classes"]
    assert classes
    assert all(0 <= number <= 2 for each in classes for number in (each.incumbent, each.bound) if number is not None)

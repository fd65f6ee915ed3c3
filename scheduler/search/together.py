"""Goals that follow one another as one: the sum in which one unit of the earlier outweighs all of the later.

Where it is proved the best, each of them is, with those before it held; and one search takes less time than many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.search.parts import end_of

WIDEST = 10**9
"""So many values the sum may have at most: solvers do worse with larger numbers."""
LEAST = -(2**62)


def groups(model: cp_model.CpModel, goals: Sequence[Goal]) -> Iterator[tuple[int, int]]:
    """From which goal to which, the end apart, they can be one; each is in one group.

    A goal that has more held than its own value ends a group: what is held then is not known before.
    """
    begin, values = 0, 1
    for number, goal in enumerate(goals):
        wide = _values(model, goal)
        if number > begin and (values * wide > WIDEST or goals[number - 1].held):
            yield begin, number
            begin, values = number, 1
        values *= wide
    if goals:
        yield begin, len(goals)


def as_one(model: cp_model.CpModel, goals: Sequence[Goal]) -> Goal:
    """The sum, to be made small; told of as the first of them."""
    weights = [1 if goal.sense == "min" else -1 for goal in goals]
    outweighs = 1
    for number in reversed(range(len(goals))):
        weights[number] *= outweighs
        outweighs *= _values(model, goals[number])
    terms = cp_model.LinearExpr.weighted_sum([goal.terms for goal in goals], weights)
    return Goal(goals[0].stage, goals[0].of, "min", goals[0].unit, terms, LEAST, reported=False)


def _values(model: cp_model.CpModel, goal: Goal) -> int:
    """How many values a goal may have, by the domains of its variables."""
    if goal.forced or isinstance(goal.terms, int) or not isinstance(goal.terms, cp_model.LinearExpr):
        return 1
    flat = cp_model.FlatIntExpr(goal.terms)
    widths = (end_of(model, each, high=True) - end_of(model, each, high=False) for each in flat.vars)
    return 1 + sum(abs(coefficient) * width for coefficient, width in zip(flat.coeffs, widths, strict=True))

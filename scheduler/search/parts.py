"""Parts of a model that have nothing to do with each other: no constraint speaks of two of them.

Rooms of different kinds that nobody asks for together are such parts. The best of a sum over parts is the sum of what
is best in each, and is proved much sooner: a search of all together tries what is open in one part anew for each thing
that is open in another (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ortools.sat.python import cp_model

from scheduler.model.objective import Goal

LEAST_PART = 100
"""Variables; parts that have fewer are taken together as one."""


def parts_of(model: cp_model.CpModel) -> list[int]:
    """The number of the part that each variable of a model is in; all in one where a constraint is not understood."""
    proto = model.proto
    parent = list(range(len(proto.variables)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for constraint in proto.constraints:
        variables = _variables(constraint)
        if variables is None:
            return [0] * len(parent)
        first, *others = [root(max(number, -number - 1)) for number in variables] or [0]
        for other in others:
            parent[root(other)] = root(first)
    roots = [root(number) for number in range(len(parent))]
    size: dict[int, int] = {}
    for each in roots:
        size[each] = size.get(each, 0) + 1
    large = {each: n for n, each in enumerate(sorted(e for e, count in size.items() if count >= LEAST_PART), 1)}
    return [large.get(each, 0) for each in roots]


def end_of(model: cp_model.CpModel, variable: cp_model.IntVar, *, high: bool) -> int:
    """The least value that a variable may have, or the highest."""
    domain = model.proto.variables[variable.index].domain
    return int(domain[len(domain) - 1] if high else domain[0])


def _variables(constraint: Any) -> list[int] | None:
    """The variables and literals of a constraint, None where it is of a kind that no posting makes."""
    found = list(constraint.enforcement_literal)
    for kind in ("bool_or", "bool_and", "at_most_one", "exactly_one"):
        if getattr(constraint, f"has_{kind}")():
            return [*found, *getattr(constraint, kind).literals]
    if constraint.has_linear():
        return [*found, *constraint.linear.vars]
    if constraint.has_lin_max():
        there = constraint.lin_max
        return [*found, *there.target.vars, *(number for each in there.exprs for number in each.vars)]
    return None


def apart(model: cp_model.CpModel, goal: Goal, parts: Sequence[int]) -> Iterator[tuple[int, Goal]]:
    """A goal as one for each part that it speaks of, the smallest part first; together they are its terms.

    What belongs to no part, the constant, goes with the first.
    """
    if isinstance(goal.terms, int) or not isinstance(goal.terms, cp_model.LinearExpr):
        return
    flat = cp_model.FlatIntExpr(goal.terms)
    of: dict[int, list[tuple[cp_model.IntVar, int]]] = {}
    for variable, coefficient in zip(flat.vars, flat.coeffs, strict=True):
        of.setdefault(parts[variable.index], []).append((variable, coefficient))
    offset = flat.offset
    for part, terms in sorted(of.items(), key=lambda each: (len(each[1]), each[0])):
        variables, coefficients = [v for v, _ in terms], [c for _, c in terms]
        best = offset + sum(c * end_of(model, v, high=(c > 0) == (goal.sense == "max")) for v, c in terms)
        yield (
            part,
            replace(
                goal,
                terms=cp_model.LinearExpr.weighted_sum(variables, coefficients) + offset,
                limit=best,
            ),
        )
        offset = 0

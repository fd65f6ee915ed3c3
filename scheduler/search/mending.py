"""What annealing left broken is mended: small models place the sessions of what does not hold, and those near, anew."""

from __future__ import annotations

import random

import numpy as np
from ortools.sat.python import cp_model

from scheduler.search.choosing import Chooser
from scheduler.search.effort import Effort
from scheduler.search.landscape import Plan
from scheduler.search.rows import Rows
from scheduler.search.slices import Numbers

FIRST_SIZE, LARGER, MOST_BROKEN = 20, 1.5, 40
"""Sessions set free at first; by how much more after each failure; and with more rows broken it is not tried."""
STEP_SECONDS = 4.0


def mended(rows: Rows, value: Numbers, effort: Effort) -> Numbers | None:
    """A solution of the whole model that differs from some values near what they break; None if none is found.

    Args:
        rows: of the whole model, and its goal, for which the sessions set free are placed as well as they can be.
        value: of all variables; some rows do not hold.
        effort: what may be spent on it.
    """
    slices, look = rows.slices, rows.landscape
    placement = {variable: number for number, variable in rows.variables.items()}
    rng, size = random.Random(effort.seed), float(FIRST_SIZE)
    broken = slices.broken(value)
    while 0 < len(broken) <= MOST_BROKEN and not effort.over:
        plan: dict[str, tuple[int, ...]] = {}
        for variable in np.flatnonzero(slices.choices & (value == 1)).tolist():
            number = placement[variable]
            request = look.placements[number].request.id
            plan[request] = (*plan.get(request, ()), number)
        in_them = {look.placements[placement[each]].request.id for each in _taken(rows, value, broken)}
        free = _free(rows, plan, sorted(in_them), rng, int(size))
        piece = slices.cut(free, value, rows.objective)
        status, solver = effort.solve(piece.model, rng.randrange(2**31), STEP_SECONDS)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            value = piece.whole(value, solver.response_proto.solution)
            broken = slices.broken(value)
        else:
            size *= LARGER
    return value if slices.holds(value) else None


def _taken(rows: Rows, value: Numbers, broken: Numbers) -> list[int]:
    """The choices that are taken in some rows, or behind what is in them."""
    slices = rows.slices
    found: set[int] = set()
    for row in broken.tolist():
        for variable in slices.vars[slices.ptr[row] : slices.ptr[row + 1]].tolist():
            if slices.choices[variable]:
                found.add(variable)
            elif value[variable] != slices.least[variable]:
                found.update(slices.behind(variable).tolist())
    return [variable for variable in found if value[variable] == 1]


def _free(rows: Rows, plan: Plan, requests: list[str], rng: random.Random, size: int) -> Numbers:
    """The variables of what some requests, and those that rules set beside them, could take beside the others."""
    chooser = Chooser(rows.landscape, plan, rng)
    found = list(requests)
    for request in requests:
        found += sorted(chooser.in_the_way(request, max(1, size // len(requests))))
    choice = chooser.around(list(dict.fromkeys(found)), size)
    stays = {number for there in choice.stays.values() for number in there}
    there = rows.landscape.open(choice.opened, choice.stays)
    numbers = {int(number) for each in there.values() for number in each} - stays
    numbers |= {number for request in choice.opened for number in plan.get(request, ())} - stays
    return np.array(sorted(rows.variables[number] for number in numbers), dtype=np.int64)

"""What annealing left broken is mended: small models place the sessions of what does not hold, and those near, anew."""

from __future__ import annotations

import random

import numpy as np
from ortools.sat.python import cp_model

from scheduler.search.choosing import Chooser
from scheduler.search.effort import Effort
from scheduler.search.landscape import Landscape
from scheduler.search.neighbourhoods import Whole
from scheduler.search.slices import Numbers, Slices

FIRST_SIZE, LARGER, MOST_BROKEN = 20, 1.5, 40
"""Sessions set free at first; by how much more after each failure; and with more rows broken it is not tried."""
STEP_SECONDS = 4.0


def mended(whole: Whole, look: Landscape, effort: Effort) -> Numbers | None:
    """A solution of the whole model that differs from some values near what they break; None if none is found.

    Args:
        whole: the model, its goal, for which the sessions set free are placed as well as they can be, and for a
            solution values in which some rows do not hold.
        look: its placements.
        effort: what may be spent on it.
    """
    slices, value = whole.slices, whole.solution
    rng, size = random.Random(effort.seed), float(FIRST_SIZE)
    broken = slices.broken(value)
    while 0 < len(broken) <= MOST_BROKEN and not effort.over:
        plan: dict[str, tuple[int, ...]] = {}
        for variable in np.flatnonzero(slices.choices & (value == 1)).tolist():
            number = whole.placements[variable]
            request = look.placements[number].request.id
            plan[request] = (*plan.get(request, ()), number)
        in_them = {look.placements[whole.placements[each]].request.id for each in _taken(slices, value, broken)}
        free = _free(look, Chooser(look, plan, rng), sorted(in_them), int(size))
        chosen = np.array(sorted(whole.variables[number] for number in free), dtype=np.int64)
        piece = slices.cut(chosen, value, whole.objective)
        status, solver = effort.solve(piece.model, rng.randrange(2**31), STEP_SECONDS)
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        after = piece.whole(value, solver.response_proto.solution) if found else value
        left = slices.broken(after)
        if len(left) < len(broken):
            value, broken = after, left
        else:
            size *= LARGER
    return value if slices.holds(value) else None


def _taken(slices: Slices, value: Numbers, broken: Numbers) -> list[int]:
    """The choices that are taken in some rows, or behind what is in them."""
    found: set[int] = set()
    for row in broken.tolist():
        for variable in slices.vars[slices.ptr[row] : slices.ptr[row + 1]].tolist():
            if slices.choices[variable]:
                found.add(variable)
            elif value[variable] != slices.least[variable]:
                found.update(slices.behind(variable).tolist())
    return [variable for variable in found if value[variable] == 1]


def _free(look: Landscape, chooser: Chooser, requests: list[str], size: int) -> set[int]:
    """What some requests, those in their way, and those that rules set beside them could take beside the others."""
    found = list(requests)
    for request in requests:
        found += sorted(chooser.in_the_way(request, max(1, size // len(requests))))
    choice = chooser.around(list(dict.fromkeys(found)), size)
    there = look.open(choice.opened, choice.stays)
    numbers = {int(number) for each in there.values() for number in each}
    numbers |= {number for request in choice.opened for number in chooser.plan.get(request, ())}
    return numbers - {number for each in choice.stays.values() for number in each}

"""The compiled core of annealing: values are put in, all that follows from them is computed, and it can be taken back.

Arrays in, arrays changed in place. Nothing here knows what a rule means: a model is what `following` made of its rows.
Compiled when first called; the machine code is kept beside this file, or in the user's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from scheduler.search.following import ANY, EQUAL, HARD, LOWEST
from scheduler.search.slices import Numbers

Indices = npt.NDArray[np.int32]
"""Half as long as others: more of them fit into the processor's caches."""
Function = TypeVar("Function", bound=Callable[..., Any])
GOAL, BROKEN, PRICED = range(3)
"""Totals: of the goal, of what is broken, and the same at its prices."""


def compiled(function: Function) -> Function:
    """The function in machine code, that other threads run beside; kept on disk where there is a place for it."""
    try:
        made = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # neither beside this file nor at home anything can be written
        made = numba.njit(nogil=True)(function)
    return cast(Function, made)


class Model(NamedTuple):
    """Rows, with `begins` as in `slices`; `beside_*` are of each variable the entries of rows that it does not own."""

    begins: Indices
    vars: Indices
    lo: Numbers
    hi: Numbers
    does: Indices
    owner: Indices
    weight: Numbers
    beside_begins: Indices
    beside_rows: Indices
    beside_coefs: Numbers
    own_begins: Indices
    own_rows: Indices
    level: Indices
    least: Numbers
    most: Numbers
    cost: Numbers
    choice: Indices
    """Of each variable the number of the placement that it stands for, or -1."""


class State(NamedTuple):
    """Values, sums of rows without their owners, prices of broken rows (the last is of all domains), totals, a log."""

    value: Numbers
    act: Numbers
    price: Numbers
    total: Numbers
    turn: Indices
    """Of each level, the first variable that is out of date, or -1; `after` is the next one, -2: up to date."""
    after: Indices
    changed: Indices
    was: Numbers
    touched: Indices
    by: Numbers
    filled: Numbers
    """How much of the log there is: variables, rows; 1 when it was too short."""
    sessions: Numbers
    """The placements that are taken."""
    best: Numbers
    """Those of the best plan that breaks nothing; `found` is its goal."""
    found: Numbers


@compiled
def outside(value: int, least: int, most: int) -> int:
    """By how much a number is outside of its bounds."""
    return int(max(0, value - most) + max(0, least - value))


@compiled
def put(model: Model, state: State, variable: int, value: int) -> None:
    """Give one variable a value, and note what is out of date because of that."""
    filled, total = state.filled, state.total
    if filled[0] >= len(state.changed):
        filled[2] = 1
        return
    old = state.value[variable]
    state.value[variable] = value
    state.changed[filled[0]] = variable
    state.was[filled[0]] = old
    filled[0] += 1
    total[GOAL] += model.cost[variable] * (value - old)
    least, most = model.least[variable], model.most[variable]
    more = outside(value, least, most) - outside(old, least, most)
    if more != 0:
        total[BROKEN] += more
        total[PRICED] += state.price[-1] * more
    for entry in range(model.beside_begins[variable], model.beside_begins[variable + 1]):
        if filled[1] >= len(state.touched):
            filled[2] = 1
            return
        row = model.beside_rows[entry]
        step = model.beside_coefs[entry] * (value - old)
        before = state.act[row]
        state.act[row] = before + step
        state.touched[filled[1]] = row
        state.by[filled[1]] = step
        filled[1] += 1
        if model.does[row] == HARD:
            more = outside(before + step, model.lo[row], model.hi[row]) - outside(before, model.lo[row], model.hi[row])
            if more != 0:
                total[BROKEN] += more
                total[PRICED] += state.price[row] * more
        else:
            owner = model.owner[row]
            if state.after[owner] == -2:
                level = model.level[owner]
                state.after[owner] = state.turn[level]
                state.turn[level] = owner


@compiled
def follows(model: Model, state: State, variable: int) -> int:
    """What a variable is, by the rows that it owns."""
    begin, end = model.own_begins[variable], model.own_begins[variable + 1]
    row = model.own_rows[begin]
    does = model.does[row]
    if does == EQUAL:
        return int((model.hi[row] - state.act[row]) * model.weight[row])
    if does == ANY:
        return 1 if state.act[row] > 0 else 0
    if does == LOWEST:
        value = model.least[variable]
        for entry in range(begin, end):
            row = model.own_rows[entry]
            value = max(value, -((model.hi[row] - state.act[row]) // -model.weight[row]))
        return int(value)
    value = model.most[variable]
    for entry in range(begin, end):
        row = model.own_rows[entry]
        value = min(value, (model.hi[row] - state.act[row]) // model.weight[row])
    return int(value)


@compiled
def follow(model: Model, state: State, most: float) -> bool:
    """Compute what is out of date, level by level; false when what is broken costs too much, and it is left at that."""
    for level in range(1, len(state.turn)):
        if state.total[PRICED] > most:
            return False
        while state.turn[level] != -1:
            variable = state.turn[level]
            state.turn[level] = state.after[variable]
            state.after[variable] = -2
            value = follows(model, state, variable)
            if value != state.value[variable]:
                put(model, state, variable, value)
    return bool(state.total[PRICED] <= most and state.filled[2] == 0)


@compiled
def undo(state: State, goal: int, broken: int, priced: int) -> None:
    """Take everything in the log back."""
    for level in range(1, len(state.turn)):
        while state.turn[level] != -1:
            variable = state.turn[level]
            state.turn[level] = state.after[variable]
            state.after[variable] = -2
    for at in range(state.filled[0] - 1, -1, -1):
        state.value[state.changed[at]] = state.was[at]
    for at in range(state.filled[1]):
        state.act[state.touched[at]] -= state.by[at]
    state.total[GOAL], state.total[BROKEN], state.total[PRICED] = goal, broken, priced
    state.filled[:] = 0


@compiled
def settle(model: Model, state: State) -> None:
    """Compute everything from the choices."""
    for variable in range(len(state.value)):
        if model.own_begins[variable] < model.own_begins[variable + 1]:
            level = model.level[variable]
            state.after[variable] = state.turn[level]
            state.turn[level] = variable
    for level in range(1, len(state.turn)):
        while state.turn[level] != -1:
            variable = state.turn[level]
            state.turn[level] = state.after[variable]
            state.after[variable] = -2
            state.filled[:] = 0
            put(model, state, variable, follows(model, state, variable))
    state.filled[:] = 0


@compiled
def weigh(model: Model, state: State, base: int, more: float, less: float) -> None:
    """Prices of what is broken rise by a factor, those of what holds fall to what all cost at least."""
    total = state.total
    total[PRICED] = 0
    priced = 0
    for row in range(len(model.lo)):
        if model.does[row] == HARD:
            broken = outside(state.act[row], model.lo[row], model.hi[row])
            factor = more if broken else less
            state.price[row] = min(max(base, int(state.price[row] * factor) + (1 if broken else 0)), 10**9)
            total[PRICED] += state.price[row] * broken
            priced += broken
    state.price[-1] = base
    total[PRICED] += base * (total[BROKEN] - priced)

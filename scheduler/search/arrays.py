"""What the compiled core of annealing works on: arrays. Nothing here knows what a rule means (see `following`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

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


class Places(NamedTuple):
    """Of each placement: variable, time, space, and from where to where its like is in two orders.

    The like: of the same request; at the same time besides, in the order by time; in the same space, in the other.
    """

    variable: Numbers
    time: Numbers
    space: Numbers
    by_time: Numbers
    by_space: Numbers
    of_from: Numbers
    of_to: Numbers
    time_from: Numbers
    time_to: Numbers
    space_from: Numbers
    space_to: Numbers

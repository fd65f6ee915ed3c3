"""What follows from the choices of a whole model: every other variable as a function of those before it.

An auxiliary variable is as low, or as high, as the rows that speak of it allow, whichever is better for the goal; an
equation gives it outright. So a plan can be weighed without a solver: the choices are set, the others are
computed in the order of their levels, and rows that say nothing of one variable alone hold or are broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from scheduler.search.slices import ENDLESS, Mask, Numbers, Objective, Slices

HARD, LOWEST, HIGHEST, EQUAL, ANY = range(5)
"""What a row does: it must hold; it says how low its owner can be, how high, what it is; or that it is 1 when
anything in the row is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """`lo <= sum of coefficient x variable <= hi`, row after row, with `<=` alone but where `lo` is `hi`."""

    begins: Numbers
    vars: Numbers
    coefs: Numbers
    lo: Numbers
    hi: Numbers

    @property
    def numbers(self) -> Numbers:
        """Of each entry the row."""
        return np.repeat(np.arange(len(self.lo)), np.diff(self.begins))


@dataclass(frozen=True, slots=True)
class Following:
    """The rows and what each does for which variable; of the variables the bounds, the levels and the costs."""

    rows: Rows
    does: Numbers
    owner: Numbers
    """-1 where a row has none."""
    weight: Numbers
    """The owner's coefficient."""
    level: Numbers
    """0: choices, and what nothing gives a value: that stays as it is."""
    still: Mask
    least: Numbers
    most: Numbers
    cost: Numbers
    """In the goal, as one that is to be least."""
    choices: Mask


def following(slices: Slices, objective: Objective) -> Following | None:
    """Tell what follows from what, for one goal; None where rows have gaps in what they allow."""
    if slices.domains:
        return None
    least, most = _bounds(slices)
    cost = np.zeros(len(least), dtype=np.int64)
    sign = 1 if objective.sense == "min" else -1
    np.add.at(cost, objective.variables, sign * objective.coefficients)
    return _Reading(_one_sided(slices), slices.choices, least, most, cost).done()


def _bounds(slices: Slices) -> tuple[Numbers, Numbers]:
    """Of each variable the least and the most, with what rows of one variable say."""
    least, most = slices.least.copy(), slices.most.copy()
    for row in np.flatnonzero(np.diff(slices.ptr) == 1).tolist():
        if row in slices.enforced:
            continue
        variable, by = int(slices.vars[slices.ptr[row]]), int(slices.coefs[slices.ptr[row]])
        low, high = int(slices.lo[row]), int(slices.hi[row])
        if by < 0:
            by, low, high = -by, -high, -low
        if low > -ENDLESS:
            least[variable] = max(least[variable], -(-low // by))
        if high < ENDLESS:
            most[variable] = min(most[variable], high // by)
    return least, most


def _one_sided(slices: Slices) -> Rows:
    parts = [*_unconditional(slices), *_conditional(slices)]
    lengths, *rest = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Rows(np.concatenate([[0], np.cumsum(lengths)]), *rest)


Part = tuple[Numbers, Numbers, Numbers, Numbers, Numbers]
"""Of some rows the lengths, their variables and coefficients, lo and hi."""


def _unconditional(slices: Slices) -> Iterator[Part]:
    always = np.ones(len(slices.lo), dtype=bool)
    always[list(slices.enforced)] = False
    lengths = np.diff(slices.ptr)
    number = np.repeat(np.arange(len(slices.lo)), lengths)
    same = slices.lo == slices.hi
    none = np.full(len(slices.lo), -ENDLESS)
    at_most, at_least = ~same & (slices.hi < ENDLESS), ~same & (slices.lo > -ENDLESS)
    for which, sign, lo, hi in (
        (same, 1, slices.lo, slices.hi),
        (at_most, 1, none, slices.hi),
        (at_least, -1, none, -slices.lo),
    ):
        mask = always & which
        entries = mask[number]
        yield lengths[mask], slices.vars[entries], sign * slices.coefs[entries], lo[mask], hi[mask]


def _conditional(slices: Slices) -> Iterator[Part]:
    """Rows that count under conditions: without one of these there is room for whatever the row can come to."""
    for row, conditions in slices.enforced.items():
        entries = slice(slices.ptr[row], slices.ptr[row + 1])
        there = slices.coefs[entries] != 0
        names, coefs = slices.vars[entries][there], slices.coefs[entries][there]
        for sign, end in ((1, int(slices.hi[row])), (-1, -int(slices.lo[row]))):
            if end >= ENDLESS:
                continue
            most = int(np.maximum(sign * coefs * slices.least[names], sign * coefs * slices.most[names]).sum())
            room = max(0, most - end)
            extra = [each if each >= 0 else -each - 1 for each in conditions]
            by = [room if each >= 0 else -room for each in conditions]
            hi = end + room * sum(each >= 0 for each in conditions)
            yield (
                np.array([len(names) + len(extra)]),
                np.array([*names, *extra]),
                np.array([*(sign * coefs), *by]),
                np.array([-ENDLESS]),
                np.array([hi]),
            )


class _Reading:
    """Goes from the goal back to the choices."""

    def __init__(self, rows: Rows, choices: Mask, least: Numbers, most: Numbers, cost: Numbers) -> None:
        self.rows, self.choices, self.least, self.most, self.cost = rows, choices, least, most, cost
        self.number = rows.numbers
        self.does = np.full(len(rows.lo), HARD, dtype=np.int64)
        self.owner = np.full(len(rows.lo), -1, dtype=np.int64)
        self.weight = np.zeros(len(rows.lo), dtype=np.int64)
        self.wanted: list[int] = (np.sign(cost) * ~choices).tolist()
        """1: low, -1: high, 0: not known, or there is nothing to want."""
        self.said = choices.copy()
        """What a row gives outright, choices among it."""
        self.entries = np.argsort(rows.vars, kind="stable")
        self.first = np.searchsorted(rows.vars[self.entries], np.arange(len(least) + 1))

    def done(self) -> Following:
        """All of it."""
        self._equations(self.choices)
        wanted = np.array(self.wanted)
        self._back(np.flatnonzero((wanted != 0) & ~self.said).tolist())
        last = self._last_in_equations()
        self.open = np.bincount(self.number, ~self.said[self.rows.vars], len(self.rows.lo))
        for variable in reversed(np.flatnonzero(~self.said).tolist()):  # the last are nearest to the goal
            if not self.wanted[variable] and variable not in last:
                self.wanted[variable] = self._guess(variable)
                self._back([variable] if self.wanted[variable] else [])
        known = np.ones(len(self.said), dtype=bool)
        known[list(last)] = False
        self._equations(known)
        # What an equation gives is that, whatever other rows say: those must hold.
        given = np.zeros(len(self.said), dtype=bool)
        given[self.owner[self.does == EQUAL]] = True
        others = (self.owner >= 0) & (self.does != EQUAL) & given[self.owner]
        self.does[others], self.owner[others] = HARD, -1
        self._merge()
        level, still = self._levels()
        return Following(
            self.rows,
            self.does,
            self.owner,
            self.weight,
            level,
            still,
            self.least,
            self.most,
            self.cost,
            self.choices,
        )

    def _of(self, variable: int) -> list[tuple[int, int]]:
        """(row, coefficient) where a variable is."""
        there = self.entries[self.first[variable] : self.first[variable + 1]]
        return list(zip(self.number[there].tolist(), self.rows.coefs[there].tolist(), strict=True))

    def _row(self, row: int) -> Iterable[tuple[int, int]]:
        there = slice(self.rows.begins[row], self.rows.begins[row + 1])
        return zip(self.rows.vars[there].tolist(), self.rows.coefs[there].tolist(), strict=True)

    def _equations(self, known: Mask) -> None:
        """An equation with one variable that is not known says what that one is."""
        rows, number = self.rows, self.number
        others = ~known[rows.vars]
        alone = (np.bincount(number, others, len(rows.lo)) == 1) & (rows.lo == rows.hi) & (self.owner < 0)
        says = others & alone[number] & (np.abs(rows.coefs) == 1)
        _, once = np.unique(rows.vars[says], return_index=True)
        entries = np.flatnonzero(says)[once]
        self.does[number[entries]] = EQUAL
        self.owner[number[entries]] = rows.vars[entries]
        self.weight[number[entries]] = rows.coefs[entries]
        self.said[rows.vars[entries]] = True

    def _last_in_equations(self) -> set[int]:
        """Of each equation with several variables that are not known, the one made last: it was made for that."""
        rows, number = self.rows, self.number
        open_ = ~self.said[rows.vars] & ((rows.lo == rows.hi) & (self.owner < 0))[number]
        found: dict[int, int] = {}
        for row, variable in zip(number[open_].tolist(), rows.vars[open_].tolist(), strict=True):
            if not self.wanted[variable]:
                found[row] = max(variable, found.get(row, -1))
        return set(found.values())

    def _back(self, queue: list[int]) -> None:
        """The rows that say how low or high a variable is become its own; what these press on is wanted otherwise."""
        while queue:
            variable = queue.pop()
            want = self.wanted[variable]
            for row, coefficient in self._of(variable):
                if self.owner[row] >= 0 or self.rows.lo[row] == self.rows.hi[row] or coefficient * want >= 0:
                    continue
                self.does[row] = LOWEST if want > 0 else HIGHEST
                self.owner[row], self.weight[row] = variable, coefficient
                for other, by in self._row(row):
                    if other != variable and not self.wanted[other] and not self.said[other]:
                        self.wanted[other] = 1 if by > 0 else -1
                        queue.append(other)

    def _guess(self, variable: int) -> int:
        """Low where a row of known ones presses it up, else high where one presses it down."""
        found = {
            1 if coefficient < 0 else -1
            for row, coefficient in self._of(variable)
            if self.owner[row] < 0 and self.rows.lo[row] != self.rows.hi[row] and self.open[row] == 1
        }
        return max(found, default=0)

    def _merge(self) -> None:
        """Rows that each say of one literal that it implies the owner become one: any of these literals does."""
        rows, number, two = self.rows, self.number, (self.least == 0) & (self.most == 1)
        mine = self.owner[number] == rows.vars
        fits = np.where(mine, rows.coefs == -1, rows.coefs == 1) & two[rows.vars]
        single = (self.does == LOWEST) & (rows.hi == 0) & (np.diff(rows.begins) == 2)
        single &= np.bincount(number, fits, len(rows.lo)) == 2
        owned = np.bincount(self.owner[self.owner >= 0], minlength=len(two))
        alike = np.bincount(self.owner[single], minlength=len(two))
        gone = single & ((alike > 1) & (alike == owned))[self.owner]
        # The owner is not an entry of the new row: what it is follows from the others alone.
        entries, stays = gone[number] & ~mine, ~gone[number]
        owners = self.owner[number[entries]]
        order = np.argsort(owners, kind="stable")
        names, sizes = np.unique(owners, return_counts=True)
        self.rows = Rows(
            np.concatenate([[0], np.cumsum(np.concatenate([np.diff(rows.begins)[~gone], sizes]))]),
            np.concatenate([rows.vars[stays], rows.vars[entries][order]]),
            np.concatenate([rows.coefs[stays], np.ones(len(owners), dtype=np.int64)]),
            np.concatenate([rows.lo[~gone], np.full(len(names), -ENDLESS)]),
            np.concatenate([rows.hi[~gone], np.zeros(len(names), dtype=np.int64)]),
        )
        self.does = np.concatenate([self.does[~gone], np.full(len(names), ANY)])
        self.owner = np.concatenate([self.owner[~gone], names])
        self.weight = np.concatenate([self.weight[~gone], np.full(len(names), -1)])
        self.number = self.rows.numbers

    def _levels(self) -> tuple[Numbers, Mask]:
        """Each variable after those it follows from; what goes in circles, or has no rows of its own, stays still."""
        rows, mine = self.rows, self.owner >= 0
        count = len(self.choices)
        level = np.zeros(count, dtype=np.int64)
        owned = np.bincount(self.owner[mine], minlength=count) > 0
        others = rows.vars != self.owner[self.number]
        known = ~owned
        while True:
            unknown = np.bincount(self.number, others & ~known[rows.vars], len(rows.lo)) > 0
            waits = np.bincount(self.owner[mine & unknown], minlength=count) > 0
            ready = owned & ~known & ~waits
            if not ready.any():
                break
            highest = np.zeros(len(rows.lo), dtype=np.int64)
            np.maximum.at(highest, self.number, np.where(others, level[rows.vars], 0))
            at = mine & ready[self.owner]
            np.maximum.at(level, self.owner[at], highest[at] + 1)
            known |= ready
        circular = owned & ~known
        lost = mine & circular[self.owner]
        self.does[lost], self.owner[lost] = HARD, -1
        return level, ~self.choices & (~owned | circular)

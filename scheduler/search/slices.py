"""Small models cut out of the whole one: what stays is put in as numbers, and only rows with something free are left.

The whole model was posted once, in Python; to post a part of it anew takes longer than to solve that part. Here it is
kept as sparse rows in numpy, and a part of it is a matter of some array operations, whatever rules it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LINEAR, AT_MOST_ONE, EXACTLY_ONE, ANY = range(4)
ENDLESS = 2**62
HOPS = 4
"""How far a choice reaches through auxiliary variables."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A linear goal over the variables of the whole model."""

    sense: str
    variables: Numbers
    coefficients: Numbers
    offset: int

    @classmethod
    def of(cls, terms: cp_model.LinearExprT, sense: str) -> Objective:
        """The goal as arrays."""
        flat = cp_model.FlatIntExpr(cp_model.LinearExpr.sum([terms]))
        variables = np.array([each.index for each in flat.vars], dtype=np.int64)
        coefficients = np.array([int(each) for each in flat.coeffs], dtype=np.int64)
        negated = variables < 0
        # A negated literal counts 1 less its variable.
        offset = int(flat.offset) + int(coefficients[negated].sum())
        coefficients = np.where(negated, -coefficients, coefficients)
        return cls(sense, np.where(negated, -variables - 1, variables), coefficients, offset)

    def value(self, solution: Numbers) -> int:
        """What a solution is worth."""
        return self.offset + int(self.coefficients @ solution[self.variables])


@dataclass(frozen=True, slots=True)
class Slice:
    """A small model, and the variables of the whole one that its own stand for, in order."""

    model: cp_model.CpModel
    free: Numbers
    sought: Numbers
    """Those of them that have a part in the goal."""

    def whole(self, base: Numbers, solution: Sequence[int]) -> Numbers:
        """A solution of the whole model: the one that it was cut out of, with what the small one found."""
        found = base.copy()
        found[self.free] = np.array(solution, dtype=np.int64)
        return found


class Slices:
    """The rows of a model: `lo <= sum of coefficient x variable <= hi`; literals as variables, or 1 less one.

    Args:
        model: the whole model, to which rows may still be added (see `extend`).
        choices: the variables that make a plan; all others follow from them, or are as small as they allow.
        held: how many constraints the model had before those that hold what earlier goals came to: these join
            everything, and set nothing free.
    """

    def __init__(self, model: cp_model.CpModel, choices: Numbers, held: int) -> None:
        self.model = model
        self._first_held, self._read = held, 0
        self.ptr, self.vars, self.coefs, self.lo, self.hi, self.kind = (
            np.array(each, dtype=np.int64) for each in ([0], [], [], [], [], [])
        )
        self.domains: dict[int, list[int]] = {}
        """Of rows whose values are not one interval."""
        self.enforced: dict[int, list[int]] = {}
        """The literals with which a row counts, where it does not always."""
        domains = [list(each.domain) for each in model.proto.variables]
        self.least = np.array([each[0] for each in domains], dtype=np.int64)
        self.most = np.array([each[-1] for each in domains], dtype=np.int64)
        self.choices = np.zeros(len(domains), dtype=bool)
        self.choices[choices] = True
        self.held = ENDLESS
        self.known = self.extend()
        """Whether all rows are of a kind that can be cut."""

    def extend(self) -> bool:
        """Read the rows that the model has since; whether all are of a kind that can be cut."""
        constraints = self.model.proto.constraints
        new = _Rows(len(self.lo))
        for number in range(self._read, len(constraints)):
            if number == self._first_held:
                self.held = new.count
            if not self._row_of(constraints[number], new):
                return False
        self._read = len(constraints)
        self.ptr = np.concatenate([self.ptr, len(self.vars) + np.array(new.ends, dtype=np.int64)])
        for name in ("vars", "coefs", "lo", "hi", "kind"):
            both = np.concatenate([getattr(self, name), np.array(getattr(new, name), dtype=np.int64)])
            setattr(self, name, both)
        row_of = np.repeat(np.arange(new.count), np.diff(self.ptr))
        order = np.argsort(self.vars, kind="stable")
        self.rows_of = row_of[order]
        self.first = np.searchsorted(self.vars[order], np.arange(len(self.least) + 1))
        # An equation between choices and one other variable says what that one is.
        others = ~self.choices[self.vars]
        alone = np.bincount(row_of, others, len(self.lo)) == 1
        says = (others & (alone & (self.lo == self.hi))[row_of]).nonzero()[0]
        self.said_by = np.full(len(self.least), -1, dtype=np.int64)
        self.said_by[self.vars[says]] = row_of[says]
        return True

    def _row_of(self, proto: Any, new: _Rows) -> bool:
        conditions = list(proto.enforcement_literal)
        if proto.has_linear():
            linear = proto.linear
            row = new.count
            domain = list(linear.domain)
            # A condition is an entry that counts nothing: what sets it free touches the row.
            entries = [*zip(linear.vars, linear.coeffs, strict=True), *((_variable(each), 0) for each in conditions)]
            if conditions:
                self.enforced[row] = conditions
            if len(domain) > 2:  # the ends of one interval
                self.domains[row] = domain
            new.add(LINEAR, entries, max(domain[0], -ENDLESS), min(domain[-1], ENDLESS))
        elif proto.has_bool_or():
            new.literals(ANY, [*proto.bool_or.literals, *(-each - 1 for each in conditions)])
        elif proto.has_bool_and():
            for literal in proto.bool_and.literals:
                new.literals(ANY, [literal, *(-each - 1 for each in conditions)])
        elif proto.has_at_most_one() and not conditions:
            new.literals(AT_MOST_ONE, list(proto.at_most_one.literals))
        elif proto.has_exactly_one() and not conditions:
            new.literals(EXACTLY_ONE, list(proto.exactly_one.literals))
        else:
            return False
        return True

    def holds(self, solution: Numbers) -> bool:
        """Whether all rows hold in values of the whole model, and all values are in their domains."""
        outside = (solution < self.least).any() or (solution > self.most).any()
        return not (outside or len(self.broken(solution)))

    def broken(self, solution: Numbers) -> Numbers:
        """The rows that do not hold in values of the whole model."""
        number = np.repeat(np.arange(len(self.lo)), np.diff(self.ptr))
        sums = np.bincount(number, self.coefs * solution[self.vars], len(self.lo)).astype(np.int64)
        bad = (sums < self.lo) | (sums > self.hi)
        for row, domain in self.domains.items():
            pairs = zip(domain[::2], domain[1::2], strict=True)
            bad[row] = not any(low <= sums[row] <= high for low, high in pairs)
        for row, conditions in self.enforced.items():
            bad[row] &= all(solution[_variable(each)] == int(each >= 0) for each in conditions)
        return np.flatnonzero(bad)

    def touched(self, free: Numbers) -> Numbers:
        """The rows in which one of some variables is."""
        return np.unique(self.rows_of[_ranges(self.first[free], self.first[free + 1])])

    def reach(self, chosen: Numbers) -> Mask:
        """What is free when some choices are: those, and the auxiliary variables that may follow from them."""
        free = np.zeros(len(self.least), dtype=bool)
        free[chosen] = True
        front, said = chosen, np.zeros(len(self.lo) + 1, dtype=bool)
        for hop in range(HOPS):
            rows = self.touched(front)
            if not hop:
                said[rows] = True
            rows = rows[rows < self.held]
            beside = self.vars[_ranges(self.ptr[rows], self.ptr[rows + 1])]
            by = self.said_by[beside]
            front = np.unique(beside[~free[beside] & ~self.choices[beside] & ((by < 0) | said[by])])
            if not len(front):
                break
            free[front] = True
        return free

    def costing(self, base: Numbers, objective: Objective) -> tuple[Numbers, Numbers]:
        """The auxiliary variables that cost something in a solution (of a goal that is least), and how much."""
        costs = objective.coefficients * (base - self.least)[objective.variables]
        there = (costs > 0) & ~self.choices[objective.variables]
        return objective.variables[there], costs[there]

    def behind(self, variable: int) -> Numbers:
        """The choices from which an auxiliary variable follows, by way of others if need be."""
        front, seen = np.array([variable], dtype=np.int64), np.zeros(len(self.least), dtype=bool)
        found: list[Numbers] = []
        for _ in range(HOPS):
            said = self.said_by[front]
            rows = np.unique(np.concatenate([said[said >= 0], self.touched(front[said < 0])]))
            rows = rows[rows < self.held]
            beside = np.unique(self.vars[_ranges(self.ptr[rows], self.ptr[rows + 1])])
            beside = beside[~seen[beside]]
            seen[beside] = True
            found.append(beside[self.choices[beside]])
            front = beside[~self.choices[beside]]
            if len(found[-1]):  # what is near is found: only equations lead on to more of it
                front = front[self.said_by[front] >= 0]
            if not len(front):
                break
        return np.concatenate(found)

    def cut(self, chosen: Numbers, base: Numbers, objective: Objective) -> Slice:
        """A small model in which some choices are free, and the others have the values of a solution.

        What follows from those values is not free either: it is found row by row until nothing more follows.
        """
        free = self.reach(chosen)
        rows = self.touched(np.flatnonzero(free))
        entries = _ranges(self.ptr[rows], self.ptr[rows + 1])
        part = _Part(
            rows=rows,
            place=np.repeat(np.arange(len(rows)), self.ptr[rows + 1] - self.ptr[rows]),
            variables=self.vars[entries],
            coefficients=self.coefs[entries],
        )
        always = np.ones(len(rows), dtype=bool)
        always[[place for place, row in enumerate(rows.tolist()) if row in self.enforced]] = False
        two = (self.most - self.least) == 1
        while True:
            low, high = self._activity(part, free, base)
            above, below = (
                np.where(always, self.hi[rows] - low, ENDLESS),
                np.where(always, high - self.lo[rows], ENDLESS),
            )
            step = np.abs(part.coefficients)
            stuck = free[part.variables] & two[part.variables] & (step > np.minimum(above, below)[part.place])
            if not stuck.any():
                break
            free[part.variables[stuck]] = False
        there = np.bincount(part.place, free[part.variables], len(rows)) > 0
        open_rows = there & ~((low >= self.lo[rows]) & (high <= self.hi[rows]))
        return self._posted(part, open_rows, free, base, objective)

    def _activity(self, part: _Part, free: Mask, base: Numbers) -> tuple[Numbers, Numbers]:
        """The least and the most that each row can come to."""
        ends = part.coefficients * self.least[part.variables], part.coefficients * self.most[part.variables]
        is_free, value = free[part.variables], part.coefficients * base[part.variables]
        low, high = np.where(is_free, np.minimum(*ends), value), np.where(is_free, np.maximum(*ends), value)
        return part.summed(low), part.summed(high)

    def _posted(self, part: _Part, open_rows: Mask, free: Mask, base: Numbers, objective: Objective) -> Slice:
        model = cp_model.CpModel()
        proto: Any = model.proto
        used = np.zeros(len(free), dtype=bool)
        used[part.variables[open_rows[part.place]]] = True
        used[objective.variables] = True
        free = free & used
        chosen, local = np.flatnonzero(free), np.cumsum(free) - 1
        for low, high in zip(self.least[chosen].tolist(), self.most[chosen].tolist(), strict=True):
            proto.variables.add().domain.extend([low, high])
        is_free = free[part.variables]
        fixed = part.summed(np.where(is_free, 0, part.coefficients * base[part.variables])).tolist()
        kept = open_rows[part.place] & is_free
        place, names, weights = part.place[kept], local[part.variables[kept]], part.coefficients[kept]
        literals = np.where(weights >= 0, names, -names - 1).tolist()
        numbers, starts = np.unique(place, return_index=True)
        ends = [*starts.tolist(), len(place)][1:]
        named, weighed = names.tolist(), weights.tolist()
        kinds = self.kind[part.rows[numbers]].tolist()
        for number, kind, start, end in zip(numbers.tolist(), kinds, starts.tolist(), ends, strict=True):
            if kind == AT_MOST_ONE:
                proto.constraints.add().at_most_one.literals.extend(literals[start:end])
            elif kind == EXACTLY_ONE:
                proto.constraints.add().exactly_one.literals.extend(literals[start:end])
            elif kind == ANY:
                proto.constraints.add().bool_or.literals.extend(literals[start:end])
            else:
                row = int(part.rows[number])
                conditions = self._conditions(row, free, base, local)
                if conditions is not None:
                    constraint = proto.constraints.add()
                    constraint.enforcement_literal.extend(conditions)
                    counted = [at for at in range(start, end) if weighed[at]]
                    constraint.linear.vars.extend([named[at] for at in counted])
                    constraint.linear.coeffs.extend([weighed[at] for at in counted])
                    constraint.linear.domain.extend(self._domain(row, fixed[number]))
        sought = free[objective.variables]
        sign = 1 if objective.sense == "min" else -1
        proto.objective.vars.extend(local[objective.variables[sought]].tolist())
        proto.objective.coeffs.extend((sign * objective.coefficients[sought]).tolist())
        # No hint of what there is: of equal solutions another one may be found, and plateaus are wide.
        return Slice(model, chosen, objective.variables[sought])

    def _conditions(self, row: int, free: Mask, base: Numbers, local: Numbers) -> list[int] | None:
        """The literals with which a row still counts; None where it does not, whatever comes."""
        left = []
        for literal in self.enforced.get(row, ()):
            variable, value = _variable(literal), int(literal >= 0)
            if free[variable]:
                name = int(local[variable])
                left.append(name if value else -name - 1)
            elif base[variable] != value:
                return None
        return left

    def _domain(self, row: int, fixed: int) -> list[int]:
        domain = self.domains.get(row, [int(self.lo[row]), int(self.hi[row])])
        return [each if abs(each) >= ENDLESS else each - fixed for each in domain]


class _Rows:
    """Rows that are being read, after so many others."""

    def __init__(self, before: int) -> None:
        self._before = before
        self.ends: list[int] = []
        self.vars: list[int] = []
        self.coefs: list[int] = []
        self.lo: list[int] = []
        self.hi: list[int] = []
        self.kind: list[int] = []

    @property
    def count(self) -> int:
        """The number that the next row has."""
        return self._before + len(self.lo)

    def literals(self, kind: int, literals: list[int]) -> None:
        negated = sum(each < 0 for each in literals)
        lo, hi = {AT_MOST_ONE: (-ENDLESS, 1), EXACTLY_ONE: (1, 1), ANY: (1, ENDLESS)}[kind]
        entries = [(_variable(each), 1 if each >= 0 else -1) for each in literals]
        self.add(kind, entries, lo - negated if lo > -ENDLESS else lo, hi - negated if hi < ENDLESS else hi)

    def add(self, kind: int, entries: list[tuple[int, int]], lo: int, hi: int) -> None:
        self.vars += [variable for variable, _ in entries]
        self.coefs += [coefficient for _, coefficient in entries]
        self.ends.append(len(self.vars))
        self.lo.append(lo)
        self.hi.append(hi)
        self.kind.append(kind)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows: their numbers, and of each entry the place of its row among them, the variable and the coefficient."""

    rows: Numbers
    place: Numbers
    variables: Numbers
    coefficients: Numbers

    def summed(self, values: Numbers) -> Numbers:
        """The sum of each row. Floating point adds whole numbers of less than 2**53 exactly."""
        return np.bincount(self.place, values, len(self.rows)).astype(np.int64)


def _variable(literal: int) -> int:
    return literal if literal >= 0 else -literal - 1


def _ranges(starts: Numbers, ends: Numbers) -> Numbers:
    """All numbers from each start to its end, one range after another."""
    lengths = ends - starts
    before = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(np.arange(int(lengths.sum())) - before + np.repeat(starts, lengths), dtype=np.int64)

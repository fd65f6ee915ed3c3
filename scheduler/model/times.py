"""All times at which sessions could be, numbered: which pairs of them stand in a relation, which share a moment.

A large problem has many placements and few times, so what concerns times alone is asked once for each pair of times,
for all at once, and never for pairs of placements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scheduler.constraints.terms import DatedRule
from scheduler.placements.candidates import Footprint, bits, cut
from scheduler.placements.facts import DAY, Facts

Pairs = npt.NDArray[np.bool_]
"""For each two times, by their numbers, whether something is so."""
MOST_ROWS = 4000
"""Above this many sets, looking for those that others contain costs more than it saves."""


class Times:
    """The times of a problem's placements; a time is known by its number."""

    def __init__(self, footprints: Iterable[Footprint], number: Mapping[Footprint, int] | None = None) -> None:
        """One number for each footprint; of known ones whose dates were cut, in their order, the number of each."""
        self.cut = number is not None
        self.all = list(dict.fromkeys(footprints) if number is None else footprints)
        self.number = {footprint: at for at, footprint in enumerate(self.all)} if number is None else number
        self.starts = np.array([each.start for each in self.all], dtype=np.int64)
        self.ends = np.array([each.end for each in self.all], dtype=np.int64)
        self.weekdays = _matrix([each.weekdays for each in self.all])
        self.weeks = _matrix([each.weeks for each in self.all])
        self.dates = _matrix([each.dates for each in self.all])
        self._known: dict[object, Pairs] = {}
        self._seen: dict[int, Times] = {}

    def seen_by(self, facts: Facts, rule: DatedRule) -> Times:
        """The same times, by the same numbers, with only the dates on which a rule holds."""
        dates = facts.season_of(rule)
        if dates is None:
            return self
        if dates not in self._seen:
            self._seen[dates] = Times((cut(facts, each, dates) for each in self.all), self.number)
        return self._seen[dates]

    def once(self, key: object, make: Callable[[], Pairs]) -> Pairs:
        """What was made for this key before, or is now."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    @cached_property
    def together(self) -> Pairs:
        """Whether two times have a date in common."""
        return common(self.dates)

    @cached_property
    def dated(self) -> Pairs:
        """Whether both of two times have a date at all; one that is only made up on a working weekend has none."""
        some = np.asarray(self.dates.any(axis=1))
        return np.asarray(some[:, None] & some[None, :])

    @cached_property
    def between(self) -> npt.NDArray[np.int64]:
        """Minutes from the end of the one to the start of the other, negative where their hours overlap."""
        late = self.starts[None, :] - self.ends[:, None]
        return np.asarray(np.maximum(late, late.T))

    @cached_property
    def moments(self) -> Pairs:
        """The sets of times, a row each, that share a moment of some date; none that another contains."""
        return largest(self._moments(self.starts, self.ends, self.dates, np.arange(len(self.all))))

    @cached_property
    def moments_of_the_night(self) -> Pairs:
        """The same, with what goes on past midnight counted on the dates on which it does."""
        late = [(number, days) for number, each in enumerate(self.all) for days in (1, 2) if each.end > days * DAY]
        if not late:
            return self.moments
        whose = np.array([*range(len(self.all)), *(number for number, _ in late)])
        shift = np.array([*(0 for _ in self.all), *(days * DAY for _, days in late)])
        dates = _matrix([*(each.dates for each in self.all), *(self.all[n].dates << days for n, days in late)])
        return largest(self._moments(self.starts[whose] - shift, self.ends[whose] - shift, dates, whose))

    def restricted(self, numbers: Sequence[int]) -> Pairs:
        """The sets of `moments` among some times only: a column for each of them, at least two in a row."""
        key = ("moments", tuple(numbers))
        return self.once(key, lambda: restricted(self.moments, numbers))

    def of_the_night(self, numbers: Sequence[int]) -> Pairs:
        """The sets of `moments_of_the_night` among some times only."""
        key = ("night", tuple(numbers))
        return self.once(key, lambda: restricted(self.moments_of_the_night, numbers))

    def _moments(
        self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], dates: Pairs, whose: npt.NDArray[np.int64]
    ) -> Pairs:
        """For each start, and each date of it, all that is under way."""
        found: dict[bytes, npt.NDArray[np.bool_]] = {}
        for number, start in enumerate(starts):
            under_way = np.flatnonzero((starts <= start) & (start < ends))
            columns = dates[under_way][:, np.flatnonzero(dates[number])]
            for column in {packed.tobytes(): at for at, packed in enumerate(np.packbits(columns, axis=0).T)}.values():
                row = np.zeros(len(self.all), dtype=bool)
                row[whose[under_way[columns[:, column]]]] = True
                found.setdefault(np.packbits(row).tobytes(), row)
        return np.array(list(found.values())) if found else np.zeros((0, len(self.all)), dtype=bool)


def largest(rows: Pairs) -> Pairs:
    """The rows without those that another contains."""
    if not 1 < len(rows) <= MOST_ROWS:
        return rows
    counts = rows.astype(np.float32)
    sizes = rows.sum(axis=1)
    inside = (counts @ counts.T >= sizes[:, None]) & (sizes[:, None] < sizes[None, :])
    kept: Pairs = rows[~inside.any(axis=1)]
    return kept


def restricted(rows: Pairs, columns: Sequence[int]) -> Pairs:
    """The rows cut down to some columns, each once; none with fewer than two, none that another contains."""
    cut = rows[:, columns]
    cut = cut[cut.sum(axis=1) > 1]
    return largest(np.unique(cut, axis=0)) if len(cut) else cut


def common(sets: Pairs) -> Pairs:
    """Whether two rows have something in common."""
    counts = sets.astype(np.float32)
    shared: Pairs = counts @ counts.T > 0
    return shared


def within(sets: Pairs) -> Pairs:
    """Whether one of two rows contains the other."""
    counts = sets.astype(np.float32)
    shared, sizes = counts @ counts.T, sets.sum(axis=1)
    contained: Pairs = shared >= np.minimum(sizes[:, None], sizes[None, :])
    return contained


def _matrix(masks: Sequence[int]) -> Pairs:
    matrix = np.zeros((len(masks), max((mask.bit_length() for mask in masks), default=1) or 1), dtype=bool)
    for row, mask in enumerate(masks):
        matrix[row, bits(mask)] = True
    return matrix

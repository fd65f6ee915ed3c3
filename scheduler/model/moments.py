"""Timelines: which placements may stand on one date, as intervals in minutes of that date.

Two kinds of timeline are posted. A *slot* timeline holds the weekly slots of series by their nominal dates; series
exclude each other there, whatever fell or was lost. A *dated* timeline is one date as it really is, with its dated
requests, its made-up sessions on a working weekend, and with a literal of its own for every series that may lose that
date. Dates that look alike are one timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from scheduler.placements.candidates import Placement
from scheduler.placements.facts import DAY, weekday_of

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import BoolVarT


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A placement on a timeline: the literal that it stands there, and its interval in minutes of the date."""

    literal: BoolVarT
    placement: Placement
    start: int
    end: int

    day: int
    """The ordinal of its own date; a timeline of slots has of each only dates of its own weekday."""

    @property
    def single(self) -> bool:
        """Whether the weekly slots say nothing of it: it is of a dated request, or on a made-up date."""
        return not self.placement.series or self.day in self.placement.made_up


@dataclass(frozen=True, eq=False)
class Timeline:
    """One date, or many alike: `day` is the ordinal of the first of them.

    Items of the evening before reach in with negative starts. `real` tells a dated timeline from a slot timeline.
    """

    day: int
    items: tuple[Item, ...]
    real: bool

    def on_atom(self, atom: str) -> list[Item]:
        """The items that occupy an atom, by start."""
        return self._by_atom.get(atom, [])

    def key(self, item: Item) -> tuple[int, int]:
        """(placement, ordinal of its own date): an item of the evening before keeps the date on which it began."""
        return item.placement.index, self.day + (item.start - item.placement.start) // DAY

    @property
    def atoms(self) -> list[str]:
        """All atoms with an item."""
        return sorted(self._by_atom)

    @cached_property
    def _by_atom(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        for item in self.items:
            for atom in item.placement.atoms:
                found.setdefault(atom, []).append(item)
        return found

    def anew(self, literal: Callable[[Placement, int], BoolVarT]) -> Timeline:
        """The same with the literals that the placements have by now."""
        return replace(self, items=tuple(replace(i, literal=literal(i.placement, i.day)) for i in self.items))


Occurring = Iterable[tuple[int, Placement]]
"""(ordinal of the date, placement) for every occurrence to be laid on timelines."""

ByDay = dict[int, list[Placement]]
"""The same, by the ordinal of the date."""


def by_day(occurring: Occurring) -> ByDay:
    """Occurrences by the ordinal of the date that they belong to."""
    days: ByDay = {}
    for day, placement in occurring:
        days.setdefault(day, []).append(placement)
    return days


def timelines(
    days: ByDay,
    literal: Callable[[Placement, int], BoolVarT],
    *,
    real: bool,
    reach: int,
    era: Callable[[int], int],
    wanted: Callable[[int], bool] = lambda day: True,
    alike: bool = True,
) -> Iterator[Timeline]:
    """One timeline for each set of dates on which the same literals stand at the same times.

    Args:
        days: the occurrences, by ordinal of their date.
        literal: the literal that a placement stands on a date.
        real: whether these are dates as they are, not slots.
        reach: the longest minutes that any rule asks between two bookings; so far a timeline looks back.
        era: of a date (an ordinal): dates of one era have the same rules in force.
        wanted: limits the dates.
        alike: dates that look alike are one timeline.
    """
    seen: set[tuple[object, ...]] = set()
    spill = {day + late for day, there in days.items() for late in (1, 2) if _latest(there) > late * DAY}
    for day in sorted(days.keys() | spill):
        if not wanted(day):
            continue
        there = sorted(_there(days, day, reach))
        if alike:
            # A window of some weekdays falls on dates of these only: on a working weekend one literal has several.
            told = ((literal(p, own).index, start, own in p.made_up, era(own)) for start, _, own, p in there)
            signature = (weekday_of(day), *told)
            if signature in seen:
                continue
            seen.add(signature)
        if there:
            items = (Item(literal(p, own), p, start, start + p.end - p.start, own) for start, _, own, p in there)
            yield Timeline(day, tuple(items), real)


def _latest(placements: list[Placement]) -> int:
    return max(placement.end for placement in placements)


def _there(days: ByDay, day: int, reach: int) -> Iterator[tuple[int, int, int, Placement]]:
    """(start, index, ordinal of its own date, placement) for all that a timeline of a date holds."""
    since = min(0, min((placement.start for placement in days.get(day, ())), default=reach) - reach)
    for back in (0, 1, 2):
        for placement in days.get(day - back, ()):
            if back == 0 or placement.end - back * DAY > since:
                yield placement.start - back * DAY, placement.index, day - back, placement

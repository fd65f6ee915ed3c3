"""Sweeps over time: what is under way together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from scheduler.verify.plan import Occurrence

Item = TypeVar("Item")


def overlapping(occurrences: Iterable[Occurrence]) -> Iterator[tuple[Occurrence, Occurrence]]:
    """Every pair with a moment in common, of occurrences in order of their start."""
    under_way: list[Occurrence] = []
    for later in occurrences:
        under_way = [earlier for earlier in under_way if earlier.ends > later.starts]
        for earlier in under_way:
            yield earlier, later
        under_way.append(later)


def stretches(
    spans: Iterable[tuple[datetime, datetime, Item]],
) -> Iterator[tuple[datetime, datetime, tuple[Item, ...]]]:
    """Every stretch between neighbouring starts and ends in which something is under way, with all that is."""
    waiting = sorted(spans, key=lambda span: (span[0], span[1]))
    points = sorted({point for starts, ends, _ in waiting for point in (starts, ends)})
    under_way: list[tuple[datetime, Item]] = []
    next_one = 0
    for now, then in pairwise(points):
        under_way = [one for one in under_way if one[0] > now]
        while next_one < len(waiting) and waiting[next_one][0] <= now:
            _, ends, item = waiting[next_one]
            if ends > now:
                under_way.append((ends, item))
            next_one += 1
        if under_way:
            yield now, then, tuple(item for _, item in under_way)

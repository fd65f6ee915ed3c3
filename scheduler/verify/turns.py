"""What the tables say about two bookings that follow one another: shared rooms, minutes owed, conversions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Space
from scheduler.verify.plan import Occurrence, Plan
from scheduler.verify.wall import MINUTE
from scheduler.verify.world import World, holds_on


def shares(rule: Sharing, occurrence: Occurrence) -> bool:
    """The booking is in exactly the rule's space, in its layout, with a use of its list, on a date of the rule."""
    here = occurrence.space.id == rule.space and occurrence.layout == rule.layout
    return here and occurrence.request.use in rule.uses and holds_on(rule, occurrence.date)


def covered(world: World, one: Occurrence, other: Occurrence) -> bool:
    """One sharing rule covers both: they may overlap, and owe each other no changeover."""
    return any(shares(rule, one) and shares(rule, other) for rule in world.rules(Sharing))


def speaks_of(rule: Changeover, before: Occurrence, after: Occurrence) -> bool:
    """The rule holds on the dates of both bookings."""
    return holds_on(rule, before.date) and holds_on(rule, after.date)


def _owes(rules: tuple[Changeover, ...], before: Occurrence, after: Occurrence) -> bool:
    """Some rule speaks of both bookings, and the gap between them is not so long that it lets nothing be owed."""
    gap = after.starts - before.ends
    return any(speaks_of(r, before, after) and gap < timedelta(minutes=r.nothing_owed_after_minutes) for r in rules)


def row(atom: Space, before: Occurrence, after: Occurrence) -> ChangeoverRow | None:
    """The first row of an atom's table that matches two occupants in this order; None: nothing is owed."""
    for candidate in atom.changeover:
        if candidate.layout_changes and before.layout == after.layout:
            continue
        if _fits(candidate.before, before) and _fits(candidate.after, after):
            return candidate
    return None


def _fits(pattern: Occupant, occurrence: Occurrence) -> bool:
    return (
        (not pattern.uses or occurrence.request.use in pattern.uses)
        and occurrence.request.use not in pattern.not_uses
        and (not pattern.layouts or occurrence.layout in pattern.layouts)
        and (not pattern.spaces or occurrence.space.id in pattern.spaces)
    )


@dataclass(frozen=True, eq=False, slots=True)
class Conversion:
    """Furniture is moved in [starts, later.starts), between the bookings `earlier` (one or more) and `later`."""

    starts: datetime
    later: Occurrence
    earlier: tuple[Occurrence, ...]


def conversions(plan: Plan) -> Iterator[Conversion]:
    """All conversions: one for each booking before which, on some atom, the last booking owes it a crew's row.

    Where several atoms owe one, the longest counts. Without a changeover rule nothing is owed, so there are none.
    """
    rules = plan.world.rules(Changeover)
    if not rules:
        return
    last_before = _LastBefore(plan)
    for later in plan.occurrences:
        longest, earlier = timedelta(), dict[int, Occurrence]()
        for atom in sorted(later.atoms):
            for before in last_before(atom, later):
                found = row(plan.world.spaces[atom], before, later)
                if found and found.crew and found.minutes and _owes(rules, before, later):
                    longest = max(longest, found.minutes * MINUTE)
                    earlier[id(before)] = before
        if earlier:
            yield Conversion(later.starts - longest, later, tuple(earlier.values()))


class _LastBefore:
    """Who was last in an atom before a booking, by the latest end; those who share with it do not count."""

    def __init__(self, plan: Plan) -> None:
        self._world = plan.world
        self._by_end = {atom: sorted(there, key=lambda o: (o.ends, o.order())) for atom, there in plan.on_atoms.items()}
        self._ends = {atom: [o.ends for o in there] for atom, there in self._by_end.items()}

    def __call__(self, atom: str, later: Occurrence) -> list[Occurrence]:
        there = self._by_end[atom]
        last: list[Occurrence] = []
        for before in reversed(there[: bisect_right(self._ends[atom], later.starts)]):
            if last and before.ends < last[0].ends:
                break
            if not covered(self._world, before, later):
                last.append(before)
        return last

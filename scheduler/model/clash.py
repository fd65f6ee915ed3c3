"""Whether two placements can stand side by side: one question over all rules that speak of pairs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from scheduler.constraints.terms import ConstraintBase
from scheduler.model.moments import Item
from scheduler.model.posts.attendees import in_two_places
from scheduler.model.posts.changeover import owing, too_close
from scheduler.model.posts.occupancy import crowded, overlap
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import DAY, Facts


class Near:
    """Placements by what they need: only those that need a common atom or a common person can clash."""

    def __init__(self, placements: Iterable[Placement]) -> None:
        self._needing: dict[tuple[str, str], list[Placement]] = {}
        for placement in placements:
            for need in _needs(placement):
                self._needing.setdefault(need, []).append(placement)

    def of(self, placement: Placement) -> list[Placement]:
        """Those that may clash with a placement, each once, in their own order for each need."""
        found = (rival for need in _needs(placement) for rival in self._needing.get(need, ()))
        return list(dict.fromkeys(found))


def _needs(placement: Placement) -> list[tuple[str, str]]:
    return [("atom", atom) for atom in placement.atoms] + [("person", who) for who in placement.request.people]


@dataclass(frozen=True, slots=True)
class Clash:
    """The rule by which two items exclude each other; `minutes` are owed and not there (changeover), else 0."""

    kind: str
    rule: ConstraintBase | None
    items: tuple[Item, Item]
    minutes: int = 0
    space: str = ""


def meetings(
    facts: Facts, a: Placement, b: Placement, days_a: Collection[int], days_b: Collection[int]
) -> Iterator[tuple[Item, Item]]:
    """Two placements as they stand beside each other on some of their dates (ordinals), where there is no model.

    One pair for each distance of the dates, and for each set of rules that hold on them.
    """
    for later in (0, -1, 1, -2, 2):
        seen = set()
        for day in sorted(days_a) if facts.turns else days_a:
            if day + later not in days_b:
                continue
            era = (facts.era(day), facts.era(day + later))
            if era in seen:
                continue
            seen.add(era)
            shift = later * DAY
            one = Item(None, a, a.start, a.end, day)  # type: ignore[arg-type]  # no model
            other = Item(None, b, b.start + shift, b.end + shift, day + later)  # type: ignore[arg-type]  # no model
            yield one, other
            if not facts.turns:
                break


def clash(facts: Facts, a: Item, b: Item) -> Clash | None:
    """The first rule that a and b break together on a timeline, or None."""
    shared = [atom for atom in a.placement.atoms if atom in b.placement.atoms]
    if shared and overlap(facts, a, b):
        return Clash("overlap", None, (a, b), space=shared[0])
    if shared and (rule := crowded(facts, a, b)):
        return Clash("sharing", rule, (a, b), space=shared[0])
    first, second = (a, b) if a.end <= b.start else (b, a)
    if first.end <= second.start:
        for atom in shared:
            if row := too_close(facts, atom, first, second):
                return Clash("changeover", owing(facts, first, second), (a, b), row.minutes, atom)
    if people := in_two_places(facts, a, b):
        return Clash("same_attendees", people, (a, b))
    return None

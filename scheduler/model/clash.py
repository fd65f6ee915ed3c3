"""Whether two placements can stand side by side: one question over all rules that speak of pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.constraints.changeover import Changeover
from scheduler.constraints.terms import ConstraintBase
from scheduler.model.moments import Item
from scheduler.model.posts.attendees import in_two_places
from scheduler.model.posts.changeover import too_close
from scheduler.model.posts.occupancy import crowded, overlap
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import Facts


class Near:
    """Placements by what they need: only those that need a common atom or a common person can clash."""

    def __init__(self, placements: Iterable[Placement]) -> None:
        self._needing: dict[tuple[str, str], list[Placement]] = {}
        for placement in placements:
            for need in _needs(placement):
                self._needing.setdefault(need, []).append(placement)

    def __bool__(self) -> bool:
        return bool(self._needing)

    def of(self, placement: Placement) -> list[Placement]:
        """Those that may clash with a placement, each once, in their own order for each need."""
        found = (rival for need in _needs(placement) for rival in self._needing.get(need, ()))
        return list(dict.fromkeys(found))


def _needs(placement: Placement) -> list[tuple[str, str]]:
    return [("atom", atom) for atom in placement.atoms] + [("person", who) for who in placement.request.people]


@dataclass(frozen=True, slots=True)
class Clash:
    """The rule by which two placements exclude each other; `minutes` are owed and not there (changeover), else 0."""

    kind: str
    rule: ConstraintBase | None
    minutes: int = 0
    space: str = ""


def clash(facts: Facts, a: Item, b: Item) -> Clash | None:
    """The first rule that a and b break together on a timeline, or None."""
    shared = [atom for atom in a.placement.atoms if atom in b.placement.atoms]
    if shared and overlap(facts, a, b):
        return Clash("overlap", None, space=shared[0])
    if shared and (rule := crowded(facts, a, b)):
        return Clash("sharing", rule, space=shared[0])
    first, second = (a, b) if a.end <= b.start else (b, a)
    if first.end <= second.start:
        for atom in shared:
            if row := too_close(facts, atom, first, second):
                return Clash("changeover", facts.rules(Changeover)[0], row.minutes, atom)
    if people := in_two_places(facts, a, b):
        return Clash("same_attendees", people)
    return None

"""What a change of rules would displace: the bookings of the release in force that would no longer hold."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.flow.problems import assemble
from api.flow.published import atoms_of
from api.flow.references import KIND_OF_FIELD
from api.flow.rounds import known_community
from api.store import parts, plans
from scheduler.constraints.terms import Sentence
from scheduler.problem import Space
from scheduler.timetable import Booking
from scheduler.verify import Violation, check

MOST_TOLD = 50
EARLY_HOURS = 12
"""A booking that starts before noon may be counted past midnight, and belong to the date before."""


class Standing:
    """The bookings of the release in force, and what was wrong with them before anything was changed.

    To be made before the change, in its transaction.
    """

    def __init__(self, tx: sa.Connection, community: str) -> None:
        self._tx, self._community = tx, community
        self._bookings: dict[str, list[Booking]] = defaultdict(list)
        self._dates: set[tuple[str, date]] = set()
        row = known_community(tx, community)
        release = plans.find_release(tx, community, row.in_force) if row.in_force else None
        zone = ZoneInfo(json.loads(row.document)["community"]["zone"])
        for each in plans.bookings(tx, release.id, standing_only=True) if release is not None else ():
            starts, ends = each.starts.astimezone(zone), each.ends.astimezone(zone)
            self._bookings[each.round].append(
                Booking(
                    request=each.request,
                    session=each.session,
                    starts=starts,
                    ends=ends,
                    space=each.space,
                    layout=each.layout,
                )
            )
            self._dates.add((each.request, starts.date()))
            if starts.hour < EARLY_HOURS:
                self._dates.add((each.request, starts.date() - timedelta(days=1)))
        self._before = self._found()

    def _found(self) -> frozenset[Violation]:
        """What does not hold of the bookings in the problems as they are now."""
        return frozenset(
            violation
            for round, bookings in self._bookings.items()
            for violation in check(assemble(self._tx, self._community, round), bookings)
        )

    def displaced(self) -> list[Violation]:
        """What does not hold now and did before: of bookings, not of dates that are merely free again."""
        new = self._found() - self._before
        return sorted((each for each in new if self._is_booked(each)), key=Violation.order)

    def _is_booked(self, violation: Violation) -> bool:
        day = violation.date
        return day is None or any((request, day) in self._dates for request in violation.requests)


def told(violations: Iterable[Violation]) -> list[dict[str, Any]]:
    """Violations as clients see them, the first of them."""
    return [each.model_dump(mode="json") for each in violations][:MOST_TOLD]


def named_spaces(tx: sa.Connection, community: str, rule: dict[str, Any]) -> Collection[str] | None:
    """The atomic parts of the spaces that a rule speaks of; None: it names none, and so speaks of all."""
    spaces = _spaces(tx, community)
    ids = {id for name, value in rule.items() if KIND_OF_FIELD.get(name) == "space" for id in _listed(value)}
    floors, sites = rule.get("floors") or (), rule.get("sites") or ()
    ids |= {each.id for each in spaces.values() if each.floor in floors or each.site in sites}
    if not ids:
        return None
    return {atom for id in ids if id in spaces for atom in atoms_of(spaces[id], spaces)}


def of_others(tx: sa.Connection, community: str, atoms: Collection[str], owner: str) -> list[str]:
    """The spaces of other owners that have any of these atomic parts."""
    spaces = _spaces(tx, community)
    return [
        row.id
        for row in parts.parts(tx, community, "space")
        if row.owner not in {"", owner} and not set(atoms).isdisjoint(atoms_of(spaces[row.id], spaces))
    ]


def _spaces(tx: sa.Connection, community: str) -> dict[str, Space]:
    rows = parts.parts(tx, community, "space")
    return {row.id: Space.model_validate_json(row.document) for row in rows}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def beyond_its_own(tx: sa.Connection, community: str, rule: dict[str, Any], owner: str) -> list[dict[str, Any]]:
    """Why a rule of an owner is not theirs alone to make: it speaks of others' spaces, or of the whole community."""
    atoms = named_spaces(tx, community, rule)
    if atoms is None:
        said = Sentence(
            zh="此规则不限于某个空间，须由管理员决定", en="it is not limited to a space; the manager decides"
        )
        return [{"rule": "whole_community", "sentence": said.model_dump()}]
    return [
        {
            "rule": "space_of_another",
            "space": id,
            "sentence": {
                "zh": f"{id} 属于其他单位，须由管理员决定",
                "en": f"{id} is another owner's; the manager decides",
            },
        }
        for id in of_others(tx, community, atoms, owner)
    ]

"""Releases as pages, calendars and clients see them: read back from what is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import TypeAdapter

from api.errors import refused
from api.feeds import Entry, Left, Named, Release, SpaceInfo
from api.store import deeds, parts, plans
from api.store.parts import Row
from scheduler.problem import Problem, Series, Space

CATALOGUE = TypeAdapter(Release)
"""A release without its entries: the names of all that the entries mention."""
MOST_TOLD = 50
"""Changed bookings that a refusal names."""


def current(tx: sa.Connection, community: str) -> Release | None:
    """The release in force; None when there is none, or no such community."""
    row = parts.find_community(tx, community)
    return read_release(tx, community, row.in_force) if row is not None and row.in_force else None


def read_release(tx: sa.Connection, community: str, number: int) -> Release:
    """One release, whole."""
    row = known_release(tx, community, number)
    entries = tuple(entry_of(each) for each in plans.bookings(tx, row.id))
    return replace(CATALOGUE.validate_json(row.catalogue), entries=entries)


def known_release(tx: sa.Connection, community: str, number: int) -> Row:
    """The stored release, or the refusal that there is none."""
    row = plans.find_release(tx, community, number)
    if row is None:
        raise refused("not_found", f"没有第 {number} 版发布", f"there is no release {number}")
    return row


def entry_of(row: Row) -> Entry:
    """A stored booking with its identity."""
    left = None
    if row.left_space is not None:
        left = Left(row.left_space, row.left_starts, row.left_ends, row.left_at)
    return Entry(
        uid=row.uid,
        sequence=row.sequence,
        created=row.created,
        modified=row.modified,
        status=row.status,
        request=row.request,
        session=row.session,
        use=row.use,
        applicant=row.applicant,
        space=row.space,
        layout=row.layout,
        headcount=row.headcount,
        starts=row.starts,
        ends=row.ends,
        left=left,
    )


def booking_row(entry: Entry, release_id: int, round: str) -> dict[str, Any]:
    """The row of a booking."""
    row = {name: getattr(entry, name) for name in Entry.__slots__ if name not in {"left", "note"}}
    left = entry.left
    row |= {
        "left_space": left.space if left else None,
        "left_starts": left.starts if left else None,
        "left_ends": left.ends if left else None,
        "left_at": left.at if left else None,
    }
    return row | {"release": release_id, "round": round}


def catalogue_of(problem: Problem, before: Release | None, *, number: int, released_at: Any, base_url: str) -> Release:
    """The names of a new release: those of the problem, and of what only older bookings mention."""
    spaces, called = {space.id: space for space in problem.spaces}, problem.names()
    new = Release(
        community=_named(problem.community),
        zone=problem.community.zone,
        number=number,
        released_at=released_at.astimezone(UTC),
        first_date=problem.season.first_date,
        last_date=problem.season.last_date,
        base_url=base_url,
        sites=tuple(map(_named, problem.sites)),
        spaces=tuple(
            SpaceInfo(s.id, s.name, s.name_en, s.site, s.floor, atoms_of(s, spaces), order)
            for order, s in enumerate(problem.spaces)
        ),
        uses=tuple(map(_named, problem.uses)),
        applicants=tuple(map(_named, problem.applicants)),
        requests=tuple(Named(r.id, called.zh(r.id), called.en(r.id)) for r in problem.requests),
        entries=(),
        provisional=_provisional(problem),
    )
    return new if before is None else _with_older(new, before)


def _with_older(new: Release, before: Release) -> Release:
    """What the release before named and the problem does not: requests of other rounds, spaces given up."""
    known = {each.id for each in new.requests}
    return replace(
        new,
        first_date=min(new.first_date, before.first_date),
        last_date=max(new.last_date, before.last_date),
        sites=new.sites + _only_in(before.sites, new.sites),
        spaces=new.spaces + _only_in(before.spaces, new.spaces),
        uses=new.uses + _only_in(before.uses, new.uses),
        applicants=new.applicants + _only_in(before.applicants, new.applicants),
        requests=new.requests + _only_in(before.requests, new.requests),
        provisional=new.provisional + tuple(each for each in before.provisional if each[0] not in known),
    )


def _provisional(problem: Problem) -> tuple[tuple[str, int], ...]:
    """(request, year) of all series whose calendar waits for the notice of a year of the season."""
    years = range(problem.season.first_date.year, problem.season.last_date.year + 1)
    waiting = {each.id: [year for year in years if year in each.provisional_years] for each in problem.calendars}
    return tuple(
        (request.id, year)
        for request in problem.requests
        if isinstance(request.when, Series)
        for year in waiting[request.when.calendar]
    )


def _only_in(before: Iterable[Any], new: Iterable[Any]) -> tuple[Any, ...]:
    known = {each.id for each in new}
    return tuple(each for each in before if each.id not in known)


def _named(each: Any) -> Named:
    return Named(each.id, each.name, each.name_en)


def atoms_of(space: Space, spaces: dict[str, Space]) -> tuple[str, ...]:
    """The atomic parts of a space, itself where it has none, in order of first mention."""
    if not space.parts:
        return (space.id,)
    found: dict[str, None] = {}
    for part in space.parts:
        found |= dict.fromkeys(atoms_of(spaces[part], spaces))
    return tuple(found)


def changes(before: Release | None, after: Release) -> dict[str, list[tuple[Entry | None, Entry]]]:
    """What a release changed: bookings `new`, `moved` (place or time), `changed` (else), `cancelled`; old beside new.

    A booking that was cancelled earlier and is only still shown is no change.
    """
    old = {entry.uid: entry for entry in before.entries} if before is not None else {}
    told: dict[str, list[tuple[Entry | None, Entry]]] = {"new": [], "moved": [], "changed": [], "cancelled": []}
    for entry in after.entries:
        was = old.get(entry.uid)
        if was is None:
            told["new"].append((None, entry))
        elif was.sequence != entry.sequence:
            told[_change(was, entry)].append((was, entry))
    return told


def _change(was: Entry, now: Entry) -> str:
    if now.status != was.status:
        return "cancelled" if now.status == "cancelled" else "new"
    same = (was.space, was.starts, was.ends) == (now.space, now.starts, now.ends)
    return "changed" if same else "moved"


def what_changed_since(tx: sa.Connection, community: str, seen: int, in_force: int) -> dict[str, Any]:
    """For whoever has seen an older release: those that came after it, by whom, and which bookings they changed.

    Args:
        tx: the transaction.
        community: whose releases.
        seen: number of the one that was seen, 0 for none; one that is not there has nothing behind it.
        in_force: number of the one in force.

    Returns:
        `since`, a list of releases; `changed`, a list of bookings by what became of them, of which at most
        `MOST_TOLD` are told; and `changes`, how many there are.
    """
    if not 0 <= seen < in_force:
        return {"since": [], "changed": [], "changes": 0}
    releases = [row for row in plans.releases(tx, community) if row.number > seen]
    told = [
        {
            "number": row.number,
            "released_at": row.released_at.isoformat(),
            "by": deeds.who(tx, community, "release", f"{row.number} {row.proposal}"),
            "round": row.round,
            "note": row.note,
        }
        for row in reversed(releases)
    ]
    after = read_release(tx, community, in_force)
    zone = ZoneInfo(after.zone)
    changed = [
        {
            "became": kind,
            "uid": now.uid,
            "request": now.request,
            "before": _where(was, zone),
            "after": _where(now, zone),
        }
        for kind, pairs in changes(read_release(tx, community, seen) if seen else None, after).items()
        for was, now in pairs
    ]
    return {"since": told, "changed": changed[:MOST_TOLD], "changes": len(changed)}


def _where(entry: Entry | None, zone: ZoneInfo) -> dict[str, str] | None:
    if entry is None or entry.status == "cancelled":
        return None
    starts, ends = (moment.astimezone(zone).isoformat() for moment in (entry.starts, entry.ends))
    return {"space": entry.space, "starts": starts, "ends": ends}

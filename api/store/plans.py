"""Proposals, releases, bookings and occupancy: written once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.tables import booking, occupancy, proposal, release

Row = sa.Row[Any]

CELLS_PER_RELEASE = 65_536
"""A release has at most so many atoms: `cell` is release times this, plus the atom's number."""


def add_proposal(tx: sa.Connection, now: datetime, **values: object) -> None:
    """A new proposal."""
    tx.execute(proposal.insert().values(created=now, **values))


def find_proposal(tx: sa.Connection, id: str) -> Row | None:
    """One proposal, with timetable and report."""
    return tx.execute(sa.select(proposal).where(proposal.c.id == id)).one_or_none()


def proposals(tx: sa.Connection, community: str, limit: int = 100) -> Sequence[Row]:
    """The latest proposals, newest first, without their documents."""
    columns = [column for column in proposal.c if column.name not in {"timetable", "report"}]
    query = sa.select(*columns).where(proposal.c.community == community)
    return tx.execute(query.order_by(proposal.c.created.desc(), proposal.c.id.desc()).limit(limit)).all()


def add_release(tx: sa.Connection, **values: object) -> int:
    """A new release, not in force yet: its rows are added next.

    Returns:
        The id that its bookings name.
    """
    return int(tx.execute(release.insert().values(**values).returning(release.c.id)).scalar_one())


def find_release(tx: sa.Connection, community: str, number: int) -> Row | None:
    """One release by its number."""
    query = sa.select(release).where(release.c.community == community, release.c.number == number)
    return tx.execute(query).one_or_none()


def releases(tx: sa.Connection, community: str) -> Sequence[Row]:
    """All releases of a community, newest first, without their documents."""
    columns = [column for column in release.c if column.name not in {"report", "catalogue", "ledger"}]
    query = sa.select(*columns).where(release.c.community == community)
    return tx.execute(query.order_by(release.c.number.desc())).all()


def add_bookings(tx: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """The bookings of a release that is being made."""
    if rows:
        tx.execute(booking.insert(), rows)


def add_occupancy(tx: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Who is where: hosts before the hosted. The database refuses what collides."""
    if rows:
        tx.execute(occupancy.insert(), rows)


def bookings(
    tx: sa.Connection,
    release_id: int,
    *,
    spaces: Sequence[str] = (),
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
    standing_only: bool = False,
) -> Sequence[Row]:
    """Bookings of a release in order of time.

    Args:
        tx: the transaction.
        release_id: the release's id.
        spaces: only these spaces, as booked; none named: all.
        starts_from: only those that end after it.
        starts_before: only those that start before it.
        standing_only: without the cancelled ones.
    """
    query = sa.select(booking).where(booking.c.release == release_id)
    if spaces:
        query = query.where(booking.c.space.in_(spaces))
    if starts_from is not None:
        query = query.where(booking.c.ends > starts_from)
    if starts_before is not None:
        query = query.where(booking.c.starts < starts_before)
    if standing_only:
        query = query.where(booking.c.status == "confirmed")
    return tx.execute(query.order_by(booking.c.starts, booking.c.space, booking.c.uid)).all()

"""Bookings of units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from api.store.tables import unit_booking

Row = sa.Row[Any]


def bookings(tx: sa.Connection, community: str, units: str, day: date) -> Sequence[Row]:
    """All of one date in order of block, unit and turn, those that were released too."""
    b = unit_booking.c
    query = sa.select(unit_booking).where(b.community == community, b.units == units, b.date == day)
    return tx.execute(query.order_by(b.block, b.unit, b.turn)).all()


def add(tx: sa.Connection, **values: object) -> None:
    """A new holder of a unit; refused by the database where somebody has that turn."""
    tx.execute(unit_booking.insert().values(**values))


def find(tx: sa.Connection, community: str, id: str) -> Row | None:
    """One booking."""
    query = sa.select(unit_booking).where(unit_booking.c.community == community, unit_booking.c.id == id)
    return tx.execute(query).one_or_none()


def change(tx: sa.Connection, id: str, **values: object) -> None:
    """Signed in, or given back."""
    tx.execute(unit_booking.update().where(unit_booking.c.id == id).values(**values))

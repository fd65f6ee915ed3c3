"""Changes that operators' programs are told: written once, read from a cursor on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from api.store.rule_tables import change, constraint_version
from api.store.tables import entity

Row = sa.Row[Any]
Kind = Literal["constraint", "release"]


def tell(
    tx: sa.Connection, community: str, kind: Kind, subject: str, *, at: datetime, owner: str = "", **document: object
) -> None:
    """One change more.

    Nobody who has read up to a cursor may miss a smaller one: there is one writer at a time (`api.store.engine`), so
    that numbers are seen in the order in which they are given out.
    """
    text = json.dumps(document, ensure_ascii=False)
    row = {"community": community, "kind": kind, "subject": subject, "owner": owner, "at": at, "document": text}
    tx.execute(change.insert().values(**row))


def news(tx: sa.Connection, after: int, *, owner: str | None = None, limit: int) -> Sequence[Row]:
    """Changes behind a cursor, oldest first; of an owner: of their rules, and releases where they have anything."""
    columns: list[Any] = [change.c.id.label("cursor"), *(each for each in change.c if each is not change.c.id)]
    query = sa.select(*columns).where(change.c.id > after)
    if owner is not None:
        released = (change.c.kind == "release") & change.c.community.in_(communities_of(tx, owner))
        query = query.where((change.c.owner == owner) | released)
    return tx.execute(query.order_by(change.c.id).limit(limit)).all()


def newest(tx: sa.Connection) -> int:
    """The cursor behind all changes."""
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.max(change.c.id), 0))).scalar_one())


def communities_of(tx: sa.Connection, owner: str) -> Sequence[str]:
    """The communities in which an owner has a part, or had a rule."""
    parts = sa.select(entity.c.community).where(entity.c.owner == owner, entity.c.kind != "request")
    rules = sa.select(constraint_version.c.community).where(constraint_version.c.owner == owner)
    return sorted(tx.execute(sa.union(parts, rules)).scalars())

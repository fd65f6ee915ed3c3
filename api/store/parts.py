"""Communities, rounds, and the parts of their problems: documents with a revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.tables import community, entity, round_

Row = sa.Row[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a problem as it is to be stored; `round` only for requests."""

    kind: str
    id: str
    document: str
    owner: str = ""
    external_ref: str | None = None
    round: str | None = None


def communities(tx: sa.Connection) -> Sequence[Row]:
    """All communities, by id."""
    return tx.execute(sa.select(community).order_by(community.c.id)).all()


def find_community(tx: sa.Connection, id: str, *, lock: bool = False) -> Row | None:
    """One community; `lock` holds off other writers of it until the transaction ends."""
    query = sa.select(community).where(community.c.id == id)
    return tx.execute(query.with_for_update() if lock else query).one_or_none()


def add_community(tx: sa.Connection, id: str, document: str, now: datetime) -> None:
    """A new community, without any release."""
    tx.execute(community.insert().values(id=id, revision=1, document=document, in_force=0, created=now, modified=now))


def change_community(tx: sa.Connection, id: str, document: str, now: datetime) -> None:
    """Another document, the next revision."""
    tx.execute(
        community.update()
        .where(community.c.id == id)
        .values(document=document, revision=community.c.revision + 1, modified=now)
    )


def put_in_force(tx: sa.Connection, id: str, number: int, *, instead_of: int) -> bool:
    """Compare and set the release in force; False when another one has come between."""
    done = tx.execute(
        community.update().where(community.c.id == id, community.c.in_force == instead_of).values(in_force=number)
    )
    return bool(done.rowcount == 1)


def rounds(tx: sa.Connection, community: str) -> Sequence[Row]:
    """The rounds of a community, oldest first."""
    query = sa.select(round_).where(round_.c.community == community).order_by(round_.c.created, round_.c.id)
    return tx.execute(query).all()


def find_round(tx: sa.Connection, community: str, id: str) -> Row | None:
    """One round."""
    query = sa.select(round_).where(round_.c.community == community, round_.c.id == id)
    return tx.execute(query).one_or_none()


def add_round(
    tx: sa.Connection, community: str, id: str, document: str, now: datetime, **times: datetime | None
) -> None:
    """A new round; without times it is not open yet."""
    row = {"community": community, "id": id, "revision": 1, "document": document, "created": now, "modified": now}
    tx.execute(round_.insert().values(**row, **times))


def change_round(tx: sa.Connection, community: str, id: str, now: datetime, **values: object) -> None:
    """Set columns of a round; the next revision."""
    tx.execute(
        round_.update()
        .where(round_.c.community == community, round_.c.id == id)
        .values(revision=round_.c.revision + 1, modified=now, **values)
    )


def parts(tx: sa.Connection, community: str, kind: str, *, round: str | None = None) -> Sequence[Row]:
    """All parts of one kind in their order; requests of one round, or of all."""
    query = sa.select(entity).where(entity.c.community == community, entity.c.kind == kind)
    if round is not None:
        query = query.where(entity.c.round == round)
    return tx.execute(query.order_by(entity.c.position)).all()


def find_part(tx: sa.Connection, community: str, kind: str, id: str) -> Row | None:
    """One part, by our id."""
    query = sa.select(entity).where(entity.c.community == community, entity.c.kind == kind, entity.c.id == id)
    return tx.execute(query).one_or_none()


def find_by_ref(tx: sa.Connection, community: str, kind: str, ref: str, owner: str | None) -> Sequence[Row]:
    """Parts by an owner's own code; without the owner there may be several."""
    query = sa.select(entity).where(
        entity.c.community == community, entity.c.kind == kind, entity.c.external_ref == ref
    )
    if owner is not None:
        query = query.where(entity.c.owner == owner)
    return tx.execute(query.limit(2)).all()


def add_part(tx: sa.Connection, community: str, part: Part, now: datetime) -> None:
    """A new part, at the end of the order of its kind."""
    last = tx.execute(
        sa.select(sa.func.max(entity.c.position)).where(entity.c.community == community, entity.c.kind == part.kind)
    ).scalar_one()
    tx.execute(entity.insert().values(_values(part) | _new(community, (last or 0) + 1, now)))


def replace_parts(tx: sa.Connection, community: str, round: str, new: Sequence[Part], now: datetime) -> None:
    """All parts of the community and the requests of one round at once, in the order given.

    What was there keeps its time of creation and counts its revisions on.
    """
    mine = (entity.c.community == community) & ((entity.c.kind != "request") | (entity.c.round == round))
    old = {(row.kind, row.id): row for row in tx.execute(sa.select(entity).where(mine))}
    tx.execute(entity.delete().where(mine))
    rows = []
    for position, part in enumerate(new, 1):
        row = _values(part) | _new(community, position, now)
        before = old.get((part.kind, part.id))
        if before is not None:
            if part.kind != "request":
                # No problem says whose a part is, so that none can take its code from its owner.
                row |= {"owner": before.owner, "external_ref": before.external_ref}
            same = all(row[name] == getattr(before, name) for name in ("document", "owner", "external_ref"))
            row |= {"created": before.created, "revision": before.revision + (0 if same else 1)}
            row |= {"modified": before.modified} if same else {}
        rows.append(row)
    tx.execute(entity.insert(), rows)


def change_part(tx: sa.Connection, community: str, part: Part, now: datetime) -> None:
    """Another document in the same place; the next revision."""
    tx.execute(
        entity.update()
        .where(entity.c.community == community, entity.c.kind == part.kind, entity.c.id == part.id)
        .values(_values(part) | {"revision": entity.c.revision + 1, "modified": now})
    )


def remove_part(tx: sa.Connection, community: str, kind: str, id: str) -> None:
    """Take a part away."""
    tx.execute(entity.delete().where(entity.c.community == community, entity.c.kind == kind, entity.c.id == id))


def _values(part: Part) -> dict[str, object]:
    return {
        "kind": part.kind,
        "id": part.id,
        "round": part.round,
        "owner": part.owner,
        "external_ref": part.external_ref,
        "document": part.document,
    }


def _new(community: str, position: int, now: datetime) -> dict[str, object]:
    return {"community": community, "position": position, "revision": 1, "created": now, "modified": now}

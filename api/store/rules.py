"""Versions of rules: written once, never changed. The last version of a rule tells where it stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from api.store.parts import Part
from api.store.rule_tables import constraint_version as versions

Row = sa.Row[Any]
State = Literal["draft", "checked", "submitted", "accepted", "in_force", "rejected", "withdrawn"]
GONE: tuple[State, ...] = ("rejected", "withdrawn")
"""States of rules that are history only; their owners' codes may be used again."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rule as it is to be stored; `why` is a JSON list."""

    id: str
    state: State
    document: str
    owner: str = ""
    external_ref: str | None = None
    reason: str = ""
    safety: bool = False
    withdraws: bool = False
    why: str = "[]"
    deadline: datetime | None = None
    in_force_from_release: int | None = None

    @classmethod
    def of(cls, row: Row | Part, state: State, **other: Any) -> Version:
        """What a stored version or part says of a rule, with another state and whatever else is `other`."""
        return cls(row.id, state, row.document, row.owner, row.external_ref, **other)


def add_version(tx: sa.Connection, community: str, new: Version, *, author: str, at: datetime) -> Row:
    """The next version of a rule; as it is stored."""
    last = tx.execute(
        sa.select(sa.func.max(versions.c.version)).where(versions.c.community == community, versions.c.id == new.id)
    ).scalar_one()
    row = {name: getattr(new, name) for name in Version.__slots__}
    row |= {"community": community, "version": (last or 0) + 1, "author": author, "at": at}
    tx.execute(versions.insert().values(row))
    found = find_rule(tx, community, new.id)
    assert found is not None
    return found


def history(tx: sa.Connection, community: str, id: str) -> Sequence[Row]:
    """All versions of a rule, oldest first."""
    query = sa.select(versions).where(versions.c.community == community, versions.c.id == id)
    return tx.execute(query.order_by(versions.c.version)).all()


def find_rule(tx: sa.Connection, community: str, id: str) -> Row | None:
    """The last version of a rule."""
    query = sa.select(versions).where(versions.c.community == community, versions.c.id == id)
    return tx.execute(query.order_by(versions.c.version.desc()).limit(1)).one_or_none()


def effective(tx: sa.Connection, community: str, id: str) -> Row | None:
    """The version of a rule that takes effect in the problem, if one does."""
    mine = (versions.c.community == community) & (versions.c.id == id)
    query = sa.select(versions).where(mine, versions.c.state.in_(("accepted", "in_force", "withdrawn")))
    row = tx.execute(query.order_by(versions.c.version.desc()).limit(1)).one_or_none()
    return row if row is not None and row.state != "withdrawn" else None


def rules(
    tx: sa.Connection,
    *,
    community: str | None = None,
    owner: str | None = None,
    states: Collection[str] = (),
    ref: str | None = None,
) -> Sequence[Row]:
    """The last version of each rule, in the order in which the rules first came; any argument limits them."""
    head = sa.select(
        versions.c.community, versions.c.id, sa.func.max(versions.c.version).label("version"),
        sa.func.min(versions.c.at).label("first"),
    )  # fmt: skip
    if community is not None:
        head = head.where(versions.c.community == community)
    last = head.group_by(versions.c.community, versions.c.id).subquery()
    query = sa.select(versions).join(
        last,
        (versions.c.community == last.c.community)
        & (versions.c.id == last.c.id)
        & (versions.c.version == last.c.version),
    )
    if owner is not None:
        query = query.where(versions.c.owner == owner)
    if states:
        query = query.where(versions.c.state.in_(states))
    if ref is not None:
        query = query.where(versions.c.external_ref == ref)
    return tx.execute(query.order_by(versions.c.community, last.c.first, versions.c.id)).all()

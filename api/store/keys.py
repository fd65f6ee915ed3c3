"""Keys of owners: made, found by their hash, revoked."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.rule_tables import owner_key

Row = sa.Row[Any]

PREFIX = "gsk_"
"""Keys begin so: they are told from the API token, and found when they lie where they should not."""


def hash_of(key: str) -> str:
    """What is kept of a key. It has 256 random bits, so that one round of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def add_key(
    tx: sa.Connection, owner: str, communities: Sequence[str], *, caller: str, now: datetime
) -> tuple[Row, str]:
    """A new key: its row, and the key itself, which nobody will be told again."""
    key = PREFIX + secrets.token_hex(32)
    id = f"key-{secrets.token_hex(8)}"
    row = {"id": id, "owner": owner, "hash": hash_of(key), "communities": json.dumps(list(communities))}
    tx.execute(owner_key.insert().values(**row, caller=caller, created=now))
    return tx.execute(sa.select(owner_key).where(owner_key.c.id == id)).one(), key


def find_key(tx: sa.Connection, key: str) -> Row | None:
    """The row of a key that is valid."""
    query = sa.select(owner_key).where(owner_key.c.hash == hash_of(key), owner_key.c.revoked_at.is_(None))
    return tx.execute(query).one_or_none()


def keys(tx: sa.Connection, owner: str) -> Sequence[Row]:
    """All keys of an owner, those that were revoked too, oldest first."""
    query = sa.select(owner_key).where(owner_key.c.owner == owner)
    return tx.execute(query.order_by(owner_key.c.created, owner_key.c.id)).all()


def revoke_key(tx: sa.Connection, owner: str, id: str, now: datetime) -> bool:
    """Let a key open nothing any more; False when the owner has no such valid key."""
    mine = (owner_key.c.owner == owner) & (owner_key.c.id == id) & owner_key.c.revoked_at.is_(None)
    return bool(tx.execute(owner_key.update().where(mine).values(revoked_at=now)).rowcount == 1)

"""Keys of programs: made, found by their hash, followed by a new secret, revoked."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from api.rights import Permission, Role
from api.store.people_tables import api_key

Row = sa.Row[Any]

PREFIX = "gsk_"
"""Keys begin so: they are told from the API token, and found when they lie where they should not."""
SHOWN_LETTERS = len(PREFIX) + 6
"""So much of a key is kept in the open, so that people can tell their keys apart."""
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Order:
    """What a key is to be.

    Attributes:
        role: whose rights it has.
        subject: the owner or applicant, for roles that one has for somebody.
        communities: those that it is for; None: all.
        scopes: no more than these permissions; None: all of the role.
        expires_at: it opens nothing from then on; None: until it is revoked.
        name: what it is for.
    """

    role: Role
    subject: str = ""
    communities: Sequence[str] | None = None
    scopes: Sequence[Permission] | None = None
    expires_at: datetime | None = None
    name: str = ""


def hash_of(key: str) -> str:
    """What is kept of a key. It has 256 random bits, so that one round of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def _new() -> tuple[str, dict[str, str]]:
    key = PREFIX + secrets.token_hex(32)
    return key, {"prefix": key[:SHOWN_LETTERS], "hash": hash_of(key)}


def add_key(tx: sa.Connection, order: Order, *, caller: str, now: datetime) -> tuple[Row, str]:
    """A new key: its row, and the key itself, which nobody will be told again."""
    key, kept = _new()
    id = f"key-{secrets.token_hex(8)}"
    row = {
        "id": id,
        "name": order.name,
        "role": order.role,
        "subject": order.subject,
        "communities": None if order.communities is None else json.dumps(list(order.communities)),
        "scopes": None if order.scopes is None else json.dumps(sorted(order.scopes)),
        "expires_at": order.expires_at,
    }
    tx.execute(api_key.insert().values(**row, **kept, caller=caller, created=now))
    return get_key(tx, id), key


def find_key(tx: sa.Connection, key: str, now: datetime) -> Row | None:
    """The row of a key that is valid: neither revoked nor over, by its secret or, for a while, by the one before."""
    hash = hash_of(key)
    mine = (api_key.c.hash == hash) | ((api_key.c.former_hash == hash) & (api_key.c.former_until > now))
    lives = api_key.c.revoked_at.is_(None) & (api_key.c.expires_at.is_(None) | (api_key.c.expires_at > now))
    return tx.execute(sa.select(api_key).where(mine, lives)).one_or_none()


def get_key(tx: sa.Connection, id: str) -> Row:
    """One key that is known to be there, also when it is over."""
    return tx.execute(sa.select(api_key).where(api_key.c.id == id)).one()


def used_lately(row: Row, now: datetime) -> bool:
    """Whether its last use is noted closely enough."""
    return row.last_used_at is not None and now - row.last_used_at < USE_IS_NOTED_EVERY


def note_use(tx: sa.Connection, id: str, now: datetime) -> None:
    """A key was used."""
    tx.execute(api_key.update().where(api_key.c.id == id).values(last_used_at=now))


def keys(tx: sa.Connection, owner: str | None = None) -> Sequence[Row]:
    """All keys, or those of operators for an owner; those that were revoked too, oldest first."""
    query = sa.select(api_key).order_by(api_key.c.created, api_key.c.id)
    if owner is not None:
        query = query.where(api_key.c.role == Role.OPERATOR, api_key.c.subject == owner)
    return tx.execute(query).all()


def rotate_key(tx: sa.Connection, id: str, *, grace: timedelta, now: datetime) -> str | None:
    """A new secret; the one before is good for the grace time. None: there is no such valid key."""
    key, kept = _new()
    mine = (api_key.c.id == id) & api_key.c.revoked_at.is_(None)
    lives = api_key.c.expires_at.is_(None) | (api_key.c.expires_at > now)
    change = api_key.update().where(mine, lives)
    done = tx.execute(change.values(**kept, former_hash=api_key.c.hash, former_until=now + grace))
    return key if done.rowcount == 1 else None


def revoke_key(tx: sa.Connection, id: str, now: datetime) -> bool:
    """Let a key open nothing any more, nor the secret before; False when there is no such valid key."""
    mine = (api_key.c.id == id) & api_key.c.revoked_at.is_(None)
    return bool(tx.execute(api_key.update().where(mine).values(revoked_at=now)).rowcount == 1)

"""Who asks: a manager, by the one API token of the settings, or an operator, for an owner. Reading is for everybody."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass

from api.errors import Refused, refused
from api.settings import Settings
from api.store import Store, keys

MOST_OWNER_LETTERS = 50


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        name: the name for the log; repeated requests are told apart by it.
        owner: the owner for whom an operator asks; empty: a manager.
        communities: those that the operator may write to; None: all.
    """

    name: str
    owner: str = ""
    communities: frozenset[str] | None = None


def caller_of(settings: Settings, store: Store, authorization: str | None, owner: str = "") -> Caller:
    """Who makes a request that changes something.

    Args:
        settings: with the token, if there is one; without, everybody who brings no key is a manager.
        store: where the keys of owners are.
        authorization: the header.
        owner: the header X-Gongshi-Owner: a manager who names an owner has no more rights than that operator.

    Raises:
        Refused: this is neither the token that the settings name nor a valid key; the key is of another owner than
            is named; the owner's name will not do.
    """
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    if token.startswith(keys.PREFIX):
        return _holder(store, token, owner)
    expected = settings.api_token.get_secret_value() if settings.api_token is not None else None
    if expected is not None and not hmac.compare_digest(token.encode(), expected.encode()):
        raise _unauthorized()
    name = "anyone" if expected is None else "token"
    return operator(owner) if owner else Caller(name)


def _holder(store: Store, key: str, owner: str) -> Caller:
    with store.reading() as tx:
        row = keys.find_key(tx, key)
    if row is None:
        raise _unauthorized()
    if owner not in {"", row.owner}:
        raise refused("forbidden", f"此密钥属于“{row.owner}”", f"this key is of {row.owner!r}")
    return operator(row.owner, frozenset(json.loads(row.communities)))


def _unauthorized() -> Refused:
    return Refused("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="gongshi"'})


def operator(owner: str, communities: frozenset[str] | None = None) -> Caller:
    """Who asks for an owner."""
    if not 1 <= len(owner) <= MOST_OWNER_LETTERS or not owner.isprintable() or owner == "me":
        raise refused(
            "bad_request",
            f"所属单位的名称应为 1 到 {MOST_OWNER_LETTERS} 个字，且不是 me",
            f"an owner has a name of 1 to {MOST_OWNER_LETTERS} letters, which is not 'me'",
        )
    return Caller(f"owner:{owner}", owner, communities)

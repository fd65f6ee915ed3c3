"""Who asks: a manager, by the one API token of the settings, or an operator, for an owner. Reading is for everybody."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from api.errors import Refused, refused
from api.settings import Settings

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


def caller_of(settings: Settings, authorization: str | None, owner: str | None = None) -> Caller:
    """Who makes a request that changes something.

    Args:
        settings: with the token, if there is one; without, everybody is a manager.
        authorization: the header.
        owner: the header X-Gongshi-Owner: a manager who names an owner has no more rights than that operator.

    Raises:
        Refused: the settings name a token, and this is not it; or the owner's name will not do.
    """
    if settings.api_token is not None:
        scheme, _, token = (authorization or "").partition(" ")
        expected = settings.api_token.get_secret_value()
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), expected.encode()):
            raise Refused("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="gongshi"'})
    name = "anyone" if settings.api_token is None else "token"
    return operator(owner) if owner else Caller(name)


def operator(owner: str, communities: frozenset[str] | None = None) -> Caller:
    """Who asks for an owner."""
    if not 1 <= len(owner) <= MOST_OWNER_LETTERS or not owner.isprintable() or owner == "me":
        raise refused(
            "bad_request",
            f"所属单位的名称应为 1 到 {MOST_OWNER_LETTERS} 个字，且不是 me",
            f"an owner has a name of 1 to {MOST_OWNER_LETTERS} letters, which is not 'me'",
        )
    return Caller(f"owner:{owner}", owner, communities)

"""Owners: the keys with which their programs write."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from api.auth import refuse_owner
from api.errors import refused
from api.flow.rounds import known_community
from api.rights import Permission, Role
from api.routes.documents import model_in, takes
from api.routes.http import Answer, Here, Writing, needs, reply
from api.store import keys
from api.store.keys import Order, Row
from scheduler.constraints.terms import Entity

routes = APIRouter(prefix="/owners/{owner}/keys", tags=["owners"])


class KeyOrder(Entity):
    """Which communities a key is for."""

    communities: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]


def _communities(row: Row) -> list[str]:
    """Those that a key names; none where it is for all."""
    return json.loads(row.communities) if row.communities else []


def _key(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner": row.subject,
        "prefix": row.prefix,
        "communities": _communities(row),
        "created": row.created.isoformat(),
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
    }


@routes.post(
    "",
    dependencies=[needs(Permission.ADMINISTER_PEOPLE)],
    status_code=201,
    summary="Make a key",
    openapi_extra=takes("KeyOrder", KeyOrder),
)
def add_key(write: Writing, owner: str) -> Response:
    """The answer alone tells the key. It is not kept for an Idempotency-Key: a repeated request makes another key."""
    order = model_in(KeyOrder, write.body)
    refuse_owner(owner)

    def act(tx: Any) -> Answer:
        for community in order.communities:
            known_community(tx, community)
        row, key = keys.add_key(
            tx, Order(Role.OPERATOR, owner, order.communities), caller=write.deed.caller, now=write.deed.now
        )
        for community in order.communities:
            subject = f"{row.id} {owner}"
            write.deed.note(tx, community, "add_key", subject)
        return Answer({**_key(row), "key": key}, 201, {"Cache-Control": "no-store"})

    return replace(write, key=None).done(act)


@routes.get("", dependencies=[needs(Permission.READ_PEOPLE)], summary="List the keys of an owner")
def list_keys(here: Here, owner: str) -> Response:
    """Without the keys themselves, which nobody knows."""
    with here.store.reading() as tx:
        return reply(Answer({"items": [_key(row) for row in keys.keys(tx, owner)]}))


@routes.delete("/{id}", dependencies=[needs(Permission.ADMINISTER_PEOPLE)], status_code=204, summary="Revoke a key")
def revoke_key(write: Writing, owner: str, id: str) -> Response:
    """It opens nothing from now on."""

    def act(tx: Any) -> Answer:
        row = next((row for row in keys.keys(tx, owner) if row.id == id), None)
        if row is None or not keys.revoke_key(tx, id, write.deed.now):
            raise refused("not_found", f"没有有效的密钥“{id}”", f"there is no valid key {id!r}")
        for community in _communities(row):
            subject = f"{id} {owner}"
            write.deed.note(tx, community, "revoke_key", subject)
        return Answer(None, 204)

    return write.done(act)

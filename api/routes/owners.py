"""Owners: the keys with which their programs write."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from api.auth import operator
from api.errors import refused
from api.flow.rounds import known_community
from api.routes.documents import model_in, takes
from api.routes.http import Answer, Here, Manager, Writing, reply
from api.store import deeds, keys
from api.store.keys import Row
from scheduler.constraints.terms import Entity

routes = APIRouter(prefix="/owners/{owner}/keys", tags=["owners"])


class KeyOrder(Entity):
    """Which communities a key is for."""

    communities: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]


def _key(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner": row.owner,
        "communities": json.loads(row.communities),
        "created": row.created.isoformat(),
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
    }


@routes.post("", status_code=201, summary="Make a key", openapi_extra=takes("KeyOrder", KeyOrder))
def add_key(write: Writing, owner: str) -> Response:
    """The answer alone tells the key. It is not kept for an Idempotency-Key: a repeated request makes another key."""
    order = model_in(KeyOrder, write.body)
    operator(owner)

    def act(tx: Any) -> Answer:
        for community in order.communities:
            known_community(tx, community)
        row, key = keys.add_key(tx, owner, order.communities, caller=write.deed.caller, now=write.deed.now)
        for community in order.communities:
            subject = f"{row.id} {owner}"
            deeds.note(tx, write.deed.now, community, caller=write.deed.caller, action="add_key", subject=subject)
        return Answer({**_key(row), "key": key}, 201, {"Cache-Control": "no-store"})

    return replace(write, key=None).done(act)


@routes.get("", summary="List the keys of an owner")
def list_keys(here: Here, _manager: Manager, owner: str) -> Response:
    """Without the keys themselves, which nobody knows."""
    with here.store.reading() as tx:
        return reply(Answer({"items": [_key(row) for row in keys.keys(tx, owner)]}))


@routes.delete("/{id}", status_code=204, summary="Revoke a key")
def revoke_key(write: Writing, owner: str, id: str) -> Response:
    """It opens nothing from now on."""

    def act(tx: Any) -> Answer:
        row = next((row for row in keys.keys(tx, owner) if row.id == id), None)
        if row is None or not keys.revoke_key(tx, owner, id, write.deed.now):
            raise refused("not_found", f"没有有效的密钥“{id}”", f"there is no valid key {id!r}")
        for community in json.loads(row.communities):
            subject = f"{id} {owner}"
            deeds.note(tx, write.deed.now, community, caller=write.deed.caller, action="revoke_key", subject=subject)
        return Answer(None, 204)

    return write.done(act)

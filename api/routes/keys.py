"""Keys of programs: made, listed, given a new secret, revoked; by the security administrator."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field

from api import clock
from api.auth import refuse_owner
from api.errors import refused
from api.flow.people import refuse_wrong_role
from api.flow.rounds import known_community
from api.rights import MAY, Permission, Role
from api.routes.documents import model_in, takes
from api.routes.http import Answer, Here, Write, Writing, needs, reply
from api.store import keys
from api.store.keys import Order, Row
from scheduler.constraints.terms import Entity

routes = APIRouter(prefix="/keys", tags=["keys"])

READ, ADMINISTER = [needs(Permission.READ_PEOPLE)], [needs(Permission.ADMINISTER_PEOPLE)]
MOST_GRACE_MINUTES = 7 * 24 * 60


class ApiKeyOrder(Entity):
    """What a key is for, and how long."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="What it is for.")]
    role: Role
    subject: Annotated[str, Field(max_length=50, description="A delegate's applicant, an operator's owner.")] = ""
    communities: Annotated[tuple[str, ...] | None, Field(min_length=1, max_length=1000, description="None: all.")] = (
        None
    )
    scopes: Annotated[
        tuple[Permission, ...] | None, Field(min_length=1, description="No more than these; none: all of the role.")
    ] = None
    expires_at: AwareDatetime | None = None


class Rotation(Entity):
    """How long the secret before goes on to open."""

    grace_minutes: Annotated[int, Field(ge=0, le=MOST_GRACE_MINUTES)] = 60


def _key(row: Row) -> dict[str, Any]:
    times = ("created", "expires_at", "former_until", "last_used_at", "revoked_at")
    moments = {name: getattr(row, name) for name in times}
    return {
        **{name: getattr(row, name) for name in ("id", "name", "prefix", "role", "subject")},
        "communities": json.loads(row.communities) if row.communities else None,
        "scopes": json.loads(row.scopes) if row.scopes else None,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }


@routes.get("", dependencies=READ, summary="List keys")
def list_keys(here: Here) -> Response:
    """Without the keys themselves, which nobody knows."""
    with here.store.reading() as tx:
        return reply(Answer({"items": [_key(row) for row in keys.keys(tx)]}, headers={"Cache-Control": "no-store"}))


@routes.post(
    "", dependencies=ADMINISTER, status_code=201, summary="Make a key", openapi_extra=takes("ApiKeyOrder", ApiKeyOrder)
)
def add_key(write: Writing) -> Response:
    """The answer alone tells the key. It is not kept for an Idempotency-Key: a repeated request makes another key."""
    order = model_in(ApiKeyOrder, write.body)
    refuse_wrong_role(order.role, community="" if order.communities is None else "some", subject=order.subject)
    if order.role is Role.OPERATOR:
        refuse_owner(order.subject)
    beyond = [each for each in order.scopes or () if each not in MAY[order.role]]
    if beyond:
        raise refused("bad_request", f"这个角色没有权限 {beyond[0]}", f"{order.role} has no permission {beyond[0]}")
    if order.expires_at is not None and order.expires_at <= clock.now():
        raise refused("bad_request", "有效期已过", "it would be over already")

    def act(tx: Any) -> Answer:
        for community in order.communities or ():
            known_community(tx, community)
        what = Order(order.role, order.subject, order.communities, order.scopes, order.expires_at, order.name)
        row, key = keys.add_key(tx, what, caller=write.deed.caller, now=write.deed.now)
        _note(tx, write, "add_key", row)
        return Answer({**_key(row), "key": key}, 201, {"Cache-Control": "no-store"})

    return replace(write, key=None).done(act)


@routes.post("/{id}:rotate", dependencies=ADMINISTER, summary="New secret", openapi_extra=takes("Rotation", Rotation))
def rotate_key(write: Writing, id: str) -> Response:
    """The answer alone tells the new secret; the one before opens for the grace time, the one before that no more."""
    grace = model_in(Rotation, write.body or b"{}").grace_minutes

    def act(tx: Any) -> Answer:
        key = keys.rotate_key(tx, id, grace=timedelta(minutes=grace), now=write.deed.now)
        if key is None:
            raise _unknown(id)
        _note(tx, write, "rotate_key", keys.get_key(tx, id))
        return Answer({**_key(keys.get_key(tx, id)), "key": key}, 200, {"Cache-Control": "no-store"})

    return replace(write, key=None).done(act)


@routes.delete("/{id}", dependencies=ADMINISTER, status_code=204, summary="Revoke a key")
def revoke_key(write: Writing, id: str) -> Response:
    """It opens nothing from now on, nor does the secret before."""

    def act(tx: Any) -> Answer:
        if not keys.revoke_key(tx, id, write.deed.now):
            raise _unknown(id)
        _note(tx, write, "revoke_key", keys.get_key(tx, id))
        return Answer(None, 204)

    return write.done(act)


def _note(tx: Any, write: Write, action: str, row: Row) -> None:
    """In the trail of each community where the key opens, or in the service's."""
    for community in json.loads(row.communities) if row.communities else ("",):
        write.deed.note(tx, community, action, " ".join(filter(None, (row.id, row.role, row.subject))))


def _unknown(id: str) -> Exception:
    return refused("not_found", f"没有有效的密钥“{id}”", f"there is no valid key {id!r}")

"""Webhooks: where operators' programs want to be told of changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from api.auth import refuse_owner
from api.errors import refused
from api.flow import webhooks as flow
from api.flow.told import change_shown
from api.rights import Permission
from api.routes.documents import model_in, takes
from api.routes.http import Answer, Here, LetIn, Writing, needs, reply
from api.store import webhooks
from api.store.webhooks import Row
from scheduler.constraints.terms import Entity

routes = APIRouter(prefix="/webhooks", tags=["webhooks"])


class WebhookOrder(Entity):
    """Where to tell whose changes."""

    url: str = Field(description="http or https; it answers 2xx when it has taken a change.")
    owner: str = Field(default="", description="Whose rules, and the releases where they are; empty: all changes.")


def _webhook(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner": row.owner,
        "url": row.url,
        "created": row.created.isoformat(),
        "stopped_at": row.stopped_at.isoformat() if row.stopped_at else None,
        "dead_letters": f"/v1/webhooks/{row.id}/dead-letters",
    }


@routes.post(
    "",
    dependencies=[needs(Permission.ADMINISTER_SYSTEM)],
    status_code=201,
    summary="Add a webhook",
    openapi_extra=takes("WebhookOrder", WebhookOrder),
)
def add_webhook(write: Writing) -> Response:
    """The manager's, since the service will call the address. The answer alone tells the secret.

    Each change from now on is posted as in the list of changes, with `Gongshi-Timestamp` and `Gongshi-Signature`:
    `sha256=` and the HMAC-SHA256, by the secret, of the timestamp, a full stop and the body. It is not kept for an
    Idempotency-Key.
    """
    order = model_in(WebhookOrder, write.body)
    if order.owner:
        refuse_owner(order.owner)

    def act(tx: Any) -> Answer:
        row = flow.add(tx, order.url, order.owner, deed=write.deed)
        return Answer({**_webhook(row), "secret": row.secret}, 201, {"Cache-Control": "no-store"})

    return replace(write, key=None).done(act)


@routes.get("", dependencies=[needs(Permission.READ_SYSTEM)], summary="List webhooks")
def list_webhooks(here: Here) -> Response:
    """Without their secrets."""
    with here.store.reading() as tx:
        return reply(Answer({"items": [_webhook(row) for row in webhooks.webhooks(tx)]}))


@routes.delete("/{id}", dependencies=[needs(Permission.ADMINISTER_SYSTEM)], status_code=204, summary="Stop a webhook")
def stop_webhook(write: Writing, id: str) -> Response:
    """It is told nothing more, nor what is still waiting."""

    def act(tx: Any) -> Answer:
        if not webhooks.stop_webhook(tx, id, write.deed.now):
            raise _unknown(id)
        return Answer(None, 204)

    return write.done(act)


@routes.get(
    "/{id}/dead-letters",
    dependencies=[needs(Permission.READ_WEBHOOKS, anywhere=True)],
    summary="Changes that a webhook did not take",
)
def list_dead_letters(here: Here, caller: LetIn, id: str) -> Response:
    """For the manager and the webhook's owner; `told`: what the last attempt came to."""
    with here.store.reading() as tx:
        row = webhooks.find_webhook(tx, id)
        if row is None or caller.owner not in {"", row.owner}:
            raise _unknown(id)
        items = [
            {
                "change": change_shown(each),
                "attempts": each.attempts,
                "told": each.told,
                "given_up_at": each.finished_at.isoformat(),
            }
            for each in webhooks.dead_letters(tx, id)
        ]
    return reply(Answer({"items": items}))


def _unknown(id: str) -> Exception:
    return refused("not_found", f"没有在用的 webhook“{id}”", f"there is no webhook {id!r}")

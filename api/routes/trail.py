"""The trail: who did what, when, why, to what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.flow.rounds import known_community
from api.rights import Permission
from api.routes.http import Answer, Here, needs, reply
from api.store import deeds

routes = APIRouter(tags=["trail"])
MOST_LINES = 1000


Before = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="`next` of the answer before; none: from the newest.")
]
Limit = Annotated[int, Query(ge=1, le=MOST_LINES)]
READ = [needs(Permission.READ_TRAIL)]


@routes.get("/communities/{community}/trail", summary="Who did what, newest first", dependencies=READ)
def get_trail(here: Here, community: str, before: Before = None, limit: Limit = 100) -> Response:
    """Each line with the SHA-256 of what was there before and after, where a document was written."""
    with here.store.reading() as tx:
        known_community(tx, community)
        return _page(tx, community, before, limit)


@routes.get("/trail", summary="Who did what that is of no community, newest first", dependencies=READ)
def get_trail_of_the_service(here: Here, before: Before = None, limit: Limit = 100) -> Response:
    """Accounts, roles and keys that are of the whole service, and what was removed from the trail itself."""
    with here.store.reading() as tx:
        return _page(tx, "", before, limit)


def _page(tx: Any, community: str, before: int | None, limit: int) -> Response:
    rows = deeds.trail(tx, community, before=before, limit=limit + 1)
    names = ("id", "caller", "action", "subject", "reason", "before", "after")
    items = [{**{name: getattr(row, name) for name in names}, "at": row.at.isoformat()} for row in rows[:limit]]
    more = len(rows) > limit
    body = {"items": items, "next": items[-1]["id"] if more else None}
    return reply(Answer(body, headers={"Cache-Control": "no-store"}))

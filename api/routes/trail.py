"""The trail: who did what, when, why, to what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.flow.rounds import known_community
from api.rights import Permission
from api.routes.http import Answer, Here, needs, reply
from api.store import deeds

routes = APIRouter(tags=["trail"])
MOST_LINES = 1000


@routes.get(
    "/communities/{community}/trail",
    summary="Who did what, newest first",
    dependencies=[needs(Permission.READ_TRAIL)],
)
def get_trail(
    here: Here,
    community: str,
    before: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="`next` of the answer before; none: from the newest.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LINES)] = 100,
) -> Response:
    """Each line with the SHA-256 of what was there before and after, where a document was written."""
    with here.store.reading() as tx:
        known_community(tx, community)
        rows = deeds.trail(tx, community, before=before, limit=limit + 1)
    names = ("id", "caller", "action", "subject", "reason", "before", "after")
    items = [{**{name: getattr(row, name) for name in names}, "at": row.at.isoformat()} for row in rows[:limit]]
    more = len(rows) > limit
    body = {"items": items, "next": items[-1]["id"] if more else None}
    return reply(Answer(body, headers={"Cache-Control": "no-store"}))

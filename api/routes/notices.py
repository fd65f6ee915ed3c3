"""The yearly notice of holidays: shown what it changes, then confirmed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.flow.notices import take_notice
from api.rights import Permission
from api.routes.documents import object_in
from api.routes.http import Answer, Writing, needs

routes = APIRouter(prefix="/communities/{community}", tags=["calendars"])


@routes.post(
    "/calendars:notice",
    dependencies=[needs(Permission.EDIT_CENTRE)],
    summary="What a yearly notice changes; with confirm true, change the calendars",
)
def notice(write: Writing, community: str) -> Response:
    """Takes year, days (name, date, isOffDay, counts_as), papers, source, takes and confirm."""

    def act(tx: Any) -> Answer:
        return Answer(take_notice(tx, community, object_in(write.body), deed=write.deed))

    return write.done(act)

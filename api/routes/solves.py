"""Solves: asked for, looked at, watched, cancelled. The work itself is done by the worker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.errors import refused
from api.flow import solves
from api.flow.rounds import known_community
from api.rights import Permission
from api.routes.documents import model_in, takes
from api.routes.http import STOPPING, Answer, Here, Service, Writing, needs, reply
from api.store import work
from api.store.parts import Row

routes = APIRouter(prefix="/communities/{community}/solves", tags=["solves"])

POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 15.0


def _shown(row: Row) -> dict[str, Any]:
    times = {name: getattr(row, name) for name in ("created", "started", "finished")}
    return {
        "id": row.id,
        "round": row.round,
        "state": row.state,
        "problem": row.problem,
        "options": json.loads(row.options),
        "attempts": row.attempts,
        "proposal": row.proposal,
        "outcome": json.loads(row.outcome) if row.outcome else None,
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        "events": f"/v1/communities/{row.community}/solves/{row.id}/events",
    }


@routes.get("", dependencies=[needs(Permission.PUBLIC)])
def list_solves(here: Here, community: str) -> Response:
    """List the latest solves."""
    with here.store.reading() as tx:
        known_community(tx, community)
        return reply(Answer({"items": [_shown(row) for row in work.solves(tx, community)]}))


@routes.post(
    "",
    dependencies=[needs(Permission.SOLVE)],
    status_code=202,
    openapi_extra=takes("SolveOptions", solves.SolveOptions),
)
def ask(write: Writing, community: str) -> Response:
    """Ask for a solve."""
    options = model_in(solves.SolveOptions, write.body)

    def act(tx: Any) -> Answer:
        id = solves.ask(tx, community, options, deed=write.deed)
        row = solves.known_solve(tx, community, id)
        return Answer(_shown(row), 202, {"Location": f"/v1/communities/{community}/solves/{id}"})

    response = write.done(act)
    # Kept first, given to the queue then: what is lost in between, or cannot be given now, the worker finds.
    write.service.queue.enqueue(json.loads(bytes(response.body))["id"], priority=options.priority)
    return response


@routes.get("/{id}", dependencies=[needs(Permission.PUBLIC)])
def get_solve(here: Here, community: str, id: str) -> Response:
    """One solve."""
    with here.store.reading() as tx:
        return reply(Answer(_shown(solves.known_solve(tx, community, id)), headers={"Cache-Control": "no-cache"}))


@routes.delete("/{id}", dependencies=[needs(Permission.SOLVE)])
def cancel(write: Writing, community: str, id: str) -> Response:
    """Cancel a solve."""

    def act(tx: Any) -> Answer:
        solves.cancel(tx, community, id, deed=write.deed)
        return Answer(_shown(solves.known_solve(tx, community, id)))

    response = write.done(act)
    write.service.queue.cancel(id)
    return response


@routes.get(
    "/{id}/events",
    dependencies=[needs(Permission.PUBLIC)],
    responses={200: {"content": {"text/event-stream": {}}, "description": "From the first event, or after the given."}},
)
async def watch(
    here: Here,
    request: Request,
    community: str,
    id: str,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="As Last-Event-ID.")] = 0,
) -> Response:
    """Watch a solve: server-sent events `state` and `progress`."""
    last = request.headers.get("last-event-id", str(after))
    if not last.isdecimal() or len(last) > 10:
        raise refused("bad_request", "Last-Event-ID 应为整数", "Last-Event-ID is a whole number")
    row = await run_in_threadpool(_known, here, community, id)
    fresh = await run_in_threadpool(_events, here, id, int(last))
    if row.state in solves.ENDED and not fresh:
        # Nothing more will come: 204 tells an EventSource not to connect again.
        return Response(status_code=204)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(here, id, int(last)), media_type="text/event-stream", headers=headers)


def _known(here: Service, community: str, id: str) -> Row:
    with here.store.reading() as tx:
        return solves.known_solve(tx, community, id)


def _events(here: Service, id: str, after: int) -> list[Row]:
    with here.store.reading() as tx:
        return list(work.events(tx, id, after))


async def _stream(here: Service, id: str, last: int) -> AsyncIterator[str]:
    """Events as they are stored, so that a stream survives restarts of everything."""
    quiet = 0.0
    yield "retry: 1000\n\n"
    while not STOPPING.is_set():
        rows = await run_in_threadpool(_events, here, id, last)
        for row in rows:
            last = row.seq
            document = {**json.loads(row.document), "at": row.at.isoformat()}
            yield f"id: {row.seq}\nevent: {row.kind}\ndata: {json.dumps(document, ensure_ascii=False)}\n\n"
            if document.get("state") in solves.ENDED:
                return
        quiet = 0.0 if rows else quiet + POLL_SECONDS
        if quiet >= HEARTBEAT_SECONDS:
            quiet = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(POLL_SECONDS)

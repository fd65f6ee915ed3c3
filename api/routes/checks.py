"""What constraints would do before they take force: asked of a worker, and waited for a while."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.errors import told
from api.flow import rule_checks
from api.flow.batches import Sent
from api.flow.judging import ended
from api.flow.rule_checks import Asked
from api.flow.rules import Line
from api.queue import CHECK
from api.rights import Permission
from api.routes.documents import Items, objects_in, takes
from api.routes.http import Answer, Here, Importing, Writing, needs, reply
from api.routes.operators import sent_line
from api.store import checks
from api.store.checks import Row

MOST_LINES = 200
"""A check of more takes too long to be worth waiting for; a batch may have more."""
WAIT_SECONDS = 10.0

routes = APIRouter(tags=["constraints"])

Waiting = Annotated[
    float,
    Query(ge=0, le=30, description="Seconds to wait for the answer; one that comes later is at the check's address."),
]
OfRound = Annotated[str | None, Query(description="None named: the round of the release in force, or the only one.")]


def shown(row: Row) -> dict[str, Any]:
    """A check as clients see it."""
    return {
        "id": row.id,
        "community": row.community,
        "state": row.state,
        "progress": json.loads(row.progress) if row.progress else None,
        row.asks: json.loads(row.outcome) if row.outcome else None,
        "address": f"/v1/communities/{row.community}/checks/{row.id}",
    }


@routes.post(
    "/communities/{community}/constraints:check",
    dependencies=[needs(Permission.SEND_RULES)],
    openapi_extra=takes("Items", Items),
)
async def check_here(write: Importing, community: str, round: OfRound = None, wait: Waiting = WAIT_SECONDS) -> Response:
    """What constraints would do to the plan in force. Nothing is changed; 202 when it takes longer."""
    documents = objects_in(write.body, MOST_LINES)
    sent = [
        Sent(place, community, Line(document, ("items", place, "document"))) for place, document in enumerate(documents)
    ]
    return await _answer(write, sent, round, wait)


@routes.post(
    "/constraints:check",
    dependencies=[needs(Permission.SEND_RULES, anywhere=True)],
    openapi_extra=takes("Items", Items),
)
async def check_everywhere(write: Importing, wait: Waiting = WAIT_SECONDS) -> Response:
    """The same for lines of `community` and `document`, in several communities at once."""
    sent = [sent_line(place, each) for place, each in enumerate(objects_in(write.body, MOST_LINES))]
    return await _answer(write, sent, None, wait)


@routes.post(
    "/communities/{community}/proposals/{id}:costs",
    dependencies=[needs(Permission.SOLVE)],
    summary="What each constraint of a proposal cost",
)
async def ask_costs(write: Writing, community: str, id: str, wait: Waiting = WAIT_SECONDS) -> Response:
    """Whether each constraint bound, and what would be had without it; 202 when it takes longer."""

    def ask() -> str:
        with write.service.store.writing() as tx:
            check = rule_checks.ask_costs(tx, community, id, deed=write.deed)
        write.service.queue.enqueue(check, CHECK)
        return check

    check = await run_in_threadpool(ask)
    row = (await ended(write.service.store, [check], wait))[check]
    late = row.state in checks.LIVE
    headers = {"Location": shown(row)["address"]} if late else {}
    return reply(Answer(shown(row), 202 if late else 200, headers))


@routes.get("/communities/{community}/checks/{id}", dependencies=[needs(Permission.PUBLIC)])
def get_check(here: Here, community: str, id: str) -> Response:
    """One check."""
    with here.store.reading() as tx:
        row = rule_checks.known_check(tx, community, id)
    return reply(Answer(shown(row), headers={"Cache-Control": "no-cache"}))


async def _answer(write: Importing, sent: list[Sent], round: str | None, wait: float) -> Response:
    def ask() -> list[Asked]:
        with write.service.store.writing() as tx:
            asked = rule_checks.ask(tx, sent, deed=write.deed, round=round)
        for each in asked:
            if each.check is not None:
                write.service.queue.enqueue(each.check, CHECK)
        return asked

    asked = await run_in_threadpool(ask)
    ids = [each.check for each in asked if each.check is not None]
    rows = await ended(write.service.store, ids, wait)
    late = any(row.state in checks.LIVE for row in rows.values())
    body = {
        "items": [_line(each, asked, rows) for each in sent],
        "checks": [shown(rows[id]) for id in ids],
    }
    headers = {"Location": shown(rows[ids[0]])["address"]} if late and len(ids) == 1 else {}
    return reply(Answer(body, 202 if late else 200, headers))


def _line(sent: Sent, asked: list[Asked], rows: dict[str, Row]) -> dict[str, Any]:
    """A line: its faults, or what its rule does by itself."""
    mine = next(each for each in asked if each.community == sent.community)
    rule = mine.rules.get(sent.position)
    row = rows.get(mine.check or "")
    outcome = json.loads(row.outcome) if row is not None and row.outcome else {}
    effects = (each for each in outcome.get("rules", ()) if each["rule"] == rule)
    return {
        "position": sent.position,
        "community": sent.community,
        "id": rule,
        "errors": [told(fault) for fault in mine.faults.get(sent.position, ())],
        "effect": next(effects, None),
        "check": mine.check if rule is not None else None,
    }

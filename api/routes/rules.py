"""Constraints: made, replaced, withdrawn, submitted, accepted, rejected; every change a version, nothing deleted."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.flow import rules
from api.flow.rounds import known_community
from api.flow.rules import KIND, Line
from api.rights import Permission
from api.routes.documents import Items, gives, model_in, object_in, objects_in, refuses, takes
from api.routes.http import Answer, Here, Importing, Write, etag_of, fresh_or_304, needs, reply
from api.store import parts
from api.store import rules as store
from api.store.rules import GONE, Row, State
from scheduler.constraints.terms import Entity, Text

MOST_LINES = 2000
JUDGED = refuses("contradiction", "not_judged_yet")
"""Why a rule may be refused that is written as it should be."""

routes = APIRouter(prefix="/communities/{community}/constraints", tags=["constraints"])

Owner = Annotated[str | None, Query(description="Whose code it is, when the id in the address is an owner's own.")]


class Said(BaseModel):
    """What is said beside a rule, in the query."""

    model_config = ConfigDict(extra="forbid")

    owner: str | None = Field(default=None, description="Whose code it is, when the id is an owner's own.")
    reason: str = Field(default="", max_length=2000, description="Why; it is kept in the history.")
    safety: bool = Field(
        default=False,
        description="Of a closure (closed) of one's own spaces: it holds at once, whatever it displaces.",
    )
    draft: bool = Field(default=False, description="Keep it without submitting it.")


Beside = Annotated[Said, Query()]


class Decision(Entity):
    """Why something is submitted, accepted or rejected."""

    reason: Text = ""


def shown(tx: Any, row: Row) -> dict[str, Any]:
    """A rule as clients see it: the document of its last version, whose it is, and where it stands."""
    document: dict[str, Any] = json.loads(row.document)
    held = row if row.state in {"accepted", "in_force"} else None
    if held is None and row.state not in GONE:
        held = store.effective(tx, row.community, row.id)
    return {
        **document,
        "owner": row.owner,
        "external_ref": row.external_ref or "",
        "state": row.state,
        "revision": row.version,
        "in_effect": held.version if held is not None else None,
        "in_force_from": held.in_force_from_release if held is not None else None,
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "safety": row.safety,
        "withdraws": row.withdraws,
        "why": json.loads(row.why),
    }


def _version(row: Row) -> dict[str, Any]:
    """A line of the history."""
    return {
        "revision": row.version,
        "state": row.state,
        "author": row.author,
        "reason": row.reason,
        "at": row.at.isoformat(),
        "owner": row.owner,
        "external_ref": row.external_ref or "",
        "safety": row.safety,
        "withdraws": row.withdraws,
        "why": json.loads(row.why),
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "in_force_from": row.in_force_from_release,
        "document": json.loads(row.document),
    }


def tag(row: Row) -> str:
    """The tag of a rule: every change of its state is a version too."""
    return etag_of(row.community, row.version, row.document)


def _answer(tx: Any, row: Row, status: int = 200) -> Answer:
    headers = {"ETag": tag(row)}
    if status == 201:
        headers["Location"] = f"/v1/communities/{row.community}/constraints/{row.id}"
    return Answer(shown(tx, row), status, headers)


@routes.get("", dependencies=[needs(Permission.PUBLIC)], summary="List constraints")
def list_all(
    here: Here,
    community: str,
    owner: Owner = None,
    state: Annotated[list[State], Query(description="None named: all that are not rejected or withdrawn.")] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """In the order of the problem; then those that are not in it."""
    with here.store.reading() as tx:
        known_community(tx, community)
        place = {row.id: row.position for row in parts.parts(tx, community, KIND.name)}
        rows = store.rules(tx, community=community, owner=owner, states=state)
        found = [row for row in rows if state or row.state not in GONE]
        found.sort(key=lambda row: (row.id not in place, place.get(row.id, 0)))
        return reply(Answer({"items": [shown(tx, row) for row in found]}))


@routes.get(
    "/{id}",
    dependencies=[needs(Permission.PUBLIC)],
    summary="One of the constraints",
    responses=gives("Constraint", KIND.form),
)
def get_one(here: Here, request: Request, community: str, id: str, owner: Owner = None) -> Response:
    """Its last version, also when it was withdrawn."""
    with here.store.reading() as tx:
        answer = _answer(tx, rules.find(tx, community, id, owner))
    return fresh_or_304(request, answer)


@routes.get("/{id}/history", dependencies=[needs(Permission.PUBLIC)], summary="Every version of a constraint")
def get_history(here: Here, community: str, id: str, owner: Owner = None) -> Response:
    """Oldest first."""
    with here.store.reading() as tx:
        row = rules.find(tx, community, id, owner)
        return reply(Answer({"items": [_version(each) for each in store.history(tx, community, row.id)]}))


@routes.post(
    "",
    dependencies=[needs(Permission.SEND_RULES)],
    status_code=201,
    summary="Add to constraints",
    responses=JUDGED,
    openapi_extra=takes("Constraint", KIND.form),
)
async def add_one(write: Importing, community: str, said: Beside) -> Response:
    """A manager's rule is accepted; an operator's waits where it would displace what is published."""

    def act(tx: Any) -> Answer:
        line = Line(object_in(write.body), (), said.reason, said.safety, said.draft)
        [row] = rules.take(tx, community, [line], deed=write.deed)
        return _answer(tx, row, 201)

    return await write.done_when_judged(act)


@routes.post(
    ":batch",
    dependencies=[needs(Permission.SEND_RULES)],
    status_code=201,
    summary="Add several constraints, all or nothing",
    responses=JUDGED,
    openapi_extra=takes("Items", Items),
)
async def add_several(write: Importing, community: str, said: Beside) -> Response:
    """Each as by itself: some may be accepted, others wait."""

    def act(tx: Any) -> Answer:
        documents = objects_in(write.body, MOST_LINES)
        lines = [
            Line(each, ("items", place), said.reason, said.safety, said.draft) for place, each in enumerate(documents)
        ]
        rows = rules.take(tx, community, lines, deed=write.deed)
        return Answer({"items": [shown(tx, row) for row in rows]}, 201)

    return await write.done_when_judged(act)


@routes.put(
    "/{id}",
    dependencies=[needs(Permission.SEND_RULES)],
    summary="Replace one of the constraints",
    responses=JUDGED,
    openapi_extra=takes("Constraint", KIND.form),
)
async def change_one(write: Importing, community: str, id: str, said: Beside) -> Response:
    """The next version; while it waits, the one before goes on to hold."""

    def act(tx: Any) -> Answer:
        row = rules.find(tx, community, id, said.owner)
        write.refuse_unless_current(tag(row))
        line = Line(object_in(write.body), (), said.reason, said.safety, said.draft, row)
        [new] = rules.take(tx, community, [line], deed=write.deed)
        return _answer(tx, new)

    return await write.done_when_judged(act)


@routes.delete(
    "/{id}", dependencies=[needs(Permission.SEND_RULES)], status_code=204, summary="Withdraw one of the constraints"
)
def remove_one(write: Importing, community: str, id: str, said: Beside) -> Response:
    """It leaves the problem; its history stays. Answers 202 when that has to wait for the manager."""

    def act(tx: Any) -> Answer:
        row = rules.find(tx, community, id, said.owner)
        write.refuse_unless_current(tag(row))
        new = rules.withdraw(tx, community, row, reason=said.reason, deed=write.deed)
        return Answer(None, 204) if new.state == "withdrawn" else _answer(tx, new, 202)

    return write.done(act)


async def _decided(write: Write, community: str, id: str, owner: str | None, act: Any) -> Response:
    """One of the steps that takes a reason."""
    reason = model_in(Decision, write.body).reason if write.body else ""

    def do(tx: Any) -> Answer:
        row = rules.find(tx, community, id, owner)
        write.refuse_unless_current(tag(row))
        return _answer(tx, act(tx, community, row, reason=reason, deed=write.deed))

    return await write.done_when_judged(do)


@routes.post(
    "/{id}:submit",
    dependencies=[needs(Permission.SEND_RULES)],
    summary="Submit a draft",
    responses=JUDGED,
    openapi_extra=takes("Decision", Decision),
)
async def submit(write: Importing, community: str, id: str, owner: Owner = None) -> Response:
    """From here on as if it were sent now."""
    return await _decided(write, community, id, owner, rules.submit)


@routes.post(
    "/{id}:accept",
    dependencies=[needs(Permission.DECIDE)],
    summary="Accept what waits",
    responses=JUDGED,
    openapi_extra=takes("Decision", Decision),
)
async def accept(write: Importing, community: str, id: str, owner: Owner = None) -> Response:
    """The manager's decision: it holds from now on, and is in force from the next release."""
    return await _decided(write, community, id, owner, rules.accept)


@routes.post(
    "/{id}:reject",
    dependencies=[needs(Permission.DECIDE)],
    summary="Reject what waits",
    openapi_extra=takes("Decision", Decision),
)
async def reject(write: Importing, community: str, id: str, owner: Owner = None) -> Response:
    """The manager's decision: what held before goes on to hold."""
    return await _decided(write, community, id, owner, rules.reject)

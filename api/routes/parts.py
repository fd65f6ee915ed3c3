"""The parts of a problem: spaces, uses, applicants, requests and so on. One set of routes for all but constraints."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.flow import changes
from api.flow.kinds import KINDS, Kind
from api.flow.rounds import chosen_round, known_community
from api.rights import Permission
from api.routes.documents import Items, gives, object_in, objects_in, takes
from api.routes.http import Answer, Here, Importing, Writing, etag_of, fresh_or_304, needs, reply
from api.store import parts
from api.store.parts import Row

MOST_LINES = 2000
EDITED_BY = {
    "site": Permission.EDIT_PLACES,
    "space": Permission.EDIT_PLACES,
    "request": Permission.SEND_WISHES,
}
"""What it takes to change parts of a kind; of others it takes the whole centre."""

Owner = Annotated[str | None, Query(description="Whose code it is, when the id in the address is an owner's own.")]
OfRound = Annotated[str | None, Query(description="Of requests: the round; may be left out when there is only one.")]


def shown(row: Row) -> dict[str, Any]:
    """A part as clients see it: its document, and beside it whose it is."""
    document: dict[str, Any] = json.loads(row.document)
    if row.kind == "request":
        return {**document, "round": row.round}
    return {**document, "owner": row.owner, "external_ref": row.external_ref or ""}


def _answer(row: Row, status: int = 200) -> Answer:
    plural = KINDS[row.kind].plural
    headers = {"ETag": etag_of(row.community, row.revision, row.document)}
    if status == 201:
        headers["Location"] = f"/v1/communities/{row.community}/{plural}/{row.id}"
    return Answer(shown(row), status, headers)


def router() -> APIRouter:
    """Routes of every kind; constraints, which have a history, have their own (`api.routes.rules`)."""
    routes = APIRouter()
    for kind in KINDS.values():
        if kind.name != "constraint":
            routes.include_router(_router_of(kind))
    return routes


def _router_of(kind: Kind) -> APIRouter:
    routes = APIRouter(prefix=f"/communities/{{community}}/{kind.plural}", tags=[kind.plural])
    schema = kind.title
    edit = needs(EDITED_BY.get(kind.name, Permission.EDIT_CENTRE))

    @routes.get("", dependencies=[needs(Permission.PUBLIC)], summary=f"List {kind.plural}")
    def list_all(here: Here, community: str, owner: Owner = None, round: OfRound = None) -> Response:
        with here.store.reading() as tx:
            known_community(tx, community)
            rows = parts.parts(tx, community, kind.name, round=round if kind.name == "request" else None)
        return reply(Answer({"items": [shown(row) for row in rows if owner in {None, row.owner}]}))

    @routes.get(
        "/{id}",
        dependencies=[needs(Permission.PUBLIC)],
        summary=f"One of the {kind.plural}",
        responses=gives(schema, kind.form),
    )
    def get_one(here: Here, request: Request, community: str, id: str, owner: Owner = None) -> Response:
        with here.store.reading() as tx:
            row = changes.find(tx, community, kind, id, owner)
        return fresh_or_304(request, _answer(row))

    @routes.post(
        "",
        dependencies=[edit],
        status_code=201,
        summary=f"Add to {kind.plural}",
        openapi_extra=takes(schema, kind.form),
    )
    def add_one(write: Writing, community: str, round: OfRound = None) -> Response:
        def act(tx: Any) -> Answer:
            documents = [object_in(write.body)]
            write.refuse_others(each.get("applicant") for each in documents)
            of_round = _round_for(tx, community, kind, round, documents)
            rows = changes.add_parts(tx, community, kind, documents, deed=write.deed, round=of_round)
            return _answer(rows[0], 201)

        return write.done(act)

    @routes.post(
        ":batch",
        dependencies=[edit],
        status_code=201,
        summary=f"Add several {kind.plural}, all or nothing",
        openapi_extra=takes("Items", Items),
    )
    def add_several(write: Importing, community: str, round: OfRound = None) -> Response:
        def act(tx: Any) -> Answer:
            documents = objects_in(write.body, MOST_LINES)
            write.refuse_others(each.get("applicant") for each in documents)
            of_round = _round_for(tx, community, kind, round, documents)
            rows = changes.add_parts(tx, community, kind, documents, deed=write.deed, round=of_round)
            return Answer({"items": [shown(row) for row in rows]}, 201)

        return write.done(act)

    @routes.put(
        "/{id}", dependencies=[edit], summary=f"Change one of the {kind.plural}", openapi_extra=takes(schema, kind.form)
    )
    def change_one(write: Writing, community: str, id: str, owner: Owner = None) -> Response:
        def act(tx: Any) -> Answer:
            row = changes.find(tx, community, kind, id, owner)
            write.refuse_unless_current(etag_of(row.community, row.revision, row.document))
            document = object_in(write.body)
            document.pop("round", None)
            write.refuse_others((json.loads(row.document).get("applicant"), document.get("applicant")))
            return _answer(changes.change_part(tx, community, kind, row, document, deed=write.deed))

        return write.done(act)

    @routes.delete("/{id}", dependencies=[edit], status_code=204, summary=f"Remove one of the {kind.plural}")
    def remove_one(write: Writing, community: str, id: str, owner: Owner = None) -> Response:
        def act(tx: Any) -> Answer:
            row = changes.find(tx, community, kind, id, owner)
            write.refuse_unless_current(etag_of(row.community, row.revision, row.document))
            write.refuse_others((json.loads(row.document).get("applicant"),))
            changes.remove_part(tx, community, kind, row, deed=write.deed)
            return Answer(None, 204)

        return write.done(act)

    return routes


def _round_for(tx: Any, community: str, kind: Kind, named: str | None, documents: list[dict[str, Any]]) -> str | None:
    """The round of requests; other kinds have none. What clients were shown beside a document is taken out of it."""
    if kind.name != "request":
        return None
    for document in documents:
        document.pop("round", None)
    return str(chosen_round(tx, community, named).id)

"""Communities, their whole problems, and their rounds."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, Field

from api import clock
from api.errors import refused
from api.flow import ledgers, problems
from api.flow.rounds import chosen_round, known_community, known_round, stage_of
from api.rights import Permission
from api.routes.documents import gives, model_in, takes
from api.routes.http import Answer, Here, Importing, Writing, etag_of, fresh_or_304, needs, reply
from api.store import parts
from api.store.parts import Row
from scheduler.constraints.terms import Entity, Id
from scheduler.problem import Community, LedgerEntry, Market, Policy, Problem, Season, Travel
from scheduler.units import Units

routes = APIRouter()


class CommunityDocument(Community):
    """A community, and the minutes on the way between its sites."""

    travel: tuple[Travel, ...] = ()


class RoundDocument(Entity):
    """An application round: its season and policy, and the moments from which its stage follows."""

    id: Id
    season: Season
    policy: Policy = Policy()
    market: Market | None = None
    units: tuple[Units, ...] = ()
    ledger: tuple[LedgerEntry, ...] | None = Field(
        default=None, description="What earlier rounds left owing; null: what the last release before it says."
    )
    opens_at: AwareDatetime | None = Field(default=None, description="Requests are taken from here on.")
    closes_at: AwareDatetime | None = Field(default=None, description="Requests are taken until here.")
    published_at: AwareDatetime | None = Field(default=None, description="The plan is shown for objections from here.")


def _community(row: Row) -> Answer:
    document = json.loads(row.document)
    body = {**document["community"], "travel": document["travel"], "release": row.in_force or None}
    return Answer(body, headers={"ETag": etag_of(row.id, row.revision, row.document)})


def _round(row: Row, status: int = 200) -> Answer:
    times = {name: getattr(row, name) for name in ("opens_at", "closes_at", "published_at", "released_at")}
    stage = stage_of(row, clock.now())
    body = {
        "id": row.id,
        "stage": stage,
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        **json.loads(row.document),
    }
    # The stage follows from the clock, and is part of what the tag stands for.
    headers = {"ETag": etag_of(row.community, row.revision, row.document + stage)}
    if status == 201:
        headers["Location"] = f"/v1/communities/{row.community}/rounds/{row.id}"
    return Answer(body, status, headers)


@routes.get("/communities", dependencies=[needs(Permission.PUBLIC)], tags=["communities"])
def list_communities(here: Here) -> Response:
    """List communities."""
    with here.store.reading() as tx:
        return reply(Answer({"items": [_community(row).body for row in parts.communities(tx)]}))


@routes.post(
    "/communities",
    dependencies=[needs(Permission.ADMINISTER_SYSTEM)],
    status_code=201,
    tags=["communities"],
    openapi_extra=takes("CommunityDocument", CommunityDocument),
)
def add_community(write: Writing) -> Response:
    """Add a community."""
    document = model_in(CommunityDocument, write.body, shown_only=("release",))

    def act(tx: Any) -> Answer:
        if parts.find_community(tx, document.id) is not None:
            raise refused("already_exists", f"社区“{document.id}”已存在", f"{document.id!r} exists already")
        parts.add_community(tx, document.id, _text(document), write.deed.now)
        problems.judge_community(tx, document.id)
        write.deed.note(tx, document.id, "add_community", "", after=_text(document))
        answer = _community(known_community(tx, document.id))
        return Answer(answer.body, 201, {**answer.headers, "Location": f"/v1/communities/{document.id}"})

    return write.done(act)


@routes.get(
    "/communities/{community}",
    dependencies=[needs(Permission.PUBLIC)],
    tags=["communities"],
    responses=gives("CommunityDocument", CommunityDocument),
)
def get_community(here: Here, request: Request, community: str) -> Response:
    """One community."""
    with here.store.reading() as tx:
        return fresh_or_304(request, _community(known_community(tx, community)))


@routes.put(
    "/communities/{community}",
    dependencies=[needs(Permission.EDIT_CENTRE)],
    tags=["communities"],
    openapi_extra=takes("CommunityDocument", CommunityDocument),
)
def change_community(write: Writing, community: str) -> Response:
    """Change a community."""
    document = model_in(CommunityDocument, write.body, shown_only=("release",))

    def act(tx: Any) -> Answer:
        row = known_community(tx, community, lock=True)
        write.refuse_unless_current(etag_of(row.id, row.revision, row.document))
        if document.id != community:
            raise refused("conflict", "社区编号不能更改", "the id of a community cannot be changed")
        parts.change_community(tx, community, _text(document), write.deed.now)
        problems.judge_community(tx, community)
        write.deed.note(tx, community, "change_community", "", before=row.document, after=_text(document))
        return _community(known_community(tx, community))

    return write.done(act)


def _text(document: CommunityDocument) -> str:
    own = document.model_dump(mode="json", exclude={"travel"})
    travel = [each.model_dump(mode="json") for each in document.travel]
    return json.dumps({"community": own, "travel": travel}, ensure_ascii=False, separators=(",", ":"))


OfRound = Annotated[str | None, Query(description="Id of the round; without it the only one.")]


@routes.get(
    "/communities/{community}/problem",
    dependencies=[needs(Permission.PUBLIC)],
    tags=["problem"],
    responses=gives("Problem", Problem),
)
def get_problem(here: Here, request: Request, community: str, round: OfRound = None) -> Response:
    """Everything that a solve of a round knows, as one document."""
    with here.store.reading() as tx:
        problem = problems.assemble(tx, community, chosen_round(tx, community, round).id)
    return fresh_or_304(request, Answer(problem, headers={"ETag": f'"{problem.fingerprint()}"'}))


@routes.put(
    "/communities/{community}/problem",
    dependencies=[needs(Permission.EDIT_CENTRE)],
    tags=["problem"],
    openapi_extra=takes("Problem", Problem),
)
def put_problem(write: Importing, community: str, round: OfRound = None) -> Response:
    """Import a whole problem: community, parts and the requests of one round, all or nothing."""

    def act(tx: Any) -> Answer:
        if round is not None:
            model_in(_Named, json.dumps({"id": round}).encode())
        row, new = problems.put_problem(tx, community, write.body, round=round, deed=write.deed)
        return _round(row, 201 if new else 200)

    return write.done(act)


class _Named(Entity):
    id: Id


@routes.get("/communities/{community}/rounds", dependencies=[needs(Permission.PUBLIC)], tags=["rounds"])
def list_rounds(here: Here, community: str) -> Response:
    """List rounds."""
    with here.store.reading() as tx:
        known_community(tx, community)
        return reply(Answer({"items": [_round(row).body for row in parts.rounds(tx, community)]}))


@routes.post(
    "/communities/{community}/rounds",
    dependencies=[needs(Permission.EDIT_CENTRE)],
    status_code=201,
    tags=["rounds"],
    openapi_extra=takes("RoundDocument", RoundDocument),
)
def add_round(write: Writing, community: str) -> Response:
    """Add a round."""
    document = model_in(RoundDocument, write.body, shown_only=("stage", "released_at"))

    def act(tx: Any) -> Answer:
        known_community(tx, community)
        if parts.find_round(tx, community, document.id) is not None:
            raise refused("already_exists", f"轮次“{document.id}”已存在", f"{document.id!r} exists already")
        return _round(_put(tx, community, document, write), 201)

    return write.done(act)


@routes.get(
    "/communities/{community}/rounds/{round}",
    dependencies=[needs(Permission.PUBLIC)],
    tags=["rounds"],
    responses=gives("RoundDocument", RoundDocument),
)
def get_round(here: Here, request: Request, community: str, round: str) -> Response:
    """One round."""
    with here.store.reading() as tx:
        known_community(tx, community)
        return fresh_or_304(request, _round(known_round(tx, community, round)))


@routes.get("/communities/{community}/rounds/{round}/ledger", dependencies=[needs(Permission.PUBLIC)], tags=["rounds"])
def get_ledger(here: Here, community: str, round: str) -> Response:
    """What each body that asks in a round asked and got in earlier rounds, what it is owed, and who is new."""
    with here.store.reading() as tx:
        return reply(Answer({"items": ledgers.told(problems.assemble(tx, community, round))}))


@routes.put(
    "/communities/{community}/rounds/{round}",
    dependencies=[needs(Permission.EDIT_CENTRE)],
    tags=["rounds"],
    openapi_extra=takes("RoundDocument", RoundDocument),
)
def change_round(write: Writing, community: str, round: str) -> Response:
    """Change a round: open, close, publish it."""
    document = model_in(RoundDocument, write.body, shown_only=("stage", "released_at"))

    def act(tx: Any) -> Answer:
        known_community(tx, community)
        row = known_round(tx, community, round)
        write.refuse_unless_current(_round(row).headers["ETag"])
        if document.id != round:
            raise refused("conflict", "轮次编号不能更改", "the id of a round cannot be changed")
        return _round(_put(tx, community, document, write))

    return write.done(act)


def _put(tx: Any, community: str, document: RoundDocument, write: Any) -> Row:
    times = {name: getattr(document, name) for name in ("opens_at", "closes_at", "published_at")}
    text = document.model_dump_json(include={"season", "policy", "market", "units", "ledger"})
    return problems.put_round(tx, community, document.id, text, times, deed=write.deed)

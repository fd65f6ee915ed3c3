"""What operators' programs ask over all communities: my halls, my constraints, my bookings, what has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.errors import Refused, refused, told
from api.flow import published
from api.flow.batches import Outcome, Sent, take_batch
from api.flow.changes import of_line
from api.flow.clearing import clear_by
from api.flow.rounds import known_community
from api.flow.rules import Line
from api.flow.told import change_shown
from api.rights import Permission
from api.routes import parts as parts_routes
from api.routes import rules as rules_routes
from api.routes.documents import Items, model_in, objects_in, takes
from api.routes.http import Answer, Here, Importing, Reader, fresh_or_304, needs, reply, whose
from api.routes.plans import booking_shown, moment_in
from api.store import news, parts, plans
from api.store import rules as store
from api.store.rules import GONE, State
from scheduler.constraints.terms import Entity, Text

MOST_LINES = 2000
MOST_NEWS = 1000
MOST_CURSOR_DIGITS = 15

routes = APIRouter(tags=["operators"])

Owner = Annotated[str, Query(min_length=1, max_length=64, description="Whose; `me`: the owner of the key.")]


class BatchLine(Entity):
    """A constraint of a batch, and the community that it is for."""

    community: str
    document: dict[str, Any]
    reason: Text = ""
    safety: bool = False
    draft: bool = False


@routes.get("/spaces", dependencies=[needs(Permission.PUBLIC)], summary="An owner's spaces in all communities")
def list_spaces(here: Here, caller: Reader, owner: Owner) -> Response:
    """With the owner's own codes."""
    mine = whose(caller, owner)
    with here.store.reading() as tx:
        rows = [
            row
            for community in news.communities_of(tx, str(mine))
            for row in parts.parts(tx, community, "space")
            if row.owner == mine
        ]
    return reply(Answer({"items": [{"community": row.community, **parts_routes.shown(row)} for row in rows]}))


@routes.get(
    "/constraints", dependencies=[needs(Permission.PUBLIC)], summary="An owner's constraints in all communities"
)
def list_constraints(
    here: Here,
    caller: Reader,
    owner: Owner,
    state: Annotated[list[State], Query(description="None named: all that are not rejected or withdrawn.")] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Where each stands."""
    with here.store.reading() as tx:
        rows = store.rules(tx, owner=whose(caller, owner), states=state)
        found = [row for row in rows if state or row.state not in GONE]
        items = [{"community": row.community, **rules_routes.shown(tx, row)} for row in found]
    return reply(Answer({"items": items}))


@routes.post(
    "/constraints:batch",
    dependencies=[needs(Permission.SEND_RULES, anywhere=True)],
    status_code=201,
    summary="Add constraints of several communities",
    responses={**rules_routes.JUDGED, 207: {"description": "With `atomic=community`: some communities' lines only."}},
    openapi_extra=takes("Items", Items),
)
async def add_batch(write: Importing, atomic: Literal["all", "community"] = "all") -> Response:
    """Lines of `community`, `document`, `reason`, `safety`; told line by line by its position from 0.

    With `atomic=all` one bad line refuses everything, with one error for each bad line; with `atomic=community` it
    refuses its community's lines, and the answer is 207.
    """

    def act(tx: Any) -> Answer:
        sent = [sent_line(place, each) for place, each in enumerate(objects_in(write.body, MOST_LINES))]
        outcomes = take_batch(tx, sent, deed=write.deed, all_or_nothing=atomic == "all")
        faulty = [each for each in outcomes if each.faults]
        if faulty and atomic == "all":
            items = [_outcome(tx, each) for each in faulty]
            faults = tuple(each.faults[0] for each in faulty)
            more = _contradictions(outcomes)
            code = "contradiction" if {each.code for each in faults} == {"contradiction"} else "invalid_document"
            raise Refused(code, faults=faults, more={"items": items, **more})
        body = {"items": [_outcome(tx, each) for each in outcomes], **_contradictions(outcomes)}
        return Answer(body, 207 if faulty else 201)

    return await write.done_when_judged(act)


def _contradictions(outcomes: list[Outcome]) -> dict[str, Any]:
    """What the communities' refusals say of rules that no timetable meets; once each, as their lines come."""
    found = [one for each in outcomes for one in each.more.get("contradictions", ())]
    told = list({json.dumps(one, sort_keys=True): one for one in found}.values())
    return {"contradictions": told} if told else {}


def sent_line(position: int, document: dict[str, Any]) -> Sent:
    """A line as it was sent; with its faults where it cannot be read."""
    named = document.get("community")
    community = named if isinstance(named, str) else ""
    try:
        read = model_in(BatchLine, json.dumps(document).encode())
    except Refused as refusal:
        faults = tuple(of_line(refusal, ("items", position), ""))
        return Sent(position, community, Line({}), faults)
    line = Line(read.document, ("items", position, "document"), read.reason, read.safety, read.draft)
    return Sent(position, community, line)


def _outcome(tx: Any, each: Outcome) -> dict[str, Any]:
    """What became of a line; `state` none: nothing was done."""
    document = each.sent.line.document
    body: dict[str, Any] = {
        "position": each.sent.position,
        "community": each.sent.community,
        "id": document.get("id"),
        "external_ref": document.get("external_ref"),
        "state": None,
        "errors": [told(fault) for fault in each.faults],
    }
    if each.row is not None:
        rule = rules_routes.shown(tx, each.row)
        body |= {name: rule[name] for name in ("id", "external_ref", "state", "revision", "deadline", "why")}
    return body


class Wanted(BaseModel):
    """Which of an owner's bookings are asked for."""

    model_config = ConfigDict(extra="forbid")

    owner: str = Field(min_length=1, max_length=64, description="Whose spaces; `me`: the owner of the key.")
    from_: str | None = Field(default=None, alias="from", description="A date, or a moment with its offset.")
    to: str | None = Field(default=None, description="The same; half-open.")


@routes.get(
    "/bookings", dependencies=[needs(Permission.PUBLIC)], summary="Bookings in an owner's spaces in all communities"
)
def list_bookings(here: Here, request: Request, caller: Reader, wanted: Annotated[Wanted, Query()]) -> Response:
    """In order of time; `clear_by` is when everybody else must be out of the hall, its changeover counted."""
    mine = str(whose(caller, wanted.owner))
    items: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    stamp = [mine, wanted.from_, wanted.to]
    with here.store.reading() as tx:
        for community in news.communities_of(tx, mine):
            halls = [row for row in parts.parts(tx, community, "space") if row.owner == mine]
            number = known_community(tx, community).in_force
            if halls and number:
                numbers[community] = number
                stamp += [community, str(number), *(f"{row.id} {row.external_ref}" for row in halls)]
                items += _bookings_in(tx, community, number, halls, wanted)
    items.sort(key=lambda each: (datetime.fromisoformat(each["starts"]), each["community"], each["uid"]))
    tag = hashlib.sha256(json.dumps(stamp).encode()).hexdigest()[:32]
    return fresh_or_304(request, Answer({"releases": numbers, "items": items}, headers={"ETag": f'"{tag}"'}))


def _bookings_in(tx: Any, community: str, number: int, halls: list[Any], wanted: Wanted) -> Iterator[dict[str, Any]]:
    release = published.read_release(tx, community, number)
    row = published.known_release(tx, community, number)
    zone = ZoneInfo(release.zone)
    starts_from, starts_before = moment_in(wanted.from_, zone, "from"), moment_in(wanted.to, zone, "to")
    atoms = {each.id: frozenset(each.atoms) for each in release.spaces}
    clear = clear_by(tx, row.problem, plans.bookings(tx, row.id, standing_only=True))
    for entry in release.entries:
        taken = atoms[entry.space]
        mine = [hall for hall in halls if not taken.isdisjoint(atoms.get(hall.id, (hall.id,)))]
        if entry.status != "confirmed" or not mine:
            continue
        if (starts_from and entry.ends <= starts_from) or (starts_before and entry.starts >= starts_before):
            continue
        yield {
            "community": community,
            **booking_shown(entry, zone),
            "provisional": (entry.request, entry.starts.astimezone(zone).year) in release.provisional,
            "halls": [{"id": hall.id, "external_ref": hall.external_ref or ""} for hall in mine],
            "clear_by": clear[entry.uid].astimezone(zone).isoformat(),
        }


@routes.get("/changes", dependencies=[needs(Permission.PUBLIC)], summary="What has changed behind a cursor")
def list_changes(
    here: Here,
    caller: Reader,
    owner: Annotated[
        str | None, Query(max_length=64, description="Whose rules, and the releases where they are.")
    ] = None,
    after: Annotated[str, Query(description="`next` of the answer before; none: from the beginning.")] = "0",
    limit: Annotated[int, Query(ge=1, le=MOST_NEWS)] = 100,
) -> Response:
    """Oldest first: where rules stand, and releases. Each comes once, and none comes later behind a cursor."""
    if not after.isascii() or not after.isdigit() or len(after) > MOST_CURSOR_DIGITS:
        raise refused("bad_request", "after 应为上一次回答中的 next", "after is the `next` of an answer before")
    with here.store.reading() as tx:
        rows = news.news(tx, int(after), owner=whose(caller, owner), limit=limit + 1)
    items = [change_shown(row) for row in rows[:limit]]
    last = items[-1]["cursor"] if items else after
    return reply(Answer({"items": items, "next": last, "more": len(rows) > limit}))

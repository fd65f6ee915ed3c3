"""Proposals, releases and bookings."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.errors import refused
from api.feeds import Entry, Release
from api.flow import changes, published, releases
from api.flow.kinds import KINDS
from api.flow.rounds import known_community
from api.rights import Permission
from api.routes.documents import gives, model_in, takes
from api.routes.http import Answer, Here, Writing, fresh_or_304, needs, reply
from api.store import plans
from api.store.parts import Row
from scheduler.constraints.terms import Count, Entity, Id, Text
from scheduler.timetable import Timetable

routes = APIRouter(prefix="/communities/{community}")

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
IMMUTABLE = "public, max-age=31536000, immutable"


class ReleaseOrder(Entity):
    """Which proposal is to be released, in the stead of which release."""

    proposal: Id
    instead_of: Count = Field(
        description="Number of the release in force, 0 for none: if another came, nothing is done."
    )
    note: Text = ""
    reason: Text = Field(
        default="",
        description="Why it is released while its publicity runs or objections are unanswered; logged.",
    )


def _proposal(row: Row) -> dict[str, Any]:
    base = f"/v1/communities/{row.community}/proposals/{row.id}"
    return {
        "id": row.id,
        "round": row.round,
        "problem": row.problem,
        "holds": row.holds,
        "created": row.created.isoformat(),
        "timetable": f"{base}/timetable",
        "refusals": f"{base}/refusals",
        "report": f"{base}/report",
    }


@routes.get("/proposals", dependencies=[needs(Permission.READ_INSIDE)], tags=["proposals"])
def list_proposals(here: Here, community: str) -> Response:
    """List the latest proposals."""
    with here.store.reading() as tx:
        known_community(tx, community)
        return reply(Answer({"items": [_proposal(row) for row in plans.proposals(tx, community)]}))


@routes.get("/proposals/{id}", dependencies=[needs(Permission.READ_INSIDE)], tags=["proposals"])
def get_proposal(here: Here, community: str, id: str) -> Response:
    """One proposal, with the value of each stage."""
    row = _known(here, community, id)
    timetable = json.loads(row.timetable)
    summary = {name: timetable[name] for name in ("engine", "seed", "audit", "status", "stages")}
    counts = {name: len(timetable[name]) for name in ("sessions", "bookings", "missing", "refusals")}
    return reply(Answer({**_proposal(row), **summary, "counts": counts}))


@routes.get(
    "/proposals/{id}/timetable",
    dependencies=[needs(Permission.READ_INSIDE)],
    tags=["proposals"],
    responses=gives("Timetable", Timetable),
)
def get_timetable(here: Here, community: str, id: str) -> Response:
    """Its timetable, byte for byte as it was made."""
    row = _known(here, community, id)
    return reply(Answer(row.timetable, headers={"Cache-Control": IMMUTABLE, "ETag": f'"{row.id}"'}))


@routes.get("/proposals/{id}/refusals", dependencies=[needs(Permission.READ_INSIDE)], tags=["proposals"])
def get_refusals(here: Here, community: str, id: str) -> Response:
    """Who did not get all, and why; and which wishes of the others were in vain."""
    timetable = json.loads(_known(here, community, id).timetable)
    return reply(Answer({"items": timetable["refusals"], "in_vain": timetable.get("in_vain", [])}))


@routes.get("/proposals/{id}/report", dependencies=[needs(Permission.READ_INSIDE)], tags=["proposals"])
def get_report(here: Here, community: str, id: str) -> Response:
    """What the verifier said."""
    row = _known(here, community, id)
    return reply(Answer({"holds": row.holds, **json.loads(row.report)}))


def _known(here: Here, community: str, id: str) -> Row:
    with here.store.reading() as tx:
        return releases.known_proposal(tx, community, id)


def _release(row: Row, in_force: int) -> dict[str, Any]:
    base = f"/v1/communities/{row.community}"
    return {
        "number": row.number,
        "in_force": row.number == in_force,
        "round": row.round,
        "proposal": row.proposal,
        "problem": row.problem,
        "engine": row.engine,
        "seed": row.seed,
        "replayable": row.audit,
        "note": row.note,
        "released_at": row.released_at.isoformat(),
        "bookings": f"{base}/bookings?release={row.number}",
        "changes": f"{base}/releases/{row.number}/changes",
    }


@routes.get("/releases", dependencies=[needs(Permission.PUBLIC)], tags=["releases"])
def list_releases(here: Here, community: str) -> Response:
    """List releases, newest first."""
    with here.store.reading() as tx:
        in_force = known_community(tx, community).in_force
        return reply(Answer({"items": [_release(row, in_force) for row in plans.releases(tx, community)]}))


@routes.post(
    "/releases",
    dependencies=[needs(Permission.DECIDE)],
    status_code=201,
    tags=["releases"],
    openapi_extra=takes("ReleaseOrder", ReleaseOrder),
)
def add_release(write: Writing, community: str) -> Response:
    """Release a proposal that the verifier passes."""
    order = model_in(ReleaseOrder, write.body)
    asked = releases.Order(order.proposal, order.instead_of, write.service.settings.public, order.note, order.reason)

    def act(tx: Any) -> Answer:
        number = releases.release(tx, community, asked, deed=write.deed)
        body = _release(published.known_release(tx, community, number), number)
        return Answer(body, 201, {"Location": f"/v1/communities/{community}/releases/{number}"})

    return write.done(act)


@routes.get("/releases/{number}", dependencies=[needs(Permission.PUBLIC)], tags=["releases"])
def get_release(here: Here, community: str, number: Number) -> Response:
    """One release."""
    with here.store.reading() as tx:
        in_force = known_community(tx, community).in_force
        return reply(Answer(_release(published.known_release(tx, community, number), in_force)))


@routes.get("/releases/{number}/changes", dependencies=[needs(Permission.PUBLIC)], tags=["releases"])
def get_changes(here: Here, request: Request, community: str, number: Number) -> Response:
    """What changed since the release before."""
    with here.store.reading() as tx:
        after = published.read_release(tx, community, number)
        before = published.read_release(tx, community, number - 1) if number > 1 else None
    zone = ZoneInfo(after.zone)
    told = {
        name: [
            {"before": booking_shown(was, zone) if was else None, "after": booking_shown(now, zone)}
            for was, now in pairs
        ]
        for name, pairs in published.changes(before, after).items()
    }
    return fresh_or_304(request, Answer(told, headers={"ETag": f'"{community}-{number}"'}))


def booking_shown(entry: Entry, zone: ZoneInfo) -> dict[str, Any]:
    """A booking as clients see it."""
    return {
        "uid": entry.uid,
        "sequence": entry.sequence,
        "status": entry.status,
        "request": entry.request,
        "session": entry.session,
        "use": entry.use,
        "applicant": entry.applicant,
        "space": entry.space,
        "layout": entry.layout,
        "headcount": entry.headcount,
        "starts": entry.starts.astimezone(zone).isoformat(),
        "ends": entry.ends.astimezone(zone).isoformat(),
        "created": entry.created.isoformat(),
        "modified": entry.modified.isoformat(),
    }


class Wanted(BaseModel):
    """Which bookings are asked for."""

    model_config = ConfigDict(extra="forbid")

    space: list[str] = Field(default=[], description="By id or owner's code: whatever takes any part of these spaces.")
    from_: str | None = Field(default=None, alias="from", description="A date, or a moment with its offset.")
    to: str | None = Field(default=None, description="The same; half-open.")
    release: int | None = Field(default=None, ge=1, le=2**31 - 1, description="None: the one in force.")
    cancelled: bool = Field(default=False, description="With those that were cancelled lately.")


@routes.get("/bookings", dependencies=[needs(Permission.PUBLIC)], tags=["bookings"])
def list_bookings(here: Here, request: Request, community: str, wanted: Annotated[Wanted, Query()]) -> Response:
    """Bookings of a release, in order of time."""
    with here.store.reading() as tx:
        number = wanted.release or known_community(tx, community).in_force
        if not number:
            return reply(Answer({"release": None, "items": []}))
        row = published.known_release(tx, community, number)
        catalogue = published.CATALOGUE.validate_json(row.catalogue)
        zone = ZoneInfo(catalogue.zone)
        spaces = [changes.find(tx, community, KINDS["space"], id).id for id in wanted.space]
        rows = plans.bookings(
            tx,
            row.id,
            spaces=_touching(catalogue, spaces),
            starts_from=moment_in(wanted.from_, zone, "from"),
            starts_before=moment_in(wanted.to, zone, "to"),
            standing_only=not wanted.cancelled,
        )
    waiting = frozenset(catalogue.provisional)
    entries = [published.entry_of(each) for each in rows]
    items = [
        # The year's notice of holidays is not out: the date may change.
        booking_shown(each, zone) | {"provisional": (each.request, each.starts.astimezone(zone).year) in waiting}
        for each in entries
    ]
    body = {"release": number, "items": items}
    etag = f'"{community}-{number}"'
    return fresh_or_304(request, Answer(body, headers={"ETag": etag}))


def _touching(catalogue: Release, wanted: list[str]) -> list[str]:
    """The spaces that share an atomic part with any of these: a combination takes its parts."""
    atoms = {atom for each in catalogue.spaces if each.id in wanted for atom in each.atoms}
    found = [each.id for each in catalogue.spaces if atoms & set(each.atoms)]
    return found or wanted


def moment_in(text: str | None, zone: ZoneInfo, name: str) -> datetime | None:
    """The moment that a parameter `name` states: a date begins at midnight."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-09-07"):
            return datetime.combine(date.fromisoformat(text), time(), zone)
        # In a query a plus sign reads as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is not None and timedelta(days=1) < moment - datetime.min.replace(tzinfo=zone):
            return moment
    except (ValueError, OverflowError):
        pass
    raise refused(
        "bad_request",
        f"参数 {name} 应为日期 2026-09-07，或带时差的时刻 2026-09-07T08:00+08:00",
        f"{name} is a date 2026-09-07, or a moment with its offset 2026-09-07T08:00+08:00",
    )

"""Study seats and lockers: what is free, book, sign in, give back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from api import clock
from api.flow import units
from api.rights import Permission
from api.routes.documents import model_in, takes
from api.routes.http import Answer, Here, Writing, needs, reply
from scheduler.constraints.terms import Date, Entity
from scheduler.units import UnitName

routes = APIRouter(prefix="/communities/{community}", tags=["units"])


class UnitOrder(Entity):
    """A unit for a block of a date; none named: any."""

    date: Date
    block: Annotated[int, Field(ge=0, le=1000, description="Place in the list of blocks, from 0.")]
    unit: UnitName | None = None


class UnitCode(Entity):
    """What the holder was told."""

    code: Annotated[str, Field(max_length=100)]


@routes.get("/units/{id}", dependencies=[needs(Permission.PUBLIC)])
def what_is_free(here: Here, community: str, id: str, date: date) -> Response:
    """What is free on a date, block by block. Who holds a unit is told to nobody."""
    with here.store.reading() as tx:
        told = units.free(tx, community, id, date, clock.now())
        return reply(Answer(told, headers={"Cache-Control": "no-cache"}))


@routes.post(
    "/units/{id}/bookings",
    dependencies=[needs(Permission.KEEP_DOOR)],
    status_code=201,
    openapi_extra=takes("UnitOrder", UnitOrder),
)
def book(write: Writing, community: str, id: str) -> Response:
    """Take a unit for a block. The code in the answer is told once, and signs in."""
    order = model_in(UnitOrder, write.body)

    def act(tx: Any) -> Answer:
        now = write.deed.now
        return Answer(units.book(tx, community, id, order.date, order.block, unit=order.unit, now=now), 201)

    return write.done(act)


@routes.post(
    "/unit-bookings/{id}:sign-in", dependencies=[needs(Permission.KEEP_DOOR)], openapi_extra=takes("UnitCode", UnitCode)
)
def sign_in(write: Writing, community: str, id: str) -> Response:
    """The holder is there."""
    told = model_in(UnitCode, write.body)
    return write.done(lambda tx: Answer(units.sign_in(tx, community, id, told.code, write.deed.now)))


@routes.post(
    "/unit-bookings/{id}:give-back",
    dependencies=[needs(Permission.KEEP_DOOR)],
    status_code=204,
    openapi_extra=takes("UnitCode", UnitCode),
)
def give_back(write: Writing, community: str, id: str) -> Response:
    """The holder does not come, or leaves."""
    told = model_in(UnitCode, write.body)

    def act(tx: Any) -> Answer:
        units.give_back(tx, community, id, told.code, write.deed.now)
        return Answer(None, 204)

    return write.done(act)

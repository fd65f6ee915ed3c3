"""The market: a month's places, who stands where on a date, who stays away, who comes instead."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.flow import market
from api.rights import Permission
from api.routes.documents import model_in, takes
from api.routes.http import Answer, Here, Writing, needs, reply
from scheduler.constraints.terms import Date, Entity, Id
from scheduler.timetable import MarketDraw

routes = APIRouter(prefix="/communities/{community}/market", tags=["market"])


class Night(Entity):
    """A vendor on a date."""

    vendor: Id
    date: Date


Month = Annotated[str, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


@routes.post(
    "/draws", dependencies=[needs(Permission.DECIDE)], status_code=201, openapi_extra=takes("MarketDraw", MarketDraw)
)
def add_draw(write: Writing, community: str) -> Response:
    """Put a month's places in force, as `gongshi draw` made them. They are verified first."""

    def act(tx: Any) -> Answer:
        base = write.service.settings.public
        return Answer(market.publish_draw(tx, community, write.body, base_url=base, deed=write.deed), 201)

    return write.done(act)


@routes.get("/last-in-turn", dependencies=[needs(Permission.PUBLIC)])
def last_in_turn(here: Here, community: str, month: Month) -> Response:
    """The vendors who stand last in a month: two no-shows in the month before. `gongshi draw --last` takes them."""
    with here.store.reading() as tx:
        found = market.stood_up(market.known_round(tx, community), month)
        return reply(Answer({"month": month, "vendors": list(found)}))


@routes.get("", dependencies=[needs(Permission.PUBLIC)])
def who_is_there(here: Here, community: str, date: date) -> Response:
    """Who stands where on a date, with power, fee and the fair count."""
    with here.store.reading() as tx:
        return reply(Answer(market.tonight(tx, community, date), headers={"Cache-Control": "no-cache"}))


@routes.post(
    "/absences", dependencies=[needs(Permission.KEEP_DOOR)], status_code=201, openapi_extra=takes("Night", Night)
)
def stay_away(write: Writing, community: str) -> Response:
    """A vendor stays away; reported by noon its stall is offered to the next."""
    asked = model_in(Night, write.body)

    def act(tx: Any) -> Answer:
        base = write.service.settings.public
        told = market.stay_away(tx, community, asked.vendor, asked.date, base_url=base, deed=write.deed)
        return Answer(told, 201)

    return write.done(act)


@routes.post(
    "/takings", dependencies=[needs(Permission.KEEP_DOOR)], status_code=201, openapi_extra=takes("Night", Night)
)
def take(write: Writing, community: str) -> Response:
    """A vendor takes the stall that is offered to it."""
    asked = model_in(Night, write.body)

    def act(tx: Any) -> Answer:
        base = write.service.settings.public
        return Answer(market.take(tx, community, asked.vendor, asked.date, base_url=base, deed=write.deed), 201)

    return write.done(act)

"""Tonight's market as a page: the plan of the square, who stands where, and how fair the month is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.errors import Refused
from api.feeds.header import feed_path
from api.flow import market
from api.settings import Settings
from api.store import Store
from api.web.dates import long_day
from api.web.gate import public
from api.web.names import root_of
from api.web.pages import render_desk
from api.web.posts import HEADERS
from api.web.square import plan_svg


def market_router(settings: Settings, store: Store, now: Callable[[], datetime]) -> APIRouter:
    """`/c/{community}/market`: today's market, the next one, or that of `?date=`."""

    def show(request: Request) -> Response:
        community = request.path_params["community"]
        try:
            asked = request.query_params.get("date", "")
            day = date.fromisoformat(asked) if asked else None
        except ValueError:
            return _said(settings, community, "日期没有看懂", "请写成 2026-09-11 这样。", 400)
        try:
            with store.reading() as tx:
                round = market.known_round(tx, community)
                days = market.days(tx, community, round)
                today = now().astimezone(round.zone).date()
                at = day or next((each for each in days if each >= today), days[-1] if days else today)
                told, places = market.tonight(tx, community, at), round.on(at)
        except Refused as refusal:
            return _said(settings, community, "没有夜市", refusal.sentence.zh, refusal.status)
        assert places is not None, "`tonight` refuses a date without places"
        title = next(each.name for each in round.problem.spaces if each.id == round.market.space)
        place = days.index(at)
        html = render_desk(
            "market.html",
            community=community,
            base_url=settings.public,
            title=f"{title}夜市",
            day=long_day(at, "zh"),
            plan=Markup(plan_svg(round.market, places, market.night_of(at), title)),  # noqa: S704 - escaped by itself
            told=told,
            before=days[place - 1].isoformat() if place else "",
            after=days[place + 1].isoformat() if place + 1 < len(days) else "",
            feed=root_of(settings.public) + feed_path(community, "markets", round.market.host),
            vendor_feed=lambda id: root_of(settings.public) + feed_path(community, "vendors", id),
        )
        return _html(html, 200)

    router = APIRouter()
    router.add_route("/c/{community}/market", public(show), ["GET"], include_in_schema=False)
    return router


def _said(settings: Settings, community: str, heading: str, sentence: str, status: int) -> Response:
    page = render_desk(
        "message.html", community=community, base_url=settings.public, heading=heading, sentences=[sentence]
    )
    return _html(page, status)


def _html(html: str, status: int) -> Response:
    headers = {**HEADERS, "Cache-Control": "public, max-age=60"}
    return Response(html, status, headers, media_type="text/html; charset=utf-8")

"""Addresses of the residents' pages: thin, so that what is shown is tested without a server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.feeds.release import Named, Release
from api.feeds.scopes import SCOPES
from api.web.gate import public
from api.web.language import preferred
from api.web.names import root_of
from api.web.pages import render_booking, render_calendar, render_home, render_message, render_week
from api.web.words import LANGUAGES

CurrentRelease = Callable[[str], Release | None]
Released = Callable[[], Sequence[Named]]
Now = Callable[[], datetime]

# No script, no address but our own: what a page of a public house needs.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "public, max-age=60",
    "Vary": "Accept-Language",
}
ROBOTS = "User-agent: *\nDisallow: /v1/\nAllow: /\n"
"""Calendars are never forbidden: big importers obey this file."""


def pages_router(current_release: CurrentRelease, released: Released, now: Now, base_url: str) -> APIRouter:
    """Routes of the root, under `/c/{community}` and `/static`, and `/robots.txt`.

    Args:
        current_release: the release in force of a community, or none where there is no such community or release.
        released: the communities that have a release.
        now: the service's clock (aware).
        base_url: the service's public address.
    """
    pages = _Pages(current_release, now)
    router = APIRouter()

    def home(request: Request) -> Response:
        return _home(request, released(), base_url)

    # Starlette's own routes: they answer HEAD as GET, and stand in no API schema.
    router.add_route("/", public(home), include_in_schema=False)
    router.add_route("/c/", public(home), include_in_schema=False)
    router.add_route("/c/{community}/", public(pages.week), include_in_schema=False)
    router.add_route("/c/{community}/bookings/{uid}", public(pages.booking), include_in_schema=False)
    router.add_route("/c/{community}/{scope}/{id}", public(pages.calendar), include_in_schema=False)
    router.add_route("/static/gongshi.css", public(_style), include_in_schema=False)
    router.add_route("/robots.txt", public(_robots), include_in_schema=False)
    return router


class _Pages:
    """The pages, with where their releases and their time come from."""

    def __init__(self, current_release: CurrentRelease, now: Now) -> None:
        self._current_release = current_release
        self._now = now

    def week(self, request: Request) -> Response:
        return self._answer(request, render_week)

    def calendar(self, request: Request) -> Response:
        scope, feed_id = request.path_params["scope"], request.path_params["id"]
        if scope not in SCOPES:
            return _message("not_found", 404, _language(request))

        def page(release: Release, *, today: date, as_of: date | None, lang: str) -> str | None:
            return render_calendar(release, scope, feed_id, today=today, as_of=as_of, lang=lang)

        return self._answer(request, page)

    def booking(self, request: Request) -> Response:
        uid = request.path_params["uid"]

        def page(release: Release, *, today: date, as_of: date | None, lang: str) -> str | None:
            return render_booking(release, uid, today=today, lang=lang)

        return self._answer(request, page)

    def _answer(self, request: Request, page: Callable[..., str | None]) -> Response:
        lang = _language(request)
        release = self._current_release(request.path_params["community"])
        if release is None:
            return _message("not_found", 404, lang)
        try:
            as_of = _date(request.query_params)
        except ValueError:
            return _message("bad_date", 400, lang)
        today = self._now().astimezone(ZoneInfo(release.zone)).date()
        html = page(release, today=today, as_of=as_of, lang=lang)
        return _message("not_found", 404, lang) if html is None else _html(html, 200, lang)


def _home(request: Request, communities: Sequence[Named], base_url: str) -> Response:
    """The list of communities; where there is but one, the way to it, in the language that was asked for."""
    if len(communities) != 1:
        lang = _language(request)
        return _html(render_home(communities, base_url=base_url, lang=lang), 200, lang)
    asked = request.query_params.get("lang")
    query = f"?lang={asked}" if asked in LANGUAGES else ""
    location = f"{root_of(base_url)}/c/{communities[0].id}/{query}"
    return Response(status_code=303, headers={"Location": location, "Cache-Control": HEADERS["Cache-Control"]})


def _language(request: Request) -> str:
    return preferred(request.query_params.get("lang"), request.headers.get("accept-language"))


def _date(query: Mapping[str, str]) -> date | None:
    text = query.get("as_of", "")
    return date.fromisoformat(text) if text else None


def _message(what: str, status: int, lang: str) -> Response:
    return _html(render_message(what, lang=lang), status, lang)


def _html(html: str, status: int, lang: str) -> Response:
    return Response(html, status, {**HEADERS, "Content-Language": lang}, media_type="text/html; charset=utf-8")


def _style(request: Request) -> Response:
    css = files("api.web").joinpath("static/gongshi.css").read_bytes()
    etag = f'"{hashlib.sha256(css).hexdigest()[:16]}"'
    headers = {"Cache-Control": "public, max-age=3600", "ETag": etag, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(css, 200, headers, media_type="text/css; charset=utf-8")


def _robots(_request: Request) -> Response:
    return PlainTextResponse(ROBOTS)

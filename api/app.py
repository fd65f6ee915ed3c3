"""The web process: API, pages and calendars. It never imports the solver."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter

from api import clock, health
from api.feeds import Named, Release
from api.feeds.serve import ASGIApp, FeedApp, Message, Receive, Scope, Send, StoredFeed
from api.flow import published
from api.limits import Limited
from api.metrics import UNKNOWN, Metrics, observed
from api.queue import Queue
from api.rights import Permission
from api.routes import refusals, v1
from api.routes.documents import SCHEMAS
from api.routes.http import Service, needs
from api.routes.reference import page
from api.settings import Settings
from api.store import Store, migrate
from api.store.feeds import feed_reader
from api.store.parts import communities, find_community
from api.web.account import account_router
from api.web.desk import Desk, desk_router
from api.web.market import market_router
from api.web.notice import notice_router
from api.web.publicity import publicity_router
from api.web.routes import pages_router
from api.web.session import Sessions
from api.web.upload import upload_router
from api.web.wishes import wishes_router
from scheduler import __version__

KEPT_RELEASES = 8

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (
        b"content-security-policy",
        b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        b"base-uri 'none'; form-action 'self'",
    ),
)


def create_app(settings: Settings | None = None, queue: Queue | None = None) -> ASGIApp:
    """The whole service as one ASGI application; the database is brought to its present form first.

    Args:
        settings: none given: those of the environment.
        queue: the way to the workers; none given: the one that the settings name.
    """
    app = create_inner_app(settings or Settings(), queue)
    read = feed_reader(app.state.service.store)

    def lookup(community: str, scope: str, id: str) -> StoredFeed | None:
        row = read(community, scope, id)
        return None if row is None else StoredFeed(*row)

    limited = Limited(FeedApp(lookup, _with_headers(app)), app.state.service.settings)
    return observed(limited, app.state.metrics, _templates(app))


def create_inner_app(settings: Settings, queue: Queue | None = None) -> FastAPI:
    """All routes and pages, without the calendars that stand before them."""
    clock.use_own_zones()
    settings.prepare()
    store = Store(settings.database)
    migrate(store)
    service = Service(settings, store, queue or Queue(settings.jobs))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        service.queue.close()
        store.close()

    app = FastAPI(
        title="共室 Gongshi",
        version=__version__,
        description="社区共享空间排期服务。Who gets which community room, when; proved, explained, published.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    refusals.install(app)
    app.include_router(v1)
    desk = Desk(settings, store, service.queue, clock.now, Sessions(settings))
    app.include_router(account_router(desk))
    app.include_router(desk_router(desk))
    app.include_router(publicity_router(desk))
    app.include_router(upload_router(desk))
    app.include_router(notice_router(desk))
    app.include_router(wishes_router(desk))
    app.include_router(market_router(settings, store, clock.now))
    app.include_router(pages_router(_current_release(service), _released(store), clock.now, settings.public))
    _add_documentation(app)
    metrics = Metrics(store)
    health.install(app, service, metrics)
    # FastAPI's own way of extending the description is to replace this method.
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    app.state.metrics = metrics
    return app


def _current_release(service: Service) -> Callable[[str], Release | None]:
    @lru_cache(maxsize=KEPT_RELEASES)
    def read(community: str, number: int) -> Release:
        with service.store.reading() as tx:
            return replace(published.read_release(tx, community, number), base_url=service.settings.public)

    def current(community: str) -> Release | None:
        with service.store.reading() as tx:
            row = find_community(tx, community)
        return read(community, row.in_force) if row is not None and row.in_force else None

    return current


def _released(store: Store) -> Callable[[], list[Named]]:
    def read() -> list[Named]:
        with store.reading() as tx:
            documents = [json.loads(row.document)["community"] for row in communities(tx) if row.in_force]
        return [Named(each["id"], each["name"], each["name_en"]) for each in documents]

    return read


def _templates(app: FastAPI) -> Callable[[Scope], str]:
    """From a request that was answered to the template of its route."""
    templates = {each.endpoint: each.path or UNKNOWN for each in iter_route_contexts(app.routes)}
    return lambda scope: templates.get(scope.get("endpoint"), UNKNOWN)


def _add_documentation(app: FastAPI) -> None:
    @app.get("/openapi.json", dependencies=[needs(Permission.PUBLIC)], include_in_schema=False)
    def openapi() -> Response:
        """The description of the API for programs."""
        return JSONResponse(app.openapi())

    @app.get("/docs", dependencies=[needs(Permission.PUBLIC)], include_in_schema=False)
    def docs() -> HTMLResponse:
        """The API's documentation, without anything from outside."""
        return HTMLResponse(page(app.openapi()))


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description of the API, with the documents that are read in JSON's own strict mode."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        template = "#/components/schemas/{model}"
        named, shared = TypeAdapter.json_schemas(
            [(name, "validation", form) for name, form in SCHEMAS.items()], ref_template=template
        )
        documents = schema.setdefault("components", {}).setdefault("schemas", {})
        documents |= {name: each for (name, _), each in named.items()} | shared.get("$defs", {})
        app.openapi_schema = schema
    return app.openapi_schema


def _with_headers(app: ASGIApp) -> ASGIApp:
    """Security headers on every answer that has none of its own, and HEAD for every GET."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in HEADERS if each[0] not in given)]
                await send(message)
                if head:
                    await send({"type": "http.response.body", "body": b""})
            elif not head:
                await send(message)

        await app({**scope, "method": "GET"} if head else scope, receive, send_on)

    return serve

"""Calendars over HTTP: a raw ASGI application, since most requests are answered with 304."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """What the store keeps of a `RenderedFeed`, served as it is. ETags are quoted."""

    body: bytes
    gzip_body: bytes
    etag: str
    gzip_etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """The calendar was closed: 410."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The calendar has another address for good: 308. `location` is a path or an absolute URL, percent-encoded."""

    location: str


Lookup = Callable[[str, str, str], StoredFeed | Gone | Moved | None]
"""(community, scope, id) -> the feed in force. Called on the event loop: quick, no ORM. Raising means 503."""


class FeedApp:
    """Answers `/c/{community}/calendars/{scope}/{id}.ics`; everything else goes to `inner` (404 without one)."""

    def __init__(self, lookup: Lookup, inner: ASGIApp | None = None) -> None:
        self._lookup = lookup
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI 3)."""
        raise NotImplementedError

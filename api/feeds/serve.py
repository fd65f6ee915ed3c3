"""Calendars over HTTP: a raw ASGI application, since most requests are answered with 304.

Nothing is rendered here. What subscribers' programs do is in every branch: they probe with PROPFIND and
OPTIONS, keep weak tags that a proxy made, and empty a person's calendar on a wrong 200.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from api.feeds.conditional import not_modified, prefers_gzip

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PATH = re.compile(r"/c/(?P<community>[^/]+)/calendars/(?P<scope>[^/]+)/(?P<id>[^/]+)\.ics")
ALWAYS: Headers = [(b"access-control-allow-origin", b"*"), (b"x-content-type-options", b"nosniff")]
CACHE = (b"cache-control", b"public, max-age=300")
"""Five minutes: a change shows soon, and a whole office behind one proxy costs one request."""
RETRY_AFTER_S = 300
log = logging.getLogger(__name__)


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
    """The calendar has another address for good: 308 (301 is not remembered by one client).

    `location` is a path or an absolute URL, percent-encoded.
    """

    location: str


Lookup = Callable[[str, str, str], StoredFeed | Gone | Moved | None]
"""(community, scope, id) -> the feed in force. Called on the event loop: quick, no ORM. Raising means 503."""


class FeedApp:
    """Answers `/c/{community}/calendars/{scope}/{id}.ics`; all else goes to `inner` (404 without one)."""

    def __init__(self, lookup: Lookup, inner: ASGIApp | None = None) -> None:
        self._lookup = lookup
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI 3)."""
        match = PATH.fullmatch(_path(scope)) if scope["type"] == "http" else None
        if match is not None:
            await self._feed(scope, send, match)
        elif self._inner is not None:
            await self._inner(scope, receive, send)
        elif scope["type"] == "http":
            await _say(send, scope["method"], 404, "没有这个地址。 Not found.")

    async def _feed(self, scope: Scope, send: Send, match: re.Match[str]) -> None:
        method = scope["method"]
        if method not in {"GET", "HEAD"}:
            # A 401 or 404 here makes Thunderbird give up; 405 makes it fall back to GET.
            await _say(send, method, 405, "日历只读。 This calendar is read-only.", [(b"allow", b"GET, HEAD")])
            return
        try:
            found = self._lookup(match["community"], match["scope"], match["id"])
            if isinstance(found, StoredFeed) and not found.body.endswith(b"END:VCALENDAR\r\n"):
                # A truncated 200 empties people's calendars; after a 503 they keep what they have.
                raise ValueError("the stored calendar is truncated")
        except Exception:
            log.exception("calendar %s cannot be served", match[0])
            retry = [(b"retry-after", str(RETRY_AFTER_S).encode()), (b"cache-control", b"no-store")]
            await _say(send, method, 503, "暂时无法提供，请稍后再试。 Try again later.", retry)
            return
        if isinstance(found, StoredFeed):
            await _calendar(send, scope, found, f"{match['id']}.ics")
        elif isinstance(found, Moved):
            moved = [(b"location", found.location.encode("ascii")), CACHE]
            await _say(send, method, 308, "日历地址已变更。 This calendar has moved.", moved)
        elif isinstance(found, Gone):
            await _say(send, method, 410, "此日历已停用。 This calendar is closed.", [CACHE])
        else:
            await _say(
                send,
                method,
                404,
                "没有这个日历。 No such calendar.",
                [(b"cache-control", b"public, max-age=60")],
            )


async def _calendar(send: Send, scope: Scope, feed: StoredFeed, filename: str) -> None:
    """200 or 304 (RFC 9110 sections 13 and 15.4.5), in the encoding that the client can read."""
    asked = _asked(scope["headers"])
    packed = prefers_gzip(asked.get(b"accept-encoding"))
    own, other = (feed.gzip_etag, feed.etag) if packed else (feed.etag, feed.gzip_etag)
    validator = not_modified(
        asked.get(b"if-none-match"), asked.get(b"if-modified-since"), (own, other), feed.last_modified
    )
    headers: Headers = [
        *ALWAYS,
        CACHE,
        (b"vary", b"Accept-Encoding"),
        (b"etag", (validator or own).encode("ascii")),
        (b"last-modified", format_datetime(feed.last_modified, usegmt=True).encode("ascii")),
    ]
    if validator is not None:
        await _send(send, 304, headers, b"")
        return
    body = feed.gzip_body if packed else feed.body
    encoded = quote(filename, safe="+@")
    disposition = f"inline; filename=\"{encoded}\"; filename*=UTF-8''{encoded}"
    headers += [
        (b"content-type", b"text/calendar; charset=utf-8"),
        (b"content-disposition", disposition.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
        *([(b"content-encoding", b"gzip")] if packed else []),
    ]
    await _send(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _path(scope: Scope) -> str:
    """The path below where the service is mounted, percent-decoded by the server."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _asked(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """Request headers by lower-case name; repeated ones are one list (RFC 9110 section 5.3)."""
    asked: dict[bytes, str] = {}
    for name, value in headers:
        text = value.decode("latin-1")
        asked[name] = f"{asked[name]}, {text}" if name in asked else text
    return asked


async def _say(send: Send, method: str, status: int, sentence: str, more: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = f"{sentence}\n".encode()
    headers = [
        *ALWAYS,
        *more,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode("ascii")),
    ]
    await _send(send, status, headers, b"" if method == "HEAD" else body)


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

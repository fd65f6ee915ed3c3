from __future__ import annotations

import asyncio
import gzip
import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import uvicorn

from api.feeds.conditional import prefers_gzip
from api.feeds.serve import FeedApp, Gone, Message, Moved, Receive, Scope, Send, StoredFeed

BODY = b"BEGIN:VCALENDAR\r\n" + b"X:1\r\n" * 1000 + b"END:VCALENDAR\r\n"
FEED = StoredFeed(
    BODY, gzip.compress(BODY, mtime=0), '"plain"', '"packed"', datetime(2026, 9, 16, 8, 5, 20, tzinfo=UTC)
)
MODIFIED = "Wed, 16 Sep 2026 08:05:20 GMT"
PATH = "/c/badahu/calendars/spaces/S05.ics"


def lookup(community: str, scope: str, feed_id: str) -> StoredFeed | Gone | Moved | None:
    if feed_id == "broken":
        raise OSError("the disk is gone")
    answers: dict[tuple[str, str, str], StoredFeed | Gone | Moved] = {
        ("badahu", "spaces", "S05"): FEED,
        ("badahu", "spaces", "S03+S04"): FEED,
        ("badahu", "spaces", "closed"): Gone(),
        ("badahu", "spaces", "old"): Moved("/c/badahu/calendars/spaces/S05.ics"),
        ("badahu", "spaces", "cut"): StoredFeed(BODY[:-3], b"", '"a"', '"b"', FEED.last_modified),
    }
    return answers.get((community, scope, feed_id))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(path: str = PATH, method: str = "GET", /, *, root_path: str = "", **headers: str) -> Answer:
    """Straight into the ASGI application; underscores in names of headers stand for hyphens."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "root_path": root_path, "headers": raw}
    asyncio.run(FeedApp(lookup)(scope, receive, send))
    start, body = sent
    names = [name.decode() for name, _ in start["headers"]]
    assert len(set(names)) == len(names)
    return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"])


EVERY_ANSWER = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
VALIDATORS = {
    **EVERY_ANSWER,
    "cache-control": "public, max-age=300",
    "vary": "Accept-Encoding",
    "etag": '"plain"',
    "last-modified": MODIFIED,
}
WHOLE = {
    **VALIDATORS,
    "content-type": "text/calendar; charset=utf-8",
    "content-disposition": "inline; filename=\"S05.ics\"; filename*=UTF-8''S05.ics",
    "content-length": str(len(BODY)),
}


def test_get() -> None:
    assert ask() == Answer(200, WHOLE, BODY)


def test_head_is_get_without_its_body() -> None:
    assert ask(PATH, "HEAD") == Answer(200, WHOLE, b"")


def test_gzip_has_a_tag_of_its_own() -> None:
    packed = {
        **WHOLE,
        "etag": '"packed"',
        "content-encoding": "gzip",
        "content-length": str(len(FEED.gzip_body)),
    }
    assert ask(Accept_Encoding="gzip, deflate, br") == Answer(200, packed, FEED.gzip_body)


def test_any_accept_is_answered_with_the_calendar() -> None:
    assert ask(Accept="application/json") == Answer(200, WHOLE, BODY)


@pytest.mark.parametrize(
    ("accepted", "gzipped"),
    [
        (None, False),
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("br, gzip;q=0", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("deflate, x-gzip", True),
        ("gzip;q=many", False),
    ],
)
def test_accept_encoding(accepted: str | None, gzipped: bool) -> None:
    assert prefers_gzip(accepted) == gzipped


@pytest.mark.parametrize(
    "condition",
    ['"plain"', 'W/"plain"', '"x", "plain"', '"x",W/"plain" ,"y"', "*", ' "plain" '],
)
def test_if_none_match_that_matches(condition: str) -> None:
    assert ask(If_None_Match=condition) == Answer(304, VALIDATORS, b"")
    assert ask(PATH, "HEAD", If_None_Match=condition) == Answer(304, VALIDATORS, b"")


@pytest.mark.parametrize("condition", ['"x"', "plain", '"Plain"', "", "W/plain", '"plain', '"a*"'])
def test_if_none_match_that_does_not_match_beats_if_modified_since(condition: str) -> None:
    assert ask(If_None_Match=condition, If_Modified_Since=MODIFIED) == Answer(200, WHOLE, BODY)


def test_either_encoding_that_is_kept_is_confirmed_by_its_own_tag() -> None:
    packed = {**VALIDATORS, "etag": '"packed"'}
    assert ask(If_None_Match='"packed"', Accept_Encoding="gzip") == Answer(304, packed, b"")
    assert ask(If_None_Match='"packed"') == Answer(304, packed, b"")
    assert ask(If_None_Match='"plain"', Accept_Encoding="gzip") == Answer(304, VALIDATORS, b"")
    assert ask(If_None_Match='"plain", "packed"', Accept_Encoding="gzip") == Answer(304, packed, b"")


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (MODIFIED, 304),
        ("Wed, 16 Sep 2026 08:05:21 GMT", 304),
        ("Wed, 16 Sep 2026 08:05:19 GMT", 200),
        ("Wednesday, 16-Sep-26 08:05:20 GMT", 304),
        ("Wed Sep 16 08:05:20 2026", 304),
        ("yesterday", 200),
        ("", 200),
    ],
)
def test_if_modified_since(since: str, status: int) -> None:
    assert ask(If_Modified_Since=since).status == status


@pytest.mark.parametrize("method", ["PROPFIND", "PUT", "OPTIONS", "POST", "DELETE", "REPORT", "MKCALENDAR"])
def test_other_methods_are_told_which_there_are(method: str) -> None:
    body = "日历只读。 This calendar is read-only.\n".encode()
    headers = {
        **EVERY_ANSWER,
        "allow": "GET, HEAD",
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
    }
    assert ask(PATH, method) == Answer(405, headers, body)


@pytest.mark.parametrize(
    ("path", "status", "header"),
    [
        ("/c/badahu/calendars/spaces/S99.ics", 404, ("cache-control", "public, max-age=60")),
        ("/c/other/calendars/spaces/S05.ics", 404, ("cache-control", "public, max-age=60")),
        ("/c/badahu/calendars/rooms/S05.ics", 404, ("cache-control", "public, max-age=60")),
        ("/c/badahu/calendars/spaces/closed.ics", 410, ("cache-control", "public, max-age=300")),
        ("/c/badahu/calendars/spaces/old.ics", 308, ("location", "/c/badahu/calendars/spaces/S05.ics")),
        ("/c/badahu/calendars/spaces/broken.ics", 503, ("retry-after", "300")),
        ("/c/badahu/calendars/spaces/cut.ics", 503, ("retry-after", "300")),
    ],
)
def test_what_is_not_there(path: str, status: int, header: tuple[str, str]) -> None:
    answer = ask(path)
    assert (answer.status, answer.headers[header[0]]) == (status, header[1])
    assert answer.headers["content-length"] == str(len(answer.body))
    assert {name: answer.headers[name] for name in EVERY_ANSWER} == EVERY_ANSWER
    assert ask(path, "HEAD") == Answer(status, answer.headers, b"")


def test_trouble_is_not_cached() -> None:
    assert ask("/c/badahu/calendars/spaces/broken.ics").headers["cache-control"] == "no-store"


def test_below_a_root_path() -> None:
    assert ask(f"/gongshi{PATH}", root_path="/gongshi") == Answer(200, WHOLE, BODY)


@pytest.mark.parametrize(
    "path",
    ["/", "/c/badahu/", "/c/badahu/calendars/spaces/S05", "/c/badahu/calendars/S05.ics", f"{PATH}/", f"/x{PATH}"],
)
def test_other_addresses_go_to_the_inner_application(path: str) -> None:
    seen: list[str] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["path"])

    async def nothing(*_: object) -> Message:
        raise AssertionError("the inner application was to answer")

    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    asyncio.run(FeedApp(lookup, inner)(scope, nothing, nothing))  # type: ignore[arg-type]  # never called
    assert seen == [path]
    assert ask(path).status == 404


def test_start_and_end_of_the_server_go_to_the_inner_application() -> None:
    seen: list[str] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Message:
        raise AssertionError("nothing is received")

    asyncio.run(FeedApp(lookup, inner)({"type": "lifespan"}, nothing, nothing))  # type: ignore[arg-type]  # never called
    assert seen == ["lifespan"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A real server, whose framing of 304 and HEAD the tests above cannot see."""
    server = uvicorn.Server(uvicorn.Config(FeedApp(lookup), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def test_one_connection_through_a_real_server(port: int) -> None:
    """304, HEAD, 405 to a PUT with a body, and GET again: the framing holds on one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    seen = []
    for method, headers, body in (
        ("GET", {}, None),
        ("GET", {"If-None-Match": '"plain"'}, None),
        ("HEAD", {}, None),
        ("PUT", {}, b"BEGIN:VCALENDAR"),
        ("GET", {"Accept-Encoding": "gzip"}, None),
    ):
        connection.request(method, PATH.replace("S05", "S03%2BS04"), headers=headers, body=body)
        response = connection.getresponse()
        seen.append((response.status, response.getheader("Content-Length"), len(response.read())))
    connection.close()
    packed = len(FEED.gzip_body)
    assert seen == [
        (200, str(len(BODY)), len(BODY)),
        (304, None, 0),
        (200, str(len(BODY)), 0),
        (405, "44", 44),
        (200, str(packed), packed),
    ]

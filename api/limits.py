"""Limits on what one client may ask for: how often, how long, how large, how slowly.

Rates are token buckets in this process's memory, on a clock that nobody steps: one for each address and one for each
key, so that neither many keys behind one address nor one key at many addresses has more than its share. Bodies are
counted as they come, also where no length was told. Who sends slowly waits alone: a write takes one of the turns of
`WRITES_AT_ONCE` only when all of it is here.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import json
import math
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import lru_cache

from api.errors import MEDIA_TYPE, Refused, document
from api.feeds.serve import ASGIApp, Message, Receive, Scope, Send
from api.settings import Settings

MOST_URL_BYTES = 8_000
MOST_HEADER_BYTES = 16_000
MOST_BUCKETS = 50_000
"""Of one kind; those that were used least lately are forgotten, as if they were full."""
MOST_KNOWN = 1_000
UPLOAD_SECONDS = 300.0
"""A body is whole by then."""
SLOW_AFTER_SECONDS = 2.0
SLOW_AT_ONCE, SLOW_OF_ONE_ADDRESS = 16, 4
"""Bodies that took longer than that so far, of 20 MB at most each."""
WRITES_AT_ONCE = 20
"""Fewer than there are threads (40) and connections (`api.store.engine`): writers who wait leave some to readers."""
TURN_SECONDS = 10.0
HERE = frozenset({"127.0.0.1", "::1"})
"""This machine itself: a proxy here tells whom it forwards for (`trusted_proxies`). It is limited in sign-ins alone."""
SIGN_IN = re.compile(r"/sign-in(/|$)")
READING = {"GET", "HEAD", "OPTIONS"}
AUTHORIZATION = b"authorization"


class Buckets:
    """Token buckets of one kind: `per_minute` at once, and as many again in each minute; 0: no limit."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rate, self._now = float(per_minute), per_minute / 60, now
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Seconds until there is a token for them; 0 when there is one. None is taken."""
        if not self._most:
            return 0.0
        tokens = self._tokens(who)
        return 0.0 if tokens >= 1 else (1 - tokens) / self._rate

    def take(self, who: str) -> None:
        """Take a token, if there is one."""
        if self._most:
            self._kept[who] = (max(self._tokens(who) - 1, 0.0), self._now())
            self._kept.move_to_end(who)
            if len(self._kept) > MOST_BUCKETS:
                self._kept.popitem(last=False)

    def _tokens(self, who: str) -> float:
        tokens, at = self._kept.get(who, (self._most, 0.0))
        return min(self._most, tokens + (self._now() - at) * self._rate) if who in self._kept else tokens


@lru_cache(maxsize=10_000)
def address_of(host: str) -> str:
    """Whom an address stands for: of IPv6 its first 64 bits, since one client has all the rest."""
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if parsed.version == 4:
        return host
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


class Limited:
    """Refuses what is too much; hands on the rest with its body counted."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._feeds = Buckets(settings.feeds_per_minute)
        self._reads = Buckets(settings.reads_per_minute)
        self._writes = Buckets(settings.writes_per_minute)
        self._sign_ins = Buckets(settings.sign_ins_per_minute)
        self.most_bytes = max(settings.most_body_bytes, settings.most_import_bytes)
        self.pause = settings.slow_seconds
        self._good: OrderedDict[str, None] = OrderedDict()
        self.slow: Counter[str] = Counter()
        self.turns = asyncio.Semaphore(WRITES_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        address = address_of(client[0]) if client else ""
        if scope["path"].endswith(".ics"):
            if address not in HERE:
                if wait := self._feeds.wait(address):
                    await tell(scope, send, too_many(wait))
                    return
                self._feeds.take(address)
            await self._app(scope, receive, send)
            return
        key = _key_of(scope)
        try:
            self._refuse_too_much(scope)
            self._refuse_too_often(scope, address, key)
        except Refused as refusal:
            await tell(scope, send, refusal)
            return
        if scope["method"] in READING:
            await self._app(scope, receive, self._watching(send, address, key, writes=False))
            return
        body = _Body(receive, self, address)
        try:
            await self._app(scope, body.receive, self._watching(send, address, key, writes=True))
        finally:
            body.close()

    def _refuse_too_much(self, scope: Scope) -> None:
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > MOST_URL_BYTES:
            raise Refused("address_too_long", more={"most_bytes": MOST_URL_BYTES}, headers=CLOSE)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADER_BYTES:
            raise Refused("headers_too_large", more={"most_bytes": MOST_HEADER_BYTES}, headers=CLOSE)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if len(length) > 18 or (length.isdigit() and int(length) > self.most_bytes):
            raise Refused("too_large", more={"most_bytes": self.most_bytes}, headers=CLOSE)

    def _refuse_too_often(self, scope: Scope, address: str, key: str) -> None:
        reads = scope["method"] in READING
        asking = () if address in HERE else (address, key)
        buckets = [(self._reads if reads else self._writes, each) for each in asking if each]
        if not reads and SIGN_IN.search(scope["path"]):
            buckets.append((self._sign_ins, address))
        elif key and key not in self._good and (wait := self._sign_ins.wait(address)):
            # Too many wrong keys came from there: another that is not known to be right is not even looked at.
            raise too_many(wait)
        if wait := max((bucket.wait(who) for bucket, who in buckets), default=0.0):
            raise too_many(wait)
        for bucket, who in buckets:
            bucket.take(who)

    def _watching(self, send: Send, address: str, key: str, *, writes: bool) -> Send:
        """Sees whether a key was right: a wrong one counts as a sign-in."""
        if not key:
            return send

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] == 401:
                    self._sign_ins.take(address)
                elif writes and 200 <= message["status"] < 300:
                    self._good[key] = None
                    if len(self._good) > MOST_KNOWN:
                        self._good.popitem(last=False)
            await send(message)

        return send_on


CLOSE = {"Connection": "close"}


class _Body:
    """The body of one request, as it comes."""

    def __init__(self, receive: Receive, limits: Limited, address: str) -> None:
        self._receive, self._limits, self._address = receive, limits, address
        self._began = time.monotonic()
        self._size = 0
        self._is_slow = self._has_turn = self._whole = False

    async def receive(self) -> Message:
        """The next of it.

        Raises:
            Refused: it is too large, or comes too slowly; or too many come slowly; or it is not its turn in time.
        """
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout(self._limits.pause):
                message = await self._receive()
        except TimeoutError:
            raise Refused("too_slow", headers=CLOSE) from None
        if message["type"] != "http.request":
            return message
        self._size += len(message.get("body", b""))
        if self._size > self._limits.most_bytes:
            # The rest is not read: the connection is closed instead.
            raise Refused("too_large", more={"most_bytes": self._limits.most_bytes}, headers=CLOSE)
        if message.get("more_body", False):
            self._refuse_slow(time.monotonic() - self._began)
        else:
            self._whole = True
            self._not_slow()
            await self._turn()
        return message

    def _refuse_slow(self, seconds: float) -> None:
        if seconds > UPLOAD_SECONDS:
            raise Refused("too_slow", headers=CLOSE)
        if self._is_slow or seconds < SLOW_AFTER_SECONDS:
            return
        slow = self._limits.slow
        if slow.total() >= SLOW_AT_ONCE or slow[self._address] >= SLOW_OF_ONE_ADDRESS:
            raise Refused("busy", headers={"Retry-After": "10", **CLOSE})
        self._is_slow = True
        slow[self._address] += 1

    def _not_slow(self) -> None:
        if self._is_slow:
            self._is_slow = False
            slow = self._limits.slow
            slow[self._address] -= 1
            if not slow[self._address]:
                del slow[self._address]

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._limits.turns.acquire()
        except TimeoutError:
            raise Refused("busy", headers={"Retry-After": "2"}) from None
        self._has_turn = True

    def close(self) -> None:
        """The request is answered."""
        self._not_slow()
        if self._has_turn:
            self._has_turn = False
            self._limits.turns.release()


def _key_of(scope: Scope) -> str:
    """What tells one key from another without being it; empty: none was brought."""
    given = next((value for name, value in scope["headers"] if name == AUTHORIZATION), b"")
    return f"key {hashlib.sha256(given).hexdigest()}" if given else ""


def too_many(seconds: float) -> Refused:
    """Come again after so many seconds."""
    return Refused("too_many_requests", headers={"Retry-After": str(max(1, math.ceil(seconds)))})


async def tell(scope: Scope, send: Send, refusal: Refused) -> None:
    """Answer with the problem document of a refusal, before anything else is done."""
    asked = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    lang = "en" if asked.strip().lower().startswith(b"en") else "zh"
    body = json.dumps(document(refusal, instance=scope["path"], lang=lang), ensure_ascii=False).encode(
        "utf-8", "replace"
    )
    headers = {
        **refusal.headers,
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
    }
    told = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": told})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

"""Webhooks: each change is told, signed, tried again, and given up at last as a dead letter."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import ssl
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

import sqlalchemy as sa

from api.errors import refused
from api.flow.rounds import Deed
from api.flow.told import change_shown
from api.store import Store, news, webhooks
from api.store.parts import Row

log = logging.getLogger(__name__)

WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 2 * 60, 10 * 60, 60 * 60, 6 * 60 * 60, 24 * 60 * 60))
"""Between one attempt and the next; after the last one a delivery is a dead letter."""
MOST_ATTEMPTS = len(WAITS) + 1
TIMEOUT_SECONDS = 10
AT_ONCE = 100
MOST_URL_LETTERS = 2000
SIGNATURE, TIMESTAMP = "Gongshi-Signature", "Gongshi-Timestamp"


def add(tx: sa.Connection, url: str, owner: str, *, deed: Deed) -> Row:
    """A new webhook for what changes from now on; its row has the secret, which is told once.

    Raises:
        Refused: the address will not do.
    """
    try:
        parted = urlsplit(url)
        good = parted.scheme in {"http", "https"} and bool(parted.hostname) and (parted.port or 1) > 0
    except ValueError:
        good = False
    if (
        not good
        or len(url) > MOST_URL_LETTERS
        or not url.isascii()
        or not url.isprintable()
        or " " in url
        or "@" in url
    ):
        raise refused("bad_request", "url 应为 http 或 https 地址", "url is an http or https address")
    return webhooks.add_webhook(tx, owner=owner, url=url, cursor=news.newest(tx), caller=deed.caller, now=deed.now)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the receiver computes too: HMAC-SHA256 over the timestamp, a full stop and the body, in hex."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def deliver_due(store: Store, now: datetime) -> int:
    """Make deliveries of what is new, and try what is due.

    A webhook that does not take one is left alone until the next time: what is behind it would not be taken either.

    Returns:
        How many were taken.
    """
    _make_deliveries(store, now)
    with store.reading() as tx:
        waiting = webhooks.due(tx, now, AT_ONCE)
    failed: set[str] = set()
    taken = 0
    for row in waiting:
        if row.webhook in failed:
            continue
        state = _deliver(store, row, now)
        taken += state == "delivered"
        if state != "delivered":
            failed.add(row.webhook)
    return taken


def _make_deliveries(store: Store, now: datetime) -> None:
    with store.reading() as tx:
        newest = news.newest(tx)
        behind = [row for row in webhooks.webhooks(tx, live_only=True) if row.cursor < newest]
    for row in behind:
        with store.writing() as tx:
            found = news.news(tx, row.cursor, owner=row.owner or None, limit=AT_ONCE)
            last = found[-1].cursor if len(found) == AT_ONCE else max(newest, *(each.cursor for each in found), 0)
            if webhooks.move_cursor(tx, row, last):
                webhooks.add_deliveries(tx, row.id, [each.cursor for each in found], now)


def _deliver(store: Store, row: Row, now: datetime) -> str | None:
    """One attempt: delivered, pending or dead; None when another worker has it."""
    attempt = row.attempts + 1
    wait = WAITS[min(row.attempts, len(WAITS) - 1)]
    with store.writing() as tx:
        if not webhooks.claim(tx, row, now + wait):
            return None
    told = _post(row, now) if attempt <= MOST_ATTEMPTS else "interrupted"
    state = "delivered" if told.startswith("2") else "pending" if attempt < MOST_ATTEMPTS else "dead"
    if state == "dead":
        log.warning("webhook %s: change %s is given up: %s", row.webhook, row.cursor, told)
    with store.writing() as tx:
        webhooks.conclude(tx, row.id, state, told, now)
    return state


def _post(row: Row, now: datetime) -> str:
    """Send it, signed; the status, or what went wrong. No redirect is followed, and the answer is not read."""
    body = json.dumps(change_shown(row), ensure_ascii=False).encode()
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "gongshi",
        TIMESTAMP: timestamp,
        SIGNATURE: signature(row.secret, timestamp, body),
    }
    url = urlsplit(row.url)
    connection = _connection(url)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", path, body, headers)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        connection.close()


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    assert url.hostname is not None
    if url.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(url.hostname, url.port, timeout=TIMEOUT_SECONDS, context=context)
    return http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT_SECONDS)

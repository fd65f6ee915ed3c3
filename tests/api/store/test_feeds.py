"""Calendars are read from memory until anybody writes, and never a moment longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from api.store import Store, feeds
from tests.api.store.rows import begin_release

pytestmark = pytest.mark.both_databases
AT = datetime(2026, 9, 1, tzinfo=UTC)


def put(store: Store, **bodies: str) -> None:
    """The calendars of the community `c`, by space."""
    rows = [
        {"community": "c", "scope": "spaces", "id": id, "number": 1, "body": body.encode(), "gzip_body": b"z"}
        | {"etag": f'"{body}"', "gzip_etag": f'"{body}-gzip"', "last_modified": AT}
        for id, body in bodies.items()
    ]
    with store.writing() as tx:
        feeds.replace_feeds(tx, "c", rows)


@pytest.fixture
def read(store: Store) -> Callable[[str], bytes | None]:
    """What the event loop is answered for a space."""
    begin_release(store)
    reader = feeds.feed_reader(store)

    def body(id: str) -> bytes | None:
        found = reader("c", "spaces", id)
        return None if found is None else found[0]

    return body


def test_what_another_connection_wrote_is_read_at_once(store: Store, read: Callable[[str], bytes | None]) -> None:
    assert read("S1") is None
    for number in range(3):
        put(store, S1=f"one {number}", S2=f"two {number}")
        for _ in range(2):
            assert (read("S1"), read("S2")) == (f"one {number}".encode(), f"two {number}".encode())
    put(store, S2="alone")
    assert (read("S1"), read("S2")) == (None, b"alone")


def test_more_than_fits_into_memory_is_read_all_the_same(
    store: Store, read: Callable[[str], bytes | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "KEPT_BYTES", 5)
    put(store, **{f"S{number}": f"body {number}" for number in range(5)})
    for _ in range(2):
        assert [read(f"S{number}") for number in range(5)] == [f"body {number}".encode() for number in range(5)]

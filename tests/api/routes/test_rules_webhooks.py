"""Webhooks: told by a real server on this machine; signed, tried again, given up at last."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from api import clock
from api.flow.webhooks import MOST_ATTEMPTS, WAITS, deliver_due
from api.settings import Settings
from api.store import Store, webhooks
from tests.api.inside import HOME, LONG_PAST, Inside, inside, tiny
from tests.api.running import client_of, free_port, running

RULES = f"{HOME}/constraints"
WITHIN_SECONDS = 30


class Receiver:
    """What a server of an operator's was sent; it answers with `status`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hooks?from=gongshi"
        self.status = 200
        self.posts: list[tuple[str, dict[str, str], bytes]] = []

    def told(self) -> list[str]:
        documents = [json.loads(body) for _, _, body in self.posts]
        return [f"{each['subject']} {each.get('state', each['kind'])}" for each in documents]


@contextmanager
def receiving() -> Iterator[Receiver]:
    port = free_port()
    receiver = Receiver(port)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.posts.append((self.path, dict(self.headers.items()), body))
            self.send_response(receiver.status)
            if receiver.status == 302:
                self.send_header("Location", f"http://127.0.0.1:{port}/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class Office:
    """A service with `tiny`, and the part of the worker that tells webhooks, at any moment that is wanted."""

    def __init__(self, client: Inside) -> None:
        self.client = client
        self.store = Store(client.settings.database)
        self.now = clock.now()

    def hook(self, receiver: Receiver, **more: Any) -> Any:
        return self.client.ask(201, "POST", "/v1/webhooks", {"url": receiver.url, **more})

    def close_on(self, date: str, id: str, owner: str = "canteen") -> None:
        rule = {"kind": "closed", "id": id, "source": "通知", "spaces": ["S1"], "dates": [date]}
        self.client.ask(201, "POST", RULES, {**rule, "owner": owner})

    def tell(self, after: timedelta = timedelta()) -> int:
        self.now += after
        return deliver_due(self.store, self.now)


@pytest.fixture
def office(client: Inside) -> Iterator[Office]:
    client.set_times(client.put(tiny()), LONG_PAST)
    office = Office(client)
    yield office
    office.store.close()


def test_each_change_is_told_once_and_signed(office: Office, receiver: Receiver) -> None:
    office.close_on("2026-09-09", "before")
    hook = office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    office.close_on("2026-09-10", "c2")
    assert [office.tell(), office.tell()] == [2, 0]
    assert receiver.told() == ["c1 accepted", "c2 accepted"]
    changes = office.client.ask(200, "GET", "/v1/changes")["items"][-2:]
    for change, (path, headers, body) in zip(changes, receiver.posts, strict=True):
        assert json.loads(body) == change
        assert (path, headers["Content-Type"]) == ("/hooks?from=gongshi", "application/json")
        stamp = headers["Gongshi-Timestamp"]
        assert int(stamp) == int(office.now.timestamp())
        expected = hmac.new(hook["secret"].encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["Gongshi-Signature"] == f"sha256={expected}"


def test_an_owners_webhook_is_told_of_the_owners_changes(office: Office, receiver: Receiver) -> None:
    office.hook(receiver, owner="canteen")
    office.close_on("2026-09-09", "c1", "library")
    office.close_on("2026-09-09", "c2", "canteen")
    assert office.tell() == 1
    assert receiver.told() == ["c2 accepted"]


def test_when_one_is_not_taken_the_next_is_not_tried(office: Office, receiver: Receiver) -> None:
    office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    office.close_on("2026-09-10", "c2")
    receiver.status = 500
    assert office.tell() == 0
    assert receiver.told() == ["c1 accepted"]
    receiver.status = 200
    assert office.tell() == 1
    assert receiver.told() == ["c1 accepted", "c2 accepted"]


def test_what_is_not_taken_is_tried_again(office: Office, receiver: Receiver) -> None:
    office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    receiver.status = 500
    assert office.tell() == 0
    assert office.tell(WAITS[0] - timedelta(seconds=1)) == 0
    assert len(receiver.posts) == 1
    receiver.status = 204
    assert office.tell(timedelta(seconds=1)) == 1
    assert receiver.told() == ["c1 accepted"] * 2


def test_a_redirect_is_not_followed(office: Office, receiver: Receiver) -> None:
    office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    receiver.status = 302
    assert office.tell() == 0
    assert [path for path, _, _ in receiver.posts] == ["/hooks?from=gongshi"]


def test_what_is_never_taken_is_a_dead_letter(office: Office, receiver: Receiver) -> None:
    hook = office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    receiver.status = 503
    for wait in (timedelta(), *WAITS):
        assert office.client.ask(200, "GET", hook["dead_letters"])["items"] == []
        assert office.tell(wait) == 0
    assert len(receiver.posts) == MOST_ATTEMPTS == 8
    receiver.status = 200
    assert office.tell(timedelta(days=30)) == 0
    [letter] = office.client.ask(200, "GET", hook["dead_letters"])["items"]
    assert letter["change"] == office.client.ask(200, "GET", "/v1/changes")["items"][-1]
    assert (letter["attempts"], letter["told"]) == (8, "503")
    assert datetime.fromisoformat(letter["given_up_at"]) == office.now - timedelta(days=30)
    office.close_on("2026-09-10", "c2")
    assert office.tell() == 1


def test_a_server_that_is_away_holds_up_no_other(office: Office, receiver: Receiver) -> None:
    away = office.client.ask(201, "POST", "/v1/webhooks", {"url": f"http://127.0.0.1:{free_port()}/"})
    office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    assert office.tell() == 1
    for wait in WAITS:
        office.tell(wait)
    [letter] = office.client.ask(200, "GET", away["dead_letters"])["items"]
    assert letter["told"].startswith("ConnectionRefusedError")


def test_an_attempt_that_is_never_heard_of_again_is_made_again(office: Office, receiver: Receiver) -> None:
    """The worker is killed in the middle of an attempt: the claim is kept, the outcome is not."""
    office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    office.tell()
    office.client.sql("UPDATE webhook_delivery SET state = 'pending', finished_at = NULL")
    assert [office.tell(), office.tell(WAITS[0])] == [0, 1]


def test_two_workers_tell_once(office: Office, receiver: Receiver) -> None:
    office.hook(receiver)
    for number in range(5):
        office.close_on("2026-09-09", f"c{number}")
    threads = [threading.Thread(target=office.tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.tell()
    assert sorted(receiver.told()) == [f"c{number} accepted" for number in range(5)]


def test_an_attempt_is_claimed_by_one(office: Office, receiver: Receiver) -> None:
    office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    receiver.status = 500
    office.tell()
    with office.store.writing() as tx:
        [row] = webhooks.due(tx, office.now + WAITS[0], 10)
        assert [webhooks.claim(tx, row, office.now) for _ in range(2)] == [True, False]


def test_a_stopped_webhook_is_told_nothing(office: Office, receiver: Receiver) -> None:
    hook = office.hook(receiver)
    office.close_on("2026-09-09", "c1")
    receiver.status = 500
    office.tell()
    office.client.ask(204, "DELETE", f"/v1/webhooks/{hook['id']}")
    office.close_on("2026-09-10", "c2")
    office.tell(timedelta(days=1))
    assert len(receiver.posts) == 1
    assert office.client.ask(404, "DELETE", f"/v1/webhooks/{hook['id']}")["code"] == "not_found"
    [listed] = office.client.ask(200, "GET", "/v1/webhooks")["items"]
    assert (listed["id"], bool(listed["stopped_at"]), "secret" in listed) == (hook["id"], True, False)


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org/", "http://", "/hooks", "http://a b/", "http://u:p@example.org/", "http://[", "http://例/",
            "http://example.org:0x/", "http://example.org/" + "x" * 2000],
)  # fmt: skip
def test_an_address_is_read_with_care(client: Inside, url: str) -> None:
    assert client.ask(400, "POST", "/v1/webhooks", {"url": url})["code"] == "bad_request"
    assert client.ask(200, "GET", "/v1/webhooks")["items"] == []


def test_webhooks_are_the_managers_and_dead_letters_their_owners_too(tmp_path: Path, receiver: Receiver) -> None:
    token = {"Authorization": "Bearer t"}
    with inside(Settings(home=tmp_path / "home", api_token=SecretStr("t"))) as client:
        client.ask(201, "PUT", f"{HOME}/problem", tiny().model_dump_json().encode(), **token)
        keys = {
            owner: client.ask(201, "POST", f"/v1/owners/{owner}/keys", {"communities": ["tiny"]}, **token)["key"]
            for owner in ("canteen", "library")
        }
        order = {"url": receiver.url, "owner": "canteen"}
        canteen, library = ({"Authorization": f"Bearer {keys[owner]}"} for owner in ("canteen", "library"))
        assert client.ask(403, "POST", "/v1/webhooks", order, **canteen)["code"] == "forbidden"
        hook = client.ask(201, "POST", "/v1/webhooks", order, Idempotency_Key="k", **token)
        for headers, expected in ((token, 200), (canteen, 200), (library, 404), ({}, 401)):
            client.ask(expected, "GET", hook["dead_letters"], **headers)
        for headers, expected in ((token, 200), (canteen, 403), ({}, 401)):
            client.ask(expected, "GET", "/v1/webhooks", **headers)
        assert not [body for (body,) in client.sql("SELECT body FROM idempotency") if hook["secret"] in body]


def test_the_worker_of_a_running_service_tells(tmp_path: Path, receiver: Receiver) -> None:
    with running(tmp_path / "home") as server, client_of(server) as client:
        client.ask(201, "POST", "/v1/webhooks", {"url": receiver.url})
        client.ask(201, "PUT", f"{HOME}/problem", json.loads(tiny().model_dump_json()))
        rule = {"kind": "closed", "id": "c1", "source": "通知", "spaces": ["S1"], "dates": ["2026-09-09"]}
        client.ask(201, "POST", RULES, rule)
        limit = time.monotonic() + WITHIN_SECONDS
        while not receiver.posts:
            assert time.monotonic() < limit, server.log.read_text()
            time.sleep(0.1)
    assert receiver.told() == ["c1 accepted"]

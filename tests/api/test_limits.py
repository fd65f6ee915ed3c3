"""How often and how much one client may ask for, whatever others do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.app import create_app
from api.limits import MOST_BUCKETS, MOST_HEADER_BYTES, MOST_URL_BYTES, Buckets, address_of
from api.settings import Settings
from tests.api.inside import HOME, AtOnce, Inside, inside, tiny

FEED = "/c/tiny/calendars/community/tiny.ics"
KEY = {"Authorization": "Bearer right"}


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def taken(buckets: Buckets, who: str, most: int = 1000) -> int:
    """How many they get at once."""
    number = 0
    while buckets.wait(who) == 0 and number < most:
        buckets.take(who)
        number += 1
    return number


def test_a_bucket_gives_a_minutes_worth_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    buckets = Buckets(30, clock)
    assert taken(buckets, "a") == 30
    # 30 in 60 seconds: one in two seconds.
    assert buckets.wait("a") == pytest.approx(2)
    assert taken(buckets, "b") == 30
    clock.at += 1.5
    assert buckets.wait("a") == pytest.approx(0.5)
    clock.at += 0.5
    assert taken(buckets, "a") == 1
    clock.at += 3600
    assert taken(buckets, "a") == 30


def test_no_limit_is_no_limit() -> None:
    assert taken(Buckets(0), "a") == 1000


def test_many_addresses_take_no_more_memory_than_some() -> None:
    buckets = Buckets(1, Clock())
    for number in range(MOST_BUCKETS + 10):
        buckets.take(str(number))
    assert len(buckets._kept) == MOST_BUCKETS
    assert buckets.wait("0") == 0
    assert buckets.wait(str(MOST_BUCKETS)) > 0


@pytest.mark.parametrize(
    ("host", "whom"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_of_ipv6_stands_for_its_network(host: str, whom: str) -> None:
    assert address_of(host) == whom


def settings(home: Path, **rates: Any) -> Settings:
    return Settings(home=home, api_token=SecretStr("right"), **rates)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Any]:
    """Few of everything: 4 calendars, 5 reads, 6 writes, 3 sign-ins a minute."""
    few = settings(tmp_path, feeds_per_minute=4, reads_per_minute=5, writes_per_minute=6, sign_ins_per_minute=3)
    app = create_app(few, AtOnce(few))
    with TestClient(app):
        yield app


def at(app: Any, address: str) -> TestClient:
    return TestClient(app, client=(address, 1), raise_server_exceptions=False)


def statuses(client: TestClient, number: int, method: str, path: str, **more: Any) -> list[int]:
    return [client.request(method, path, **more).status_code for _ in range(number)]


def test_too_many_requests_are_told_so_with_the_time_to_wait(app: Any) -> None:
    client = at(app, "10.0.0.1")
    assert statuses(client, 6, "GET", "/healthz") == [200] * 5 + [429]
    refused = client.get("/healthz", headers={"Accept-Language": "en"})
    told = refused.json()
    # Five in sixty seconds: the next in twelve.
    assert refused.headers["retry-after"] == "12"
    assert refused.headers["content-type"] == "application/problem+json"
    assert (told["code"], told["status"], told["title"]) == (
        "too_many_requests",
        429,
        "Too many requests; try again later",
    )
    assert told["titles"]["zh"] == "请求太频繁，请稍后再试"
    assert told["request_id"] == refused.headers["x-request-id"]
    assert at(app, "10.0.0.2").get("/healthz").status_code == 200


def test_calendars_reads_and_writes_are_counted_apart(app: Any) -> None:
    client = at(app, "10.0.0.1")
    assert statuses(client, 5, "GET", FEED) == [404] * 4 + [429]
    assert statuses(client, 7, "DELETE", HOME, headers=KEY)[-1] == 429
    assert statuses(client, 6, "GET", "/v1/communities") == [200] * 5 + [429]


def test_one_key_at_many_addresses_has_one_share(app: Any) -> None:
    found = [at(app, f"10.0.0.{n}").delete(f"{HOME}/x", headers=KEY).status_code for n in range(8)]
    assert [each == 429 for each in found] == [False] * 6 + [True] * 2
    assert at(app, "10.0.0.9").delete(f"{HOME}/spaces/x").status_code == 401


def test_many_keys_at_one_address_have_one_share(app: Any) -> None:
    client = at(app, "10.0.0.1")
    found = [client.get("/healthz", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(7)]
    assert found == [200] * 5 + [429] * 2


def test_this_machine_itself_is_limited_in_sign_ins_alone(app: Any) -> None:
    client = at(app, "127.0.0.1")
    assert statuses(client, 9, "GET", "/healthz") == [200] * 9
    assert statuses(client, 9, "GET", FEED) == [404] * 9
    assert 429 not in statuses(client, 9, "DELETE", f"{HOME}/spaces/x", headers=KEY)
    path = "/c/tiny/desk/sign-in"
    assert statuses(client, 4, "POST", path, data={"token": "guess"}) == [401] * 3 + [429]


def test_few_sign_ins_are_let_try(app: Any) -> None:
    client = at(app, "10.0.0.1")
    path = "/c/tiny/desk/sign-in"
    assert statuses(client, 4, "POST", path, data={"token": "guess"}) == [401] * 3 + [429]
    # Not even the right one, which would tell a guesser; from elsewhere it signs in.
    assert client.post(path, data={"token": "right"}).status_code == 429
    assert at(app, "10.0.0.2").post(path, data={"token": "right"}, follow_redirects=False).status_code == 303


def test_wrong_keys_are_sign_ins_and_shut_out_no_key_that_was_right(app: Any) -> None:
    client = at(app, "10.0.0.1")
    put: dict[str, Any] = {"content": tiny().model_dump_json(), "headers": {**KEY, "Content-Type": "application/json"}}
    assert client.put(f"{HOME}/problem", **put).status_code == 201
    for guess in ("a", "b", "c"):
        assert client.delete(f"{HOME}/spaces/x", headers={"Authorization": f"Bearer {guess}"}).status_code == 401
    assert client.delete(f"{HOME}/spaces/x", headers={"Authorization": "Bearer d"}).status_code == 429
    assert client.post(f"{HOME}/solves", json={}, headers=KEY).status_code == 422


def test_a_body_that_is_too_large_is_refused_with_or_without_its_length(tmp_path: Path) -> None:
    small = settings(tmp_path, most_body_bytes=2_000, most_import_bytes=5_000)
    with inside(small) as client:
        many = {**KEY, "Content-Type": "application/json"}
        for size, path, status in (
            (2_000, f"{HOME}/spaces", 404),
            (2_001, f"{HOME}/spaces", 413),
            (5_000, f"{HOME}/spaces:batch", 422),
            (5_001, f"{HOME}/spaces:batch", 413),
            (5_001, "/c/tiny/desk/sign-in", 413),
            (5_001, "/no/such/address", 413),
        ):
            body = b"{" + b" " * (size - 2) + b"}"
            for content in (body, iter([body[:100], body[100:1500], body[1500:]])):
                answer = client.http.post(path, content=content, headers=many)
                # Who asks for no address is told so before a body without a length is read.
                allowed = {status} | ({404} if path.startswith("/no") else set())
                assert answer.status_code in allowed, (size, path, answer.text)
                if answer.status_code == 413:
                    assert answer.json()["code"] == "too_large"
                    assert answer.headers["connection"] == "close"


def test_addresses_and_headers_have_a_length(client: Inside) -> None:
    told = client.ask(414, "GET", "/v1/communities?owner=" + "x" * MOST_URL_BYTES)
    assert told["code"] == "address_too_long"
    assert told["most_bytes"] == MOST_URL_BYTES
    assert client.ask(431, "GET", "/healthz", X_Much="y" * MOST_HEADER_BYTES)["code"] == "headers_too_large"
    assert client.send("GET", f"/v1/spaces?owner={'x' * 7000}").status_code != 414

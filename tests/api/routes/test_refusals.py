"""Whatever a client sends, it gets an answer that helps; never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.inside import HOME, LONG_PAST, Inside, tiny

DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "two documents": b"{} {}",
    "a list": b"[]",
    "a string": b'"x"',
    "null": b"null",
    "NaN": b'{"id": NaN, "headcount": NaN, "items": [NaN], "round": NaN}',
    "infinity": b'{"id": "x", "headcount": 1e999, "time_limit_seconds": 1e999}',
    "a huge number": b'{"id": "x", "headcount": ' + b"9" * 6000 + b', "seed": ' + b"9" * 6000 + b"}",
    "a big number": b'{"id": "x", "headcount": 99999999999999999999, "instead_of": 99999999999999999999}',
    "deep": DEEP,
    "deep inside": b'{"id": ' + DEEP + b"}",
    "half a character": b'{"id": "\\ud800", "name": "\\ud800", "note": "\\ud800", "round": "\\ud800"}',
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "NUL": b'{"id": "x", "name": "a\\u0000b", "note": "a\\u0000b"}',
    "UTF-16": '{"id": "x"}'.encode("utf-16"),
    "a key twice": b'{"id": "x", "id": "y"}',
    "wrong types": b'{"id": 1, "name": [], "round": {}, "proposal": 0, "instead_of": "0", "items": {}}',
    "wrong items": b'{"items": [1, null, []]}',
    "no id": b'{"items": [{}, {"id": null}], "name": "x"}',
    "a strange owner": b'{"id": "x", "owner": [], "external_ref": 7}',
    "a far date": b'{"id": "x", "season": {"first_date": "99999-01-01", "last_date": "0000-00-00"}}',
    "a strange moment": b'{"id": "x", "season": {"first_date": "2026-09-07", "last_date": "2026-09-20"},'
    b' "opens_at": "never"}',
    "a moment without offset": b'{"id": "x", "season": {"first_date": "2026-09-07", "last_date": "2026-09-20"},'
    b' "opens_at": "2026-09-01T08:00:00"}',
}
IDS = ("S1", "%00", "..%2F..", "x" * 3000, "%FF", "共室", "1", "-1", "99999999999999999999")


def routes(client: Inside) -> list[tuple[str, str]]:
    """Every route of the API, as it says itself."""
    paths = client.ask(200, "GET", "/openapi.json")["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def told(client: Inside, method: str, path: str, body: bytes | None, **headers: str) -> Any:
    response = client.send(method, path, body, **headers)
    assert response.status_code < 500, f"{method} {path[:200]} {(body or b'')[:200]!r}: {response.text[:1000]}"
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        document = response.json()
        assert document["status"] == response.status_code
        assert document["code"]
        assert all(document["titles"].values())
    return response


def test_no_body_breaks_any_route(client: Inside) -> None:
    client.set_times(client.put(tiny()), LONG_PAST)
    for method, path in routes(client):
        if method in {"POST", "PUT", "DELETE"}:
            filled = path.replace("{community}", "tiny").replace("{round}", "2026-09-07").replace("{id}", "S1")
            for body in BODIES.values():
                told(client, method, filled, body, If_Match="*")
    assert len(client.ask(200, "GET", f"{HOME}/requests")["items"]) == 3


def test_no_address_breaks_any_route(client: Inside) -> None:
    client.put(tiny())
    # Without a worker the service is not ready, and says so.
    for method, path in (each for each in routes(client) if each != ("GET", "/readyz")):
        for id in IDS:
            for community in ("tiny", id):
                filled = path.replace("{community}", community)
                for name in ("{id}", "{round}", "{number}"):
                    filled = filled.replace(name, id)
                told(client, method, filled, b"{}" if method in {"POST", "PUT"} else None)


@pytest.mark.parametrize("kind", ["requests", "spaces", "constraints"])
def test_what_is_no_body_of_the_kind_is_told_at_its_place(client: Inside, kind: str) -> None:
    client.set_times(client.put(tiny()), LONG_PAST)
    for name, body in BODIES.items():
        document = client.ask(422, "POST", f"{HOME}/{kind}", body)
        assert document["errors"], name
        assert all(each["expected"]["zh"] and each["expected"]["en"] for each in document["errors"]), name


def test_other_types_are_not_taken(client: Inside) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert client.ask(415, "POST", "/v1/communities", b"a=b", Content_Type=kind)["code"] == "not_json_type"
    client.ask(422, "POST", "/v1/communities", b"{}", Content_Type="application/json; charset=utf-8")


def test_bodies_have_a_limit(client: Inside) -> None:
    assert client.ask(413, "POST", "/v1/communities", b" " * 1_000_001)["code"] == "too_large"
    assert client.ask(422, "PUT", f"{HOME}/problem", b" " * 1_000_001)["code"] == "invalid_document"
    assert client.ask(413, "PUT", f"{HOME}/problem", b" " * 20_000_001)["code"] == "too_large"


def test_an_unknown_method_is_told_what_the_address_takes(client: Inside) -> None:
    response = client.send("PATCH", "/v1/communities")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")
    assert client.ask(405, "PUT", f"{HOME}/bookings", {})["code"] == "method_not_allowed"


def test_the_language_is_the_clients(client: Inside) -> None:
    assert client.ask(404, "GET", "/v1/communities/none")["title"] == "没有找到"
    assert client.ask(404, "GET", "/v1/communities/none", Accept_Language="en-GB, zh;q=0.5")["title"] == "Not found"


def test_head_is_answered_as_get(client: Inside) -> None:
    got, head = (client.send(method, "/v1/communities") for method in ("GET", "HEAD"))
    assert head.status_code == 200
    assert (head.content, head.headers["content-length"]) == (b"", str(len(got.content)))


def test_every_answer_has_the_headers_that_keep_it_safe(client: Inside) -> None:
    for path in ("/v1/communities", "/v1/none", "/docs", "/healthz"):
        headers = client.send("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "object-src 'none'" in headers["content-security-policy"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_any_value_in_any_field_is_taken_or_refused(client: Inside) -> None:
    client.set_times(client.put(tiny()), LONG_PAST)
    good = client.ask(200, "GET", f"{HOME}/requests/R1")

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(field=st.sampled_from(sorted(good)), value=JSON)
    def check(field: str, value: Any) -> None:
        body = json.dumps({**good, "id": "R9", field: value}).encode()
        response = told(client, "POST", f"{HOME}/requests", body)
        assert response.status_code in {201, 409, 422}
        if response.status_code == 201:
            id = response.json()["id"]
            client.ask(204, "DELETE", f"{HOME}/requests/{id}", If_Match="*")

    check()

"""Logs: one JSON object a line, with the request's id; nothing secret and nothing of a body, whatever is sent."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api import logs
from tests.api.inside import Inside, tiny
from tests.api.running import client_of, running

TOKEN = "the-token-of-the-manager"
MARK = "zq7marker"
"""What is sent in bodies, queries and headers: it must not come up again."""
JSON = {"Content-Type": "application/json"}


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What this process logs, as JSON; afterwards logging is as it was."""
    root, dbos, quiet = logging.getLogger(), logging.getLogger("dbos"), [logging.getLogger(each) for each in logs.QUIET]
    before = root.handlers[:], root.level, dbos.handlers[:], dbos.propagate, [each.level for each in quiet]
    stream = io.StringIO()
    logs.configure("json", hide=["s3cret-of-the-settings", 'quo"ted'], stream=stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], dbos.handlers[:], dbos.propagate = before[0], before[2], before[3]
    root.setLevel(before[1])
    for each, level in zip(quiet, before[4], strict=True):
        each.setLevel(level)


def test_a_running_service_logs_lines_of_json_without_a_secret_or_a_body(tmp_path: Path) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    secrets = [TOKEN, MARK]
    with running(tmp_path, GONGSHI_API_TOKEN=TOKEN) as server:
        with client_of(server) as client:
            problem = "/v1/communities/tiny/problem"
            assert client.put(problem, content=tiny().model_dump_json(), headers={**bearer, **JSON}).status_code == 201
            owner = client.post(
                "/v1/owners/library/keys", json={"communities": ["tiny"]}, headers={**bearer, **JSON}
            ).json()
            hook = {"url": f"http://127.0.0.1:9/{MARK}", "owner": "library"}
            told = client.post("/v1/webhooks", json=hook, headers=bearer).json()
            key, signed_with = owner["key"], told["secret"]
            signed_in = client.post("/c/tiny/desk/sign-in", data={"token": TOKEN})
            cookie = signed_in.cookies["gongshi_desk"]
            page = client.get("/c/tiny/desk").text
            form_token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]
            secrets += [key, signed_with, cookie, form_token]
            rules = "/v1/communities/tiny/constraints"
            spoilt = b'{"id": "' + MARK.encode() + b'", "kind": }'
            for body in (spoilt, f'{{"{MARK}": "{MARK}"}}'.encode(), MARK.encode() + b"\xff\x00", b"[" * 50_000):
                for who in (f"Bearer {key}", f"Bearer {MARK}", f"Basic {MARK}", MARK):
                    client.post(rules, content=body, headers={"Authorization": who, **JSON, "Idempotency-Key": MARK})
            client.put(problem, content=spoilt, headers={**bearer, **JSON})
            client.post("/c/tiny/desk/close", data={"form_token": form_token, "round": MARK})
            client.post("/c/tiny/desk/sign-in", data={"token": MARK})
            client.get(f"/c/tiny/wish/r/a?k={MARK}")
            client.get(f"/v1/communities/tiny/spaces?owner={MARK}", headers={"Cookie": f"gongshi_desk={MARK}"})
            client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
            last = client.get("/healthz", headers={"X-Request-ID": "the-last-one"})
            assert last.headers["x-request-id"] == "the-last-one"
        server.stop()
        text = server.log.read_text()
    for secret in secrets:
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text
    # The first line is for whoever started it by hand; all others are the log's.
    found = lines(text[text.index("\n{") + 1 :])
    assert len(found) > 25
    answered = [each for each in found if each["event"] == "answered"]
    assert all({"at", "level", "logger", "request_id", "method", "route", "status"} <= set(each) for each in answered)
    assert len({each["request_id"] for each in answered}) == len(answered)
    by_id = {each["request_id"]: each for each in answered}
    assert by_id["the-last-one"]["route"] == "/healthz"
    assert {each["status"] for each in answered} >= {200, 201, 303, 401, 404, 422}
    assert not [each for each in found if each["level"] == "error"]


def test_a_well_formed_request_id_is_kept_and_another_is_made_anew(client: Inside) -> None:
    for given in ("a", "7f.3-x_y:1", "0" * 64):
        answer = client.send("GET", "/v1/communities/nowhere", X_Request_ID=given)
        assert (answer.headers["x-request-id"], answer.json()["request_id"]) == (given, given)
    for given in ("", "0" * 65, "two words", '"', "{}", "-first", "a,b"):
        answer = client.send("GET", "/v1/communities/nowhere", X_Request_ID=given)
        made = answer.headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{16}", made)
        assert answer.json()["request_id"] == made
    # Outside of the API, too, and each time another.
    paths = ("/", "/healthz", "/healthz", "/c/x/calendars/a/b.ics")
    assert len({client.send("GET", path).headers["x-request-id"] for path in paths}) == len(paths)
    answer = client.send("POST", "/healthz")
    assert (answer.status_code, answer.json()["request_id"]) == (405, answer.headers["x-request-id"])


def test_every_line_that_a_request_causes_carries_its_id(client: Inside, logged: io.StringIO) -> None:
    engine = sa.create_engine(client.settings.database)
    with engine.begin() as tx:
        tx.execute(sa.text("DROP TABLE idempotency"))
    engine.dispose()
    new = {"id": "x", "name": "甲", "zone": "Asia/Shanghai"}
    answer = client.send("POST", "/v1/communities", new, Idempotency_Key=MARK, X_Request_ID="mine")
    assert answer.status_code == 503
    told = [each for each in lines(logged.getvalue()) if each["logger"].startswith("api.")]
    assert [each["logger"] for each in told] == ["api.routes.refusals", "api.metrics"]
    assert {each["request_id"] for each in told} == {"mine"}
    assert "no such table" in told[0]["event"]
    assert MARK not in logged.getvalue()


def test_of_an_exception_places_are_told_and_nothing_that_was_sent(logged: io.StringIO) -> None:
    log = logging.getLogger("api.somewhere")

    def read() -> None:
        try:
            int(MARK)
        except ValueError as error:
            raise KeyError(MARK) from error

    try:
        read()
    except KeyError:
        log.exception("it failed")
    (told,) = lines(logged.getvalue())
    assert MARK not in logged.getvalue()
    assert [each["type"] for each in told["exception"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert told["exception"][1]["at"][-1].endswith(" read")


def test_what_files_and_databases_say_is_told_without_the_values(logged: io.StringIO) -> None:
    log = logging.getLogger("api.somewhere")
    try:
        Path("/no/such/file").read_text()
    except OSError:
        log.exception("it failed")
    try:
        raise sa.exc.IntegrityError("INSERT ...", {}, Exception(f"not unique\nDETAIL: ({MARK})"))
    except sa.exc.IntegrityError:
        log.exception("it failed")
    first, second = lines(logged.getvalue())
    assert "/no/such/file" in first["exception"][0]["said"]
    assert second["exception"][0]["said"] == "not unique"


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def",
        "authorization: basic QWxhZGRpbg==",
        "gsk_0123456789abcdef",
        "whsec_0123456789abcdef",
        "postgresql+psycopg://user:pass@host/db",
        "Cookie: gongshi_desk=1234.abcd",
        "s3cret-of-the-settings",
        'a quo"ted one',
    ],
)
def test_what_looks_like_a_secret_is_struck_out_of_any_line(logged: io.StringIO, secret: str) -> None:
    logging.getLogger("somebody.else").warning("look: %s", secret)
    text = logged.getvalue()
    (told,) = lines(text)
    assert logs.HIDDEN in told["event"]
    for part in ("abc.def", "QWxh", "0123456789", "pass", "1234.abcd", "s3cret", 'quo\\"ted'):
        assert part not in text


def test_text_for_terminals_has_one_line_for_each_event(logged: io.StringIO) -> None:
    stream = io.StringIO()
    logs.configure("text", stream=stream)
    logging.getLogger("api.feeds").warning("calendar %s", "/c/a\nINFO forged: line\r")
    logs.configure("auto", stream=(by_itself := io.StringIO()))
    logging.getLogger("api.feeds").warning("calendar")
    assert stream.getvalue() == "WARNING api.feeds: calendar /c/a\\nINFO forged: line\\r\n"
    assert json.loads(by_itself.getvalue())["event"] == "calendar"


def test_a_level_below_the_least_is_not_logged(logged: io.StringIO) -> None:
    logs.configure("json", "WARNING", stream=logged)
    logging.getLogger("api.metrics").info("answered")
    assert logged.getvalue() == ""

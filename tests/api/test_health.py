"""Whether the service is ready, and if not, what is missing."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import sqlalchemy as sa
from pydantic import SecretStr

from api.settings import Settings
from api.store import Store
from tests.api.inside import Inside, inside
from tests.api.running import running


def until_ready(url: str, within_seconds: float = 60) -> httpx.Response:
    limit = time.monotonic() + within_seconds
    while (answer := httpx.get(f"{url}/readyz", timeout=10)).status_code != 200:
        assert time.monotonic() < limit, answer.text
        time.sleep(0.2)
    return answer


def test_a_service_with_its_worker_becomes_ready(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        answer = until_ready(server.url)
        parts = {"database": "ok", "migration": "ok", "queue": "ok", "disk": "ok"}
        assert answer.json() == {"status": "ok", "parts": parts}
        assert answer.headers["cache-control"] == "no-store"
        assert not list(tmp_path.glob("probe.*"))


def test_a_queue_that_no_worker_ever_made_is_named(client: Inside) -> None:
    answer = client.send("GET", "/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    told = answer.json()
    assert told["code"] == "not_ready"
    assert {name for name, state in told["parts"].items() if state != "ok"} == {"queue"}
    assert "任务队列" in told["details"]["zh"]
    assert "job queue" in told["details"]["en"]


def test_a_database_of_another_version_is_named(client: Inside) -> None:
    store = Store(client.settings.database)
    with store.writing() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    store.close()
    told = client.ask(503, "GET", "/readyz")
    assert told["parts"]["migration"] == "another version"
    assert told["parts"]["database"] == "ok"


def test_who_is_not_trusted_reads_no_figures(tmp_path: Path) -> None:
    with inside(Settings(home=tmp_path, api_token=SecretStr("geheim"))) as client:
        assert client.send("GET", "/metrics").status_code == 401
        assert client.send("GET", "/metrics", Authorization="Bearer geheim").status_code == 200

"""A client of a service that runs in the test's own process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx2
import sqlalchemy as sa
from starlette.testclient import TestClient

from api import worker
from api.app import create_app
from api.queue import JUDGE, SOLVE, JobName, Queue
from api.settings import Settings
from api.store import Store
from scheduler.problem import Problem
from tests.factories import dated, problem, series

HOME = "/v1/communities/tiny"
PAST, LONG_PAST, FUTURE = "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", "2199-01-01T00:00:00Z"


class AtOnce(Queue):
    """The way to a worker who sits in this process, and has judged rules when the job is given. Others wait as ever."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.jobs)
        self._database = settings.database
        self.judged: list[str] = []

    def enqueue(self, id: str, job: JobName = SOLVE, *, handed: int = 0, priority: int = 0) -> bool:
        if job != JUDGE:
            return super().enqueue(id, job, handed=handed, priority=priority)
        store = Store(self._database)
        worker.run_check(store, id)
        store.close()
        self.judged.append(id)
        return True


class Inside:
    """`ask` asserts the status and gives the JSON; `solve` does what the worker would."""

    def __init__(self, http: TestClient, settings: Settings) -> None:
        self.http = http
        self.settings = settings

    def send(self, method: str, path: str, document: Any = None, **headers: str) -> httpx2.Response:
        body = document if isinstance(document, bytes | None) else json.dumps(document).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            names.setdefault("Content-Type", "application/json")
        response: httpx2.Response = self.http.request(method, path, content=body, headers=names)
        return response

    def ask(self, expected: int, method: str, path: str, document: Any = None, **headers: str) -> Any:
        response = self.send(method, path, document, **headers)
        assert response.status_code == expected, f"{method} {path}: {response.status_code} {response.text[:2000]}"
        if expected >= 400:
            assert response.headers["content-type"] == "application/problem+json"
        return response.json() if response.content else None

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements behind the service's back; the rows of the last one, if it has any."""
        rows: list[tuple[Any, ...]] = []
        with closing(Store(self.settings.database)) as store, store.writing() as tx:
            for statement in statements:
                done = tx.execute(sa.text(statement))
                rows = [tuple(row) for row in done] if done.returns_rows else []
        return rows

    def put(self, asked: Problem, *, expected: int = 201, query: str = "") -> Any:
        """Import a problem; its round."""
        path = f"/v1/communities/{asked.community.id}/problem{query}"
        return self.ask(expected, "PUT", path, asked.model_dump_json().encode())

    def set_times(self, round: dict[str, Any], opens_at: str | None, closes_at: str | None = None) -> Any:
        """Open or close a round of `tiny`."""
        path = f"{HOME}/rounds/{round['id']}"
        response = self.send("GET", path)
        document = {**response.json(), "opens_at": opens_at, "closes_at": closes_at}
        return self.ask(200, "PUT", path, document, If_Match=response.headers["etag"])

    def solve(self, round: dict[str, Any], **options: Any) -> Any:
        """Ask for a solve and do it at once, in this process."""
        asked = self.ask(202, "POST", f"{HOME}/solves", {"round": round["id"], "time_limit_seconds": 20, **options})
        store = Store(self.settings.database)
        worker.run_solve(store, asked["id"], 20)
        store.close()
        return self.ask(200, "GET", f"{HOME}/solves/{asked['id']}")

    def release(self, solve: dict[str, Any], instead_of: int, expected: int = 201) -> Any:
        """Release the proposal of a solve."""
        order = {"proposal": solve["proposal"], "instead_of": instead_of}
        return self.ask(expected, "POST", f"{HOME}/releases", order)


@contextmanager
def inside(settings: Settings, queue: Queue | None = None) -> Iterator[Inside]:
    """The service; rules are judged at once, unless another `queue` is given."""
    with TestClient(create_app(settings, queue or AtOnce(settings)), raise_server_exceptions=False) as http:
        yield Inside(http, settings)


def tiny(*more: Any, **fields: Any) -> Problem:
    """A community `tiny` with two series and a dated request, all of which fit."""
    asked = [
        series("R1", "MO 19:00-20:30!"),
        series("R2", "TU 19:00-20:30!"),
        dated("D1", "2026-09-12", "SA 09:00-11:00!"),
    ]
    return problem([*asked, *more], **fields)

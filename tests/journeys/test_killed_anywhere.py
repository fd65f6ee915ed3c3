"""Processes are killed with -9 at any moment, on both databases: whatever was accepted is done once, and never lost."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.killing import Kind, Mortal, People, survived
from tests.api.postgres import empty_postgres_url, postgres

__all__ = ["empty_postgres_url", "postgres"]
KILLS = int(os.environ.get("GONGSHI_TEST_KILLS", "200"))

WORKER_STEPS = (
    "api.store.jobs:claim",  # the claim is not committed
    "api.flow.solves:begin",  # it is
    "scheduler.solve:solve",  # solved, and not kept
    "api.flow.solves:propose",  # kept, not committed
    "api.flow.solves:end_with",  # committed, and nobody told
    "api.store.webhooks:claim",  # a delivery is claimed, not committed
    "api.flow.webhooks:_post",  # told, and not noted
    "api.store.webhooks:conclude",  # noted, not committed
)
WEB_STEPS = (
    "api.flow.problems:put_problem",  # imported, not committed
    "api.flow.solves:ask",  # asked for, not committed
    "api.store.plans:add_occupancy",  # half of a release
    "api.flow.releases:_release",  # all of it, not committed
    "api.routes.http:reply",  # the answer is made, not kept under its key
    "api.routes.http:Write.done",  # committed, and not answered
)
NONE = {"double bookings": 0, "releases without proof": 0, "lost writes": 0, "duplicates": 0}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database; empty for SQLite in the service's home."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def mortal(tmp_path: Path, database: str) -> Iterator[Mortal]:
    mortal = Mortal(tmp_path / "home", database)
    yield mortal
    mortal.stop()


@pytest.mark.long
def test_a_few_kills(mortal: Mortal) -> None:
    figures = survived(mortal, 2, seed=1)
    assert figures | NONE == figures, figures
    assert figures["kills"] == 2
    assert figures["releases"] >= 1


@pytest.mark.long
def test_many_kills(mortal: Mortal, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    figures = survived(mortal, KILLS, seed=2)
    with capsys.disabled():
        sys.stdout.write(f"\n{'postgresql' if database else 'sqlite'}: {figures}\n")
    assert figures | NONE == figures, figures
    assert figures["kills"] == KILLS


@pytest.mark.long
def test_killed_at_each_step(mortal: Mortal) -> None:
    """The process dies behind the step, another is started; the release comes, and there is one more of it."""
    people = People(mortal)
    mortal.start("web")
    mortal.start("worker")
    round = people.import_closed("tiny")
    people.told(201, "POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/", "owner": ""})
    number = 0
    plan: list[tuple[Kind, str]] = [("worker", each) for each in WORKER_STEPS]
    plan += [("web", each) for each in WEB_STEPS]
    for kind, step in plan:
        number += 1
        with dies_behind(mortal, kind, step):
            people.import_closed(f"other{number}")
            people.release("tiny", round, number)
    items = people.told(200, "GET", "/v1/communities/tiny/releases")["items"]
    assert sorted(each["number"] for each in items) == list(range(1, number + 1))
    solves = people.told(200, "GET", "/v1/communities/tiny/solves")["items"]
    assert {each["state"] for each in solves} == {"done"}
    assert len(solves) == len(people.told(200, "GET", "/v1/communities/tiny/proposals")["items"]) == number


@contextmanager
def dies_behind(mortal: Mortal, kind: Kind, step: str) -> Iterator[None]:
    """A service one process of which dies at the step, and is started again."""
    marker = mortal.home / f"{step}.died"
    mortal.kill(kind)
    mortal.start(kind, step, str(marker))

    def revive() -> None:
        while not mortal.gone(kind):
            time.sleep(0.05)
        mortal.start(kind)

    thread = threading.Thread(target=revive, daemon=True)
    thread.start()
    yield
    thread.join(30)
    assert marker.exists(), f"{kind} never came to {step}"
    assert not thread.is_alive()

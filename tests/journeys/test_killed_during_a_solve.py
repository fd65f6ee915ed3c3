"""Killed with -9 during a solve: nothing stored is lost, and the solve goes on after a restart, once."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.api.running import Client, Running, client_of, ended, events, running

BADAHU = Path(__file__).parents[2] / "fixtures" / "badahu" / "problem.json"
SOLVES = "/v1/communities/badahu/solves"


def begun(client: Client) -> str:
    """Ask for an audit solve of the reference centre (some seconds), and wait until it is well under way."""
    response = client.put(
        "/v1/communities/badahu/problem", content=BADAHU.read_bytes(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 201
    solve = client.ask(202, "POST", SOLVES, {"round": "2026-09-07", "audit": True})
    stages = (each for each in events(client, solve["events"]) if each["event"] == "progress")
    assert next(stages)["total"] > 1
    return str(solve["id"])


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def stored(server: Running, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(server.home / "gongshi.sqlite") as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("whom", ["server", "worker"])
def test_the_solve_goes_on_and_is_finished_once(tmp_path: Path, whom: str) -> None:
    with running(tmp_path / "home") as server, client_of(server) as client:
        id = begun(client)
        [worker] = server.workers()
        assert server.process is not None
        victims = [worker] if whom == "worker" else [server.process.pid, worker]
        kill(*victims)
        assert stored(server, "SELECT state, proposal FROM solve") == [("running", None)]
        before = stored(server, "SELECT kind, id, document FROM entity ORDER BY kind, position")
        if whom != "worker":
            server.process.wait()
            server.start()

        solve = ended(client, f"{SOLVES}/{id}")
        assert (solve["state"], solve["attempts"]) == ("done", 2)
        assert stored(server, "SELECT kind, id, document FROM entity ORDER BY kind, position") == before
        assert stored(server, "SELECT id FROM proposal") == [(solve["proposal"],)]
        assert client.ask(200, "GET", f"/v1/communities/badahu/proposals/{solve['proposal']}")["holds"]
        # The whole story can still be read, from the first event on, each once.
        told = list(events(client, solve["events"]))
        assert [each["id"] for each in told] == [str(n) for n in range(1, len(told) + 1)]
        states = [each["state"] for each in told if each["event"] == "state"]
        assert states == ["queued", "running", "queued", "running", "done"]


def test_a_solve_asked_for_while_no_worker_lives_is_done_by_the_next(tmp_path: Path) -> None:
    """The queue's own database is lost: what was asked for is kept with the rest, and is given to the queue again."""
    with running(tmp_path / "home") as server, client_of(server) as client:
        id = begun(client)
        assert server.process is not None
        kill(server.process.pid, *server.workers())
        server.process.wait()
        time.sleep(1)
        with sqlite3.connect(server.home / "gongshi.sqlite") as connection:
            connection.execute("UPDATE solve SET state = 'queued'")
        for path in server.home.glob("jobs.sqlite*"):
            path.unlink()
        server.start()
        assert ended(client, f"{SOLVES}/{id}")["state"] == "done"


def test_a_solve_of_a_worker_of_another_machine_is_missed_by_its_silence(tmp_path: Path) -> None:
    """The slots of another machine are not seen from here: the worker's file is taken away, as its disk would be."""
    with running(tmp_path / "home") as server, client_of(server) as client:
        id = begun(client)
        assert server.process is not None
        kill(server.process.pid, *server.workers())
        server.process.wait()
        for path in (server.home / "workers").glob("*.slot"):
            path.unlink()
        server.start()
        assert ended(client, f"{SOLVES}/{id}")["state"] == "done"

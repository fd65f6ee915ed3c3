"""The whole street on a real server: import, gather, close, solve, watch, release, subscribe."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.api.running import client_of, ended, events, running
from tests.factories import problem, series

HOME = "/v1/communities/tiny"


def test_from_requests_to_a_calendar(tmp_path: Path) -> None:
    with running(tmp_path / "home") as server, client_of(server) as client:
        asked = problem([series("R1", "MO 19:00-20:30!")])
        response = client.put(
            f"{HOME}/problem", content=asked.model_dump_json(), headers={"Content-Type": "application/json"}
        )
        assert response.status_code == 201
        round = response.json()

        def set_times(**times: str) -> None:
            read = client.get(f"{HOME}/rounds/{round['id']}")
            path = f"{HOME}/rounds/{round['id']}"
            client.ask(200, "PUT", path, read.json() | times, If_Match=read.headers["etag"])

        set_times(opens_at="2026-01-01T00:00:00+08:00")
        wish = series("R2", "TU 19:00-20:30!").model_dump(mode="json")
        client.ask(201, "POST", f"{HOME}/requests", wish, Idempotency_Key="a")
        client.ask(201, "POST", f"{HOME}/requests", wish, Idempotency_Key="a")
        set_times(closes_at="2026-02-01T00:00:00+08:00")
        assert client.ask(409, "POST", f"{HOME}/requests", wish | {"id": "R3"})["code"] == "round_closed"

        solve = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
        story = list(events(client, solve["events"]))
        assert story[-1]["state"] == "done"
        assert any(each["event"] == "progress" for each in story)
        proposal = story[-1]["proposal"]
        assert client.ask(200, "GET", f"{HOME}/proposals/{proposal}")["holds"]

        order = {"proposal": proposal, "instead_of": 0}
        assert client.ask(201, "POST", f"{HOME}/releases", order)["number"] == 1
        calendar = client.get("/c/tiny/calendars/spaces/S1.ics")
        assert calendar.status_code == 200
        assert calendar.text.count("BEGIN:VEVENT") == 4
        assert "DTSTART;TZID=Asia/Shanghai:20260908T190000" in calendar.text
        assert (
            client.get(
                "/c/tiny/calendars/spaces/S1.ics", headers={"If-None-Match": calendar.headers["etag"]}
            ).status_code
            == 304
        )
        assert client.get("/c/tiny/?as_of=2026-09-08").status_code == 200


def test_a_running_solve_is_cancelled(tmp_path: Path) -> None:
    """The reference centre, proved with one worker, takes some seconds: enough to be stopped in the middle."""
    badahu = Path(__file__).parents[2] / "fixtures" / "badahu" / "problem.json"
    with running(tmp_path / "home") as server, client_of(server) as client:
        base = "/v1/communities/badahu"
        headers = {"Content-Type": "application/json"}
        assert client.put(f"{base}/problem", content=badahu.read_bytes(), headers=headers).status_code == 201
        first, second = (
            client.ask(202, "POST", f"{base}/solves", {"round": "2026-09-07", "audit": True}) for _ in range(2)
        )
        stages = (each for each in events(client, first["events"]) if each["event"] == "progress")
        next(stages)
        assert client.ask(200, "DELETE", f"{base}/solves/{first['id']}")["state"] == "cancelled"
        # The worker is free for the next.
        assert ended(client, f"{base}/solves/{second['id']}")["state"] == "done"
        assert [each["id"] for each in client.ask(200, "GET", f"{base}/proposals")["items"]] != []
        assert client.ask(200, "GET", f"{base}/solves/{first['id']}")["proposal"] is None


def test_the_server_stops_cleanly_with_its_worker(tmp_path: Path) -> None:
    for how in (signal.SIGINT, signal.SIGTERM):
        with running(tmp_path / "home") as server:
            [worker] = server.workers()
            assert server.stop(how) == 0
            assert not Path(f"/proc/{worker}").exists()
            assert '"exception"' not in server.log.read_text()

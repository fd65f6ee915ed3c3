"""Solves: asked for, watched, cancelled; what the worker makes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api import worker
from api.flow import jobs, solves
from api.store import Store
from api.store.jobs import waiting
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.terms import Sentence
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, tiny
from tests.factories import series


@pytest.fixture
def round(client: Inside) -> Any:
    """The closed round of `tiny`."""
    return client.set_times(client.put(tiny()), LONG_PAST, PAST)


def told(client: Inside, id: str, query: str = "", **headers: str) -> list[dict[str, Any]]:
    """The events of an ended solve."""
    response = client.send("GET", f"{HOME}/solves/{id}/events{query}", **headers)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in response.text.strip().split("\n\n")]
    return [{**block, **json.loads(block["data"])} for block in blocks if "data" in block]


def test_a_solve_is_asked_for_and_waits(client: Inside, round: Any) -> None:
    response = client.send("POST", f"{HOME}/solves", {"round": round["id"], "seed": 7})
    assert response.status_code == 202
    solve = response.json()
    assert response.headers["location"] == f"{HOME}/solves/{solve['id']}"
    assert (solve["state"], solve["attempts"], solve["options"]["seed"]) == ("queued", 0, 7)
    assert [each["id"] for each in client.ask(200, "GET", f"{HOME}/solves")["items"]] == [solve["id"]]


def test_a_solve_ends_with_a_verified_proposal(client: Inside, round: Any) -> None:
    solve = client.solve(round, seed=7, audit=True)
    assert (solve["state"], solve["attempts"]) == ("done", 1)
    proposal = client.ask(200, "GET", f"{HOME}/proposals/{solve['proposal']}")
    assert (proposal["holds"], proposal["seed"], proposal["audit"]) == (True, 7, True)
    assert proposal["problem"] == solve["problem"]


def test_its_story_can_be_read_from_any_event_on(client: Inside, round: Any) -> None:
    id = client.solve(round)["id"]
    events = told(client, id)
    assert [each["id"] for each in events] == [str(n) for n in range(1, len(events) + 1)]
    states = [each["state"] for each in events if each["event"] == "state"]
    assert states == ["queued", "running", "done"]
    progress = [each for each in events if each["event"] == "progress"]
    assert progress
    assert {"stage", "done", "total", "incumbent", "bound", "gap"} <= set(progress[0])
    assert [each["id"] for each in told(client, id, Last_Event_ID="2")] == [each["id"] for each in events[2:]]
    assert [each["id"] for each in told(client, id, "?after=2")] == [each["id"] for each in events[2:]]
    # All of it was seen: nothing more will come, and an EventSource need not ask again.
    assert client.send("GET", f"{HOME}/solves/{id}/events?after={len(events)}").status_code == 204
    assert client.ask(400, "GET", f"{HOME}/solves/{id}/events", Last_Event_ID="x")["code"] == "bad_request"


def test_colliding_duties_are_named(client: Inside) -> None:
    both = [series(f"F{n}", "WE 19:00-20:30!", priority="fix") for n in (1, 2)]
    round = client.set_times(client.put(tiny(*both)), LONG_PAST, PAST)
    solve = client.solve(round)
    assert (solve["state"], solve["proposal"]) == ("infeasible", None)
    assert set(solve["outcome"]["requests"]) == {"F1", "F2"}
    assert solve["outcome"]["sentence"]["zh"]
    assert told(client, solve["id"])[-1]["requests"] == solve["outcome"]["requests"]


def test_a_cancelled_solve_stays_cancelled(client: Inside, round: Any) -> None:
    asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
    path = f"{HOME}/solves/{asked['id']}"
    assert client.ask(200, "DELETE", path)["state"] == "cancelled"
    assert client.ask(409, "DELETE", path)["code"] == "solve_finished"
    store = Store(client.settings.database)
    worker.run_solve(store, asked["id"], 20)
    store.close()
    assert client.ask(200, "GET", path)["proposal"] is None
    assert told(client, asked["id"])[-1]["state"] == "cancelled"


def test_a_solve_that_is_cancelled_while_it_runs_keeps_nothing(client: Inside, round: Any) -> None:
    asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
    store = Store(client.settings.database)
    job = solves.begin(store, asked["id"], "w1")
    assert job is not None
    assert solves.is_live(store, job.turn)
    client.ask(200, "DELETE", f"{HOME}/solves/{asked['id']}")
    assert not solves.is_live(store, job.turn)
    from scheduler.solve import Solved, solve

    outcome = solve(job.problem, time_limit=20)
    assert isinstance(outcome, Solved)
    solves.end_with(store, job.turn, outcome.timetable)
    store.close()
    assert client.ask(200, "GET", f"{HOME}/proposals")["items"] == []


def test_a_solve_that_kills_every_worker_is_given_up(client: Inside, round: Any) -> None:
    asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
    store = Store(client.settings.database)
    for attempt in (1, 2, 3):
        assert solves.begin(store, asked["id"], f"w{attempt}") is not None
        assert jobs.give_back(store, f"w{attempt}") == 1
    assert solves.begin(store, asked["id"], "w4") is None
    store.close()
    solve = client.ask(200, "GET", f"{HOME}/solves/{asked['id']}")
    assert (solve["state"], solve["attempts"]) == ("failed", 3)
    assert solve["outcome"]["sentence"]["en"] == "3 workers died under it, and it is given up"
    states = [each["state"] for each in told(client, asked["id"])]
    assert states == ["queued", *["running", "queued"] * 2, "running", "failed"]


def test_a_worker_that_is_asked_to_stop_does_not_count_against_its_jobs(client: Inside, round: Any) -> None:
    asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
    store = Store(client.settings.database)
    for _ in range(5):
        assert solves.begin(store, asked["id"], "w1") is not None
        assert jobs.give_back(store, "w1", stopped=True) == 1
    store.close()
    solve = client.ask(200, "GET", f"{HOME}/solves/{asked['id']}")
    assert (solve["state"], solve["attempts"]) == ("queued", 0)


def test_a_worker_that_seemed_lost_and_comes_back_keeps_nothing(client: Inside, round: Any) -> None:
    """It was stopped for a minute; meanwhile its job went to another, which has not ended."""
    asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
    store = Store(client.settings.database)
    first = solves.begin(store, asked["id"], "w1")
    assert first is not None
    jobs.give_back(store, "w1")
    second = solves.begin(store, asked["id"], "w2")
    assert second is not None
    from scheduler.solve import Solved, solve

    outcome = solve(first.problem, time_limit=20)
    assert isinstance(outcome, Solved)
    solves.report_progress(store, first.turn, {"stage": "late"})
    solves.end_with(store, first.turn, outcome.timetable)
    assert client.ask(200, "GET", f"{HOME}/solves/{asked['id']}")["state"] == "running"
    assert client.ask(200, "GET", f"{HOME}/proposals")["items"] == []
    solves.end_with(store, second.turn, outcome.timetable)
    solves.end_with(store, second.turn, outcome.timetable)
    store.close()
    assert client.ask(200, "GET", f"{HOME}/solves/{asked['id']}")["state"] == "done"
    assert len(client.ask(200, "GET", f"{HOME}/proposals")["items"]) == 1
    assert "late" not in [each.get("stage") for each in told(client, asked["id"])]


def test_the_most_urgent_solve_is_next_and_one_of_a_round_runs_at_a_time(client: Inside, round: Any) -> None:
    def asked(**options: Any) -> str:
        return str(client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"], **options})["id"])

    plain, urgent, least = asked(), asked(priority=5), asked(priority=-9)
    store = Store(client.settings.database)

    def following() -> str | None:
        with store.reading() as tx:
            return next((each.id for each in waiting(tx)), None)

    assert following() == urgent
    first = solves.begin(store, urgent, "w1")
    assert first is not None
    assert following() is None
    assert solves.begin(store, plain, "w2") is None, "the database allows one solve of a round"
    assert client.ask(200, "GET", f"{HOME}/solves/{plain}")["state"] == "queued"
    solves.end_without(store, first.turn, "undecided", Sentence(zh="无", en="none"))
    assert following() == plain
    client.ask(200, "DELETE", f"{HOME}/solves/{plain}")
    assert following() == least
    store.close()
    client.ask(422, "POST", f"{HOME}/solves", {"round": round["id"], "priority": 10})


def test_the_problem_of_a_solve_is_the_one_it_was_asked_for(client: Inside) -> None:
    """What changes while it waits is the next solve's."""
    round = client.set_times(client.put(tiny()), LONG_PAST)
    asked = client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
    client.ask(204, "DELETE", f"{HOME}/requests/R2", If_Match="*")
    store = Store(client.settings.database)
    worker.run_solve(store, asked["id"], 20)
    store.close()
    proposal = client.ask(200, "GET", f"{HOME}/solves/{asked['id']}")["proposal"]
    timetable = client.ask(200, "GET", f"{HOME}/proposals/{proposal}/timetable")
    assert "R2" in {each["request"] for each in timetable["bookings"]}


@pytest.mark.parametrize("options", [{"round": "none"}, {}, {"round": "2026-09-07", "start_from": "none"}])
def test_what_cannot_be_solved_is_said_at_once(client: Inside, round: Any, options: Any) -> None:
    response = client.send("POST", f"{HOME}/solves", options)
    assert response.status_code in {404, 422}
    assert client.ask(200, "GET", f"{HOME}/solves")["items"] == []


def test_a_round_that_is_released_is_solved_again_from_its_release(client: Inside) -> None:
    """R1 likes Mondays and was put on Tuesday. It stays there, for people know; unless everything is asked afresh."""
    likes = series("R9", "WE 19:00-20:30*;TH 19:00-20:30")
    pin = Pin(id="pin", source="x", request="R9", slot=PinnedSlot(weekday="TH"))
    round = client.put(tiny(likes, constraints=[pin]))
    client.set_times(round, LONG_PAST, PAST)
    client.release(client.solve(round), 0)
    tag = client.send("GET", f"{HOME}/constraints/pin").headers["etag"]
    client.ask(204, "DELETE", f"{HOME}/constraints/pin", If_Match=tag)

    def day(**options: object) -> str:
        proposal = client.solve(round, **options)["proposal"]
        timetable = client.ask(200, "GET", f"{HOME}/proposals/{proposal}/timetable")
        assert (timetable["released"] is None) == bool(options)
        [found] = [each["weekday"] for each in timetable["sessions"] if each["request"] == "R9"]
        return str(found)

    assert day() == "TH"
    assert day(afresh=True) == "WE"
    document = {"round": round["id"], "afresh": True, "start_from": "x"}
    assert client.ask(409, "POST", f"{HOME}/solves", document)["code"] == "conflict"

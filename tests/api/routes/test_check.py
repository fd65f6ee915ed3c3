"""What constraints would do, asked over the API: nothing is changed, bad lines are told, the worker answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import worker
from api.flow import jobs, rule_checks
from api.settings import Settings
from api.store import Store
from scheduler.problem import Problem
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside
from tests.factories import problem, series, space


def hall() -> Problem:
    """Two halls; R1 every Monday evening in A, which is its first wish, R2 on Tuesdays in A."""
    return problem(
        [
            series("R1", "MO 19:00-20:30!", spaces=("A", "B")),
            series("R2", "TU 19:00-20:30!", spaces=("A",), priority="fix"),
        ],
        spaces=[space("A"), space("B")],
    )


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Inside]:
    """A community with a released plan."""
    with inside(Settings(home=tmp_path)) as client:
        round = client.put(hall())
        round = client.set_times(round, LONG_PAST, PAST)
        proposal = client.solve(round)["proposal"]
        client.ask(201, "POST", f"{HOME}/releases", {"proposal": proposal, "instead_of": 0})
        yield client


def closed(id: str, space: str, *dates: str, **more: Any) -> dict[str, Any]:
    return {"kind": "closed", "id": id, "source": "notice", "spaces": [space], "dates": list(dates), **more}


def checked(client: Inside, path: str, items: list[Any]) -> Any:
    """The answer, with the worker's part done at once."""
    asked = client.ask(202, "POST", f"{path}?wait=0", {"items": items})
    store = Store(client.settings.database)
    for each in asked["checks"]:
        worker.run_check(store, each["id"])
    store.close()
    return asked, [client.ask(200, "GET", each["address"]) for each in asked["checks"]]


EVERY_MONDAY = ("2026-09-07", "2026-09-14")


def test_what_would_have_to_move_and_where_to(client: Inside) -> None:
    asked, [answer] = checked(client, f"{HOME}/constraints:check", [closed("c1", "A", *EVERY_MONDAY)])
    assert [(line["position"], line["id"], line["errors"]) for line in asked["items"]] == [(0, "c1", [])]
    effects = answer["effects"]
    assert answer["state"] == "done"
    assert [(rule["rule"], rule["dead"], len(rule["violated_by"])) for rule in effects["rules"]] == [("c1", "no", 2)]
    assert "A" in effects["rules"][0]["sentence"]["zh"]
    [move] = [each for each in effects["moves"] if each["request"] == "R1"]
    assert (move["was"]["space"], move["to"]["space"], move["to"]["starts"]) == ("A", "B", "19:00")
    assert (effects["contradictions"], effects["impossible"], effects["complete"]) == ([], [], True)


def test_a_contradiction_is_named_with_its_culprits(client: Inside) -> None:
    tuesdays = closed("c2", "A", "2026-09-08", "2026-09-15")
    _, [answer] = checked(client, f"{HOME}/constraints:check", [tuesdays])
    [found] = answer["effects"]["contradictions"]
    assert (found["rules"], found["requests"]) == (["c2"], ["R2"])


def test_nothing_of_a_check_is_kept_but_the_question(client: Inside) -> None:
    before = client.send("GET", f"{HOME}/problem").content
    changes = client.ask(200, "GET", "/v1/changes?after=0")["items"]
    checked(client, f"{HOME}/constraints:check", [closed("c1", "A", "2026-09-07")])
    assert client.send("GET", f"{HOME}/problem").content == before
    assert client.ask(200, "GET", "/v1/changes?after=0")["items"] == changes
    client.ask(404, "GET", f"{HOME}/constraints/c1")


def test_bad_lines_are_told_and_the_others_looked_at(client: Inside) -> None:
    items = [
        closed("c1", "A", "2026-09-07"),
        {**closed("c2", "A", "2026-09-07"), "kind": "closd"},
        closed("c3", "Z", "2026-09-07"),
        closed("c4", "B", "2027-01-01"),
    ]
    asked, [answer] = checked(client, f"{HOME}/constraints:check", items)
    told = {line["position"]: [(each["code"], each["pointer"]) for each in line["errors"]] for line in asked["items"]}
    assert told == {
        0: [],
        1: [("unknown_kind", "/items/1/document/kind")],
        2: [("unknown_id", "/items/2/document/spaces/0")],
        3: [],
    }
    assert "closed" in asked["items"][1]["errors"][0]["expected"]["en"]
    assert {rule["rule"]: rule["dead"] for rule in answer["effects"]["rules"]} == {"c1": "no", "c4": "matches_nothing"}


def test_several_communities_are_asked_about_at_once(client: Inside) -> None:
    lines = [
        {"community": "tiny", "document": closed("c1", "A", "2026-09-07")},
        {"community": "nowhere", "document": closed("c2", "A", "2026-09-07")},
        {"community": "tiny"},
    ]
    asked, answers = checked(client, "/v1/constraints:check", lines)
    assert [[each["code"] for each in line["errors"]] for line in asked["items"]] == [
        [],
        ["not_found"],
        ["missing_field"],
    ]
    assert [(each["community"], each["state"]) for each in answers] == [("tiny", "done")]


def test_a_rule_that_is_there_is_changed_in_thought(client: Inside) -> None:
    client.ask(201, "POST", f"{HOME}/constraints", closed("c1", "B", "2026-09-07"))
    _, [answer] = checked(client, f"{HOME}/constraints:check", [closed("c1", "A", *EVERY_MONDAY)])
    assert [each["request"] for each in answer["effects"]["moves"]] == ["R1"]


def test_what_each_constraint_of_a_proposal_cost(client: Inside) -> None:
    """A is shut on Mondays, so R1 is in B, its second wish: 10 points on each of two dates."""
    client.ask(201, "POST", f"{HOME}/constraints", closed("c1", "A", *EVERY_MONDAY))
    client.ask(201, "POST", f"{HOME}/constraints", closed("c2", "B", "2026-09-10"))
    [round] = client.ask(200, "GET", f"{HOME}/rounds")["items"]
    proposal = client.solve(round)["proposal"]
    asked = client.ask(202, "POST", f"{HOME}/proposals/{proposal}:costs?wait=0")
    store = Store(client.settings.database)
    worker.run_check(store, asked["id"])
    store.close()
    costs = {each["rule"]: each for each in client.ask(200, "GET", asked["address"])["costs"]["rules"]}
    assert (costs["c2"]["bound"], costs["c2"]["told"]) == (False, "changes_nothing")
    assert (costs["c1"]["bound"], costs["c1"]["told"]) == (True, "solved")
    # It kept to the release, in which ten people had been told of A: four times ten points.
    moved, lost = costs["c1"]["differences"]
    assert (moved["stage"], moved["value"], moved["without"]) == ("stability", 40, 0)
    assert (lost["stage"], lost["value"], lost["without"]) == ("wishes", 20, 0)
    client.ask(404, "POST", f"{HOME}/proposals/none:costs?wait=0")


def test_a_check_is_done_once_and_given_up_when_it_kills_its_worker(client: Inside) -> None:
    asked = client.ask(202, "POST", f"{HOME}/constraints:check?wait=0", {"items": [closed("c1", "A", "2026-09-07")]})
    address = asked["checks"][0]["address"]
    store = Store(client.settings.database)
    for attempt in (1, 2, 3):
        assert rule_checks.begin(store, asked["checks"][0]["id"], f"w{attempt}") is not None
        assert rule_checks.begin(store, asked["checks"][0]["id"], "other") is None
        assert jobs.give_back(store, f"w{attempt}") == 1
    assert rule_checks.begin(store, asked["checks"][0]["id"], "w4") is None
    store.close()
    assert client.ask(200, "GET", address)["state"] == "failed"

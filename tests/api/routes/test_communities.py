"""Communities, whole problems, rounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.flow.kinds import KINDS
from scheduler.problem import Problem
from scheduler.wellformed import read_problem
from tests.api.inside import FUTURE, HOME, LONG_PAST, PAST, Inside, tiny

BADAHU = Path(__file__).parents[3] / "fixtures" / "badahu" / "problem.json"


def test_a_problem_comes_back_as_it_was_put(client: Inside) -> None:
    document = BADAHU.read_bytes()
    round = client.ask(201, "PUT", "/v1/communities/badahu/problem", document)
    assert (round["id"], round["stage"]) == ("2026-09-07", "draft")
    back = client.send("GET", "/v1/communities/badahu/problem")
    assert Problem.model_validate_json(back.content).fingerprint() == read_problem(document).fingerprint()
    assert client.send("GET", "/v1/communities/badahu/problem", If_None_Match=back.headers["etag"]).status_code == 304


def test_every_field_of_a_problem_is_kept() -> None:
    heads = {"format", "community", "travel", "season", "policy", "market", "units", "ledger"}
    assert set(Problem.model_fields) == heads | {kind.plural for kind in KINDS.values()}


def test_a_bad_problem_changes_nothing(client: Inside) -> None:
    client.put(tiny())
    before = client.ask(200, "GET", f"{HOME}/problem")
    bad = {**before, "season": {**before["season"], "last_date": "2026-10-30"}}
    bad["requests"] = [{**each, "spaces": ["NOWHERE"]} for each in before["requests"]]
    told = client.ask(422, "PUT", f"{HOME}/problem", bad)
    assert told["code"] == "invalid_document"
    assert [each["pointer"] for each in told["errors"]] == [f"/requests/{n}/spaces/0" for n in range(3)]
    assert {each["found"] for each in told["errors"]} == {"NOWHERE"}
    assert all(each["expected"]["zh"] and each["expected"]["en"] for each in told["errors"])
    assert client.ask(200, "GET", f"{HOME}/problem") == before


def test_the_document_names_the_community_of_the_address(client: Inside) -> None:
    assert (
        client.ask(409, "PUT", "/v1/communities/other/problem", tiny().model_dump_json().encode())["code"] == "conflict"
    )
    client.ask(404, "GET", "/v1/communities/other")


def test_putting_again_changes_only_what_differs(client: Inside) -> None:
    client.put(tiny())
    space, use = (client.send("GET", f"{HOME}/{path}").headers["etag"] for path in ("spaces/S1", "requests/R1"))
    document = client.ask(200, "GET", f"{HOME}/problem")
    document["spaces"][0]["name"] = "会议室"
    client.ask(200, "PUT", f"{HOME}/problem", document)
    assert client.send("GET", f"{HOME}/spaces/S1").headers["etag"] != space
    assert client.send("GET", f"{HOME}/requests/R1").headers["etag"] == use


def test_a_community_is_made_piece_by_piece(client: Inside) -> None:
    """Without the one document: what is missing is told when a round is opened, not before."""
    whole = json.loads(tiny().model_dump_json())
    client.ask(201, "POST", "/v1/communities", whole["community"])
    season = {"id": "autumn", "season": whole["season"]}
    missing = client.ask(422, "POST", f"{HOME}/rounds", season)
    assert {"/spaces", "/uses"} <= {each["pointer"] for each in missing["errors"]}
    for kind in ("priorities", "calendars", "sites", "spaces", "uses", "applicants"):
        for document in whole[kind]:
            client.ask(201, "POST", f"{HOME}/{kind}", document)
    client.ask(201, "POST", f"{HOME}/rounds", {**season, "opens_at": LONG_PAST})
    for document in whole["requests"]:
        client.ask(201, "POST", f"{HOME}/requests", document)
    assert {**client.ask(200, "GET", f"{HOME}/problem"), "policy": whole["policy"]} == whole


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Asia", ""])
def test_an_unknown_zone_is_refused(client: Inside, zone: str) -> None:
    told = client.ask(422, "POST", "/v1/communities", {"id": "x", "name": "X", "zone": zone})
    assert [each["pointer"] for each in told["errors"]] == ["/zone"]


def test_an_update_names_the_revision_it_was_made_from(client: Inside) -> None:
    client.put(tiny())
    read = client.send("GET", HOME)
    document = read.json() | {"name": "新名"}
    assert client.ask(428, "PUT", HOME, document)["code"] == "if_match_needed"
    client.ask(200, "PUT", HOME, document, If_Match=read.headers["etag"])
    assert client.ask(412, "PUT", HOME, document, If_Match=read.headers["etag"])["code"] == "revision_changed"
    assert client.ask(200, "GET", HOME)["name"] == "新名"


def test_the_stage_of_a_round_follows_from_its_moments(client: Inside) -> None:
    round = client.put(tiny())
    assert round["stage"] == "draft"
    assert client.set_times(round, FUTURE)["stage"] == "draft"
    assert client.set_times(round, LONG_PAST)["stage"] == "open"
    assert client.set_times(round, LONG_PAST, FUTURE)["stage"] == "open"
    assert client.set_times(round, LONG_PAST, PAST)["stage"] == "closed"


@pytest.mark.parametrize(
    "times", [{"closes_at": PAST}, {"opens_at": PAST, "closes_at": LONG_PAST}, {"published_at": PAST}]
)
def test_a_round_opens_then_closes_then_is_published(client: Inside, times: dict[str, str]) -> None:
    season = json.loads(tiny().season.model_dump_json())
    client.put(tiny())
    client.ask(409, "POST", f"{HOME}/rounds", {"id": "next", "season": season, **times})
    assert len(client.ask(200, "GET", f"{HOME}/rounds")["items"]) == 1


def test_a_closed_round_keeps_its_requests(client: Inside) -> None:
    asked = tiny()
    round = client.put(asked)
    client.set_times(round, LONG_PAST, PAST)
    document = json.loads(asked.model_dump_json())
    document["spaces"][0]["name"] = "会议室"
    client.ask(200, "PUT", f"{HOME}/problem", document)
    document["requests"].pop()
    assert client.ask(409, "PUT", f"{HOME}/problem", document)["code"] == "round_closed"


def test_the_seed_of_the_lot_is_fixed_when_the_round_closes(client: Inside) -> None:
    """Whoever could choose it later could choose the winner."""
    asked = tiny()
    round = client.set_times(client.put(asked), LONG_PAST, PAST)
    read = client.send("GET", f"{HOME}/rounds/{round['id']}")
    other = read.json() | {"policy": read.json()["policy"] | {"seed": 99}}
    told = client.ask(409, "PUT", f"{HOME}/rounds/{round['id']}", other, If_Match=read.headers["etag"])
    assert told["code"] == "round_closed"
    document = json.loads(asked.model_dump_json()) | {"policy": other["policy"]}
    assert client.ask(409, "PUT", f"{HOME}/problem", document)["code"] == "round_closed"
    assert client.ask(200, "GET", f"{HOME}/problem")["policy"]["seed"] == asked.policy.seed

"""The operator's path: a chain with twenty halls in two communities, by program; each call twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from api import worker
from api.settings import Settings
from api.store import Store
from scheduler.problem import Community
from tests.api.inside import LONG_PAST, PAST, Inside, inside
from tests.factories import problem, series, space

PLACES = ("east", "west")
HALLS = [f"H{number:02d}" for number in range(1, 11)]
TOKEN = {"Authorization": "Bearer the manager's"}
MONDAY, WEDNESDAY = "2026-09-07", "2026-09-09"


class Chain:
    """Two communities with ten halls each, released; the key of the chain that runs them."""

    def __init__(self, client: Inside) -> None:
        self.client = client
        asked = problem(
            [series(f"R{hall}", "MO 19:00-20:30!", spaces=(hall,), applicant=f"O{hall}") for hall in HALLS],
            spaces=[space(hall) for hall in HALLS],
        )
        for place in PLACES:
            here = asked.model_copy(update={"community": Community(id=place, name=place, zone="Asia/Shanghai")})
            self.manager(201, "PUT", f"/v1/communities/{place}/problem", json.loads(here.model_dump_json()))
            for hall in HALLS:
                path = f"/v1/communities/{place}/spaces/{hall}"
                read = client.send("GET", path)
                coded = {**read.json(), "owner": "chain", "external_ref": f"餐-{place}-{hall}"}
                self.manager(200, "PUT", path, coded, If_Match=read.headers["etag"])
            self.release(place)
        key = self.manager(201, "POST", "/v1/owners/chain/keys", {"communities": list(PLACES)})["key"]
        self.key = {"Authorization": f"Bearer {key}"}

    def manager(self, expected: int, method: str, path: str, document: Any = None, **headers: str) -> Any:
        return self.client.ask(expected, method, path, document, **(TOKEN | headers))

    def release(self, place: str) -> None:
        home = f"/v1/communities/{place}"
        [round] = self.client.ask(200, "GET", f"{home}/rounds")["items"]
        read = self.client.send("GET", f"{home}/rounds/{round['id']}")
        times = {**read.json(), "opens_at": LONG_PAST, "closes_at": PAST}
        self.manager(200, "PUT", f"{home}/rounds/{round['id']}", times, If_Match=read.headers["etag"])
        asked = self.manager(202, "POST", f"{home}/solves", {"round": round["id"], "time_limit_seconds": 20})
        store = Store(self.client.settings.database)
        worker.run_solve(store, asked["id"], 20)
        store.close()
        proposal = self.client.ask(200, "GET", f"{home}/solves/{asked['id']}")["proposal"]
        number = self.client.ask(200, "GET", home)["release"] or 0
        self.manager(201, "POST", f"{home}/releases", {"proposal": proposal, "instead_of": number})

    def twice(self, expected: int, method: str, path: str, document: Any = None, **headers: str) -> Any:
        """The same answer both times, to the byte."""
        answers = [self.client.send(method, path, document, **(self.key | headers)) for _ in range(2)]
        assert [each.status_code for each in answers] == [expected, expected], answers[0].text
        first, again = (re.sub(rb'"request_id":"[^"]*"', b"", each.content) for each in answers)
        assert first == again, "a refusal names the request, and is the same but for that"
        return answers[0].json()

    def looked_ahead(self, lines: list[dict[str, Any]]) -> dict[str, tuple[dict[str, Any], list[str]]]:
        """Code of each line -> what its rule does, and the requests of which a date would have to move for it."""
        told = self.client.ask(202, "POST", "/v1/constraints:check?wait=0", {"items": lines}, **self.key)
        assert [line["errors"] for line in told["items"]] == [[]] * len(lines)
        store = Store(self.client.settings.database)
        for each in told["checks"]:
            worker.run_check(store, each["id"])
        store.close()
        answers = [self.client.ask(200, "GET", each["address"])["effects"] for each in told["checks"]]
        effects = {rule["rule"]: rule for answer in answers for rule in answer["rules"]}
        moves = [move for answer in answers for move in answer["moves"]]
        found = {}
        for line, sent in zip(told["items"], lines, strict=True):
            concerned = sorted({move["request"] for move in moves if line["id"] in move["rules"]})
            effect = {name: value for name, value in effects[line["id"]].items() if name != "rule"}
            effect["violated_by"] = [each["requests"] for each in effect["violated_by"]]
            found[sent["document"]["external_ref"]] = (effect, concerned)
        return found

    def histories(self) -> dict[tuple[str, str], list[str]]:
        """(community, code) -> the states that each rule of the chain has had."""
        found = {}
        for rule in self.client.ask(200, "GET", "/v1/constraints?owner=chain")["items"]:
            path = f"/v1/communities/{rule['community']}/constraints/{rule['id']}/history"
            items = self.client.ask(200, "GET", path)["items"]
            found[rule["community"], rule["external_ref"]] = [each["state"] for each in items]
        return found


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), api_token=SecretStr("the manager's"))
    with inside(settings) as client:
        yield Chain(client)


def closures(halls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each hall is shut on a Wednesday by its own code; those with 01 on a Monday, when a class is there."""
    return [
        {
            "community": hall["community"],
            "document": {
                "kind": "closed",
                "external_ref": f"停-{hall['external_ref']}",
                "source": "设备检修通知",
                "spaces": [hall["external_ref"]],
                "dates": [MONDAY if hall["id"] == "H01" else WEDNESDAY],
            },
            "reason": "设备检修",
        }
        for hall in halls
    ]


def test_twenty_lines_looked_ahead(chain: Chain) -> None:
    """The sentence as it will be published, what breaks, a repair; nothing is changed, however often it is asked."""
    halls = chain.twice(200, "GET", "/v1/spaces?owner=me")["items"]
    asked = [chain.looked_ahead(closures(halls)) for _ in range(2)]
    assert asked[0] == asked[1]
    assert len(asked[0]) == 20
    assert all("停用" in effect["sentence"]["zh"] for effect, _ in asked[0].values())
    broken = {code: moves for code, (effect, moves) in asked[0].items() if effect["violated_by"]}
    assert broken == {f"停-餐-{place}-H01": ["RH01"] for place in PLACES}
    assert chain.histories() == {}


def test_a_key_looks_ahead_only_where_it_may_write(chain: Chain) -> None:
    key = chain.manager(201, "POST", "/v1/owners/chain/keys", {"communities": ["east"]})["key"]
    halls = chain.twice(200, "GET", "/v1/spaces?owner=me")["items"]
    two = [next(line for line in closures(halls) if line["community"] == place) for place in PLACES]
    path = "/v1/constraints:check?wait=0"
    told = chain.client.ask(202, "POST", path, {"items": two}, Authorization=f"Bearer {key}")
    assert [[each["code"] for each in line["errors"]] for line in told["items"]] == [[], ["forbidden"]]
    assert [each["community"] for each in told["checks"]] == ["east"]


def test_twenty_halls_in_two_communities(chain: Chain) -> None:
    # My halls, my codes.
    halls = chain.twice(200, "GET", "/v1/spaces?owner=me")["items"]
    codes = {f"餐-{place}-{hall}" for place in PLACES for hall in HALLS}
    assert {each["external_ref"] for each in halls} == codes
    cursor = chain.twice(200, "GET", "/v1/changes?owner=me")["next"]

    # Three bad lines among twenty: three errors with positions, and nothing half applied.
    lines = closures(halls)
    spoilt = json.loads(json.dumps(lines))
    spoilt[3]["document"]["dates"] = ["Wednesday"]
    spoilt[7]["document"]["spaces"] = ["餐-nowhere"]
    spoilt[16]["document"]["colour"] = "red"
    told = chain.twice(422, "POST", "/v1/constraints:batch", {"items": spoilt}, Idempotency_Key="first")
    assert [each["pointer"] for each in told["errors"]] == [
        "/items/3/document/dates/0",
        "/items/7/document/spaces/0",
        "/items/16/document/colour",
    ]
    assert [(each["position"], each["state"], len(each["errors"])) for each in told["items"]] == [
        (3, None, 1), (7, None, 1), (16, None, 1),
    ]  # fmt: skip
    assert chain.histories() == {}
    assert chain.twice(200, "GET", f"/v1/changes?owner=me&after={cursor}")["items"] == []

    # Put right, and sent with the same key: a refusal was not kept for it. A retry duplicates nothing.
    done = chain.twice(201, "POST", "/v1/constraints:batch", {"items": lines}, Idempotency_Key="first")["items"]
    assert [each["position"] for each in done] == list(range(20))
    waiting = [each for each in done if each["state"] == "submitted"]
    assert [(each["community"], each["external_ref"]) for each in waiting] == [
        ("east", "停-餐-east-H01"),
        ("west", "停-餐-west-H01"),
    ]
    assert [[bool(each["deadline"]), each["why"][0]["requests"]] for each in waiting] == [[True, ["RH01"]]] * 2
    assert [each["state"] for each in done if each not in waiting] == ["accepted"] * 18
    assert all(len(states) == 1 for states in chain.histories().values())
    assert len(chain.histories()) == 20

    # The manager's decision and the release, behind a cursor.
    page = chain.twice(200, "GET", f"/v1/changes?owner=me&after={cursor}")
    assert len(page["items"]) == 20
    for place, step in (("east", "accept"), ("west", "reject")):
        path = f"/v1/communities/{place}/constraints/停-餐-{place}-H01"
        tag = chain.client.send("GET", path).headers["etag"]
        assert chain.client.send("POST", f"{path}:{step}", {}, If_Match=tag, **chain.key).status_code == 403
        chain.manager(200, "POST", f"{path}:{step}", {"reason": "已商定"}, If_Match=tag)
    before = chain.client.send("GET", f"/v1/bookings?owner=me&from={MONDAY}&to=2026-09-08", **chain.key)
    chain.release("east")
    decided = chain.twice(200, "GET", f"/v1/changes?owner=me&after={page['next']}")["items"]
    assert [(each["community"], each.get("external_ref"), each.get("state")) for each in decided[:2]] == [
        ("east", "停-餐-east-H01", "accepted"),
        ("west", "停-餐-west-H01", "rejected"),
    ]
    assert {each["state"] for each in decided[2:-1]} == {"in_force"}
    assert len(decided) == 2 + 10 + 1
    assert (decided[-1]["kind"], decided[-1]["community"], decided[-1]["subject"]) == ("release", "east", "2")

    # When each hall must be clear; unchanged is 304.
    path = f"/v1/bookings?owner=me&from={MONDAY}&to=2026-09-08"
    monday = chain.twice(200, "GET", path)["items"]
    assert len(before.json()["items"]) == 20
    assert {(each["community"], each["space"]) for each in monday} == {
        (place, hall) for place in PLACES for hall in HALLS
    } - {("east", "H01")}
    assert {each["clear_by"] for each in monday} == {f"{MONDAY}T19:00:00+08:00"}
    old = before.headers["etag"]
    assert chain.client.send("GET", path, If_None_Match=old, **chain.key).status_code == 200
    new = chain.client.send("GET", path, **chain.key).headers["etag"]
    for _ in range(2):
        assert chain.client.send("GET", path, If_None_Match=new, **chain.key).status_code == 304

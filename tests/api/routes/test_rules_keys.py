"""Keys of owners: what an operator's program may do, and where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from api.settings import Settings
from scheduler.problem import Community
from tests.api.inside import HOME, LONG_PAST, Inside, inside, tiny

RULES = f"{HOME}/constraints"
TOKEN = {"Authorization": "Bearer token of the manager"}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Inside]:
    """A service with a token, and two communities."""
    with inside(Settings(home=tmp_path / "home", api_token=SecretStr("token of the manager"))) as client:
        for id in ("tiny", "other"):
            asked = tiny(community=Community(id=id, name=id, zone="Asia/Shanghai"))
            client.ask(201, "PUT", f"/v1/communities/{id}/problem", asked.model_dump_json().encode(), **TOKEN)
        yield client


def made(client: Inside, owner: str = "canteen", *communities: str, **headers: str) -> dict[str, str]:
    """The header of a new key."""
    order = {"communities": list(communities or ("tiny",))}
    key = client.ask(201, "POST", f"/v1/owners/{owner}/keys", order, **(TOKEN | headers))["key"]
    return {"Authorization": f"Bearer {key}"}


def closure(id: str, **more: Any) -> dict[str, Any]:
    return {"kind": "closed", "id": id, "source": "通知", "spaces": ["S1"], "dates": ["2026-09-09"], **more}


def test_a_key_writes_rules_in_the_name_of_its_owner(guarded: Inside) -> None:
    added = guarded.ask(201, "POST", RULES, closure("c1"), **made(guarded))
    assert (added["owner"], added["state"]) == ("canteen", "accepted")
    [version] = guarded.ask(200, "GET", f"{RULES}/c1/history")["items"]
    assert version["author"] == "canteen"


def test_without_token_and_key_nothing_is_written(guarded: Inside) -> None:
    for headers in (
        {}, {"X_Gongshi_Owner": "canteen"}, {"Authorization": "Bearer gsk_00"}, {"Authorization": "Basic x"},
        {"Authorization": "Bearer token of the"},
    ):  # fmt: skip
        told = guarded.ask(401, "POST", RULES, closure("c1"), **headers)
        assert told["code"] == "unauthorized"


def test_a_key_is_for_its_communities_and_for_rules_only(guarded: Inside) -> None:
    key = made(guarded)
    assert guarded.ask(403, "POST", "/v1/communities/other/constraints", closure("c1"), **key)["code"] == "forbidden"
    assert guarded.ask(403, "POST", f"{HOME}/spaces", {}, **key)["code"] == "forbidden"
    assert guarded.ask(403, "POST", "/v1/owners/canteen/keys", {"communities": ["other"]}, **key)["code"] == "forbidden"
    assert guarded.ask(403, "GET", "/v1/owners/canteen/keys", **key)["code"] == "forbidden"
    both = made(guarded, "canteen", "tiny", "other")
    guarded.ask(201, "POST", "/v1/communities/other/constraints", closure("c1"), **both)


def test_a_key_speaks_for_its_own_owner_only(guarded: Inside) -> None:
    key = made(guarded)
    assert guarded.ask(403, "POST", RULES, closure("c1"), X_Gongshi_Owner="library", **key)["code"] == "forbidden"
    guarded.ask(201, "POST", RULES, closure("c1"), X_Gongshi_Owner="canteen", **key)


def test_a_manager_who_names_an_owner_has_the_rights_of_that_operator(guarded: Inside) -> None:
    added = guarded.ask(201, "POST", RULES, closure("c1"), X_Gongshi_Owner="%E9%A3%9F%E5%A0%82", **TOKEN)
    assert added["owner"] == "食堂"
    assert guarded.ask(403, "POST", f"{HOME}/spaces", {}, X_Gongshi_Owner="canteen", **TOKEN)["code"] == "forbidden"


def test_only_the_hash_of_a_key_is_kept(guarded: Inside) -> None:
    answer = guarded.send("POST", "/v1/owners/canteen/keys", {"communities": ["tiny"]}, Idempotency_Key="k", **TOKEN)
    key = answer.json()["key"]
    assert len(key) == len("gsk_") + 64
    assert answer.headers["cache-control"] == "no-store"
    with sqlite3.connect(guarded.settings.home / "gongshi.sqlite") as connection:
        assert not [line for line in connection.iterdump() if key in line]
    [listed] = guarded.ask(200, "GET", "/v1/owners/canteen/keys", **TOKEN)["items"]
    assert (listed["id"], "key" in listed) == (answer.json()["id"], False)


def test_a_revoked_key_opens_nothing(guarded: Inside) -> None:
    key = made(guarded)
    [listed] = guarded.ask(200, "GET", "/v1/owners/canteen/keys", **TOKEN)["items"]
    path = f"/v1/owners/canteen/keys/{listed['id']}"
    assert guarded.ask(404, "DELETE", path.replace("canteen", "library"), **TOKEN)["code"] == "not_found"
    guarded.ask(204, "DELETE", path, **TOKEN)
    assert guarded.ask(401, "POST", RULES, closure("c1"), **key)["code"] == "unauthorized"
    assert guarded.ask(404, "DELETE", path, **TOKEN)["code"] == "not_found"
    assert guarded.ask(200, "GET", "/v1/owners/canteen/keys", **TOKEN)["items"][0]["revoked_at"]


def test_a_revoked_key_is_no_manager_where_everybody_else_is(client: Inside) -> None:
    client.set_times(client.put(tiny()), LONG_PAST)
    told = client.ask(401, "POST", RULES, closure("c1"), Authorization="Bearer gsk_" + "0" * 64)
    assert told["code"] == "unauthorized"


def test_an_order_for_a_key_is_read_with_care(guarded: Inside) -> None:
    path = "/v1/owners/canteen/keys"
    assert guarded.ask(422, "POST", path, {"communities": []}, **TOKEN)["code"] == "invalid_document"
    assert guarded.ask(404, "POST", path, {"communities": ["nowhere"]}, **TOKEN)["code"] == "not_found"
    for owner in ("me", "x" * 51):
        told = guarded.ask(400, "POST", f"/v1/owners/{owner}/keys", {"communities": ["tiny"]}, **TOKEN)
        assert told["code"] == "bad_request"


def test_two_owners_may_use_one_idempotency_key(guarded: Inside) -> None:
    keys = {owner: made(guarded, owner) for owner in ("canteen", "library")}
    for owner, id in (("canteen", "c1"), ("library", "c2"), ("canteen", "c1")):
        added = guarded.ask(201, "POST", RULES, closure(id), Idempotency_Key="same", **keys[owner])
        assert (added["id"], added["owner"]) == (id, owner)
    assert len(json.loads(guarded.send("GET", RULES).text)["items"]) == 2

"""People and keys over the API: made, given roles, with scopes and an end; secrets are told once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from api.flow.people import sign_in
from api.rights import Role
from api.settings import Settings
from api.store import Store, keys
from api.store.keys import USE_IS_NOTED_EVERY, Order
from tests.api.inside import HOME, LONG_PAST, Inside, inside, tiny

TOKEN = {"Authorization": "Bearer t"}
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Inside]:
    """A service with a token, and the community `tiny`, whose round is open."""
    with inside(Settings(home=tmp_path / "home", api_token=SecretStr("t"))) as client:
        client.http.headers.update(TOKEN)
        client.set_times(client.put(tiny()), LONG_PAST)
        del client.http.headers["Authorization"]
        yield client


def add_key(client: Inside, expected: int = 201, **order: Any) -> Any:
    return client.ask(expected, "POST", "/v1/keys", {"name": "test", **order}, **TOKEN)


def of(key: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


def test_a_person_is_made_and_given_a_role(guarded: Inside) -> None:
    order = {"name": "李书记", "email": "li@example.org", "password": "a long enough password"}
    added = guarded.ask(201, "POST", "/v1/people", order, **TOKEN)
    path = f"/v1/people/{added['id']}"
    grant = {"role": "community_manager", "community": "tiny"}
    given = guarded.ask(201, "POST", f"{path}/grants", grant, **TOKEN)
    again = guarded.ask(201, "POST", f"{path}/grants", grant, **TOKEN)
    assert given == again
    read = guarded.ask(200, "GET", path, **TOKEN)
    assert [(each["role"], each["community"]) for each in read["grants"]] == [("community_manager", "tiny")]
    assert (read["name"], read["has_password"], "password" in read) == ("李书记", True, False)
    guarded.ask(204, "DELETE", f"{path}/grants/{given['id']}", **TOKEN)
    guarded.ask(404, "DELETE", f"{path}/grants/{given['id']}", **TOKEN)
    assert guarded.ask(200, "GET", "/v1/people", **TOKEN)["items"][0]["grants"] == []


def test_who_let_whom_do_what_is_in_the_trail(guarded: Inside) -> None:
    """Where it is of a community there, else in the service's own; ids and roles, never a name or a secret."""
    order = {"name": "李书记", "email": "li@example.org", "password": "a long enough password"}
    person = guarded.ask(201, "POST", "/v1/people", order, **TOKEN)["id"]
    path = f"/v1/people/{person}"
    of_tiny = {"role": "delegate", "community": "tiny", "subject": "O1"}
    given = guarded.ask(201, "POST", f"{path}/grants?reason=代表变更", of_tiny, **TOKEN)
    guarded.ask(201, "POST", f"{path}/grants", {"role": "auditor"}, **TOKEN)
    guarded.ask(200, "PUT", path, {"email": "new@example.org", "applicants": []}, **TOKEN)
    guarded.ask(204, "DELETE", f"{path}/grants/{given['id']}", **TOKEN)
    guarded.ask(204, "DELETE", path, **TOKEN)
    key, local = add_key(guarded, role="auditor")["id"], add_key(guarded, role="auditor", communities=["tiny"])["id"]
    guarded.ask(200, "POST", f"/v1/keys/{key}:rotate", {}, **TOKEN)
    guarded.ask(204, "DELETE", f"/v1/keys/{key}", **TOKEN)

    def told(of: str) -> list[tuple[str, str, str]]:
        items = guarded.ask(200, "GET", of, **TOKEN)["items"]
        return [(each["action"], each["subject"], each["reason"]) for each in reversed(items)]

    assert told("/v1/trail") == [
        ("add_person", person, ""),
        ("add_grant", f"{person} auditor", ""),
        ("change_person", f"{person} email applicants", ""),
        ("erase_person", person, ""),
        ("add_key", f"{key} auditor", ""),
        ("rotate_key", f"{key} auditor", ""),
        ("revoke_key", f"{key} auditor", ""),
    ]
    assert [each for each in told(f"{HOME}/trail") if "_grant" in each[0] or "_key" in each[0]] == [
        ("add_grant", f"{person} delegate", "代表变更"),
        ("revoke_grant", f"{person} delegate", ""),
        ("add_key", f"{local} auditor", ""),
    ]


def test_neither_passwords_nor_keys_are_kept(guarded: Inside) -> None:
    order = {"name": "李书记", "password": "a long enough password"}
    guarded.ask(201, "POST", "/v1/people", order, Idempotency_Key="k", **TOKEN)
    key = add_key(guarded, role="auditor")["key"]
    with sqlite3.connect(guarded.settings.home / "gongshi.sqlite") as connection:
        assert not [line for line in connection.iterdump() if "a long enough password" in line or key in line]


def test_what_cannot_be_is_refused_and_half_of_nothing_is_done(guarded: Inside) -> None:
    long = "a long enough password"
    for expected, code, order in (
        (422, "invalid_document", {"name": ""}),
        (422, "invalid_document", {"name": "a", "password": "x" * 201}),
        (400, "bad_request", {"name": "a", "password": "short"}),
        (400, "bad_request", {"name": long, "password": long}),
        (400, "bad_request", {"name": " a"}),
    ):
        assert guarded.ask(expected, "POST", "/v1/people", order, **TOKEN)["code"] == code
    person = guarded.ask(201, "POST", "/v1/people", {"name": "a"}, **TOKEN)
    assert guarded.ask(409, "POST", "/v1/people", {"name": "a"}, **TOKEN)["code"] == "already_exists"
    path = f"/v1/people/{person['id']}"
    for expected, order in (
        (404, {"role": "auditor", "community": "nowhere"}),
        (404, {"role": "volunteer", "community": "tiny", "site": "nowhere"}),
        (400, {"role": "operator"}),
        (422, {"role": "king"}),
    ):
        guarded.ask(expected, "POST", f"{path}/grants", order, **TOKEN)
    guarded.ask(404, "POST", "/v1/people/nobody/grants", {"role": "auditor"}, **TOKEN)
    guarded.ask(404, "PUT", "/v1/people/nobody", {"active": False}, **TOKEN)
    assert len(guarded.ask(200, "GET", "/v1/people", **TOKEN)["items"]) == 1


def test_a_new_password_and_being_inactive_count_from_now_on(guarded: Inside) -> None:
    person = guarded.ask(201, "POST", "/v1/people", {"name": "a", "password": "a long enough password"}, **TOKEN)
    path = f"/v1/people/{person['id']}"
    guarded.ask(200, "PUT", path, {"password": "another long password"}, **TOKEN)
    store = Store(guarded.settings.database)
    assert sign_in(store, "a", "another long password", address="", now=NOW).session == 2
    assert guarded.ask(200, "PUT", path, {"active": False}, **TOKEN)["active"] is False
    member = {"applicants": [{"community": "tiny", "applicant": "O1"}]}
    assert guarded.ask(200, "PUT", path, member, **TOKEN)["applicants"] == member["applicants"]
    assert guarded.ask(200, "GET", path, **TOKEN)["active"] is False
    store.close()


def test_a_key_has_the_rights_of_its_role_where_it_is_for(guarded: Inside) -> None:
    auditor = of(add_key(guarded, role="auditor", communities=["tiny"]))
    guarded.ask(200, "GET", f"{HOME}/proposals", **auditor)
    guarded.ask(403, "GET", "/v1/communities/other/proposals", **auditor)
    guarded.ask(403, "POST", f"{HOME}/solves", {}, **auditor)
    guarded.ask(401, "GET", f"{HOME}/proposals")


def test_scopes_leave_no_more_than_they_name(guarded: Inside) -> None:
    key = of(add_key(guarded, role="community_manager", scopes=["inside.read"]))
    guarded.ask(200, "GET", f"{HOME}/proposals", **key)
    told = guarded.ask(403, "POST", f"{HOME}/solves", {}, **key)
    assert (told["code"], told["permission"]) == ("forbidden", "plans.solve")
    guarded.ask(200, "GET", f"{HOME}/bookings", **key)
    assert add_key(guarded, 400, role="auditor", scopes=["plans.solve"])["code"] == "bad_request"


def test_a_delegate_asks_for_their_own_applicant(guarded: Inside) -> None:
    mine, other = (guarded.ask(200, "GET", f"{HOME}/requests/{id}") for id in ("R1", "R2"))
    key = of(add_key(guarded, role="delegate", subject=mine["applicant"]))
    stranger = of(add_key(guarded, role="delegate", subject="someone-else"))
    tag = guarded.send("GET", f"{HOME}/requests/R1").headers["etag"]
    assert guarded.ask(403, "PUT", f"{HOME}/requests/R1", mine, If_Match=tag, **stranger)["code"] == "forbidden"
    guarded.ask(403, "POST", f"{HOME}/requests", {**other, "id": "R9"}, **stranger)
    guarded.ask(403, "POST", f"{HOME}/requests:batch", {"items": [{**other, "id": "R9"}]}, **stranger)
    guarded.ask(403, "DELETE", f"{HOME}/requests/R1", If_Match=tag, **stranger)
    guarded.ask(200, "PUT", f"{HOME}/requests/R1", mine, If_Match=tag, **key)
    guarded.ask(201, "POST", f"{HOME}/requests", {**mine, "id": "R9"}, **key)


def test_a_key_ends_and_is_not_made_for_the_past(guarded: Inside) -> None:
    assert add_key(guarded, 400, role="auditor", expires_at="2020-01-01T00:00:00Z")["code"] == "bad_request"
    key = add_key(guarded, role="auditor", expires_at="2199-01-01T00:00:00Z")
    store = Store(guarded.settings.database)
    with store.reading() as tx:
        assert keys.find_key(tx, key["key"], datetime(2198, 12, 31, tzinfo=UTC)) is not None
        assert keys.find_key(tx, key["key"], datetime(2199, 1, 1, tzinfo=UTC)) is None
    store.close()


def test_a_new_secret_leaves_the_old_one_a_while(store: Store) -> None:
    with store.writing() as tx:
        row, first = keys.add_key(tx, Order(Role.AUDITOR), caller="test", now=NOW)
        second = keys.rotate_key(tx, row.id, grace=timedelta(hours=1), now=NOW)
        assert second is not None
        for key, minutes, good in ((first, 59, True), (first, 60, False), (second, 60, True)):
            assert (keys.find_key(tx, key, NOW + timedelta(minutes=minutes)) is not None) == good
        third = keys.rotate_key(tx, row.id, grace=timedelta(hours=1), now=NOW)
        assert keys.find_key(tx, first, NOW) is None
        assert keys.revoke_key(tx, row.id, NOW)
        assert [keys.find_key(tx, str(each), NOW) for each in (second, third)] == [None, None]
        assert keys.rotate_key(tx, row.id, grace=timedelta(), now=NOW) is None


def test_a_secret_is_changed_and_a_key_revoked_over_the_api(guarded: Inside) -> None:
    key = add_key(guarded, role="auditor")
    path = f"/v1/keys/{key['id']}"
    new = guarded.ask(200, "POST", f"{path}:rotate", {"grace_minutes": 0}, **TOKEN)
    assert new["key"].startswith(new["prefix"])
    assert (new["id"], new["key"] == key["key"]) == (key["id"], False)
    guarded.ask(401, "GET", f"{HOME}/proposals", **of(key))
    guarded.ask(200, "GET", f"{HOME}/proposals", **of(new))
    [listed] = guarded.ask(200, "GET", "/v1/keys", **TOKEN)["items"]
    assert (listed["prefix"], "key" in listed) == (new["prefix"], False)
    guarded.ask(204, "DELETE", path, **TOKEN)
    guarded.ask(401, "GET", f"{HOME}/proposals", **of(new))
    guarded.ask(404, "DELETE", path, **TOKEN)
    guarded.ask(404, "POST", f"{path}:rotate", {}, **TOKEN)


def test_the_last_use_is_noted_to_the_minute(guarded: Inside) -> None:
    key = add_key(guarded, role="auditor")
    assert key["last_used_at"] is None
    guarded.ask(200, "GET", f"{HOME}/proposals", **of(key))
    first = guarded.ask(200, "GET", "/v1/keys", **TOKEN)["items"][0]["last_used_at"]
    guarded.ask(200, "GET", f"{HOME}/proposals", **of(key))
    assert guarded.ask(200, "GET", "/v1/keys", **TOKEN)["items"][0]["last_used_at"] == first
    assert datetime.fromisoformat(first).tzinfo is not None
    assert timedelta(minutes=1) == USE_IS_NOTED_EVERY


def test_the_open_door_stands_open_on_ones_own_machine_alone(tmp_path: Path) -> None:
    of: tuple[tuple[dict[str, Any], bool], ...] = (
        ({}, True),
        ({"sign_in": "always"}, False),
        ({"host": str(IPv4Address(0))}, False),
        ({"host": "192.0.2.7"}, False),
        ({"base_url": "https://gongshi.example"}, False),
        ({"api_token": "x"}, False),
    )
    for fields, open_door in of:
        assert Settings(home=tmp_path, **fields).open_door is open_door
    with inside(Settings(home=tmp_path / "home", base_url="https://gongshi.example")) as client:
        client.ask(401, "PUT", f"{HOME}/problem", tiny().model_dump_json().encode())
        assert client.http.get("/c/tiny/desk").status_code == 401

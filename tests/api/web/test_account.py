"""One's own account at the desk: signing in by name and password, signing out, a new password."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from api.errors import Refused
from api.flow.people import MOST_OF_A_NAME, MOST_OF_AN_ADDRESS, WITHIN, add_person, hash_of, set_password, sign_in
from api.flow.rounds import Deed
from api.rights import Role
from api.settings import Settings
from api.store import Store, people
from api.store.people import Row
from tests.api.inside import HOME, Inside, inside, tiny

DESK = "/c/tiny/desk"
PASSWORD = "门口的桂花树开了 osmanthus"
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Inside]:
    """A service that asks for sign-in, and has no token."""
    open_door = Settings(home=tmp_path / "home")
    with inside(open_door) as client:
        client.put(tiny())
    with inside(Settings(home=tmp_path / "home", sign_in="always")) as client:
        yield client


@pytest.fixture
def store(guarded: Inside) -> Iterator[Store]:
    store = Store(guarded.settings.database)
    yield store
    store.close()


@pytest.fixture
def li(store: Store) -> Row:
    """The manager of `tiny`."""
    hashed = hash_of(PASSWORD)
    with store.writing() as tx:
        row = add_person(tx, "李书记", email=None, password=hashed, deed=Deed("test", NOW))
        people.add_grant(tx, row.id, Role.COMMUNITY_MANAGER, community="tiny", caller="test", now=NOW)
    return row


def post(client: Inside, path: str, expected: int, **fields: str) -> httpx2.Response:
    response: httpx2.Response = client.http.post(DESK + path, data=fields, follow_redirects=False)
    assert response.status_code == expected, response.text
    return response


def enter(client: Inside, expected: int = 303, name: str = "李书记", password: str = PASSWORD) -> httpx2.Response:
    return post(client, "/sign-in", expected, name=name, password=password)


def form_token(client: Inside, path: str = "") -> str:
    found = re.search(r'name="form_token" value="(\w+)"', client.http.get(DESK + path).text)
    assert found is not None
    return found[1]


def test_a_person_signs_in_and_acts_in_their_own_name(guarded: Inside, li: Row) -> None:
    assert guarded.http.get(DESK).status_code == 401
    cookie = enter(guarded).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/c/"} <= {each.strip() for each in cookie.split(";")}
    assert "李书记" in guarded.http.get(DESK).text
    [round] = guarded.ask(200, "GET", f"{HOME}/rounds")["items"]
    post(guarded, "/close", 303, round=round["id"], form_token=form_token(guarded))
    with sqlite3.connect(guarded.settings.home / "gongshi.sqlite") as connection:
        [[caller]] = connection.execute("SELECT caller FROM log WHERE action = 'close_round'")
    assert caller == f"person:{li.id}"


def test_behind_https_the_cookie_is_secure(tmp_path: Path) -> None:
    with inside(Settings(home=tmp_path / "home", base_url="https://gongshi.example")) as client:
        store = Store(client.settings.database)
        hashed = hash_of(PASSWORD)
        with store.writing() as tx:
            add_person(tx, "李书记", email=None, password=hashed, deed=Deed("test", NOW))
        store.close()
        assert "Secure" in {each.strip() for each in enter(client).headers["set-cookie"].split(";")}


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(guarded: Inside, li: Row) -> None:
    wrong, unknown = enter(guarded, 401, password="x" * 12), enter(guarded, 401, name="王书记")
    assert wrong.text == unknown.text
    assert "姓名或密码不对" in wrong.text
    assert "set-cookie" not in wrong.headers


def test_who_is_not_active_or_has_no_password_does_not_come_in(guarded: Inside, store: Store, li: Row) -> None:
    with store.writing() as tx:
        people.change_person(tx, li.id, active=False)
        add_person(tx, "只有验证码", email=None, password=None, deed=Deed("test", NOW))
    enter(guarded, 401)
    enter(guarded, 401, name="只有验证码", password="")


def test_sessions_end_when_the_person_does_or_the_password_is_new(guarded: Inside, store: Store, li: Row) -> None:
    enter(guarded)
    assert guarded.http.get(DESK).status_code == 200
    set_password(store, li.id, "another long password", deed=Deed("test", NOW))
    assert guarded.http.get(DESK).status_code == 401
    enter(guarded, 401)
    enter(guarded, password="another long password")
    assert guarded.http.get(DESK).status_code == 200
    with store.writing() as tx:
        people.change_person(tx, li.id, active=False)
    assert guarded.http.get(DESK).status_code == 401


def test_a_session_of_the_open_door_ends_with_it(tmp_path: Path) -> None:
    with inside(Settings(home=tmp_path / "home")) as client:
        client.put(tiny())
        assert client.http.get(DESK).status_code == 200
        cookie = dict(client.http.cookies)
    with inside(Settings(home=tmp_path / "home", sign_in="always")) as client:
        client.http.cookies.update(cookie)
        assert client.http.get(DESK).status_code == 401


def test_one_changes_the_password_and_stays_signed_in(guarded: Inside, li: Row) -> None:
    enter(guarded)
    new = {"password": "a new long password", "again": "a new long password"}
    post(guarded, "/password", 403, before=PASSWORD, **new)
    token = form_token(guarded, "/password")
    assert "原密码不对" in post(guarded, "/password", 401, before="x" * 12, form_token=token, **new).text
    assert "不一样" in post(guarded, "/password", 422, before=PASSWORD, form_token=token, password="a", again="b").text
    short = {"password": "short", "again": "short"}
    assert "10 到 200" in post(guarded, "/password", 400, before=PASSWORD, form_token=token, **short).text
    elsewhere = dict(guarded.http.cookies)
    post(guarded, "/password", 303, before=PASSWORD, form_token=token, **new)
    assert guarded.http.get(DESK).status_code == 200
    guarded.http.cookies.clear()
    guarded.http.cookies.update(elsewhere)
    assert guarded.http.get(DESK).status_code == 401
    enter(guarded, password="a new long password")


def test_signing_out_takes_our_own_form(guarded: Inside, li: Row) -> None:
    enter(guarded)
    post(guarded, "/sign-out", 303, form_token="0" * 64)
    assert guarded.http.get(DESK).status_code == 200
    post(guarded, "/sign-out", 303, form_token=form_token(guarded))
    assert guarded.http.get(DESK).status_code == 401


def test_guessing_one_name_is_slow_for_everybody_and_ends(store: Store, li: Row) -> None:
    """Five attempts in fifteen minutes, wherever they come from; then the right password is refused too."""
    for place in range(MOST_OF_A_NAME):
        with pytest.raises(Refused, match="sign_in_failed"):
            sign_in(store, "李书记", "wrong password", address=f"192.0.2.{place}", now=NOW)
    with pytest.raises(Refused, match="too_many_attempts") as told:
        sign_in(store, "李书记", PASSWORD, address="192.0.2.99", now=NOW + timedelta(minutes=14))
    assert told.value.headers == {"Retry-After": "61"}
    assert sign_in(store, "李书记", PASSWORD, address="192.0.2.99", now=NOW + WITHIN).id == li.id


def test_guessing_many_names_from_one_address_is_slow(store: Store, li: Row) -> None:
    with store.writing() as tx:
        for _ in range(MOST_OF_AN_ADDRESS):
            people.attempt(tx, "address", "192.0.2.1", NOW, WITHIN)
    with pytest.raises(Refused, match="too_many_attempts"):
        sign_in(store, "李书记", PASSWORD, address="192.0.2.1", now=NOW)
    assert sign_in(store, "李书记", PASSWORD, address="192.0.2.2", now=NOW).id == li.id


def test_who_signs_in_rightly_is_not_counted(store: Store, li: Row) -> None:
    for _ in range(MOST_OF_A_NAME + 2):
        sign_in(store, "李书记", PASSWORD, address="192.0.2.1", now=NOW)
    with store.writing() as tx:
        assert people.attempt(tx, "name", "李书记", NOW, WITHIN) == (1, NOW)
        assert people.attempt(tx, "address", "192.0.2.1", NOW, WITHIN) == (1, NOW)


def test_the_page_says_when_to_try_again(guarded: Inside, li: Row) -> None:
    for _ in range(MOST_OF_A_NAME):
        enter(guarded, 401, password="wrong password")
    told = enter(guarded, 429)
    assert "尝试次数过多" in told.text
    assert 0 < int(told.headers["retry-after"]) <= WITHIN.total_seconds()


def test_what_is_kept_of_a_password_is_argon2_with_the_parameters_of_the_library(store: Store, li: Row) -> None:
    assert li.password.startswith("$argon2id$")
    assert extract_parameters(li.password) == RFC_9106_LOW_MEMORY
    assert PASSWORD not in li.password


def test_names_that_were_tried_are_not_kept(store: Store, guarded: Inside) -> None:
    enter(guarded, 401, name="my password in the wrong field")
    with sqlite3.connect(guarded.settings.home / "gongshi.sqlite") as connection:
        assert not [line for line in connection.iterdump() if "wrong field" in line]
        assert connection.execute("SELECT count(*) FROM sign_in_failure").fetchone() == (2,)

"""What is kept of a person can be had and taken out; nothing of it is in what is published."""

from __future__ import annotations

import sqlite3

from api.flow.people import add_person, erase, told_of
from api.flow.rounds import Deed
from api.rights import Role
from api.store import Store, deeds, people
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, tiny
from tests.api.web.test_account import NOW

NAME, EMAIL = "欧阳探春", "tanchun@daguanyuan.example"


def test_a_person_is_told_everything_and_erased(store: Store) -> None:
    with store.writing() as tx:
        row = add_person(tx, NAME, email=EMAIL, password="$argon2id$hash", deed=Deed("test", NOW))
        people.add_grant(tx, row.id, Role.AUDITOR, caller="test", now=NOW)
        people.set_applicants(tx, row.id, [("tiny", "O1")])
        deeds.note(tx, deeds.Line(NOW, "tiny", f"person:{row.id}", "close_round", "main"))
        deeds.note(tx, deeds.Line(NOW, "tiny", "person:p-another", "close_round", "other"))
        told = told_of(tx, row.id)
    assert (told["name"], told["email"], told["has_password"]) == (NAME, EMAIL, True)
    assert [each["role"] for each in told["grants"]] == ["auditor"]
    assert told["applicants"] == [{"community": "tiny", "applicant": "O1"}]
    assert [each["subject"] for each in told["log"]] == ["main"]
    assert "hash" not in str(told)
    with store.writing() as tx:
        erase(tx, row.id, deed=Deed("test", NOW))
    dump = "\n".join(sqlite3.connect(store.engine.url.database or "").iterdump())
    assert not [each for each in (NAME, EMAIL, "$argon2id$hash", "O1") if each in dump]
    assert f"person:{row.id}" in dump


def test_over_the_api(client: Inside) -> None:
    person = client.ask(201, "POST", "/v1/people", {"name": NAME, "email": EMAIL})
    path = f"/v1/people/{person['id']}"
    assert client.ask(200, "GET", f"{path}/data")["email"] == EMAIL
    client.ask(204, "DELETE", path)
    client.ask(404, "GET", path)
    client.ask(404, "GET", f"{path}/data")
    client.ask(404, "DELETE", path)
    assert client.ask(200, "GET", "/v1/people")["items"] == []
    client.ask(201, "POST", "/v1/people", {"name": NAME})


def test_nothing_published_names_people_or_how_to_reach_them(client: Inside) -> None:
    """Calendars, pages, refusals, bookings, the whole problem: with people who manage, and belong to applicants."""
    store = Store(client.settings.database)
    round = client.set_times(client.put(tiny()), LONG_PAST, PAST)
    applicants = [each["id"] for each in client.ask(200, "GET", f"{HOME}/applicants")["items"]]
    with store.writing() as tx:
        row = add_person(tx, NAME, email=EMAIL, password=None, deed=Deed("test", NOW))
        people.add_grant(tx, row.id, Role.COMMUNITY_MANAGER, community="tiny", caller="test", now=NOW)
        people.set_applicants(tx, row.id, [("tiny", each) for each in applicants])
    store.close()
    done = client.solve(round)
    client.release(done, 0)
    calendars = ["/c/tiny/calendars/community/tiny.ics", "/c/tiny/calendars/spaces/S1.ics"]
    calendars += [f"/c/tiny/calendars/applicants/{each}.ics" for each in applicants]
    shown = [
        *calendars,
        *("/", "/c/tiny/", "/c/tiny/applicants/" + applicants[0]),
        *(f"{HOME}/{each}" for each in ("problem", "applicants", "bodies", "people", "bookings", "releases")),
        f"{HOME}/proposals/{done['proposal']}/refusals",
        *("/v1/changes", "/v1/communities", "/openapi.json"),
    ]
    for path in shown:
        answer = client.http.get(path)
        assert answer.status_code == 200, path
        assert not [each for each in (NAME, EMAIL, row.id) if each in answer.text], path

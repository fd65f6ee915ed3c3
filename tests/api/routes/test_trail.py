"""The trail: every change has its line, in its own transaction; nobody alters one, nor removes one of half a year."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api import clock
from api.flow import trail
from api.settings import Settings
from api.store import Store, deeds
from api.store.tables import log
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside, tiny

SPACE = f"{HOME}/spaces/S1"


def lines(client: Inside, query: str = "") -> list[dict[str, Any]]:
    return list(client.ask(200, "GET", f"{HOME}/trail{query}")["items"])


def stored(client: Inside, query: str) -> str:
    [(found,)] = client.sql(query)
    return str(found)


def test_who_what_why_and_what_was_there_before_and_after(client: Inside) -> None:
    client.put(tiny())
    document = "SELECT document FROM entity WHERE kind = 'space' AND id = 'S1'"
    before = stored(client, document)
    read = client.send("GET", SPACE)
    named = read.json() | {"name": "大厅"}
    client.ask(200, "PUT", f"{SPACE}?reason=%E6%94%B9%E5%90%8D%0A", named, If_Match=read.headers["etag"])
    line = lines(client)[0]
    assert (line["action"], line["subject"], line["reason"]) == ("change_space", "S1", "改名 ")
    assert line["caller"] != ""
    assert line["before"] == hashlib.sha256(before.encode()).hexdigest()
    assert line["after"] == hashlib.sha256(stored(client, document).encode()).hexdigest()


def test_what_is_refused_has_no_line(client: Inside) -> None:
    client.put(tiny())
    before = lines(client)
    client.ask(412, "PUT", SPACE, client.send("GET", SPACE).json(), If_Match='"old"')
    client.ask(409, "DELETE", SPACE, If_Match="*")
    assert lines(client) == before


def test_a_release_names_the_plan_before_and_after_and_why(client: Inside) -> None:
    round = client.set_times(client.put(tiny()), LONG_PAST, PAST)
    first, second = client.solve(round), client.solve(round, seed=None)
    client.release(first, 0)
    order = {"proposal": second["proposal"], "instead_of": 1, "reason": "水管爆裂"}
    client.ask(201, "POST", f"{HOME}/releases", order)
    texts = dict(client.sql("SELECT id, timetable FROM proposal"))
    one, two = (hashlib.sha256(texts[each["proposal"]].encode()).hexdigest() for each in (first, second))
    releases = [line for line in lines(client) if line["action"] == "release"]
    assert [(line["before"], line["after"], line["reason"]) for line in releases] == [
        (one, two, "水管爆裂"),
        (None, one, ""),
    ]


def test_it_is_read_page_by_page_each_line_once(client: Inside) -> None:
    client.put(tiny())
    for number in range(4):
        client.ask(201, "POST", f"{HOME}/uses", {"id": f"u{number}", "name": "x", "noise": 0, "calendar": "always"})
    whole = lines(client)
    pages, query = [], "?limit=2"
    while query:
        page = client.ask(200, "GET", f"{HOME}/trail{query}")
        pages += page["items"]
        query = f"?limit=2&before={page['next']}" if page["next"] else ""
    assert pages == whole
    assert [line["subject"] for line in whole[:4]] == ["u3", "u2", "u1", "u0"]
    client.ask(404, "GET", "/v1/communities/none/trail")


@pytest.mark.both_databases
def test_no_line_is_altered_nor_a_young_one_removed_and_old_ones_are_by_the_job_alone(settings: Settings) -> None:
    with inside(settings) as client:
        client.put(tiny())
        store = Store(settings.database)
        now = clock.now()
        ages = {"young": 179, "half a year": 182, "a year": 365}
        with store.writing() as tx:
            for subject, days in ages.items():
                deeds.note(tx, deeds.Line(now - timedelta(days=days), "tiny", "x", "old", subject))
        for statement in (
            log.update().values(caller="nobody"),
            log.delete(),
            log.delete().where(log.c.subject == "young"),
        ):
            with pytest.raises(sa.exc.IntegrityError, match="append_only log"), store.writing() as tx:
                tx.execute(statement)

        def old() -> list[str]:
            return [line["subject"] for line in lines(client) if line["action"] == "old"]

        assert old() == ["a year", "half a year", "young"]
        assert trail.trim(store, 200) == 1
        assert old() == ["half a year", "young"]
        assert trail.trim(store, 180) == 1
        assert trail.trim(store, 180) == 0
        assert old() == ["young"]
        with store.reading() as tx:
            told = deeds.trail(tx, "", before=None, limit=10)
        assert [(line.action, line.subject[:7]) for line in told] == [("trim_trail", "1 lines")] * 2
        store.close()


def test_the_trail_cannot_be_set_to_be_kept_less_than_180_days() -> None:
    with pytest.raises(ValueError, match="trail_days"):
        Settings(trail_days=179)

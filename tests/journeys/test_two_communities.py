"""Two communities in one service, with the same ids for everything: every address answers only of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from api import worker
from api.settings import Settings
from api.store import Store
from scheduler.problem import Community, Problem
from tests.api.inside import LONG_PAST, PAST, Inside, inside
from tests.factories import dated, problem, series

PLACES = ("east", "west")
MARK = {"east": "东风里", "west": "西风里"}


def world(place: str) -> Problem:
    """The same ids in both; every name tells the place."""
    asked = problem(
        [series("R1", "MO 19:00-20:30!", external_ref="X-1"), dated("D1", "2026-09-12", "SA 09:00-11:00!")],
        community=Community(id=place, name=MARK[place], zone="Asia/Shanghai"),
    )
    named = {
        kind: tuple(each.model_copy(update={"name": f"{MARK[place]}{each.id}"}) for each in getattr(asked, kind))
        for kind in ("sites", "spaces", "uses", "applicants")
    }
    return asked.model_copy(update=named)


class Two:
    """Both communities, released; `ids` are what the service made for each."""

    def __init__(self, client: Inside) -> None:
        self.client = client
        self.ids: dict[str, dict[str, str]] = {}
        for place in PLACES:
            round = client.put(world(place))
            path = f"/v1/communities/{place}/rounds/{round['id']}"
            shown = client.send("GET", path)
            times = {**shown.json(), "opens_at": LONG_PAST, "closes_at": PAST}
            client.ask(200, "PUT", path, times, If_Match=shown.headers["etag"])
            solve = self.solve(place, round["id"])
            order = {"proposal": solve["proposal"], "instead_of": 0}
            client.ask(201, "POST", f"/v1/communities/{place}/releases", order)
            [first, *_] = client.ask(200, "GET", f"/v1/communities/{place}/bookings")["items"]
            self.ids[place] = {
                "round": round["id"],
                "solve": solve["id"],
                "proposal": solve["proposal"],
                "check": self.check(place),
                "uid": first["uid"],
            }

    def check(self, place: str) -> str:
        """What a closure would do, asked and answered."""
        shut = {"kind": "closed", "id": "C1", "source": MARK[place], "spaces": ["S1"], "dates": ["2026-09-07"]}
        path = f"/v1/communities/{place}/constraints:check?wait=0"
        [asked] = self.client.ask(202, "POST", path, {"items": [shut]})["checks"]
        store = Store(self.client.settings.database)
        worker.run_check(store, asked["id"])
        store.close()
        return str(asked["id"])

    def solve(self, place: str, round: str, **options: Any) -> Any:
        home = f"/v1/communities/{place}/solves"
        asked = self.client.ask(202, "POST", home, {"round": round, "time_limit_seconds": 20, **options})
        store = Store(self.client.settings.database)
        worker.run_solve(store, asked["id"], 20)
        store.close()
        return self.client.ask(200, "GET", f"{home}/{asked['id']}")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with inside(Settings(home=tmp_path_factory.mktemp("home"))) as client:
        yield Two(client)


KINDS = {
    "priorities": "P3", "calendars": "always", "sites": "X", "spaces": "S1", "uses": "U1", "applicants": "O1",
    "bodies": "none", "people": "none", "labels": "none", "constraints": "none", "requests": "R1",
    "units": "none",
}  # fmt: skip


def paths(two: Two, place: str) -> list[str]:
    """Every GET address of the API below a community, filled with what is there."""
    described = two.client.ask(200, "GET", "/openapi.json")["paths"]
    found = []
    for path, methods in described.items():
        if "get" not in methods or "{community}" not in path:
            continue
        ids = two.ids[place]
        kind = re.search(r"\{community\}/(?:rounds/\{round\}/)?(\w+)", path)
        made = {"solves": ids["solve"], "proposals": ids["proposal"], "checks": ids["check"]}
        id = made.get(kind[1] if kind else "", "")
        id = id or KINDS.get(kind[1] if kind else "", "")
        filled = path.replace("{community}", place).replace("{round}", ids["round"]).replace("{number}", "1")
        if "{id}" not in filled or id != "none":
            found.append(filled.replace("{id}", id))
    return found


@pytest.mark.parametrize("place", PLACES)
def test_every_address_of_the_api_tells_of_its_own_community_only(two: Two, place: str) -> None:
    other = PLACES[1 - PLACES.index(place)]
    foreign = (MARK[other], *(two.ids[other][name] for name in ("solve", "proposal", "check", "uid")))
    # A stream has no end, these two have no market (tests/journeys/test_story_09_vendor.py has), a template
    # tells nothing of anybody.
    left_out = re.compile(r"/events$|/market|/template\.")
    asked = [path for path in paths(two, place) if not left_out.search(path)]
    assert len(asked) > 30
    told = 0
    for path in asked:
        response = two.client.send("GET", path)
        assert response.status_code == 200, path
        text = json.dumps(response.json(), ensure_ascii=False)
        assert [each for each in foreign if each in text] == [], path
        told += MARK[place] in text
    assert told > 5


@pytest.mark.parametrize("place", PLACES)
def test_what_the_service_made_for_one_is_not_found_in_the_other(two: Two, place: str) -> None:
    home, others = f"/v1/communities/{place}", two.ids[PLACES[1 - PLACES.index(place)]]
    for made in (f"solves/{others['solve']}", f"proposals/{others['proposal']}", f"checks/{others['check']}"):
        two.client.ask(404, "GET", f"{home}/{made}")
    two.client.ask(404, "POST", f"{home}/proposals/{others['proposal']}:costs?wait=0")


@pytest.mark.parametrize("place", PLACES)
def test_calendars_and_pages_are_its_own(two: Two, place: str) -> None:
    other = PLACES[1 - PLACES.index(place)]
    scopes = [
        "spaces/S1", "sites/X", "uses/U1", "applicants/O1", "requests/R1", "requests/D1", f"community/{place}",
    ]  # fmt: skip
    for scope in scopes:
        text = two.client.send("GET", f"/c/{place}/calendars/{scope}.ics").text
        assert MARK[place] in text.replace("\r\n ", "")
        assert MARK[other] not in text.replace("\r\n ", "")
        page = two.client.send("GET", f"/c/{place}/{scope}").text
        assert (MARK[place] in page, MARK[other] in page) == (True, False)
    assert two.client.send("GET", f"/c/{place}/calendars/community/{other}.ics").status_code == 404
    week = two.client.send("GET", f"/c/{place}/?as_of=2026-09-07").text
    assert (MARK[place] in week, MARK[other] in week) == (True, False)
    desk = two.client.send("GET", f"/c/{place}/desk").text
    assert (MARK[place] in desk, two.ids[other]["solve"] in desk) == (True, False)


def test_identities_and_tags_of_calendars_never_collide(two: Two) -> None:
    """UIDs of all bookings differ, and so do the ETags of calendars with the same address below their community."""
    uids = {
        place: {each["uid"] for each in two.client.ask(200, "GET", f"/v1/communities/{place}/bookings")["items"]}
        for place in PLACES
    }
    assert len(uids["east"]) == len(uids["west"]) == 3
    assert uids["east"].isdisjoint(uids["west"])
    tags = [two.client.send("GET", f"/c/{place}/calendars/spaces/S1.ics").headers["etag"] for place in PLACES]
    assert tags[0] != tags[1]
    crossed = two.client.send("GET", "/c/west/calendars/spaces/S1.ics", If_None_Match=tags[0])
    assert crossed.status_code == 200


@pytest.mark.parametrize(("place", "other"), [("east", "west"), ("west", "east")])
def test_nothing_of_one_is_reached_through_the_other(two: Two, place: str, other: str) -> None:
    """Solves, proposals and bookings of the other are not there, to be read, stopped, started from or released."""
    ids, home = two.ids[other], f"/v1/communities/{place}"
    for path in (
        f"/solves/{ids['solve']}", f"/solves/{ids['solve']}/events", f"/proposals/{ids['proposal']}",
        f"/proposals/{ids['proposal']}/timetable", f"/proposals/{ids['proposal']}/report",
        f"/proposals/{ids['proposal']}/refusals",
    ):  # fmt: skip
        assert two.client.send("GET", home + path).status_code == 404, path
    two.client.ask(404, "DELETE", f"{home}/solves/{ids['solve']}")
    two.client.ask(404, "POST", f"{home}/releases", {"proposal": ids["proposal"], "instead_of": 1})
    options = {"round": two.ids[place]["round"], "start_from": ids["proposal"]}
    two.client.ask(404, "POST", f"{home}/solves", options)
    for page in (f"/bookings/{ids['uid']}", f"/desk/solves/{ids['solve']}", f"/desk/proposals/{ids['proposal']}"):
        assert two.client.send("GET", f"/c/{place}{page}").status_code == 404, page


def test_bookings_of_one_do_not_occupy_the_rooms_of_the_other(two: Two) -> None:
    """Both hold S1 at the same hours; the database keeps them apart by release."""
    rows = two.client.sql('SELECT c.community, o.atom, o."from" FROM occupancy o JOIN release c ON c.id = o.release')
    held = {place: {(atom, at) for where, atom, at in rows if where == place} for place in PLACES}
    assert held["east"] == held["west"]
    assert len(held["east"]) == 3


def test_one_key_for_two_communities_is_two_deeds(two: Two) -> None:
    """An Idempotency-Key that is sent to both does its deed in each, once."""
    body = {"id": "P9", "name": "新单位", "priority": "P3"}
    first = two.client.send("POST", "/v1/communities/east/applicants", body, Idempotency_Key="same")
    again = two.client.send("POST", "/v1/communities/east/applicants", body, Idempotency_Key="same")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert two.client.send("GET", "/v1/communities/west/applicants/P9").status_code == 404
    two.client.ask(201, "POST", "/v1/communities/west/applicants", body, Idempotency_Key="same")
    two.client.ask(201, "POST", "/v1/communities/west/applicants", body, Idempotency_Key="same")
    tags = [two.client.send("GET", f"/v1/communities/{place}/applicants/P9").headers["etag"] for place in PLACES]
    assert tags[0] != tags[1]
    told = two.client.ask(422, "POST", "/v1/communities/west/applicants", body | {"id": "P8"}, Idempotency_Key="same")
    assert told["code"] == "idempotency_key_reused"


def test_a_change_of_one_leaves_the_other_as_it_is(two: Two) -> None:
    """Released again in the east: the west's calendars keep every byte, its release its number."""
    feeds = {
        scope: two.client.send("GET", f"/c/west/calendars/{scope}.ics").content for scope in ("spaces/S1", "uses/U1")
    }
    solve = two.solve("east", two.ids["east"]["round"])
    two.client.ask(201, "POST", "/v1/communities/east/releases", {"proposal": solve["proposal"], "instead_of": 1})
    numbers = {
        place: [each["number"] for each in two.client.ask(200, "GET", f"/v1/communities/{place}/releases")["items"]]
        for place in PLACES
    }
    assert numbers == {"east": [2, 1], "west": [1]}
    assert {scope: two.client.send("GET", f"/c/west/calendars/{scope}.ics").content for scope in feeds} == feeds


def test_every_pair_of_a_place_and_a_part_is_its_own(two: Two) -> None:
    """A code of an owner finds the request of its own community."""
    for place, id in product(PLACES, ("R1", "X-1")):
        shown = two.client.ask(200, "GET", f"/v1/communities/{place}/requests/{id}")
        assert shown["id"] == "R1"


def test_the_root_lists_both(two: Two, tmp_path: Path) -> None:
    page = two.client.send("GET", "/").text
    assert (MARK["east"] in page, MARK["west"] in page) == (True, True)

"""What operators' programs ask over several communities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import worker
from api.settings import Settings
from api.store import Store
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.problem import Community
from tests.api.inside import LONG_PAST, PAST, Inside, inside
from tests.factories import problem, series, space

PLACES = ("east", "west")
ME = {"X_Gongshi_Owner": "canteen"}
MONDAY, WEDNESDAY = "2026-09-07", "2026-09-09"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Inside]:
    """Two communities with a hall H of the canteen, a hall L of the library, both together B, and their release 1."""
    asked = problem(
        [series("R1", "MO 17:00-18:30!", spaces=("H",)), series("R2", "MO 19:00-20:30!", use="U2", spaces=("B",)),
         series("R3", "TU 19:00-20:30!", spaces=("L",))],
        [Changeover(id="turn", source="办法")],
        [space("H", changeover=(ChangeoverRow(minutes=20),)), space("L"), space("B", parts=("H", "L"))],
    )  # fmt: skip
    with inside(Settings(home=tmp_path / "home")) as client:
        for place in PLACES:
            client.put(asked.model_copy(update={"community": Community(id=place, name=place, zone="Asia/Shanghai")}))
            for hall, owner in (("H", "canteen"), ("L", "library")):
                path = f"/v1/communities/{place}/spaces/{hall}"
                read = client.send("GET", path)
                coded = {**read.json(), "owner": owner, "external_ref": f"{owner} {place}"}
                client.ask(200, "PUT", path, coded, If_Match=read.headers["etag"])
            release(client, place)
        yield client


def release(client: Inside, place: str) -> None:
    home = f"/v1/communities/{place}"
    [round] = client.ask(200, "GET", f"{home}/rounds")["items"]
    read = client.send("GET", f"{home}/rounds/{round['id']}")
    times = {**read.json(), "opens_at": LONG_PAST, "closes_at": PAST}
    client.ask(200, "PUT", f"{home}/rounds/{round['id']}", times, If_Match=read.headers["etag"])
    asked = client.ask(202, "POST", f"{home}/solves", {"round": round["id"], "time_limit_seconds": 20})
    store = Store(client.settings.database)
    worker.run_solve(store, asked["id"], 20)
    store.close()
    proposal = client.ask(200, "GET", f"{home}/solves/{asked['id']}")["proposal"]
    number = client.ask(200, "GET", home)["release"] or 0
    client.ask(201, "POST", f"{home}/releases", {"proposal": proposal, "instead_of": number})


def closure(id: str, *dates: str, **more: Any) -> dict[str, Any]:
    return {"kind": "closed", "id": id, "source": "通知", "spaces": ["H"], "dates": list(dates), **more}


def line(place: str, id: str, date: str = WEDNESDAY, **more: Any) -> dict[str, Any]:
    return {"community": place, "document": closure(id, date), **more}


def batch(client: Inside, expected: int, *lines: Any, query: str = "", **headers: str) -> Any:
    return client.ask(expected, "POST", f"/v1/constraints:batch{query}", {"items": list(lines)}, **(ME | headers))


def known(client: Inside) -> list[tuple[str, str, str]]:
    items = client.ask(200, "GET", "/v1/constraints?owner=canteen")["items"]
    return [(each["community"], each["id"], each["state"]) for each in items]


def test_an_owners_spaces_in_all_communities(two: Inside) -> None:
    mine = two.ask(200, "GET", "/v1/spaces?owner=me", **ME)["items"]
    assert [(each["community"], each["id"], each["external_ref"]) for each in mine] == [
        ("east", "H", "canteen east"),
        ("west", "H", "canteen west"),
    ]
    assert two.ask(200, "GET", "/v1/spaces?owner=canteen")["items"] == mine
    assert two.ask(200, "GET", "/v1/spaces?owner=nobody")["items"] == []
    assert two.ask(400, "GET", "/v1/spaces?owner=me")["code"] == "bad_request"
    assert two.ask(400, "GET", "/v1/spaces")["code"] == "bad_request"


def test_an_owners_constraints_in_all_communities(two: Inside) -> None:
    batch(two, 201, line("east", "c1"), line("west", "c1", MONDAY))
    two.ask(201, "POST", "/v1/communities/west/constraints", closure("c2", WEDNESDAY, owner="library"))
    assert known(two) == [("east", "c1", "accepted"), ("west", "c1", "submitted")]
    waiting = two.ask(200, "GET", "/v1/constraints?owner=me&state=submitted", **ME)["items"]
    assert [(each["community"], each["id"]) for each in waiting] == [("west", "c1")]


def test_a_batch_tells_the_state_of_each_line_in_its_order(two: Inside) -> None:
    lines = [line("west", "c1", MONDAY, reason="检修"), line("east", "c1"), line("west", "c2", MONDAY, safety=True)]
    told = batch(two, 201, *lines)["items"]
    assert [(each["position"], each["community"], each["id"], each["state"]) for each in told] == [
        (0, "west", "c1", "submitted"),
        (1, "east", "c1", "accepted"),
        (2, "west", "c2", "accepted"),
    ]
    assert [bool(each["deadline"]) for each in told] == [True, False, False]
    assert [each["errors"] for each in told] == [[], [], []]
    [version] = two.ask(200, "GET", "/v1/communities/west/constraints/c1/history")["items"]
    assert (version["reason"], version["author"]) == ("检修", "canteen")


BAD = [
    (line("east", "b1", "soon"), "/document/dates/0"),
    ({"community": "west", "document": closure("b2", WEDNESDAY, spaces=["NOWHERE"])}, "/document/spaces/0"),
    ({"document": {}}, "/community"),
    ({"community": "nowhere", "document": closure("b3", WEDNESDAY)}, "/community"),
    ({"community": "east", "document": {"kind": "pin", "id": "p", "source": "x", "request": "R1"}}, "/document"),
    ({"community": "east", "document": {**closure("b4", WEDNESDAY), "kind": "noise"}, "safety": True}, "/safety"),
    (line("east", "b5", colour="red"), "/colour"),
]


@pytest.mark.parametrize(("bad", "pointer"), BAD)
def test_one_bad_line_refuses_all_with_one_error(two: Inside, bad: Any, pointer: str) -> None:
    told = batch(two, 422, line("east", "c1"), bad, line("west", "c1"))
    assert [each["pointer"] for each in told["errors"]] == [f"/items/1{pointer}"]
    assert [each["position"] for each in told["items"]] == [1]
    assert known(two) == []


def test_by_community_only_the_bad_ones_lines_are_left_out(two: Inside) -> None:
    lines = [line("east", "c1"), line("west", "c1"), line("east", "c2", "soon"), {"document": {}}]
    told = batch(two, 207, *lines, query="?atomic=community")["items"]
    assert [(each["position"], each["state"], len(each["errors"])) for each in told] == [
        (0, None, 0),
        (1, "accepted", 0),
        (2, None, 1),
        (3, None, 1),
    ]
    assert known(two) == [("west", "c1", "accepted")]
    problems = {place: two.ask(200, "GET", f"/v1/communities/{place}/problem")["constraints"] for place in PLACES}
    assert [each["id"] for each in problems["east"]] == ["turn"]
    assert [each["id"] for each in problems["west"]] == ["turn", "c1"]
    lines[1] = {"community": "west", "document": 7}
    told = batch(two, 207, *lines, line("west", "c9"), query="?atomic=community")["items"]
    assert [each["state"] for each in told] == [None] * 5
    assert known(two) == [("west", "c1", "accepted")]


def test_a_batch_is_done_once(two: Inside) -> None:
    lines = [line("east", "c1"), line("west", "c1")]
    first = batch(two, 201, *lines, Idempotency_Key="k")
    assert batch(two, 201, *lines, Idempotency_Key="k") == first
    for place in PLACES:
        assert len(two.ask(200, "GET", f"/v1/communities/{place}/constraints/c1/history")["items"]) == 1
    told = batch(two, 422, *lines)
    assert [each["code"] for each in told["errors"]] == ["already_exists", "already_exists"]
    told = batch(two, 422, *lines[:1], Idempotency_Key="k")
    assert told["code"] == "idempotency_key_reused"


def test_bookings_in_an_owners_halls_with_when_each_must_be_clear(two: Inside) -> None:
    """R2 takes H as a part of B; the table of H asks for 20 minutes after R1."""
    answer = two.send("GET", f"/v1/bookings?owner=me&from={MONDAY}&to=2026-09-08", **ME)
    told = [
        (each["community"], each["request"], each["starts"][11:16], each["clear_by"][11:16], each["halls"])
        for each in answer.json()["items"]
    ]
    assert told == [
        (place, request, starts, clear, [{"id": "H", "external_ref": f"canteen {place}"}])
        for request, starts, clear in (("R1", "17:00", "17:00"), ("R2", "19:00", "18:40"))
        for place in PLACES
    ]
    assert answer.json()["releases"] == {"east": 1, "west": 1}
    whole = two.ask(200, "GET", "/v1/bookings?owner=canteen")["items"]
    assert len(whole) == 2 * 2 * 2
    later = two.ask(200, "GET", "/v1/bookings?owner=canteen&from=2026-09-14")["items"]
    assert {each["starts"][:10] for each in later} == {"2026-09-14"}
    assert len(later) == 2 * 2
    assert {each["request"] for each in two.ask(200, "GET", "/v1/bookings?owner=library")["items"]} == {"R2", "R3"}
    assert two.ask(200, "GET", "/v1/bookings?owner=nobody")["items"] == []
    assert two.ask(400, "GET", "/v1/bookings?owner=canteen&from=soon")["code"] == "bad_request"


def test_unchanged_bookings_are_304_until_the_next_release(two: Inside) -> None:
    path = "/v1/bookings?owner=canteen&from=2026-09-01"
    tag = two.send("GET", path).headers["etag"]
    assert two.send("GET", path, If_None_Match=tag).status_code == 304
    assert two.send("GET", "/v1/bookings?owner=canteen", If_None_Match=tag).status_code == 200
    assert two.send("GET", path.replace("canteen", "library"), If_None_Match=tag).status_code == 200
    release(two, "west")
    assert two.send("GET", path, If_None_Match=tag).status_code == 200


def test_changes_come_once_each_in_one_order(two: Inside) -> None:
    start = two.ask(200, "GET", "/v1/changes?owner=me", **ME)
    assert [(each["kind"], each["community"], each["subject"]) for each in start["items"]] == [
        ("release", "east", "1"),
        ("release", "west", "1"),
    ]
    batch(two, 201, line("east", "c1", MONDAY, reason="检修"))
    two.ask(201, "POST", "/v1/communities/east/constraints", closure("c2", WEDNESDAY, owner="library"))
    after = two.ask(200, "GET", f"/v1/changes?owner=me&after={start['next']}", **ME)
    [one] = after["items"]
    assert (one["kind"], one["subject"], one["state"], one["reason"]) == ("constraint", "c1", "submitted", "检修")
    shown = two.send("GET", "/v1/communities/east/constraints/c1")
    accept = "/v1/communities/east/constraints/c1:accept"
    two.ask(200, "POST", accept, {"reason": "可以"}, If_Match=shown.headers["etag"])
    release(two, "east")
    last = two.ask(200, "GET", f"/v1/changes?owner=me&after={after['next']}", **ME)
    assert [
        (each["kind"], each["subject"], each.get("state"), each.get("in_force_from")) for each in last["items"]
    ] == [
        ("constraint", "c1", "accepted", None),
        ("constraint", "c1", "in_force", 2),
        ("release", "2", None, None),
    ]
    end = two.ask(200, "GET", f"/v1/changes?owner=me&after={last['next']}", **ME)
    assert (end["items"], end["next"], end["more"]) == ([], last["next"], False)
    cursors = [int(each["cursor"]) for each in two.ask(200, "GET", "/v1/changes")["items"]]
    assert cursors == sorted(set(cursors))
    assert len(cursors) == 2 * 2 + 2 + 1 + 1 + 1 + 2 + 1


def test_changes_are_read_page_by_page(two: Inside) -> None:
    batch(two, 201, *(line("east", f"c{number}") for number in range(5)))
    seen, after, more = [], "0", True
    while more:
        page = two.ask(200, "GET", f"/v1/changes?after={after}&limit=2")
        seen += [each["cursor"] for each in page["items"]]
        after, more = page["next"], page["more"]
    assert seen == [each["cursor"] for each in two.ask(200, "GET", "/v1/changes?limit=1000")["items"]]
    for bad in ("x", "-1", "1.5", "９", "1" * 16):
        assert two.ask(400, "GET", f"/v1/changes?after={bad}")["code"] == "bad_request"


def test_a_refused_batch_tells_nobody_anything(two: Inside) -> None:
    before = two.ask(200, "GET", "/v1/changes")["next"]
    batch(two, 422, line("east", "c1"), line("west", "c2", "soon"))
    batch(two, 207, line("east", "c1", "soon"), query="?atomic=community")
    assert two.ask(200, "GET", f"/v1/changes?after={before}")["items"] == []
    assert json.loads(two.send("GET", "/v1/constraints?owner=canteen").text) == {"items": []}

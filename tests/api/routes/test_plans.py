"""Proposals, releases, bookings: nothing is released that the verifier has not passed."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from tests.api.inside import HOME, LONG_PAST, PAST, Inside, tiny
from tests.factories import dated, series, space


@pytest.fixture
def round(client: Inside) -> Any:
    """The closed round of `tiny`."""
    return client.set_times(client.put(tiny()), LONG_PAST, PAST)


def tamper(client: Inside, change: Any) -> None:
    """Change the stored timetable of every proposal, behind the back of the triggers."""
    with sqlite3.connect(client.settings.home / "gongshi.sqlite") as connection:
        connection.execute("DROP TRIGGER proposal_no_update")
        for id, text in connection.execute("SELECT id, timetable FROM proposal").fetchall():
            timetable = json.loads(text)
            change(timetable)
            connection.execute("UPDATE proposal SET timetable = ? WHERE id = ?", (json.dumps(timetable), id))


def bookings(client: Inside, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.ask(200, "GET", f"{HOME}/bookings{query}")["items"]
    return items


def test_the_first_release_has_number_one(client: Inside, round: Any) -> None:
    solve = client.solve(round)
    release = client.release(solve, 0)
    assert (release["number"], release["in_force"], release["round"]) == (1, True, round["id"])
    assert client.ask(200, "GET", f"{HOME}/rounds/{round['id']}")["stage"] == "released"
    told = bookings(client)
    assert [(each["request"], each["starts"]) for each in told] == [
        ("R1", "2026-09-07T19:00:00+08:00"),
        ("R2", "2026-09-08T19:00:00+08:00"),
        ("D1", "2026-09-12T09:00:00+08:00"),
        ("R1", "2026-09-14T19:00:00+08:00"),
        ("R2", "2026-09-15T19:00:00+08:00"),
    ]
    assert len({each["uid"] for each in told}) == 5
    assert {(each["sequence"], each["status"]) for each in told} == {(0, "confirmed")}


def test_the_proposal_can_be_read_with_its_reasons_and_its_proof(client: Inside) -> None:
    asked = tiny(series("R3", "MO 19:00-20:30!"), series("R4", "FR 19:00-20:30!", headcount=1000))
    round = client.set_times(client.put(asked), LONG_PAST, PAST)
    proposal = client.solve(round)["proposal"]
    told = client.ask(200, "GET", f"{HOME}/proposals/{proposal}")
    assert told["holds"] is True
    assert told["counts"]["refusals"] == 2
    refusals = client.ask(200, "GET", f"{HOME}/proposals/{proposal}/refusals")["items"]
    assert {each["request"]: each["code"] for each in refusals}["R4"] == "capacity"
    assert all(each["sentence"]["zh"] for each in refusals)
    assert client.ask(200, "GET", f"{HOME}/proposals/{proposal}/report")["violations"] == []
    timetable = client.ask(200, "GET", f"{HOME}/proposals/{proposal}/timetable")
    assert timetable["problem"] == told["problem"]


@pytest.mark.parametrize(
    "change",
    [
        lambda timetable: timetable["bookings"].pop(),
        lambda timetable: timetable["bookings"][0].update(starts="2026-09-07T18:00:00+08:00"),
        lambda timetable: timetable["stages"][1].update(value=99),
        lambda timetable: timetable.update(problem="0" * 64),
    ],
)
def test_what_does_not_hold_is_never_released(client: Inside, round: Any, change: Any) -> None:
    """Even when the proposal says that it was verified: it is verified again, in the transaction of the release."""
    solve = client.solve(round)
    tamper(client, change)
    told = client.release(solve, 0, expected=409)
    assert told["code"] == "does_not_hold"
    assert told["report"]["violations"]
    assert client.ask(200, "GET", f"{HOME}/releases")["items"] == []
    assert client.ask(200, "GET", f"{HOME}/rounds/{round['id']}")["stage"] == "closed"


def test_a_proposal_for_older_data_is_not_released(client: Inside, round: Any) -> None:
    solve = client.solve(round)
    read = client.send("GET", f"{HOME}/spaces/S1")
    client.ask(200, "PUT", f"{HOME}/spaces/S1", {**read.json(), "floor": 2}, If_Match=read.headers["etag"])
    assert client.release(solve, 0, expected=409)["code"] == "outdated_proposal"


def test_a_lot_drawn_from_another_seed_is_not_released(client: Inside, round: Any) -> None:
    """Whoever could choose the seed could choose the winner."""
    solve = client.solve(round, seed=12345)
    assert client.release(solve, 0, expected=409)["code"] == "other_seed"
    assert client.ask(200, "GET", f"{HOME}/releases")["items"] == []


def test_a_round_is_released_after_it_closes(client: Inside) -> None:
    round = client.set_times(client.put(tiny()), LONG_PAST)
    assert client.release(client.solve(round), 0, expected=409)["code"] == "round_still_open"


def test_two_managers_do_not_overrun_each_other(client: Inside, round: Any) -> None:
    solve = client.solve(round)
    client.release(solve, 0)
    told = client.release(solve, 0, expected=409)
    assert (told["code"], told["in_force"]) == ("release_moved_on", 1)
    assert client.release(solve, 1)["number"] == 2


def test_a_release_is_not_made_twice_by_a_repeated_request(client: Inside, round: Any) -> None:
    order = {"proposal": client.solve(round)["proposal"], "instead_of": 0}
    for _ in range(2):
        client.ask(201, "POST", f"{HOME}/releases", order, Idempotency_Key="release 1")
    assert [each["number"] for each in client.ask(200, "GET", f"{HOME}/releases")["items"]] == [1]


def test_the_next_release_keeps_identities_and_says_what_changed(client: Inside, round: Any) -> None:
    client.release(client.solve(round), 0)
    before = {(each["request"], each["starts"]): each for each in bookings(client)}
    closure = {"kind": "closed", "id": "c1", "source": "通知", "spaces": ["S1"], "dates": ["2026-09-14"]}
    client.ask(201, "POST", f"{HOME}/constraints", closure)
    client.release(client.solve(round), 1)
    after = {(each["request"], each["starts"]): each for each in bookings(client)}
    gone = before.pop(("R1", "2026-09-14T19:00:00+08:00"))
    assert after == before
    [cancelled] = [each for each in bookings(client, "?cancelled=true") if each["status"] == "cancelled"]
    assert (cancelled["uid"], cancelled["sequence"]) == (gone["uid"], 1)
    changes = client.ask(200, "GET", f"{HOME}/releases/2/changes")
    assert {name: len(pairs) for name, pairs in changes.items()} == {"new": 0, "moved": 0, "changed": 0, "cancelled": 1}
    assert changes["cancelled"][0]["before"]["uid"] == gone["uid"]
    assert len(client.ask(200, "GET", f"{HOME}/releases/1/changes")["new"]) == 5
    assert len(bookings(client, "?release=1")) == 5


def test_calendars_are_those_of_the_release_in_force(client: Inside, round: Any) -> None:
    path = "/c/tiny/calendars/spaces/S1.ics"
    assert client.send("GET", path).status_code == 404
    client.release(client.solve(round), 0)
    first = client.send("GET", path)
    assert (first.status_code, first.text.count("BEGIN:VEVENT")) == (200, 5)
    assert client.send("GET", path, If_None_Match=first.headers["etag"]).status_code == 304
    closure = {"kind": "closed", "id": "c1", "source": "通知", "spaces": ["S1"], "dates": ["2026-09-14"]}
    client.ask(201, "POST", f"{HOME}/constraints", closure)
    client.release(client.solve(round), 1)
    second = client.send("GET", path, If_None_Match=first.headers["etag"])
    assert (second.status_code, second.text.count("STATUS:CANCELLED")) == (200, 1)


def test_another_round_is_merged_and_may_not_collide(client: Inside, round: Any) -> None:
    """A release is the whole community's plan; where two rounds want one room, the database itself says no."""
    client.release(client.solve(round), 0)
    more = tiny().model_copy(update={"requests": (series("X1", "TH 19:00-20:30!"),)})
    second = client.put(more, query="?round=second")
    second = client.set_times(second, LONG_PAST, PAST)
    client.release(client.solve(second), 1)
    assert {each["request"] for each in bookings(client)} == {"R1", "R2", "D1", "X1"}
    assert client.send("GET", "/c/tiny/calendars/spaces/S1.ics").text.count("BEGIN:VEVENT") == 7

    clash = tiny().model_copy(update={"requests": (dated("X2", "2026-09-07", "MO 20:00-21:00!"),)})
    third = client.set_times(client.put(clash, query="?round=third"), LONG_PAST, PAST)
    told = client.release(client.solve(third), 2, expected=409)
    assert told["code"] == "double_booking"
    assert client.ask(200, "GET", HOME)["release"] == 2


def test_a_rule_about_requests_of_one_round_is_no_matter_of_another(client: Inside, round: Any) -> None:
    client.release(client.solve(round), 0)
    more = tiny().model_copy(update={"requests": (series("X1", "TH 19:00-20:30!"), series("X2", "WE 19:00-20:30!"))})
    second = client.set_times(client.put(more, query="?round=second"), LONG_PAST, PAST)

    def rules(of: str) -> list[str]:
        return [each["id"] for each in client.ask(200, "GET", f"{HOME}/problem?round={of}")["constraints"]]

    common = rules(second["id"])
    pins = {name: {"kind": "pin", "id": f"pin-{name}", "source": "x", "request": name} for name in ("R1", "X1")}
    for pin in pins.values():
        client.ask(201, "POST", f"{HOME}/constraints", pin)
    days = {"kind": "relation", "source": "x", "relation": "different_days"}
    for name, requests in (("ours", ["X1", "X2"]), ("theirs", ["R1", "R2"])):
        client.ask(201, "POST", f"{HOME}/constraints", {"id": name, **days, "scope": {"requests": requests}})
    assert rules(round["id"]) == [*common, "pin-R1", "theirs"]
    assert rules(second["id"]) == [*common, "pin-X1", "ours"]
    client.release(client.solve(second), 1)

    # Of no round at all, or of two, it is refused, and the place that is told is that of what was sent.
    told = client.ask(422, "POST", f"{HOME}/constraints", {**pins["R1"], "id": "nobody", "request": "R9"})
    assert told["errors"][0]["pointer"] == "/request"
    both = {"id": "both", **days, "scope": {"requests": ["R1", "X1"]}}
    told = client.ask(422, "POST", f"{HOME}/constraints", both)
    assert told["errors"][0]["pointer"].startswith("/scope/requests/")


def test_a_room_taken_by_a_combination_is_taken(client: Inside) -> None:
    halls = [space("A"), space("B"), space("AB", parts=("A", "B"))]
    asked = tiny(series("R5", "WE 19:00-20:30!", spaces=("AB",)), spaces=[space("S1"), *halls])
    round = client.set_times(client.put(asked), LONG_PAST, PAST)
    client.release(client.solve(round), 0)
    assert [each["space"] for each in bookings(client, "?space=A")] == ["AB", "AB"]
    assert bookings(client, "?space=A&space=S1&from=2026-09-09&to=2026-09-10")[0]["space"] == "AB"


def test_bookings_are_asked_for_by_time(client: Inside, round: Any) -> None:
    client.release(client.solve(round), 0)

    def starts(query: str) -> list[str]:
        return [each["starts"][:10] for each in bookings(client, query)]

    assert starts("?from=2026-09-08&to=2026-09-13") == ["2026-09-08", "2026-09-12"]
    assert starts("?from=2026-09-08T20:30:00%2B08:00&to=2026-09-12T09:00:00%2B08:00") == []
    assert starts("?from=2026-09-08T12:29:00Z&to=2026-09-08T12:30:00Z") == ["2026-09-08"]
    for bad in (
        "from=tomorrow",
        "to=2026-09-08T19:00",
        "from=0001-01-01T00:00%2B14:00",
        "form=2026-09-08",
        "release=0",
    ):
        assert client.ask(400, "GET", f"{HOME}/bookings?{bad}")["code"] == "bad_request"
    assert client.ask(404, "GET", f"{HOME}/bookings?space=NOWHERE")["code"] == "not_found"


def test_sharers_are_kept_as_sharers(client: Inside) -> None:
    rule = {
        "kind": "sharing",
        "id": "l",
        "source": "by-law",
        "space": "S1",
        "uses": ["U1"],
        "layout": "room",
        "seats": 30,
    }
    wishes = [series(f"R{n}", "WE 19:00-20:30!", headcount=15) for n in (5, 6)]
    round = client.put(tiny(*wishes))
    client.ask(201, "POST", f"{HOME}/constraints", rule)
    client.set_times(round, LONG_PAST, PAST)
    client.release(client.solve(round), 0)
    assert len(bookings(client, "?from=2026-09-09&to=2026-09-10")) == 2
    with sqlite3.connect(client.settings.home / "gongshi.sqlite") as connection:
        kept = connection.execute("SELECT DISTINCT mode, pool, seats FROM occupancy").fetchall()
    assert kept == [("shared", "l", 30)]


def test_rules_of_sharing_with_a_use_in_common_do_not_bar_the_release(client: Inside) -> None:
    """R6 may sit with R5 by the one rule, and with R7 by the other."""
    wishes = [
        series(name, f"WE {hours}!", use=use, headcount=10)
        for name, hours, use in (
            ("R5", "10:00-12:00", "U5"),
            ("R6", "11:00-14:00", "U6"),
            ("R7", "13:00-15:00", "U7"),
            ("R8", "16:00-17:00", "U8"),
        )
    ]
    round = client.put(tiny(*wishes))
    for id, uses, seats in (("l", ["U5", "U6"], 25), ("m", ["U7", "U8"], 20), ("n", ["U6", "U7"], 22)):
        rule = {"kind": "sharing", "id": id, "source": "by-law", "space": "S1", "uses": uses, "layout": "room"}
        client.ask(201, "POST", f"{HOME}/constraints", {**rule, "seats": seats})
    client.set_times(round, LONG_PAST, PAST)
    client.release(client.solve(round), 0)
    assert len(bookings(client, "?from=2026-09-09&to=2026-09-10")) == 4
    with sqlite3.connect(client.settings.home / "gongshi.sqlite") as connection:
        kept = connection.execute("SELECT DISTINCT pool, seats FROM occupancy WHERE mode = 'shared'").fetchall()
    assert kept == [("l", 25)]


def test_seats_are_counted_on_the_dates_of_a_rule(client: Inside) -> None:
    """On the 9th two share the room, on the 16th one alone has it, with more people than the rule has seats."""
    shared = [dated(f"R{n}", "2026-09-09", "WE 19:00-20:30!", headcount=10) for n in (5, 6)]
    round = client.put(tiny(*shared, dated("R7", "2026-09-16", "WE 19:00-20:30!", headcount=25)))
    rule = {"kind": "sharing", "id": "l", "source": "by-law", "space": "S1", "uses": ["U1"], "layout": "room"}
    client.ask(201, "POST", f"{HOME}/constraints", {**rule, "seats": 20, "valid_until": "2026-09-15"})
    client.set_times(round, LONG_PAST, PAST)
    client.release(client.solve(round), 0)
    assert len(bookings(client, "?from=2026-09-09&to=2026-09-10")) == 2
    assert len(bookings(client, "?from=2026-09-16&to=2026-09-17")) == 1
    with sqlite3.connect(client.settings.home / "gongshi.sqlite") as connection:
        kept = connection.execute(
            "SELECT mode, pool, people FROM occupancy WHERE people > 9 ORDER BY people"
        ).fetchall()
    assert kept[-3:] == [("shared", "l", 10), ("shared", "l", 10), ("exclusive", None, 25)]

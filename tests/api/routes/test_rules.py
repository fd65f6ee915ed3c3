"""Constraints: every change is a version; what would displace published bookings waits for the manager."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.api.inside import HOME, LONG_PAST, PAST, Inside, tiny
from tests.factories import space

RULES = f"{HOME}/constraints"
MONDAY, WEDNESDAY, SATURDAY = "2026-09-07", "2026-09-09", "2026-09-12"
"""R1 has S1 on Mondays at 19:00, D1 on the Saturday; nobody has a Wednesday."""


def closure(id: str, *dates: str, **more: Any) -> dict[str, Any]:
    return {"kind": "closed", "id": id, "source": "停电通知", "spaces": ["S1"], "dates": list(dates), **more}


@pytest.fixture
def round(client: Inside) -> Any:
    return client.set_times(client.put(tiny()), LONG_PAST)


@pytest.fixture
def released(client: Inside, round: Any) -> Any:
    """`tiny` with its release 1; S1 is the canteen's."""
    own(client, "S1", "canteen")
    shut = client.set_times(round, LONG_PAST, PAST)
    client.release(client.solve(shut), 0)
    return shut


def own(client: Inside, id: str, owner: str, ref: str = "") -> None:
    """Say whose a space is."""
    read = client.send("GET", f"{HOME}/spaces/{id}")
    document = {**read.json(), "owner": owner, "external_ref": ref}
    client.ask(200, "PUT", f"{HOME}/spaces/{id}", document, If_Match=read.headers["etag"])


def tag(client: Inside, id: str) -> str:
    return str(client.send("GET", f"{RULES}/{id}").headers["etag"])


def states(client: Inside, id: str) -> list[str]:
    return [each["state"] for each in client.ask(200, "GET", f"{RULES}/{id}/history")["items"]]


def in_problem(client: Inside) -> list[str]:
    return [each["id"] for each in client.ask(200, "GET", f"{HOME}/problem")["constraints"]]


def operator(client: Inside, expected: int, method: str, path: str, document: Any = None, **headers: str) -> Any:
    """What the canteen's own program sends."""
    headers.setdefault("X_Gongshi_Owner", "canteen")
    return client.ask(expected, method, path, document, **headers)


def test_every_change_is_a_version_and_nothing_is_deleted(client: Inside, round: Any) -> None:
    added = client.ask(201, "POST", f"{RULES}?reason=检修", closure("c1", MONDAY))
    assert (added["state"], added["revision"], added["in_effect"]) == ("accepted", 1, 1)
    changed = {**added, "dates": [WEDNESDAY]}
    client.ask(200, "PUT", f"{RULES}/c1?reason=改期", changed, If_Match=tag(client, "c1"))
    client.ask(204, "DELETE", f"{RULES}/c1?reason=不修了", If_Match=tag(client, "c1"))
    told = client.ask(200, "GET", f"{RULES}/c1/history")["items"]
    assert [(each["revision"], each["state"], each["reason"], each["author"]) for each in told] == [
        (1, "accepted", "检修", "anyone"),
        (2, "accepted", "改期", "anyone"),
        (3, "withdrawn", "不修了", "anyone"),
    ]
    assert [each["document"]["dates"] for each in told] == [[MONDAY], [WEDNESDAY], [WEDNESDAY]]
    assert all(datetime.fromisoformat(each["at"]).tzinfo for each in told)


def test_what_is_withdrawn_leaves_the_problem_and_is_found(client: Inside, round: Any) -> None:
    client.ask(201, "POST", RULES, closure("c1", MONDAY))
    assert in_problem(client) == ["c1"]
    client.ask(204, "DELETE", f"{RULES}/c1", If_Match=tag(client, "c1"))
    assert in_problem(client) == []
    found = client.ask(200, "GET", f"{RULES}/c1")
    assert (found["state"], found["in_effect"]) == ("withdrawn", None)
    assert client.ask(409, "DELETE", f"{RULES}/c1", If_Match=tag(client, "c1"))["code"] == "conflict"
    assert client.ask(404, "GET", f"{RULES}/c2")["code"] == "not_found"
    assert client.ask(404, "GET", f"{RULES}/c2/history")["code"] == "not_found"


def test_an_id_that_was_withdrawn_goes_on_with_its_history(client: Inside, round: Any) -> None:
    client.ask(201, "POST", RULES, closure("c1", MONDAY))
    old = tag(client, "c1")
    assert client.ask(409, "POST", RULES, closure("c1", MONDAY))["code"] == "already_exists"
    client.ask(204, "DELETE", f"{RULES}/c1", If_Match=old)
    client.ask(201, "POST", RULES, closure("c1", MONDAY))
    assert states(client, "c1") == ["accepted", "withdrawn", "accepted"]
    assert tag(client, "c1") != old


def test_the_list_is_chosen_by_state(client: Inside, round: Any) -> None:
    for id in ("c1", "c2"):
        client.ask(201, "POST", RULES, closure(id, MONDAY))
    client.ask(201, "POST", f"{RULES}?draft=true", closure("c3", MONDAY))
    client.ask(204, "DELETE", f"{RULES}/c1", If_Match=tag(client, "c1"))

    def listed(query: str) -> list[str]:
        return [each["id"] for each in client.ask(200, "GET", RULES + query)["items"]]

    assert listed("") == ["c2", "c3"]
    assert listed("?state=accepted") == ["c2"]
    assert listed("?state=withdrawn&state=draft") == ["c1", "c3"]
    assert client.ask(400, "GET", f"{RULES}?state=gone")["code"] == "bad_request"


def test_updates_name_the_version_that_they_were_made_from(client: Inside, round: Any) -> None:
    added = client.ask(201, "POST", RULES, closure("c1", MONDAY))
    old = tag(client, "c1")
    assert client.send("GET", f"{RULES}/c1", If_None_Match=old).status_code == 304
    assert client.ask(428, "PUT", f"{RULES}/c1", added)["code"] == "if_match_needed"
    client.ask(200, "PUT", f"{RULES}/c1", {**added, "source": "第二份通知"}, If_Match=old)
    for method in ("PUT", "DELETE"):
        assert client.ask(412, method, f"{RULES}/c1", added, If_Match=old)["code"] == "revision_changed"
    assert client.ask(409, "PUT", f"{RULES}/c1", {**added, "id": "c9"}, If_Match="*")["code"] == "conflict"
    assert states(client, "c1") == ["accepted", "accepted"]


def test_a_malformed_rule_is_refused_by_its_place_and_leaves_no_version(client: Inside, round: Any) -> None:
    for bad, pointer in (
        (closure("c1", "Monday"), "/dates/0"),
        (closure("c1", MONDAY, spaces=["NOWHERE"]), "/spaces/0"),
        (closure("c1", MONDAY, colour="red"), "/colour"),
    ):
        told = operator(client, 422, "POST", RULES, bad)
        assert [each["pointer"] for each in told["errors"]] == [pointer]
    assert client.ask(404, "GET", f"{RULES}/c1/history")
    assert in_problem(client) == []


def test_an_operators_rule_that_displaces_nothing_is_accepted_at_once(client: Inside, released: Any) -> None:
    added = operator(client, 201, "POST", f"{RULES}?reason=检修", closure("c1", WEDNESDAY))
    assert (added["state"], added["owner"], added["why"], added["deadline"]) == ("accepted", "canteen", [], None)
    assert in_problem(client) == ["c1"]
    [version] = client.ask(200, "GET", f"{RULES}/c1/history")["items"]
    assert (version["author"], version["reason"]) == ("canteen", "检修")


def test_an_operators_rule_that_displaces_bookings_waits_for_the_manager(client: Inside, released: Any) -> None:
    added = operator(client, 201, "POST", RULES, closure("c1", MONDAY, WEDNESDAY))
    assert (added["state"], added["in_effect"]) == ("submitted", None)
    assert [(each["requests"], each["date"]) for each in added["why"]] == [(["R1"], MONDAY)]
    assert added["why"][0]["sentence"]["zh"]
    assert added["why"][0]["sentence"]["en"]
    [version] = client.ask(200, "GET", f"{RULES}/c1/history")["items"]
    waits = datetime.fromisoformat(version["deadline"]) - datetime.fromisoformat(version["at"])
    assert waits == timedelta(days=7)
    assert in_problem(client) == []
    assert [each["id"] for each in client.ask(200, "GET", f"{RULES}?state=submitted")["items"]] == ["c1"]


def test_the_manager_accepts_what_waits(client: Inside, released: Any) -> None:
    operator(client, 201, "POST", RULES, closure("c1", MONDAY))
    assert operator(client, 403, "POST", f"{RULES}/c1:accept", {}, If_Match=tag(client, "c1"))["code"] == "forbidden"
    assert client.ask(428, "POST", f"{RULES}/c1:accept", {})["code"] == "if_match_needed"
    done = client.ask(200, "POST", f"{RULES}/c1:accept", {"reason": "改到周三"}, If_Match=tag(client, "c1"))
    assert (done["state"], done["in_effect"], done["owner"]) == ("accepted", 2, "canteen")
    assert in_problem(client) == ["c1"]
    told = client.ask(200, "GET", f"{RULES}/c1/history")["items"]
    assert [(each["state"], each["author"], each["reason"]) for each in told] == [
        ("submitted", "canteen", ""),
        ("accepted", "anyone", "改到周三"),
    ]
    assert client.ask(409, "POST", f"{RULES}/c1:accept", {}, If_Match="*")["code"] == "conflict"


def test_the_manager_rejects_what_waits(client: Inside, released: Any) -> None:
    operator(client, 201, "POST", RULES, closure("c1", MONDAY))
    done = client.ask(200, "POST", f"{RULES}/c1:reject", {"reason": "那天有课"}, If_Match=tag(client, "c1"))
    assert (done["state"], done["in_effect"]) == ("rejected", None)
    assert in_problem(client) == []
    assert client.ask(200, "GET", RULES)["items"] == []
    assert client.ask(409, "POST", f"{RULES}/c1:reject", {}, If_Match="*")["code"] == "conflict"


def test_while_a_change_waits_the_version_before_holds(client: Inside, released: Any) -> None:
    added = operator(client, 201, "POST", RULES, closure("c1", WEDNESDAY))
    wider = {**added, "dates": [WEDNESDAY, MONDAY]}
    waits = operator(client, 200, "PUT", f"{RULES}/c1", wider, If_Match=tag(client, "c1"))
    assert (waits["state"], waits["revision"], waits["in_effect"]) == ("submitted", 2, 1)
    [held] = client.ask(200, "GET", f"{HOME}/problem")["constraints"]
    assert held["dates"] == [WEDNESDAY]
    done = client.ask(200, "POST", f"{RULES}/c1:reject", {}, If_Match=tag(client, "c1"))
    assert (done["state"], done["dates"]) == ("accepted", [WEDNESDAY])
    assert states(client, "c1") == ["accepted", "submitted", "rejected", "accepted"]


def test_a_withdrawal_that_frees_dates_does_not_wait(client: Inside, round: Any) -> None:
    """Without the closure R1 could have its Monday: nothing that is booked is displaced."""
    own(client, "S1", "canteen")
    operator(client, 201, "POST", RULES, closure("c1", MONDAY))
    client.release(client.solve(client.set_times(round, LONG_PAST, PAST)), 0)
    assert client.ask(200, "GET", f"{RULES}/c1")["state"] == "in_force"
    operator(client, 204, "DELETE", f"{RULES}/c1", If_Match=tag(client, "c1"))
    assert in_problem(client) == []


def sharing_world(client: Inside) -> None:
    """R1 and R2 sit in S1 together on Mondays by a rule that is the library's, and are released."""
    from tests.factories import series

    both = {"id": "share", "kind": "sharing", "source": "协议", "space": "S1", "layout": "room", "seats": 30}
    asked = tiny(series("R3", "MO 19:00-20:30!", headcount=10), series("R4", "MO 19:00-20:30!", headcount=10))
    pair = [each for each in asked.requests if each.id in {"R3", "R4"}]
    uses = sorted({each.use for each in pair})
    round = client.put(asked.model_copy(update={"requests": tuple(pair)}))
    own(client, "S1", "library")
    client.ask(201, "POST", RULES, {**both, "uses": uses, "owner": "library"})
    shut = client.set_times(round, LONG_PAST, PAST)
    client.release(client.solve(shut), 0)
    assert len(client.ask(200, "GET", f"{HOME}/bookings")["items"]) == 4


def test_a_withdrawal_without_which_bookings_do_not_hold_waits(client: Inside) -> None:
    sharing_world(client)
    mine = {"X_Gongshi_Owner": "library"}
    waits = operator(client, 202, "DELETE", f"{RULES}/share", If_Match=tag(client, "share"), **mine)
    assert (waits["state"], waits["withdraws"], waits["in_effect"]) == ("submitted", True, 2)
    assert waits["why"]
    assert in_problem(client) == ["share"]
    done = client.ask(200, "POST", f"{RULES}/share:accept", {}, If_Match=tag(client, "share"))
    assert done["state"] == "withdrawn"
    assert in_problem(client) == []


def test_a_rejected_withdrawal_leaves_the_rule_as_it_was(client: Inside) -> None:
    sharing_world(client)
    before = client.send("GET", f"{HOME}/problem").headers["etag"]
    operator(client, 202, "DELETE", f"{RULES}/share", If_Match=tag(client, "share"), X_Gongshi_Owner="library")
    done = client.ask(200, "POST", f"{RULES}/share:reject", {}, If_Match=tag(client, "share"))
    assert (done["state"], done["in_force_from"]) == ("in_force", 1)
    assert client.send("GET", f"{HOME}/problem").headers["etag"] == before


def test_a_safety_closure_acts_at_once_and_is_logged(client: Inside, released: Any) -> None:
    told = operator(client, 422, "POST", f"{RULES}?safety=true", {**quiet_hours("w1")})
    assert [each["pointer"] for each in told["errors"]] == ["/safety"]
    added = operator(client, 201, "POST", f"{RULES}?safety=true&reason=燃气泄漏", closure("c1", MONDAY))
    assert (added["state"], added["safety"]) == ("accepted", True)
    assert [each["requests"] for each in added["why"]] == [["R1"]]
    assert in_problem(client) == ["c1"]
    lines = client.sql("SELECT caller, subject FROM log WHERE action = 'constraint_safety'")
    assert lines == [("owner:canteen", "c1")]


def quiet_hours(id: str, **more: Any) -> dict[str, Any]:
    """Wednesdays in S1 belong to R1's applicant."""
    window = {"kind": "typed_window", "id": id, "source": "协议", "spaces": ["S1"], "days": ["WE"]}
    return {**window, "starts": "11:00", "ends": "13:00", "allows": {"requests": ["R1"]}, **more}


def test_what_is_anothers_is_not_an_operators_to_decide(client: Inside, released: Any) -> None:
    client.ask(201, "POST", f"{HOME}/spaces", {**json.loads(space("S2").model_dump_json()), "owner": "library"})
    theirs = operator(client, 201, "POST", RULES, closure("c1", WEDNESDAY, spaces=["S2"]))
    assert (theirs["state"], theirs["why"][0]["rule"]) == ("submitted", "space_of_another")
    for_all = {"kind": "different_days", "id": "d1", "source": "办法"}
    everywhere = operator(client, 201, "POST", RULES, for_all)
    assert (everywhere["state"], everywhere["why"][0]["rule"]) == ("submitted", "whole_community")
    shut = closure("c2", WEDNESDAY, spaces=["S2"])
    assert operator(client, 403, "POST", f"{RULES}?safety=true", shut)["code"] == "forbidden"
    pin = {"kind": "pin", "id": "p1", "source": "x", "request": "R1"}
    assert operator(client, 403, "POST", RULES, pin)["code"] == "forbidden"
    named = closure("c3", WEDNESDAY, owner="library")
    assert operator(client, 403, "POST", RULES, named)["code"] == "forbidden"
    client.ask(201, "POST", RULES, closure("c4", WEDNESDAY, owner="library"))
    for method in ("PUT", "DELETE"):
        told = operator(client, 403, method, f"{RULES}/c4", closure("c4", MONDAY), If_Match="*")
        assert told["code"] == "forbidden"
    assert in_problem(client) == ["c4"]


def test_operators_send_constraints_only(client: Inside, round: Any) -> None:
    for method, path in (("POST", f"{HOME}/spaces"), ("PUT", f"{HOME}/problem"), ("POST", f"{HOME}/releases")):
        assert operator(client, 403, method, path, {})["code"] == "forbidden"


def test_a_draft_is_kept_and_then_submitted(client: Inside, released: Any) -> None:
    for id, date, then in (("c1", MONDAY, "submitted"), ("c2", WEDNESDAY, "accepted")):
        draft = operator(client, 201, "POST", f"{RULES}?draft=true&reason=想法", closure(id, date))
        assert (draft["state"], draft["in_effect"]) == ("draft", None)
        assert id not in in_problem(client)
        sent = operator(client, 200, "POST", f"{RULES}/{id}:submit", {}, If_Match=tag(client, id))
        assert sent["state"] == then
        assert operator(client, 409, "POST", f"{RULES}/{id}:submit", {}, If_Match="*")["code"] == "conflict"
    assert in_problem(client) == ["c2"]


def test_a_batch_is_judged_once_and_told_apart_by_line(client: Inside, released: Any) -> None:
    lines = [closure("c1", WEDNESDAY), closure("c2", MONDAY), quiet_hours("w1"), closure("c3", SATURDAY)]
    added = operator(client, 201, "POST", f"{RULES}:batch", {"items": lines})["items"]
    assert [each["state"] for each in added] == ["accepted", "submitted", "accepted", "submitted"]
    assert [each["requests"] for each in added[3]["why"]] == [["D1"]]
    assert in_problem(client) == ["c1", "w1"]
    bad = [closure("c4", WEDNESDAY), closure("c1", WEDNESDAY), closure("c5", WEDNESDAY, spaces=["S9"])]
    told = operator(client, 422, "POST", f"{RULES}:batch", {"items": [*bad, closure("c4", WEDNESDAY)]})
    assert sorted(each["pointer"] for each in told["errors"]) == ["/items/1", "/items/2/spaces/0", "/items/3"]
    assert client.ask(404, "GET", f"{RULES}/c4")


def test_codes_are_their_owners_and_one_that_waits_is_taken(client: Inside, released: Any) -> None:
    coded = closure("", MONDAY, external_ref="停-1")
    del coded["id"]
    added = operator(client, 201, "POST", RULES, coded)
    assert added["state"] == "submitted"
    assert client.ask(200, "GET", f"{RULES}/停-1")["id"] == added["id"]
    assert operator(client, 409, "POST", RULES, coded)["code"] == "already_exists"
    other = client.ask(201, "POST", RULES, {**coded, "owner": "library", "dates": [WEDNESDAY]})
    assert client.ask(409, "GET", f"{RULES}/停-1")["code"] == "ambiguous_reference"
    assert client.ask(200, "GET", f"{RULES}/停-1?owner=library")["id"] == other["id"]
    client.ask(204, "DELETE", f"{RULES}/停-1?owner=library", If_Match=tag(client, other["id"]))
    assert client.ask(200, "GET", f"{RULES}/停-1")["id"] == added["id"]


def test_a_release_puts_in_force_what_was_accepted(client: Inside, released: Any) -> None:
    operator(client, 201, "POST", RULES, closure("c1", WEDNESDAY))
    waits = operator(client, 201, "POST", RULES, closure("c2", MONDAY))
    held = operator(client, 200, "GET", f"{RULES}/c1")
    wider = {**held, "dates": [WEDNESDAY, MONDAY]}
    operator(client, 200, "PUT", f"{RULES}/c1", wider, If_Match=tag(client, "c1"))
    client.release(client.solve(released), 1)
    assert states(client, "c1") == ["accepted", "submitted", "in_force", "submitted"]
    now = client.ask(200, "GET", f"{RULES}/c1")
    assert (now["state"], now["in_effect"], now["in_force_from"]) == ("submitted", 3, 2)
    assert client.ask(200, "GET", f"{RULES}/c2")["deadline"] == waits["deadline"]
    client.release(client.solve(released), 2)
    assert [each["in_force_from"] for each in client.ask(200, "GET", f"{RULES}/c1/history")["items"]] == [
        None, None, 2, None,
    ]  # fmt: skip


def test_an_import_writes_what_it_did_to_the_rules(client: Inside, round: Any) -> None:
    for id in ("c1", "c2"):
        client.ask(201, "POST", RULES, closure(id, MONDAY, owner="canteen", external_ref=f"code {id}"))
    whole = client.ask(200, "GET", f"{HOME}/problem")
    kept = {**whole["constraints"][0], "source": "新通知"}
    client.ask(200, "PUT", f"{HOME}/problem", {**whole, "constraints": [kept]})
    assert states(client, "c1") == ["accepted", "accepted"]
    assert states(client, "c2") == ["accepted", "withdrawn"]
    assert client.ask(200, "GET", f"{RULES}/code c1")["owner"] == "canteen"
    client.ask(200, "PUT", f"{HOME}/problem", {**whole, "constraints": [kept]})
    assert states(client, "c1") == ["accepted", "accepted"]


def test_versions_are_never_changed(client: Inside, round: Any) -> None:
    client.ask(201, "POST", RULES, closure("c1", MONDAY))
    for statement in ("UPDATE constraint_version SET reason = 'x'", "DELETE FROM constraint_version"):
        with pytest.raises(sa.exc.IntegrityError, match="append_only"):
            client.sql(statement)

"""Parts of a problem: each change is judged in the whole, and kept or refused whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.flow.kinds import KINDS
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, tiny
from tests.factories import series, space


@pytest.fixture
def round(client: Inside) -> Any:
    """The open round of `tiny`."""
    return client.set_times(client.put(tiny()), LONG_PAST)


def document(kind: str, id: str, client: Inside) -> Any:
    return client.ask(200, "GET", f"{HOME}/{kind}/{id}")


def wish(id: str, **more: Any) -> dict[str, Any]:
    asked = series(id, "WE 19:00-20:30!", **more)
    return dict(json.loads(asked.model_dump_json()))


@pytest.mark.parametrize("kind", [each.plural for each in KINDS.values()])
def test_every_kind_is_listed(client: Inside, round: Any, kind: str) -> None:
    items = client.ask(200, "GET", f"{HOME}/{kind}")["items"]
    whole = client.ask(200, "GET", f"{HOME}/problem")[kind]
    assert [each["id"] for each in items] == [each["id"] for each in whole]


def test_a_part_is_added_read_changed_and_removed(client: Inside, round: Any) -> None:
    new = json.loads(space("S2").model_dump_json())
    client.ask(201, "POST", f"{HOME}/spaces", new)
    read = client.send("GET", f"{HOME}/spaces/S2")
    assert read.json() == {**new, "owner": "", "external_ref": ""}
    tag = read.headers["etag"]
    assert client.send("GET", f"{HOME}/spaces/S2", If_None_Match=tag).status_code == 304

    changed = {**read.json(), "name": "二号厅"}
    assert client.ask(428, "PUT", f"{HOME}/spaces/S2", changed)["code"] == "if_match_needed"
    client.ask(200, "PUT", f"{HOME}/spaces/S2", changed, If_Match=tag)
    assert client.ask(412, "PUT", f"{HOME}/spaces/S2", changed, If_Match=tag)["code"] == "revision_changed"
    assert client.ask(412, "DELETE", f"{HOME}/spaces/S2", If_Match=tag)["code"] == "revision_changed"

    client.ask(204, "DELETE", f"{HOME}/spaces/S2", If_Match=client.send("GET", f"{HOME}/spaces/S2").headers["etag"])
    assert client.ask(404, "GET", f"{HOME}/spaces/S2")["code"] == "not_found"


def test_a_tag_is_not_given_twice(client: Inside, round: Any) -> None:
    """Removed and added again with other content: an old tag must not match."""
    client.ask(201, "POST", f"{HOME}/spaces", json.loads(space("S2").model_dump_json()))
    tag = client.send("GET", f"{HOME}/spaces/S2").headers["etag"]
    client.ask(204, "DELETE", f"{HOME}/spaces/S2", If_Match=tag)
    client.ask(201, "POST", f"{HOME}/spaces", json.loads(space("S2", title="另一间").model_dump_json()))
    assert client.send("GET", f"{HOME}/spaces/S2").headers["etag"] != tag


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"headcount": "ten"}, "/headcount"),
        ({"spaces": ["S1", "NOWHERE"]}, "/spaces/1"),
        ({"applicant": "NOBODY"}, "/applicant"),
        ({"minutes": 600}, "/windows/0"),
        ({"colour": "red"}, "/colour"),
        ({"windows": []}, "/windows"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(client: Inside, round: Any, change: dict[str, Any], pointer: str) -> None:
    told = client.ask(422, "POST", f"{HOME}/requests", wish("R9") | change)
    assert told["code"] == "invalid_document"
    assert any(each["pointer"].startswith(pointer) for each in told["errors"]), told["errors"]
    assert client.ask(404, "GET", f"{HOME}/requests/R9")


def test_what_others_refer_to_is_not_removed(client: Inside) -> None:
    client.put(tiny(series("R3", "WE 19:00-20:30!", use="U2")))
    tag = client.send("GET", f"{HOME}/uses/U2").headers["etag"]
    told = client.ask(409, "DELETE", f"{HOME}/uses/U2", If_Match=tag)
    assert told["code"] == "in_use"
    assert [each["pointer"] for each in told["errors"]] == ["/requests/3/use"]
    assert document("uses", "U2", client)["id"] == "U2"


def test_a_change_to_nonsense_changes_nothing(client: Inside, round: Any) -> None:
    read = client.send("GET", f"{HOME}/spaces/S1")
    changed = {**read.json(), "site": "NOWHERE"}
    told = client.ask(422, "PUT", f"{HOME}/spaces/S1", changed, If_Match=read.headers["etag"])
    assert [each["pointer"] for each in told["errors"]] == ["/site"]
    assert client.send("GET", f"{HOME}/spaces/S1").headers["etag"] == read.headers["etag"]


def test_an_id_is_not_changed(client: Inside, round: Any) -> None:
    read = client.send("GET", f"{HOME}/spaces/S1")
    told = client.ask(409, "PUT", f"{HOME}/spaces/S1", {**read.json(), "id": "S9"}, If_Match=read.headers["etag"])
    assert told["code"] == "conflict"


def test_an_id_is_taken_once(client: Inside, round: Any) -> None:
    assert client.ask(409, "POST", f"{HOME}/requests", wish("R1"))["code"] == "already_exists"


def test_owners_use_their_own_codes(client: Inside, round: Any) -> None:
    for id, owner in (("S2", "library"), ("S3", "market")):
        new = {**json.loads(space(id).model_dump_json()), "owner": owner, "external_ref": "大厅 1"}
        client.ask(201, "POST", f"{HOME}/spaces", new)
    told = client.ask(409, "GET", f"{HOME}/spaces/大厅 1")
    assert told["code"] == "ambiguous_reference"
    assert client.ask(200, "GET", f"{HOME}/spaces/大厅 1?owner=market")["id"] == "S3"
    assert [each["id"] for each in client.ask(200, "GET", f"{HOME}/spaces?owner=library")["items"]] == ["S2"]
    again = {**json.loads(space("S4").model_dump_json()), "owner": "library", "external_ref": "大厅 1"}
    assert client.ask(409, "POST", f"{HOME}/spaces", again)["code"] == "already_exists"


def test_owners_codes_are_taken_in_documents_too(client: Inside, round: Any) -> None:
    hall = {**json.loads(space("S2").model_dump_json()), "owner": "library", "external_ref": "大厅 1"}
    client.ask(201, "POST", f"{HOME}/spaces", hall)
    added = client.ask(201, "POST", f"{HOME}/requests", wish("R9") | {"spaces": ["大厅 1", "S1"]})
    assert added["spaces"] == ["S2", "S1"]
    closure = {"kind": "closed", "id": "c1", "source": "通知", "spaces": ["大厅 1"], "dates": ["2026-09-09"]}
    assert client.ask(201, "POST", f"{HOME}/constraints", closure)["spaces"] == ["S2"]
    # Of several owners: the document's own; nobody guesses.
    client.ask(201, "POST", f"{HOME}/spaces", {**hall, "id": "S3", "owner": "market"})
    mine = {**closure, "id": "c2", "owner": "market"}
    assert client.ask(201, "POST", f"{HOME}/constraints", mine)["spaces"] == ["S3"]
    told = client.ask(422, "POST", f"{HOME}/constraints", {**closure, "id": "c3"})
    assert told["errors"][0]["pointer"] == "/spaces/0"


def test_a_requests_code_is_its_applicants(client: Inside, round: Any) -> None:
    client.ask(201, "POST", f"{HOME}/requests", wish("R9", external_ref="2026-17"))
    assert client.ask(200, "GET", f"{HOME}/requests/2026-17")["id"] == "R9"
    assert client.ask(409, "POST", f"{HOME}/requests", wish("R10", external_ref="2026-17"))["code"] == "already_exists"


def test_a_batch_is_all_or_nothing_with_an_error_for_each_bad_line(client: Inside, round: Any) -> None:
    lines = [wish("R9"), wish("R1"), wish("R10", spaces=("NOWHERE",)), wish("R11"), wish("R9"), {"no": "id"}]
    told = client.ask(422, "POST", f"{HOME}/requests:batch", {"items": lines})
    assert {each["pointer"].split("/")[2] for each in told["errors"]} == {"1", "2", "4", "5"}
    assert len(client.ask(200, "GET", f"{HOME}/requests")["items"]) == 3
    good = [wish("R9"), wish("R10"), wish("R11")]
    added = client.ask(201, "POST", f"{HOME}/requests:batch", {"items": good})
    assert [each["id"] for each in added["items"]] == ["R9", "R10", "R11"]


def test_requests_are_taken_while_the_round_is_open(client: Inside) -> None:
    round = client.put(tiny())
    assert client.ask(409, "POST", f"{HOME}/requests", wish("R9"))["code"] == "round_not_open"
    client.set_times(round, LONG_PAST)
    client.ask(201, "POST", f"{HOME}/requests", wish("R9"))
    client.set_times(round, LONG_PAST, PAST)
    read = client.send("GET", f"{HOME}/requests/R9")
    for method, path, body in (
        ("POST", "requests", wish("R10")),
        ("POST", "requests:batch", {"items": [wish("R10"), wish("R11")]}),
        ("PUT", "requests/R9", read.json()),
        ("DELETE", "requests/R9", None),
    ):
        told = client.ask(409, method, f"{HOME}/{path}", body, If_Match=read.headers["etag"])
        assert told["code"] == "round_closed"


def test_a_request_that_is_repeated_is_answered_and_not_done_again(client: Inside, round: Any) -> None:
    first = client.send("POST", f"{HOME}/requests", wish("R9"), Idempotency_Key="k1")
    again = client.send("POST", f"{HOME}/requests", wish("R9"), Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"
    other = client.ask(422, "POST", f"{HOME}/requests", wish("R10"), Idempotency_Key="k1")
    assert other["code"] == "idempotency_key_reused"
    assert len(client.ask(200, "GET", f"{HOME}/requests")["items"]) == 4


def test_a_refusal_is_not_kept_for_the_key(client: Inside) -> None:
    round = client.put(tiny())
    client.ask(409, "POST", f"{HOME}/requests", wish("R9"), Idempotency_Key="k1")
    client.set_times(round, LONG_PAST)
    client.ask(201, "POST", f"{HOME}/requests", wish("R9"), Idempotency_Key="k1")

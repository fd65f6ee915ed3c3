"""What a problem says of itself: names for its identities, and a fingerprint of all of it."""

from __future__ import annotations

from tests.factories import problem, series, space


def test_a_request_is_called_by_its_use_and_applicant() -> None:
    world = problem([series("R1", "MO 09:00-10:00!", use="choir", applicant="O1")])
    assert world.names().zh("R1") == "choir（O1）"
    assert world.names().en("R1", "nobody") == "choir (O1), nobody"


def test_an_identity_that_two_things_share_is_called_by_itself() -> None:
    hall = space("X1", title="大厅")
    world = problem([series("R1", "MO 09:00-10:00!", spaces=("X1",), applicant="X1")], spaces=[hall])
    assert world.names().zh("X1") == "X1"
    assert problem([], spaces=[hall]).names().zh("X1") == "大厅"


def test_every_change_changes_the_fingerprint() -> None:
    one = problem([series("R1", "MO 09:00-10:00!")])
    other = problem([series("R1", "MO 09:00-10:00!", headcount=11)])
    again = type(one).model_validate_json(one.model_dump_json(indent=2))
    assert one.fingerprint() == again.fingerprint() != other.fingerprint()

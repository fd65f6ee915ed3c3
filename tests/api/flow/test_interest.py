"""A manager whose organisation applies neither pins nor overrides for it alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.flow.people import add_person, hash_of
from api.flow.rounds import Deed
from api.rights import Role
from api.store import Store, people, plans
from scheduler.problem import Body
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside
from tests.api.web.test_account import NOW, PASSWORD, enter, form_token, post
from tests.factories import dated, problem, series


@pytest.fixture
def client(client: Inside) -> Iterator[Inside]:
    """A plan for `tiny`; of two managers, 李 belongs to the applicant of R1. Nothing else is known of 王."""
    wishes = [
        series("R1", "MO 19:00-20:30!", applicant="O1"),
        series("R2", "TU 19:00-20:30!", applicant="O2"),
        dated("D1", "2026-09-12", "SA 09:00-11:00!", applicant="O3"),
    ]
    round = client.put(problem(wishes, bodies=(Body(id="B1", applicants=("O1", "O2"), basis="one choir"),)))
    client.set_times(round, LONG_PAST, PAST)
    client.solve(round)
    store = Store(client.settings.database)
    hashed = hash_of(PASSWORD)
    with store.writing() as tx:
        for name in ("李书记", "王书记"):
            row = add_person(tx, name, email=None, password=hashed, deed=Deed("test", NOW))
            people.add_grant(tx, row.id, Role.COMMUNITY_MANAGER, community="tiny", caller="test", now=NOW)
            people.set_applicants(tx, row.id, [("tiny", "O1")] if name == "李书记" else [])
    store.close()
    always = client.settings.model_copy(update={"sign_in": "always"})
    with inside(always) as guarded:
        yield guarded


def pins(client: Inside) -> set[str]:
    return {each["request"] for each in client.ask(200, "GET", f"{HOME}/constraints")["items"] if each["kind"] == "pin"}


def test_one_does_not_pin_for_ones_own_organisation_nor_for_one_of_the_same_people(client: Inside) -> None:
    enter(client)
    token = form_token(client)
    told = post(client, "/pins", 403, slot="R1|MO|19:00|S1", form_token=token)
    assert "须由另一位管理员办理" in told.text
    post(client, "/pins", 403, slot="R2|TU|19:00|S1", form_token=token)
    assert pins(client) == set()
    post(client, "/pins", 303, slot="D1|2026-09-12|09:00|S1", form_token=token)
    assert pins(client) == {"D1"}


def test_a_second_manager_pins_and_the_first_does_not_unpin(client: Inside) -> None:
    enter(client, name="王书记")
    post(client, "/pins", 303, slot="R1|MO|19:00|S1", form_token=form_token(client))
    assert pins(client) == {"R1"}
    [pin] = [each for each in client.ask(200, "GET", f"{HOME}/constraints")["items"] if each["kind"] == "pin"]
    enter(client)
    post(client, "/unpin", 403, pin=pin["id"], form_token=form_token(client))
    assert pins(client) == {"R1"}


def test_one_does_not_cut_publicity_short_where_ones_own_organisation_applies(client: Inside) -> None:
    store = Store(client.settings.database)
    with store.reading() as tx:
        [proposal] = plans.proposals(tx, "tiny")
    store.close()
    order = {"proposal": proposal.id, "instead_of": "0", "reason": "急"}
    enter(client)
    assert "本轮申请" in post(client, "/releases", 403, form_token=form_token(client), **order).text
    assert client.ask(200, "GET", f"{HOME}/releases")["items"] == []
    enter(client, name="王书记")
    post(client, "/releases", 303, form_token=form_token(client), **order)


def test_without_a_reason_there_is_nothing_to_override(client: Inside) -> None:
    store = Store(client.settings.database)
    with store.reading() as tx:
        [proposal] = plans.proposals(tx, "tiny")
    store.close()
    enter(client)
    post(client, "/releases", 303, form_token=form_token(client), proposal=proposal.id, instead_of="0")

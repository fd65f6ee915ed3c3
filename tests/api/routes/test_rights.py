"""Every address: as nobody, as another community's manager, with each role that is too small, with the right one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api import clock
from api.app import create_inner_app
from api.auth import Place, judged, person_caller
from api.errors import Refused
from api.flow.sites import site_of
from api.rights import FOR_SOMEBODY, MAY, OF_THE_SERVICE, Permission, Role
from api.routes.http import addresses
from api.settings import Settings
from api.store import Store, keys, people
from api.store.keys import Order
from api.web.session import COOKIE, Sessions
from docs.rights import make as page
from scheduler.problem import Community
from tests.api.inside import HOME, Inside, inside, tiny

TOKEN = {"Authorization": "Bearer token of the administrator"}
NOW = clock.now()
"""Sessions and keys are judged by the service's own clock."""
OWN_ACCOUNT = {"/c/{community}/desk/sign-in", "/c/{community}/desk/password", "/c/{community}/desk/sign-out"}
"""For everybody, and they answer for themselves who has which account."""
FILLED = {"community": "tiny", "number": "1", "round": "nobody", "applicant": "canteen", "owner": "canteen"}


class Everybody:
    """A service with two communities, and for each role a key and a session of somebody who has it."""

    def __init__(self, client: Inside) -> None:
        self.client = client
        for id in ("tiny", "other"):
            asked = tiny(community=Community(id=id, name=id, zone="Asia/Shanghai"))
            client.ask(201, "PUT", f"/v1/communities/{id}/problem", asked.model_dump_json().encode(), **TOKEN)
        self.store = Store(client.settings.database)
        self.sessions = Sessions(client.settings)
        self.credentials = {role: self.somebody(role, "tiny") for role in Role if role is not Role.RESIDENT}
        self.of_another = self.somebody(Role.COMMUNITY_MANAGER, "other")

    def somebody(self, role: Role, community: str, site: str = "") -> tuple[str, str, str]:
        """The key, the cookie and the token of the forms of a new person."""
        subject = "canteen" if role in FOR_SOMEBODY else ""
        where = None if role in OF_THE_SERVICE or role is Role.AUDITOR else [community]
        with self.store.writing() as tx:
            _, key = keys.add_key(tx, Order(role, subject, where), caller="test", now=NOW)
            row = people.add_person(tx, f"{role} of {community} {site}", email=None, password=None, now=NOW)
            at = {"community": where[0] if where else "", "site": site, "subject": subject}
            people.add_grant(tx, row.id, role, **at, caller="test", now=NOW)
        session = self.sessions.begin(NOW, row.id, 1)
        return key, session.cookie, session.form_token

    def status(self, method: str, path: str, who: tuple[str, str, str] | None) -> int:
        """What comes of a request with nothing in it, and with an id that nothing has."""
        path = re.sub(r"\{(\w+)[^}]*\}", lambda found: FILLED.get(found[1], "nobody"), path)
        key, cookie, form_token = who or ("", "", "")
        self.client.http.cookies.clear()
        if path.startswith(("/v1", "/metrics")):
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            return self.client.send(method, path, None if method == "GET" else b"{}", **headers).status_code
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        sent: dict[str, Any] = {"data": {"form_token": form_token}} if method == "POST" else {}
        if path.endswith("/workbook") and method == "POST":
            sent["files"] = {"workbook": ("x.xlsx", b"x")}
        answer = self.client.http.request(method, path, headers=headers, follow_redirects=False, **sent)
        return int(answer.status_code)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    settings = Settings(
        home=tmp_path_factory.mktemp("rights") / "home",
        api_token=SecretStr(TOKEN["Authorization"][len("Bearer ") :]),
        sign_ins_per_minute=0,
    )
    with inside(settings) as client:
        known = Everybody(client)
        yield known
        known.store.close()


def listed() -> list[tuple[str, str, Permission | None, bool]]:
    return page.asked()


ALL = listed()
GUARDED = [each for each in ALL if each[2] is not Permission.PUBLIC]


def test_every_address_says_what_it_takes() -> None:
    assert [(method, path) for method, path, permission, _ in ALL if permission is None] == []
    assert len(ALL) > 100
    assert {permission for _, _, permission, _ in GUARDED} == set(Permission) - {Permission.PUBLIC}


def test_an_address_that_says_nothing_is_found(tmp_path: Path) -> None:
    app: FastAPI = create_inner_app(Settings(home=tmp_path))
    app.get("/new")(lambda: None)
    assert [path for _, path, permission, _ in addresses(app) if permission is None] == ["/new"]
    app.state.service.queue.close()
    app.state.service.store.close()


def test_the_page_of_rights_is_up_to_date() -> None:
    """If not: python -m docs.rights.make."""
    assert page.PAGE.read_text(encoding="utf-8") == page.page()


@pytest.mark.parametrize(("method", "path"), [each[:2] for each in ALL if each[2] is Permission.PUBLIC])
def test_what_is_public_asks_nobody_who_they_are(everybody: Everybody, method: str, path: str) -> None:
    if path not in OWN_ACCOUNT:
        assert everybody.status(method, path, None) not in {401, 403}


@pytest.mark.parametrize(("method", "path", "permission", "anywhere"), GUARDED)
def test_who_may_and_who_may_not(
    everybody: Everybody, method: str, path: str, permission: Permission, anywhere: bool
) -> None:
    assert everybody.status(method, path, None) == 401
    of_another = everybody.status(method, path, everybody.of_another)
    manager_may = permission in MAY[Role.COMMUNITY_MANAGER]
    assert (of_another == 403) != (anywhere and manager_may)
    for role, who in everybody.credentials.items():
        status = everybody.status(method, path, who)
        if permission not in MAY[role]:
            assert status == 403, role
        else:
            assert status not in {401, 403}, role
            assert status < 500, role
            if method == "GET":
                assert status == (404 if re.search(r"\{(id|number|round|applicant)", path) else 200), role


def test_what_is_for_many_communities_is_judged_line_by_line(everybody: Everybody) -> None:
    rule = {"kind": "closed", "id": "c1", "source": "x", "spaces": ["S1"], "dates": ["2026-09-09"]}
    lines = {"items": [{"community": "tiny", "document": rule}, {"community": "other", "document": rule}]}
    key = {"Authorization": f"Bearer {everybody.of_another[0]}"}
    told = everybody.client.ask(422, "POST", "/v1/constraints:batch", lines, **key)
    assert [(each["position"], each["errors"][0]["code"]) for each in told["items"]] == [(0, "forbidden")]


def test_a_right_at_one_site_ends_there(everybody: Everybody) -> None:
    """A property manager of C1: its spaces, not the list of all, and nothing at another site."""
    client = everybody.client
    site = str(client.ask(200, "GET", f"{HOME}/spaces/S1")["site"])
    with everybody.store.writing() as tx:
        row = people.add_person(tx, "site", email=None, password=None, now=NOW)
        at = {"community": "tiny", "site": site}
        people.add_grant(tx, row.id, Role.PROPERTY_MANAGER, **at, caller="test", now=NOW)
    with everybody.store.reading() as tx:
        caller = person_caller(tx, row)
        assert site_of(tx, "tiny", "spaces", "S1") == site_of(tx, "tiny", "sites", site) == site
        assert site_of(tx, "tiny", "spaces", "S9") == site_of(tx, "tiny", "uses", "U1") == ""
    assert judged(caller, Permission.EDIT_PLACES, Place("tiny", site)).person == row.id
    for place in (Place("tiny"), Place("tiny", "elsewhere"), Place("other", site), Place()):
        with pytest.raises(Refused, match="forbidden"):
            judged(caller, Permission.EDIT_PLACES, place)

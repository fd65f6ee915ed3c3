"""The manager's desk, as a browser uses it: sign in, solve, look, pin, solve again, release."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from pydantic import SecretStr

from api import worker
from api.settings import Settings
from api.store import Store
from scheduler.constraints.days import DifferentDays
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside, tiny
from tests.api.web.html import Element, read
from tests.factories import series

DESK = "/c/tiny/desk"


class Browser:
    """Keeps the cookie, sends forms with the token of the page they are on."""

    def __init__(self, client: Inside) -> None:
        self.client = client

    def get(self, path: str = "", expected: int = 200) -> Element:
        response = self.client.http.get(DESK + path)
        assert response.status_code == expected, response.text[:2000]
        assert response.headers["cache-control"] == "no-store"
        return read(response.text.partition("\n")[2])

    def post(self, path: str, *, expected: int = 303, **fields: str) -> httpx2.Response:
        return self.send(path, expected, {"form_token": self.token()} | fields)

    def send(self, path: str, expected: int, fields: dict[str, str], **headers: str) -> httpx2.Response:
        names = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        response: httpx2.Response = self.client.http.post(
            DESK + path, content=urlencode(fields).encode(), headers=names, follow_redirects=False
        )
        assert response.status_code == expected, response.text[:2000]
        return response

    def token(self) -> str:
        """From any form of the overview."""
        found = re.search(r'name="form_token" value="(\w+)"', self.client.http.get(DESK).text)
        return found[1] if found else ""

    def solve(self, **fields: str) -> str:
        """Press the button, do what the worker would; the proposal's id."""
        [round] = self.client.ask(200, "GET", f"{HOME}/rounds")["items"]
        location = self.send("/solves", 303, {"form_token": self.token(), "round": round["id"]} | fields).headers[
            "location"
        ]
        id = location.rpartition("/")[2]
        store = Store(self.client.settings.database)
        worker.run_solve(store, id, 20)
        store.close()
        return str(self.client.ask(200, "GET", f"{HOME}/solves/{id}")["proposal"])


@pytest.fixture
def browser(client: Inside) -> Browser:
    client.set_times(client.put(tiny()), LONG_PAST, PAST)
    return Browser(client)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Browser]:
    """A service whose writes need a token."""
    with inside(Settings(home=tmp_path / "home", api_token=SecretStr("sesame"))) as client:
        client.http.headers["Authorization"] = "Bearer sesame"
        client.put(tiny())
        del client.http.headers["Authorization"]
        yield Browser(client)


def slots(page: Element) -> list[str]:
    return [each.text for each in page.all("li", "slot")]


def test_from_the_button_to_the_release(browser: Browser) -> None:
    assert "3 份申请" in browser.get().text
    proposal = browser.solve()
    page = browser.get(f"/proposals/{proposal}")
    assert page.one("h1").text == "3 份申请：全部满足 3 份，部分满足 0 份，未满足 0 份"
    assert len(slots(page)) == 3
    location = browser.post("/releases", proposal=proposal, instead_of="0").headers["location"]
    assert location.endswith(DESK)
    assert "现行安排：第 1 版" in browser.get().text
    assert [each["number"] for each in browser.client.ask(200, "GET", f"{HOME}/releases")["items"]] == [1]


def test_a_waiting_solve_refreshes_itself_and_can_be_stopped(browser: Browser) -> None:
    [round] = browser.client.ask(200, "GET", f"{HOME}/rounds")["items"]
    path = browser.post("/solves", round=round["id"]).headers["location"].partition("desk")[2]
    page = browser.get(path)
    assert [each.attributes["content"] for each in page.all("meta") if "http-equiv" in each.attributes] == ["1"]
    browser.post(f"{path}/cancel")
    page = browser.get(path)
    assert page.one("h1").text == "排期：已取消"
    assert [each for each in page.all("meta") if "http-equiv" in each.attributes] == []
    assert "已经结束" in browser.post(f"{path}/cancel", expected=409).text


def test_a_pin_that_no_timetable_meets_is_refused_with_those_it_collides_with(client: Inside) -> None:
    """F has to be in the hall every Monday evening: R1 cannot be pinned there, on Tuesday R2 can, and once only."""
    client.set_times(client.put(tiny(series("F", "MO 19:00-20:30!", priority="fix"))), LONG_PAST, PAST)
    browser = Browser(client)
    told = browser.post("/pins", expected=422, slot="R1|MO|19:00|S1").text
    assert "必须安排的活动就排不下了" in told
    assert "[F]" in told
    assert client.ask(200, "GET", f"{HOME}/constraints")["items"] == []
    for _ in range(2):
        browser.post("/pins", slot="R2|TU|19:00|S1")
    assert len(client.ask(200, "GET", f"{HOME}/constraints")["items"]) == 1


def test_a_refused_request_is_shown_with_its_reason(client: Inside) -> None:
    client.set_times(client.put(tiny(series("R9", "MO 19:00-20:30!", priority="P5"))), LONG_PAST, PAST)
    browser = Browser(client)
    page = browser.get(f"/proposals/{browser.solve()}")
    assert page.one("h1").text == "4 份申请：全部满足 3 份，部分满足 0 份，未满足 1 份"
    [refused] = page.all("div", "refused")
    assert "周一 19:00-20:30" in refused.text


def test_pin_and_solve_again_nothing_else_moved(browser: Browser) -> None:
    """Story 1: what is pinned stays, and the page says that nothing else moved."""
    first = browser.solve()
    page = browser.get(f"/proposals/{first}")
    slot = next(str(each.attributes["value"]) for each in page.all("input") if each.attributes.get("name") == "slot")
    location = browser.post("/pins", slot=slot, proposal=first).headers["location"]
    assert location.endswith(f"/proposals/{first}")
    [pin] = [each for each in browser.client.ask(200, "GET", f"{HOME}/constraints")["items"] if each["kind"] == "pin"]
    assert (pin["request"], pin["slot"]["starts"]) == (slot.split("|")[0], slot.split("|")[2])
    second = browser.solve(start_from=first)
    page = browser.get(f"/proposals/{second}")
    assert "其他安排均未变动。" in page.text
    assert "已锁定" in page.text
    browser.post("/unpin", pin=pin["id"], proposal=second)
    assert browser.client.ask(200, "GET", f"{HOME}/constraints")["items"] == []


def test_what_moved_is_listed(client: Inside) -> None:
    """Pinned to the other evening by hand, R7 moves, and nobody else does."""
    client.set_times(client.put(tiny(series("R7", "WE 19:00-20:30*;TH 19:00-20:30"))), LONG_PAST, PAST)
    browser = Browser(client)
    first = browser.solve()
    browser.post("/pins", slot="R7|TH|19:00|S1")
    page = browser.get(f"/proposals/{browser.solve(start_from=first)}")
    assert [each.text for each in page.all("ul", "plain")[0].all("li")] == ["U1（O1）：周三 19:00 S1 → 周四 19:00 S1"]


def test_a_pin_that_can_never_be_met_is_refused_with_a_sentence(browser: Browser) -> None:
    told = browser.post("/pins", expected=422, slot="R1|SU|19:00|S1").text
    assert "应为" in told
    assert browser.client.ask(200, "GET", f"{HOME}/constraints")["items"] == []
    browser.post("/pins", expected=422, slot="nonsense")


def test_only_pins_are_taken_away_here(client: Inside) -> None:
    rule = DifferentDays(id="d", source="by-law")
    client.put(tiny().model_copy(update={"constraints": (rule,)}))
    Browser(client).post("/unpin", expected=404, pin="d")
    assert len(client.ask(200, "GET", f"{HOME}/constraints")["items"]) == 1


def test_the_round_is_closed_before_it_is_released(client: Inside) -> None:
    client.put(tiny())
    browser = Browser(client)
    proposal = browser.solve()
    assert "截止受理后才能发布。" in browser.get(f"/proposals/{proposal}").text
    assert "尚未截止" in browser.post("/releases", expected=409, proposal=proposal, instead_of="0").text
    [round] = client.ask(200, "GET", f"{HOME}/rounds")["items"]
    browser.post("/close", round=round["id"])
    browser.post("/close", expected=409, round=round["id"])
    browser.post("/releases", proposal=proposal, instead_of="0")


def test_a_colleague_was_first(browser: Browser) -> None:
    """The page showed release 0; meanwhile 1 is in force: nothing is overwritten."""
    proposal = browser.solve()
    browser.post("/releases", proposal=proposal, instead_of="0")
    assert "现行的是第 1 版" in browser.post("/releases", expected=409, proposal=proposal, instead_of="0").text
    browser.post("/releases", expected=409, proposal=proposal, instead_of="x")


@pytest.mark.parametrize("path", ["", "/solves/solve-1", "/proposals/proposal-1"])
def test_nobody_sees_the_desk_without_signing_in(guarded: Browser, path: str) -> None:
    page = guarded.get(path, expected=401)
    assert page.one("h1").text == "登录管理工作台"
    assert "3 份申请" not in page.text


@pytest.mark.parametrize("path", ["/solves", "/pins", "/unpin", "/releases", "/close", "/solves/x/cancel"])
def test_nobody_posts_without_signing_in(guarded: Browser, path: str) -> None:
    guarded.send(path, 401, {"form_token": "x", "round": "main"})
    assert guarded.client.ask(200, "GET", f"{HOME}/solves")["items"] == []


def test_sign_in_with_the_token(guarded: Browser) -> None:
    assert "口令不对" in guarded.send("/sign-in", 401, {"token": "open"}).text
    cookie = guarded.send("/sign-in", 303, {"token": "sesame"}).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict"} <= {each.strip() for each in cookie.split(";")}
    assert "3 份申请" in guarded.get().text


def test_a_forged_post_does_nothing(guarded: Browser) -> None:
    """The cookie alone is not enough: the form's token, and the origin where the browser tells it."""
    guarded.send("/sign-in", 303, {"token": "sesame"})
    [round] = guarded.client.ask(200, "GET", f"{HOME}/rounds")["items"]
    guarded.send("/solves", 403, {"round": round["id"]})
    guarded.send("/solves", 403, {"round": round["id"], "form_token": "0" * 64})
    fields = {"round": round["id"], "form_token": guarded.token()}
    guarded.send("/solves", 403, fields, Origin="https://elsewhere.example")
    assert guarded.client.ask(200, "GET", f"{HOME}/solves")["items"] == []
    guarded.send("/solves", 303, fields, Origin="http://testserver")


def test_a_cookie_that_was_changed_is_none(guarded: Browser) -> None:
    guarded.send("/sign-in", 303, {"token": "sesame"})
    cookie = str(guarded.client.http.cookies["gongshi_desk"])
    for wrong in (f"9{cookie}", cookie[:-1], "", "a.b.c"):
        guarded.client.http.cookies.clear()
        response = guarded.client.http.get(DESK, headers={"Cookie": f"gongshi_desk={wrong}"})
        assert response.status_code == 401


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/solves", {}),
        ("/solves", {"round": "../x"}),
        ("/solves", {"round": "nobody"}),
        ("/close", {"round": "nobody"}),
        ("/releases", {"proposal": "nobody", "instead_of": "0"}),
        ("/unpin", {}),
    ],
)
def test_bad_input_is_refused_with_a_page(browser: Browser, path: str, fields: dict[str, str]) -> None:
    response = browser.post(path, expected=404, **fields)
    assert "回到工作台" in response.text


def test_a_community_that_is_not_there(client: Inside) -> None:
    assert client.http.get("/c/nowhere/desk").status_code == 404


def test_a_form_that_is_too_large_does_nothing(browser: Browser) -> None:
    browser.send("/solves", 403, {"form_token": browser.token(), "round": "x" * 30_000})


def test_names_are_text(client: Inside) -> None:
    world = tiny()
    uses = tuple(each.model_copy(update={"name": "<b>x</b>"}) for each in world.uses)
    client.set_times(client.put(world.model_copy(update={"uses": uses})), LONG_PAST, PAST)
    browser = Browser(client)
    html: Any = client.http.get(f"{DESK}/proposals/{browser.solve()}").text
    assert "&lt;b&gt;x" in html
    assert "<b>x" not in html

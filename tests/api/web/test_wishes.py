"""Wishes by link and by telephone, papers, who has not answered."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from tests.api.inside import FUTURE, HOME, LONG_PAST, Inside, tiny
from tests.api.web.html import Element
from tests.api.web.test_desk import Browser

WISH = {
    "use": "U1", "headcount": "12", "minutes": "90", "per_week": "1",
    "day1": "WE", "starts1": "19:00", "ends1": "20:30", "space1": "S1",
}  # fmt: skip
MORE = {"day2": "TH", "starts2": "19:00", "ends2": "20:30", "space2": "S1"}
ROUND = "2026-09-07"


@pytest.fixture
def browser(client: Inside) -> Browser:
    """An open round; O1 has asked, O2 has not."""
    world = tiny()
    second = world.applicants[0].model_copy(update={"id": "O2", "name": "读书会"})
    client.set_times(
        client.put(world.model_copy(update={"applicants": (*world.applicants, second)})), LONG_PAST, FUTURE
    )
    return Browser(client)


def row_of(browser: Browser, name: str) -> Element:
    [row] = [each for each in browser.get(f"/wishes/{ROUND}").all("tr") if name in each.text]
    return row


def link_of(browser: Browser, name: str = "读书会") -> str:
    parts = urlsplit(str(row_of(browser, name).one("a", "address").attributes["href"]))
    return f"{parts.path}?{parts.query}"


def send(browser: Browser, link: str, fields: dict[str, str], expected: int = 303) -> httpx2.Response:
    response: httpx2.Response = browser.client.http.post(
        link,
        content=urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        follow_redirects=False,
    )
    assert response.status_code == expected, response.text
    return response


def requests_of(browser: Browser, applicant: str) -> list[dict[str, Any]]:
    items = browser.client.ask(200, "GET", f"{HOME}/requests")["items"]
    return [each for each in items if each["applicant"] == applicant]


def test_who_has_not_answered_stands_first(browser: Browser) -> None:
    page = browser.get(f"/wishes/{ROUND}")
    assert "还有 1 家没有答复" in page.text
    assert "读书会" in page.all("tr")[1].text


def test_an_applicant_fills_in_its_own_link(browser: Browser) -> None:
    link = link_of(browser)
    assert "读书会" in browser.client.http.get(link).text
    where = send(browser, link, WISH | MORE).headers["location"]
    assert "已收到，编号 W" in browser.client.http.get(where).text
    [request] = requests_of(browser, "O2")
    assert (request["headcount"], request["when"]["per_week"], request["spaces"]) == (12, 1, ["S1"])
    assert [(each["days"], each["kind"]) for each in request["windows"]] == [
        (["WE"], "preferred"),
        (["TH"], "acceptable"),
    ]
    assert "都已答复" in browser.get(f"/wishes/{ROUND}").text


def test_a_date_of_its_own(browser: Browser) -> None:
    send(browser, link_of(browser), WISH | {"date": "2026-09-16"})
    assert requests_of(browser, "O2")[0]["when"]["date"] == "2026-09-16"


def test_the_office_fills_in_for_a_caller(browser: Browser) -> None:
    browser.send(f"/wishes/{ROUND}/O2", 303, {"form_token": browser.token()} | WISH)
    assert len(requests_of(browser, "O2")) == 1
    browser.send(f"/wishes/{ROUND}/O2", 403, dict(WISH))


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        ({"use": ""}, 400, "请选择用途"),
        ({"headcount": "许多"}, 400, "人数应为整数"),
        ({"space1": ""}, 400, "至少填写一个时段和一处空间"),
        ({"starts1": ""}, 400, "至少填写一个时段和一处空间"),
        ({"ends1": "19:30"}, 422, "应为"),
        ({"day1": "XX"}, 422, "应为"),
        ({"space1": "S99"}, 400, "没有这处空间"),
        ({"date": "someday"}, 422, "应为"),
        ({"date": "2026-09-17"}, 422, "应为"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_kept(
    browser: Browser, wrong: dict[str, str], status: int, told: str
) -> None:
    assert told in send(browser, link_of(browser), WISH | wrong, status).text
    assert requests_of(browser, "O2") == []


def test_a_link_that_is_not_ones_own(browser: Browser) -> None:
    link = link_of(browser)
    assert browser.client.http.get(link.replace("/O2?", "/O1?")).status_code == 404
    assert browser.client.http.get(link[:-1]).status_code == 404
    assert browser.client.http.get(link.partition("?")[0]).status_code == 404
    send(browser, link.replace("/O2?", "/O1?"), WISH, 404)


def test_after_closing_nothing_is_taken(browser: Browser) -> None:
    link = link_of(browser)
    browser.post("/close", round=ROUND)
    assert "现在不受理申请" in browser.client.http.get(link).text
    send(browser, link, WISH, 409)


def test_papers_are_present_missing_or_waived(browser: Browser) -> None:
    for status in ("missing", "present", "waived"):
        browser.post("/papers", round=ROUND, applicant="O2", name="登记证书", status=status)
    browser.post("/papers", round=ROUND, applicant="O2", name="活动计划", status="missing")
    text = row_of(browser, "读书会").text
    assert "登记证书：免交" in text
    assert "活动计划：缺" in text
    browser.post("/papers", expected=400, round=ROUND, applicant="O2", name="x", status="lost")
    browser.post("/papers", expected=404, round=ROUND, applicant="O9", name="x", status="present")

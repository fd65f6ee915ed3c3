"""Publicity: a plan is shown for some days, anybody objects, the manager answers, then it is released."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx2
import pytest

from api.web.shown import until
from scheduler.problem import LedgerEntry
from tests.api.inside import LONG_PAST, PAST, Inside, tiny
from tests.api.web.html import read
from tests.api.web.test_desk import Browser
from tests.factories import series


@pytest.fixture
def browser(client: Inside) -> Browser:
    client.set_times(client.put(tiny()), LONG_PAST, PAST)
    return Browser(client)


def publicised(browser: Browser, days: str = "7") -> tuple[str, str]:
    """The proposal, and the address of its publicity."""
    proposal = browser.solve()
    browser.post("/publicities", proposal=proposal, days=days)
    return proposal, browser.client.http.get("/c/tiny/publicity", follow_redirects=False).headers["location"]


def object_to(browser: Browser, path: str, expected: int = 303, **said: str) -> httpx2.Response:
    response: httpx2.Response = browser.client.http.post(
        f"{path}/objections",
        content=urlencode(said).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        follow_redirects=False,
    )
    assert response.status_code == expected, response.text
    return response


def test_objected_answered_released(browser: Browser) -> None:
    proposal, path = publicised(browser)
    page = read(browser.client.http.get(path).text.partition("\n")[2])
    assert page.one("h1").text == "活动安排公示"
    assert "3 份申请：全部满足 3 份" in page.text
    sent = object_to(browser, path, text="晚上太吵", author="对门王阿姨").headers["location"]
    assert "已收到，编号 1" in browser.client.http.get(sent).text

    desk = browser.get(f"/proposals/{proposal}")
    assert "对门王阿姨" in desk.text
    assert "公示尚未结束" in browser.post("/releases", expected=409, proposal=proposal, instead_of="0").text
    [objection] = {
        str(each.attributes["value"]) for each in desk.all("input") if each.attributes.get("name") == "objection"
    }
    browser.post("/answers", objection=objection, proposal=proposal, text="已请乐队九点前结束")
    assert "已请乐队九点前结束" in browser.get(f"/proposals/{proposal}").text
    browser.post("/answers", expected=409, objection=objection, proposal=proposal, text="再答一次")

    browser.post("/releases", proposal=proposal, instead_of="0", reason="防汛演练，街道同意")
    assert "现行安排：第 1 版" in browser.get().text


def test_everybody_sees_what_each_body_asked_and_got(client: Inside) -> None:
    """O2 has one of two, and one is owed from before; O1 has all three. O3 is new, and its wish was in vain."""
    asked = [
        series("R9", "WE,TH 19:00-20:30", per_week=2, min_sessions=1, applicant="O2"),
        series("R8", "TH 19:00-20:30!", applicant="O2", priority="P2"),
        series("R7", "WE 06:00-07:00!", applicant="O3"),
    ]
    ledger = (LedgerEntry(body="O2", asked=3, granted=2, owed=1), LedgerEntry(body="O1", asked=1, granted=1, owed=0))
    client.set_times(client.put(tiny(*asked, ledger=ledger)), LONG_PAST, PAST)
    browser = Browser(client)
    _, path = publicised(browser)
    page = read(browser.client.http.get(path).text.partition("\n")[2])
    table = page.one("table", "shares")
    rows = [[cell.text.strip() for cell in row.all("th") + row.all("td")] for row in table.all("tr")]
    assert rows == [["申请主体", "申请", "安排", "往期尚欠"], ["O2", "3", "2", "1"], ["O1", "3", "3", ""]]


def test_an_objection_that_says_nothing_or_too_much(browser: Browser) -> None:
    _, path = publicised(browser)
    object_to(browser, path, expected=400, text="  ")
    object_to(browser, path, expected=400, text="吵" * 2001)
    object_to(browser, path, expected=400, text="吵", author="王" * 101)
    object_to(browser, "/c/tiny/publicity/none", expected=404, text="吵")


@pytest.mark.parametrize("days", ["0", "61", "x", "", "-1", "99999"])
def test_days_that_are_none(browser: Browser, days: str) -> None:
    proposal = browser.solve()
    browser.post("/publicities", expected=400, proposal=proposal, days=days)
    assert browser.client.http.get("/c/tiny/publicity").status_code == 404


def test_what_people_write_is_text(browser: Browser) -> None:
    proposal, path = publicised(browser)
    object_to(browser, path, text="<script>x</script>", author="<b>")
    html = browser.client.http.get(f"/c/tiny/desk/proposals/{proposal}").text
    assert "&lt;script&gt;x" in html
    assert "<script" not in html


def test_nobody_publicises_or_answers_without_a_form_of_ours(browser: Browser) -> None:
    proposal = browser.solve()
    browser.send("/publicities", 403, {"proposal": proposal, "days": "7"})
    browser.send("/answers", 403, {"objection": "x", "text": "y"})


def test_the_end_as_people_say_it() -> None:
    """Midnight ends the day before; another hour is said."""
    zone = ZoneInfo("Asia/Shanghai")
    assert until(datetime(2026, 9, 7, 16, tzinfo=UTC), zone) == "2026年9月7日"
    assert until(datetime(2026, 9, 7, 4, 30, tzinfo=UTC), zone) == "2026年9月7日 12:30"

"""The notice of holidays at the desk: pasted as a table or JSON, looked at, weekdays chosen, confirmed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scheduler.problem import Calendar
from tests.api.inside import HOME, Inside
from tests.api.web.test_desk import Browser
from tests.factories import problem, series

TABLE = "日期,名称,休班,按周几\n2027-10-06,国庆节,休,\n2027-10-09,国庆节,班,\n"
JSON = '{"year": 2027, "days": [{"name": "国庆节", "date": "2027-10-06", "isOffDay": true}]}'


@pytest.fixture
def browser(client: Inside) -> Browser:
    calendars = (
        Calendar(id="always"),
        Calendar(id="school", counts_as={"2026-10-10": "WE"}, provisional_years=(2027,)),
    )
    asked = [series("R1", "WE 16:30-18:00!", calendar="school"), series("R2", "WE 11:00-12:00!")]
    client.put(problem(asked, season=("2027-09-27", "2027-10-17"), calendars=calendars))
    return Browser(client)


def school(browser: Browser) -> dict[str, Any]:
    items = browser.client.ask(200, "GET", f"{HOME}/calendars")["items"]
    found: dict[str, Any] = next(each for each in items if each["id"] == "school")
    return found


def confirm(browser: Browser, page: str, **chosen: str) -> None:
    packed = re.search(r'name="document" value="([^"]+)"', page)
    assert packed
    browser.send("/notice/confirm", 303, {"form_token": browser.token(), "document": packed[1], **chosen})


def test_a_table_is_shown_then_confirmed_with_another_weekday(browser: Browser) -> None:
    before = school(browser)
    page = browser.post("/notice", expected=200, year="2027", text=TABLE).text
    assert "这是建议，请核对" in page
    assert "R1：取消 1 天" in page
    assert "R1：增加 1 天" in page
    assert "R2" not in page
    assert school(browser) == before
    confirm(browser, page, **{"counts_as:2027-10-09": "MO"})
    after = school(browser)
    assert (after["version"], after["days_off"], after["provisional_years"]) == (2, ["2027-10-06"], [])
    assert after["counts_as"] == {"2026-10-10": "WE", "2027-10-09": "MO"}


def test_json_and_the_library(browser: Browser) -> None:
    confirm(browser, browser.post("/notice", expected=200, year="2027", text=JSON).text)
    assert school(browser)["days_off"] == ["2027-10-06"]
    page = browser.post("/notice", expected=200, year="2026", seed="1").text
    assert "2026-10-10" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"year": "27", "text": TABLE}, "年份应为"),
        ({"year": "2027", "text": ""}, "缺少表头"),
        ({"year": "2027", "text": "日期,名称,休班\n十月一日,国庆节,休\n"}, "第 2 项：“十月一日”不是日期"),
        ({"year": "2026", "text": TABLE}, "不在 2026 年"),
        ({"year": "2027", "text": "{"}, "不是 JSON 文件"),
    ],
)
def test_a_notice_that_cannot_be_read_is_told_by_its_line(browser: Browser, fields: dict[str, str], told: str) -> None:
    assert told in browser.post("/notice", expected=422, **fields).text
    assert school(browser)["version"] == 1


def test_forged_or_broken(browser: Browser) -> None:
    browser.token()
    browser.send("/notice", 403, {"year": "2027", "text": TABLE})
    browser.post("/notice/confirm", expected=400, document="x")
    browser.post("/notice/confirm", expected=400, document="e30=")


def test_the_page_is_there(browser: Browser, tmp_path: Path) -> None:
    assert "放假通知" in browser.get("/notice").text

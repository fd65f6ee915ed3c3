from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.feeds.release import Named, Release
from api.web.pages import render_calendar, render_home, render_week
from api.web.routes import pages_router
from fixtures.golden.releases import small

NIGHT = datetime(2026, 9, 8, 16, 30, tzinfo=UTC)
"""Half past midnight on Wednesday the 9th in Shanghai."""


@pytest.fixture
def client() -> Iterator[TestClient]:
    def current_release(community: str) -> Release | None:
        return small() if community == "badahu" else None

    with _serving(current_release) as client:
        yield client


@contextmanager
def _serving(
    current_release: Callable[[str], Release | None], *released: Named, base_url: str = "http://testserver"
) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(pages_router(current_release, lambda: released, lambda: NIGHT, base_url))
    with TestClient(app, follow_redirects=False) as client:
        yield client


def test_the_week_of_today_in_the_communitys_zone(client: TestClient) -> None:
    answer = client.get("/c/badahu/", headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 200
    assert answer.text == render_week(small(), today=datetime(2026, 9, 9, tzinfo=UTC).date(), as_of=None, lang="zh")
    assert {name: answer.headers[name] for name in ("content-type", "content-language", "vary", "cache-control")} == {
        "content-type": "text/html; charset=utf-8",
        "content-language": "zh",
        "vary": "Accept-Language",
        "cache-control": "public, max-age=60",
    }


def test_a_strict_policy(client: TestClient) -> None:
    answer = client.get("/c/badahu/")
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_as_of_and_language_from_the_address(client: TestClient) -> None:
    day = datetime(2026, 9, 17, tzinfo=UTC).date()
    answer = client.get("/c/badahu/spaces/S03+S04?as_of=2026-09-17&lang=en", headers={"Accept-Language": "zh"})
    today = datetime(2026, 9, 9, tzinfo=UTC).date()
    assert answer.text == render_calendar(small(), "spaces", "S03+S04", today=today, as_of=day, lang="en")
    assert client.get("/c/badahu/?as_of=").status_code == 200


def test_head_is_get_without_its_body(client: TestClient) -> None:
    whole, head = client.get("/c/badahu/"), client.head("/c/badahu/")
    assert (head.status_code, head.text) == (200, "")
    assert head.headers == whole.headers


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/c/other/", 404, "没有这个页面"),
        ("/c/badahu/spaces/S99", 404, "没有这个页面"),
        ("/c/badahu/rooms/S03", 404, "没有这个页面"),
        ("/c/badahu/bookings/nobody", 404, "没有这个页面"),
        ("/c/badahu/?as_of=16.9.2026", 400, "日期没有看懂"),
        ("/c/badahu/spaces/S03?as_of=2026-02-30", 400, "日期没有看懂"),
    ],
)
def test_what_is_not_there_is_said_on_a_page(client: TestClient, path: str, status: int, heading: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.text.count(f"<h1>{heading}</h1>")) == (status, 1)


def test_the_page_that_an_event_leads_to(client: TestClient) -> None:
    answer = client.get("/c/badahu/bookings/20260908-R008-1%40gongshi.example")
    assert (answer.status_code, answer.text.count("图书阅览室</span>")) == (200, 1)


def test_style_and_robots(client: TestClient) -> None:
    style = client.get("/static/gongshi.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert client.get("/static/gongshi.css", headers={"If-None-Match": style.headers["etag"]}).status_code == 304
    robots = client.get("/robots.txt")
    assert robots.text == "User-agent: *\nDisallow: /v1/\nAllow: /\n"


VILLAGE, TOWN = Named("village", "村", "Village"), Named("town", "镇")


@pytest.mark.parametrize("path", ["/", "/c/"])
def test_the_root_lists_the_communities(path: str) -> None:
    with _serving(lambda _: None, VILLAGE, TOWN) as client:
        answer = client.get(f"{path}?lang=en")
        assert (answer.status_code, answer.headers["content-language"]) == (200, "en")
        assert answer.text == render_home([VILLAGE, TOWN], base_url="http://testserver", lang="en")
        assert client.get(path, headers={"Accept-Language": "en"}).text == answer.text
        assert client.head(f"{path}?lang=en").headers == answer.headers


@pytest.mark.parametrize("path", ["/", "/c/"])
@pytest.mark.parametrize(
    ("query", "location"),
    [("", "/c/village/"), ("?lang=en", "/c/village/?lang=en"), ("?lang=%0d%0ax&as_of=1", "/c/village/")],
)
def test_the_root_leads_to_the_only_community(path: str, query: str, location: str) -> None:
    with _serving(lambda _: None, VILLAGE) as client:
        answer = client.get(f"{path}{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, location)
    with _serving(lambda _: None, VILLAGE, base_url="https://town.example/rooms") as client:
        assert client.get(f"{path}{query}").headers["location"] == f"/rooms{location}"


def test_before_anything_is_released_the_root_says_so() -> None:
    with _serving(lambda _: None) as client:
        assert client.get("/").text == render_home([], base_url="http://testserver", lang="zh")

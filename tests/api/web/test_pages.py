from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
import segno

from api.feeds.release import Entry, Left, Named, Release
from api.web.pages import render_booking, render_calendar, render_home, render_message, render_week
from fixtures.golden.releases import REVISED, plan, small
from tests.api.web.html import Element, read

WEDNESDAY = date(2026, 9, 9)


def week(release: Release, *, today: date = WEDNESDAY, as_of: date | None = None, lang: str = "zh") -> Element:
    return read(render_week(release, today=today, as_of=as_of, lang=lang))


def selected_day(page: Element) -> Element:
    return page.one("section", "selected")


def items(element: Element) -> list[str]:
    return [each.text for each in element.all("li", "item")]


def cell(page: Element, row: str, column: int) -> list[str]:
    """The bookings of a room (named as the row's head begins) on a day of the week, Monday being 0."""
    (found,) = (each for each in page.one("table").all("tr") if each.all("th")[0].text.startswith(row))
    return [each.text for each in found.all("td")[column].all("li", "slot")]


def only(release: Release, keep: Callable[[Entry], bool]) -> Release:
    return replace(release, entries=tuple(entry for entry in release.entries if keep(entry)))


def test_the_day_answers_what_is_on_tonight_in_which_room() -> None:
    day = selected_day(week(plan(weeks=2)))
    assert day.one("h2").text == "9月9日 周三 今天 5 场"
    assert [(part.one("h3").text, items(part)) for part in day.all("section", "part")] == [
        (
            "上午",
            [
                "09:00–20:30 图书借阅 2楼 图书阅览室 区图书馆分馆",
                "10:50–13:00 助老午餐 1楼 助老食堂大厅 惠食助老餐饮（食堂运营）",
            ],
        ),
        ("下午", ["16:30–18:00 四点半学堂（课后托管） 2楼 四点半学堂（教室A） 四点半学堂（社工机构）"]),
        (
            "晚上",
            [
                "18:45–20:15 舞蹈队排练 3楼 舞蹈排练室 海之韵舞蹈队",
                "19:00–20:30 市民夜校 2楼 社区教室B 市民夜校分校（区文化馆）",
                "09:00–20:30 图书借阅 2楼 图书阅览室 区图书馆分馆",
            ],
        ),
    ]
    assert day.one("p", "going-on").text == "白天已开始，晚上还在进行"


def test_the_same_day_in_english() -> None:
    day = selected_day(week(plan(weeks=2), lang="en"))
    assert day.one("h2").text == "Wed 9 Sep Today 5 on"
    evening = day.all("section", "part")[2]
    assert items(evening)[0] == "18:45–20:15 Dance rehearsal Floor 3 Dance studio Rhythm of the Sea dancers"


def test_chinese_words_on_an_english_page_are_marked() -> None:
    page = week(plan(weeks=2), lang="en")
    marked = {each.text for each in page.all("span") if each.attributes.get("lang") == "zh-CN"}
    assert marked == {
        "居民议事会/物业联席会",
        "四点半学堂（社工机构）",
        "邻里万家运营公司（夜市/活动）",
    }
    assert page.one("html").attributes == {"lang": "en"}
    assert week(plan(weeks=2)).one("html").attributes == {"lang": "zh-CN"}


def test_past_midnight_says_the_next_day() -> None:
    release = only(plan(weeks=1), lambda entry: entry.use == "U23")
    friday = date(2026, 9, 11)
    assert items(selected_day(week(release, as_of=friday)))[0] == (
        "17:00–次日00:30 便民夜市 室外小广场 邻里万家运营公司（夜市/活动）"
    )
    assert items(selected_day(week(release, as_of=friday, lang="en")))[0] == (
        "17:00–00:30 next day Night market Outdoor square 邻里万家运营公司（夜市/活动）"
    )


def test_room_by_room() -> None:
    page = week(plan(weeks=2))
    heads = [each.text for each in page.one("thead").all("th")]
    assert heads == [
        "场地", "9月7日 周一", "9月8日 周二", "9月9日 周三 今天", "9月10日 周四", "9月11日 周五", "9月12日 周六",
        "9月13日 周日",
    ]  # fmt: skip
    rooms = [row.all("th")[0].text for row in page.one("tbody").all("tr")]
    assert rooms == [
        "助老食堂大厅 1楼", "四点半学堂（教室A） 2楼", "社区教室B 2楼", "图书阅览室 2楼", "多功能厅 3楼",
        "舞蹈排练室 3楼", "党群议事厅 2楼", "室外小广场", "分站活动室 地下1层",
    ]  # fmt: skip
    assert cell(page, "舞蹈排练室", 2) == ["18:45–20:15 舞蹈队排练 海之韵舞蹈队"]
    assert cell(page, "舞蹈排练室", 3) == []


def test_what_is_on_in_a_combination_stands_in_the_rows_of_its_parts() -> None:
    page = week(plan(weeks=2))
    joined = "19:00–20:30 市民夜校 市民夜校分校（区文化馆） 教室A+B（合并）合并使用"
    assert cell(page, "四点半学堂（教室A）", 1)[-1] == joined
    assert cell(page, "社区教室B", 1) == [joined]


def test_today_is_marked_and_only_today() -> None:
    page = week(plan(weeks=2), as_of=date(2026, 9, 11))
    assert [each.text for each in page.all("th", "today")] == ["9月9日 周三 今天"]
    assert [each.text for each in page.all("a", "today")] == ["周三 9月9日 9 今天"]
    assert [each.text for each in page.all("a", "chip") if each.attributes.get("aria-current")] == ["周五 9月11日 11"]
    rows = page.one("tbody").all("tr")
    assert [[cell.has("today") for cell in row.all("td")] for row in rows] == [[day == 2 for day in range(7)]] * 9
    elsewhere = week(plan(weeks=2), as_of=date(2026, 9, 16))
    assert elsewhere.all("th", "today") == []


def test_cancelled_is_struck_through_and_said() -> None:
    release = small()
    (gone,) = (entry for entry in release.entries if entry.status == "cancelled" and entry.starts.day == 7)
    assert (gone.use, gone.space) == ("U06", "S04")
    page = week(release, as_of=date(2026, 9, 7))
    (item,) = selected_day(page).all("li", "cancelled")
    assert item.text == "19:00–20:30 市民夜校 已取消 2楼 社区教室B 市民夜校分校（区文化馆）"
    assert item.one("s").text == "市民夜校"
    assert cell(page, "社区教室B", 0) == ["19:00–20:30 市民夜校 市民夜校分校（区文化馆） 已取消"]
    assert selected_day(page).one("h2").text == "9月7日 周一 3 场"


def test_moved_is_said_in_both_rooms() -> None:
    release = small()
    (moved,) = (entry for entry in release.entries if entry.left and entry.left.space == "S05")
    day = moved.starts.date()
    page = week(release, as_of=day)
    assert cell(page, "图书阅览室", day.weekday()) == ["09:00–20:30 图书借阅 区图书馆分馆 改在党群议事厅"]
    assert cell(page, "党群议事厅", day.weekday()) == ["09:00–20:30 图书借阅 区图书馆分馆 换到此处，原在图书阅览室"]
    (item,) = (each for each in items(selected_day(page).all("section", "part")[0]) if each.startswith("09:00"))
    assert item == "09:00–20:30 图书借阅 换到此处，原在图书阅览室 2楼 党群议事厅 区图书馆分馆"


def test_moved_to_another_week_is_said_in_the_old_one() -> None:
    release = only(plan(weeks=1), lambda entry: entry.uid.startswith("20260909-R022"))
    (entry,) = release.entries
    left, days = Left("S04", entry.starts, entry.ends, REVISED), timedelta(days=7)
    moved = replace(entry, space="S10", left=left, starts=entry.starts + days, ends=entry.ends + days)
    page = week(replace(release, entries=(moved,)), as_of=date(2026, 9, 9))
    assert cell(page, "社区教室B", 2) == ["19:00–20:30 市民夜校 市民夜校分校（区文化馆） 改在党群议事厅"]
    assert items(page) == []


@pytest.mark.parametrize(
    ("today", "as_of", "label", "selected"),
    [
        (date(2026, 9, 16), None, "2026年9月14日—20日", "9月16日 周三 今天"),
        (date(2026, 11, 29), None, "2026年11月23日—29日", "11月29日 周日 今天"),
        (date(2026, 11, 30), None, "2026年9月7日—13日", "9月7日 周一"),
        (date(2026, 9, 6), None, "2026年9月7日—13日", "9月7日 周一 明天"),
        (date(2030, 1, 1), date(2026, 10, 1), "2026年9月28日—10月4日", "10月1日 周四"),
        (date(2026, 9, 16), date(2026, 9, 17), "2026年9月14日—20日", "9月17日 周四 明天"),
        (date(2026, 9, 16), date(1, 1, 1), "2026年9月7日—13日", "9月7日 周一"),
        (date(2026, 9, 16), date(9999, 12, 31), "2026年11月23日—29日", "11月29日 周日"),
    ],
)
def test_the_week_it_opens_on(today: date, as_of: date | None, label: str, selected: str) -> None:
    page = week(plan(weeks=12), today=today, as_of=as_of)
    assert page.one("strong", "week-label").text == label
    count = selected_day(page).one("span", "count").text
    assert selected_day(page).one("h2").text == f"{selected} {count}"


def _ways_on(page: Element) -> list[tuple[str, list[str] | None]]:
    links = page.one("nav", "weeks").all("a")
    return [(each.text, parse_qs(urlsplit(each.attributes["href"] or "").query).get("as_of")) for each in links]


def test_from_week_to_week_and_home() -> None:
    release = plan(weeks=3)
    first, middle, last = (date(2026, 9, day) for day in (8, 16, 24))
    assert _ways_on(week(release, today=middle)) == [("‹ 上一周", ["2026-09-07"]), ("下一周 ›", ["2026-09-21"])]
    assert _ways_on(week(release, today=middle, as_of=first)) == [("回到本周", None), ("下一周 ›", ["2026-09-14"])]
    assert _ways_on(week(release, today=middle, as_of=last)) == [("‹ 上一周", ["2026-09-14"]), ("回到本周", None)]
    out_of_season = date(2027, 1, 1)
    assert _ways_on(week(release, today=out_of_season, as_of=last)) == [
        ("‹ 上一周", ["2026-09-14"]),
        ("回到首周", None),
    ]


def test_the_release_and_its_day_are_said() -> None:
    assert week(small()).one("p", "as-of").text == "截至2026年9月16日 · 第 2 版"
    assert week(small(), lang="en").one("p", "as-of").text == "As of 16 Sep 2026 · release 2"


def test_every_room_can_be_subscribed_to() -> None:
    page = week(plan(weeks=1))
    ways = page.one("section", "subscribe").all("div", "ways")
    release = plan(weeks=1)
    assert len(ways) == 1 + len(release.spaces)
    found = [[(a.text, a.attributes["href"], a.attributes.get("download")) for a in each.all("a")] for each in ways]
    base = "127.0.0.1:8000/c/badahu/calendars"
    assert found[0] == [
        ("订阅到日历", f"webcal://{base}/community/badahu.ics", None),
        (f"http://{base}/community/badahu.ics", f"http://{base}/community/badahu.ics", None),
        ("下载一份", f"http://{base}/community/badahu.ics", "八大湖邻里中心.ics"),
    ]
    assert found[4] == [
        ("订阅到日历", f"webcal://{base}/spaces/S03+S04.ics", None),
        (f"http://{base}/spaces/S03+S04.ics", f"http://{base}/spaces/S03+S04.ics", None),
        ("下载一份", f"http://{base}/spaces/S03+S04.ics", "教室A+B（合并）.ics"),
        ("打开订阅页", "/c/badahu/spaces/S03+S04?lang=zh", None),
    ]
    for each in ways:
        assert [strong.text for strong in each.all("strong")] == ["此为副本，不会自动更新"]
        assert len(each.one("div", "qr-box").all("svg")) == 1


def test_the_qr_codes_differ_and_say_what_they_open() -> None:
    boxes = week(plan(weeks=1)).all("div", "qr-box")
    drawings = [[path.attributes["d"] for path in box.all("path")] for box in boxes]
    assert len({str(drawing) for drawing in drawings}) == len(boxes) == 11
    assert boxes[1].attributes["aria-label"] == "扫码打开“助老食堂大厅”的订阅页"


@pytest.mark.parametrize("base_url", ["https://city.example", "https://city.example/rooms"])
def test_a_qr_code_opens_the_absolute_address_of_the_page(base_url: str) -> None:
    page = week(replace(plan(weeks=1), base_url=base_url))
    expected = segno.make(f"{base_url}/c/badahu/spaces/S01?lang=zh", error="m", micro=False)
    drawn = page.all("div", "qr-box")[1].all("path")[-1].attributes["d"]
    assert drawn == read(expected.svg_inline(border=2, light="#fff")).all("path")[-1].attributes["d"]


def test_wechat_is_told_what_to_do() -> None:
    assert week(small()).one("p", "wechat").text == "在微信里打开的？请点右上角“…”，选“在浏览器中打开”，再点订阅。"


def test_the_page_of_a_calendar() -> None:
    html = render_calendar(plan(weeks=2), "spaces", "S04", today=WEDNESDAY, as_of=None, lang="zh")
    assert html is not None
    page = read(html)
    assert page.one("h1").text == "社区教室B"
    assert [(day.one("h2").text, items(day)) for day in page.all("section", "day")] == [
        ("9月7日 周一", ["19:00–20:30 市民夜校 市民夜校分校（区文化馆）"]),
        ("9月8日 周二", ["19:00–20:30 市民夜校 市民夜校分校（区文化馆）"]),
        ("9月9日 周三 今天", ["19:00–20:30 市民夜校 市民夜校分校（区文化馆）"]),
        ("9月10日 周四 明天", ["19:00–20:30 市民夜校 市民夜校分校（区文化馆）"]),
    ]
    use = render_calendar(plan(weeks=2), "uses", "U16", today=WEDNESDAY, as_of=None, lang="zh")
    assert use is not None
    assert items(read(use)) == ["18:30–20:30 居民议事会/物业联席会 2楼 党群议事厅 社区居委会"]


@pytest.mark.parametrize(("scope", "feed_id"), [("spaces", "S99"), ("rooms", "S04"), ("community", "other")])
def test_no_such_calendar(scope: str, feed_id: str) -> None:
    assert render_calendar(small(), scope, feed_id, today=WEDNESDAY, as_of=None, lang="zh") is None


def test_an_empty_week_of_a_calendar() -> None:
    empty = replace(plan(weeks=2), entries=())
    html = render_calendar(empty, "spaces", "S04", today=WEDNESDAY, as_of=None, lang="zh")
    assert html is not None
    assert read(html).one("p", "empty").text == "这一周没有安排。"
    assert selected_day(week(empty)).one("p", "empty").text == "没有安排"


def test_the_page_of_a_booking() -> None:
    html = render_booking(small(), "20260908-R008-1@gongshi.example", today=WEDNESDAY, lang="zh")
    assert html is not None
    facts = read(html).one("dl", "facts")
    assert [(name.text, value.text) for name, value in zip(facts.all("dt"), facts.all("dd"), strict=True)] == [
        ("状态", "如期举行"),
        ("时间", "9月8日 周二 09:00–20:30"),
        ("地点", "八大湖邻里中心 2楼 图书阅览室"),
        ("主办", "区图书馆分馆"),
    ]
    links = [(each.text, each.attributes["href"]) for each in read(html).one("ul", "more").all("a")]
    assert links == [
        ("图书阅览室", "/c/badahu/spaces/S05?lang=zh"),
        ("图书借阅", "/c/badahu/uses/U08?lang=zh"),
        ("区图书馆分馆", "/c/badahu/applicants/O13?lang=zh"),
    ]
    assert render_booking(small(), "nobody", today=WEDNESDAY, lang="zh") is None


def test_a_cancelled_booking_says_so() -> None:
    (gone,) = (entry for entry in small().entries if entry.status == "cancelled" and entry.starts.day == 7)
    html = render_booking(small(), gone.uid, today=WEDNESDAY, lang="zh")
    assert html is not None
    assert read(html).one("h1").one("s").text == "市民夜校"
    assert read(html).one("dl").all("dd")[0].text == "已取消"


def test_the_home_page_lists_communities() -> None:
    both = [Named("village", "村", "Village"), Named("town", "<镇>")]
    page = read(render_home(both, base_url="https://example.org/rooms", lang="en"))
    assert [(link.text, link.attributes["href"]) for link in page.one("main").all("a")] == [
        ("Village", "/rooms/c/village/?lang=en"),
        ("<镇>", "/rooms/c/town/?lang=en"),
    ]
    assert [each.attributes.get("lang") for each in page.one("main").all("span")] == ["zh-CN"]
    assert [link.attributes["href"] for link in page.one("p", "language").all("a")] == ["?lang=zh"]
    assert page.one("html").attributes["lang"] == "en"
    chinese = read(render_home(both, base_url="https://example.org", lang="zh"))
    assert [link.text for link in chinese.one("main").all("a")] == ["村", "<镇>"]
    assert chinese.one("h1").text == "活动安排"


def test_the_home_page_before_any_release() -> None:
    page = read(render_home([], base_url="https://example.org", lang="zh"))
    assert page.one("main").text == "还没有已发布的安排。"


def test_names_are_escaped() -> None:
    release = plan(weeks=1)
    evil = Named("U08", "<script>alert(1)</script>\"'&", "</title><b>")
    uses = tuple(evil if use.id == "U08" else use for use in release.uses)
    for lang, said in (("zh", "<script>alert(1)</script>\"'&"), ("en", "</title><b>")):
        page = week(replace(release, uses=uses), lang=lang)
        assert page.all("script") == []
        assert page.all("b") == []
        assert cell(page, "图书阅览室" if lang == "zh" else "Reading room", 1)[0].split(" ")[1] == said


def test_below_a_path_of_its_own() -> None:
    page = week(replace(plan(weeks=1), base_url="https://city.example/rooms/"))
    assert page.one("p", "community").one("a").attributes["href"] == "/rooms/c/badahu/?lang=zh"
    stylesheet = [each.attributes["href"] for each in page.all("link") if each.attributes["rel"] == "stylesheet"]
    assert stylesheet == ["/rooms/static/gongshi.css"]
    assert page.all("div", "ways")[0].all("a")[0].attributes["href"] == (
        "webcal://city.example/rooms/c/badahu/calendars/community/badahu.ics"
    )


def all_pages(lang: str) -> list[Element]:
    release = small()
    pages = [
        render_week(release, today=WEDNESDAY, as_of=None, lang=lang),
        render_calendar(release, "sites", "C1", today=WEDNESDAY, as_of=None, lang=lang),
        render_booking(release, release.entries[3].uid, today=WEDNESDAY, lang=lang),
        render_message("not_found", lang=lang),
        render_home([release.community], base_url=release.base_url, lang=lang),
    ]
    return [read(html) for html in pages if html is not None]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sound_markup_without_scripts_styles_or_strangers(lang: str) -> None:
    for page in all_pages(lang):
        elements = list(page.walk())
        assert [each.tag for each in elements if each.tag in {"script", "style", "img", "iframe", "object"}] == []
        names = {name for each in elements for name in each.attributes}
        assert sorted(name for name in names if name.startswith("on") or name in {"style", "src", "srcset"}) == []
        ids = [each.attributes["id"] for each in elements if "id" in each.attributes]
        assert len(set(ids)) == len(ids)
        hrefs = [each.attributes["href"] or "" for each in elements if "href" in each.attributes]
        schemes = {urlsplit(href).netloc for href in hrefs if urlsplit(href).netloc}
        assert schemes <= {"127.0.0.1:8000"}
        inner = [href[1:] for href in hrefs if href.startswith("#")]
        assert [each for each in inner if each not in ids] == []
        assert len(page.all("h1")) == 1
        levels = [int(each.tag[1]) for each in elements if each.tag in {"h1", "h2", "h3", "h4"}]
        assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []
        assert len(page.all("main")) == 1


def test_both_languages_have_the_same_words() -> None:
    from api.web.words import WORDS

    assert WORDS["zh"].keys() == WORDS["en"].keys()


def test_a_week_by_week_walk_shows_every_booking_once() -> None:
    release = small()
    seen = []
    for start in (date(2026, 9, 7), date(2026, 9, 14)):
        for offset in range(7):
            page = week(release, as_of=start + timedelta(days=offset))
            begun = [part.all("ul")[0] for part in selected_day(page).all("section", "part") if part.all("ul")]
            for part, first in zip(selected_day(page).all("section", "part"), begun, strict=True):
                going_on_alone = bool(part.all("p", "going-on")) and len(part.all("ul")) == 1
                seen += [] if going_on_alone else [a.attributes["href"] for a in first.all("a")]
    assert len(seen) == len(set(seen)) == len(release.entries)

"""Story 9: a stall vendor sees tonight's pitch, power and the fair count; reports absence, and the pitch is re-let."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from api.settings import Settings
from scheduler.draw import draw
from scheduler.problem import Market, Problem, Vendor
from scheduler.relet import demoted
from scheduler.timetable import MarketDraw
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside
from tests.factories import problem, series, space
from tests.test_draw import CAP, tiny, vendor

MARKET = "/v1/communities/tiny/market"


def vendors() -> tuple[Vendor, ...]:
    """Five stalls, trade of hot food capped at two: the three hot vendors cannot all come."""
    return (
        vendor("V26", "便民修补", power=True, seniority_rank=6, goods="修鞋配钥匙"),
        vendor("V02", seniority_rank=3, goods="鱿鱼"),
        vendor("V07", seniority_rank=7, goods="馄饨"),
        vendor("V09", seniority_rank=9, goods="煎饼"),
        vendor("V30", "便民修补", seniority_rank=8, goods="家电维修"),
    )


FIRST, LAST = date(2199, 3, 1), date(2199, 3, 31)
"""Far ahead, so that absence is reported in time. 1 and 8 March 2199 are Fridays."""


def world(first: date = FIRST, last: date = LAST) -> Problem:
    dates = {"first_date": first, "last_date": last}
    market: Market = tiny(*vendors(), rules=(CAP,)).model_copy(update={"host": "H", "space": "S1", **dates})
    host = series("H", "FR 18:00-21:00!", priority="fix", hosts="market", use="U23")
    square = [space("S1", title="小广场", outdoor=True)]
    season = (first.isoformat(), last.isoformat())
    return problem([host, series("R1", "MO 09:00-10:00!")], spaces=square, season=season, market=market)


def places(month: str = "2199-03", seed: int = 0) -> MarketDraw:
    market = world().market
    assert market is not None
    found = draw(market, month, seed)
    assert found is not None
    return found


class Square:
    def __init__(self, client: Inside) -> None:
        self.client = client
        self.round = client.set_times(client.put(world()), LONG_PAST, PAST)
        client.release(client.solve(self.round), 0)

    def publish(self, drawn: MarketDraw, expected: int = 201) -> Any:
        return self.client.ask(expected, "POST", f"{MARKET}/draws", drawn.model_dump_json().encode())

    def night(self, kind: str, who: str, day: str = "2199-03-08", expected: int = 201) -> Any:
        return self.client.ask(expected, "POST", f"{MARKET}/{kind}", {"vendor": who, "date": day})

    def tonight(self, day: str = "2199-03-08") -> Any:
        return self.client.ask(200, "GET", f"{MARKET}?date={day}")

    def feed(self, scope: str, id: str) -> str:
        response = self.client.send("GET", f"/c/tiny/calendars/{scope}/{id}.ics")
        assert response.status_code == 200
        return str(response.text.replace("\r\n ", ""))


@pytest.fixture
def square(tmp_path: Any) -> Iterator[Square]:
    with inside(Settings(home=tmp_path / "home")) as client:
        yield Square(client)


def test_tonights_pitch_power_and_the_fair_count(square: Square) -> None:
    assert square.publish(places()) == {"month": "2199-03", "number": 1}
    told = square.tonight()
    [mine] = [each for each in told["pitches"] if each["vendor"] == "V26"]
    assert (mine["nights"], mine["nights_asked"], told["median_nights"]) == (1, 1, 1)
    assert set(mine["stalls"]) <= {1, 2}  # where there is power
    assert told["pitch_fee"]["amount"] == 5
    mine_in_feed = square.feed("vendors", "V26")
    assert mine_in_feed.count("BEGIN:VEVENT") == 5  # the Fridays of March 2199
    assert f"小广场 {mine['stalls'][0]} 号摊，有电" in mine_in_feed
    assert "每周排到 1 晚，申请 1 晚；全体中位数 1 晚" in mine_in_feed


def test_the_markets_own_calendar_lists_every_stall(square: Square) -> None:
    square.publish(places())
    text = square.feed("markets", "H")
    assert text.count("BEGIN:VEVENT") == 5
    assert text.count("修鞋配钥匙") == 5


def test_absence_in_time_frees_the_stall_and_the_next_takes_it(square: Square) -> None:
    """V26 stays away on 8 March; V09, the hot vendor left out, cannot come: its trade is at its cap."""
    square.publish(places())
    away = square.night("absences", "V02")
    assert away["kind"] == "absent"
    assert [each["vendor"] for each in away["offers"]] == ["V09"]
    before = square.feed("vendors", "V07")
    taken = square.night("takings", "V09")
    assert taken["vendor"] == "V09"
    there = {each["vendor"]: each["stalls"] for each in square.tonight()["pitches"]}
    assert "V02" not in there
    assert there["V09"] == taken["stalls"]
    assert "V02" in {each["vendor"] for each in square.tonight("2199-03-01")["pitches"]}
    assert square.feed("vendors", "V02").count("STATUS:CANCELLED") == 1
    assert square.feed("vendors", "V09").count("BEGIN:VEVENT") == 1
    events = [text[text.index("BEGIN:VEVENT") :] for text in (before, square.feed("vendors", "V07"))]
    assert events[0] == events[1]  # nobody else's stall moves


def test_nobody_takes_what_is_not_offered(square: Square) -> None:
    square.publish(places())
    square.night("takings", "V09", expected=409)
    square.night("absences", "V09", expected=404)
    square.night("absences", "V26")
    square.night("takings", "V09", expected=409)  # a third hot-food stall
    square.night("takings", "V26", expected=409)  # who stays away stays away
    square.night("absences", "V26", "2199-03-09", expected=404)  # a Saturday


def test_the_page_shows_the_plan_and_the_fair_count(square: Square) -> None:
    assert square.client.send("GET", "/c/tiny/market").status_code == 404
    square.publish(places())
    page = square.client.send("GET", "/c/tiny/market").text
    assert "2199年3月1日" in page
    assert page.count('<g id="stall-') == 5
    assert "修鞋配钥匙" in page
    assert "每周排到场次的中位数：1" in page
    square.night("absences", "V26")
    assert "修鞋配钥匙" not in square.client.send("GET", "/c/tiny/market?date=2199-03-08").text
    assert square.client.send("GET", "/c/tiny/market?date=2199-03-09").status_code == 404
    assert square.client.send("GET", "/c/tiny/market?date=x").status_code == 400
    assert square.client.send("GET", "/c/nowhere/market").status_code == 404


def test_too_late_is_a_no_show(tmp_path: Any) -> None:
    """A market of last year: whoever reports now is late."""
    with inside(Settings(home=tmp_path / "home")) as client:
        past = world(first=date(2026, 3, 2), last=date(2026, 3, 29))
        round = client.set_times(client.put(past), LONG_PAST, PAST)
        client.release(client.solve(round), 0)
        client.ask(201, "POST", f"{MARKET}/draws", places("2026-03").model_dump_json().encode())
        told = client.ask(201, "POST", f"{MARKET}/absences", {"vendor": "V26", "date": "2026-03-06"})
        assert (told["kind"], told["offers"]) == ("no_show", [])
        assert "12:00" in told["sentence"]["zh"]


def test_what_does_not_hold_is_never_published(square: Square) -> None:
    drawn = places()
    both = drawn.model_copy(update={"pitches": (*drawn.pitches, drawn.pitches[0])})
    told = square.publish(both, expected=409)
    assert (told["code"], told["violations"] != []) == ("does_not_hold", True)
    assert square.publish(places(seed=7), expected=409)["code"] == "other_seed"
    assert square.publish(places("2199-05"), expected=409)["code"] == "conflict"
    square.client.ask(422, "POST", f"{MARKET}/draws", {"month": "x"})
    square.client.ask(404, "GET", f"{MARKET}?date=2199-03-08")
    assert square.client.send("GET", "/c/tiny/calendars/vendors/V26.ics").status_code == 404


def test_pitches_stand_and_fall_with_the_market_and_survive_other_releases(square: Square) -> None:
    square.publish(places())
    before = square.feed("vendors", "V26")
    square.client.release(square.client.solve(square.round), 1)
    again = square.feed("vendors", "V26")
    assert before[before.index("BEGIN:VEVENT") :] == again[again.index("BEGIN:VEVENT") :]


def test_a_community_without_a_market(square: Square) -> None:
    square.client.ask(404, "GET", f"{HOME.replace('tiny', 'nowhere')}/market?date=2199-03-08")


def test_two_no_shows_put_a_vendor_last_next_month(tmp_path: Any) -> None:
    """V02 (rank 3) was away twice in March 2026 without a word: in April its rank is behind all others'."""
    with inside(Settings(home=tmp_path / "home")) as client:
        past = world(first=date(2026, 3, 2), last=date(2026, 4, 30))
        round = client.set_times(client.put(past), LONG_PAST, PAST)
        client.release(client.solve(round), 0)
        client.ask(201, "POST", f"{MARKET}/draws", places("2026-03").model_dump_json().encode())
        away = [each["vendor"] for each in client.ask(200, "GET", f"{MARKET}?date=2026-03-06")["pitches"]]
        assert "V02" in away
        for day in ("2026-03-06", "2026-03-13"):
            client.ask(201, "POST", f"{MARKET}/absences", {"vendor": "V02", "date": day})
        assert client.ask(200, "GET", f"{MARKET}/last-in-turn?month=2026-04")["vendors"] == ["V02"]
        assert client.ask(200, "GET", f"{MARKET}/last-in-turn?month=2026-05")["vendors"] == []
        raw = places("2026-04")
        assert client.ask(409, "POST", f"{MARKET}/draws", raw.model_dump_json().encode())["code"] == "does_not_hold"
        market = past.market
        assert market is not None
        fair = draw(demoted(market, {"V02"}), "2026-04", 0)
        assert fair is not None
        assert "V02" not in {each.vendor for each in fair.pitches}
        client.ask(201, "POST", f"{MARKET}/draws", fair.model_dump_json().encode())

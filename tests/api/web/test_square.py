"""The plan of the square as a picture: every stall, who stands there, and nothing that a browser would run."""

from __future__ import annotations

from xml.etree import ElementTree

from api.web.square import plan_svg
from scheduler.problem import Market
from scheduler.timetable import MarketDraw, Pitch
from tests.journeys.centre import centre

SVG = "{http://www.w3.org/2000/svg}"


def market() -> Market:
    found = centre().market
    assert found is not None
    return found


def places(*pitches: Pitch) -> MarketDraw:
    return MarketDraw(month="2026-09", seed=1, goals=(), pitches=pitches, refused=())


def texts(picture: str, stall: int) -> list[str]:
    [group] = [each for each in ElementTree.fromstring(picture).iter(f"{SVG}g") if each.get("id") == f"stall-{stall}"]  # noqa: S314 - our own
    return [each.text or "" for each in group.iter(f"{SVG}text")]


def test_every_stall_is_there_with_what_stands_on_it() -> None:
    """V26 mends shoes on 3; 1 has power and water, 10 nothing; 7 and 8 are the fire lane."""
    picture = plan_svg(market(), places(Pitch(vendor="V26", night="FR", stalls=(3,))), "FR", "室外小广场夜市")
    assert picture.count('<g id="stall-') == 24
    assert texts(picture, 3) == ["3 ⚡", "修鞋配钥匙", "便民修补"]
    assert texts(picture, 1) == ["1 ⚡💧", "空"]
    assert texts(picture, 10) == ["10 ", "空"]
    assert texts(picture, 7) == ["7 ", "不设摊"]


def test_another_night_is_another_picture() -> None:
    drawn = places(Pitch(vendor="V26", night="FR", stalls=(3,)))
    assert texts(plan_svg(market(), drawn, "SA", "夜市"), 3) == ["3 ⚡", "空"]


def test_two_stalls_of_one_vendor_both_name_it() -> None:
    drawn = places(Pitch(vendor="V04", night="FR", stalls=(1, 2)))
    picture = plan_svg(market(), drawn, "FR", "夜市")
    assert texts(picture, 1)[1] == texts(picture, 2)[1] == "海鲜烤(电)"


def test_what_vendors_write_is_text() -> None:
    vendors = tuple(each.model_copy(update={"goods": "<script>"}) for each in market().vendors)
    picture = plan_svg(
        market().model_copy(update={"vendors": vendors}),
        places(Pitch(vendor="V01", night="FR", stalls=(3,))),
        "FR",
        "<b>&",
    )
    assert "<script" not in picture
    assert "&lt;b&gt;&amp;" in picture


def test_the_fee_is_shown_and_said_not_to_be_collected() -> None:
    assert "摊位费每摊每晚 5元，便民修补免费（只公示，本系统不收费）" in plan_svg(market(), places(), "FR", "夜市")

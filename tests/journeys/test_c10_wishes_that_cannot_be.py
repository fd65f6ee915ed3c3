"""C10: five wishes that no timetable can meet, each with its own reason and the nearest thing that works."""

from __future__ import annotations

import pytest

from tests.journeys.centre import (
    GRANTS,
    WISHES,
    centre,
    edit,
    gains,
    gains_freely,
    in_vain,
    lost,
    pinned,
    refusal,
    refused,
    season,
    slots,
    timetable,
    value_of,
)


@pytest.mark.parametrize(
    ("name", "rule", "spaces"),
    [
        ("R120", ("capacity", None), {"S09": "最多容纳 24 人（手工台），本申请 60 人", "S07": "不能布置成手工台"}),
        ("R118", ("capacity", None), {"S07": "最多容纳 150 人（剧场），本申请 200 人", "S14": "不能布置成剧场"}),
        (
            "R107",
            ("capacity", None),
            {"S13": "最多容纳 20 人（软垫活动区），本申请 40 人", "S07": "不能布置成软垫活动区"},
        ),
        ("R113", ("horizon", "m"), {"S07": "2026-11-30 不在本季（2026-09-07 至 2026-11-29）之内"}),
        ("R116", ("sharing", "l"), {"S05": "图书借阅 40 人，本申请 9 人，合计 49 人"}),
    ],
)
def test_each_is_refused_before_solving_for_its_own_reason(
    name: str, rule: tuple[str, str | None], spaces: dict[str, str]
) -> None:
    """R120 24 places, R118 150, R107 20, R113 after the season, R116 by the library; every space has its reason."""
    told = refusal(season(), name)
    assert (told.code, told.constraint) == rule
    assert (told.before_solving, told.granted) == (True, 0)
    assert {each.space for each in told.reasons} == spaces.keys()
    for space, part in spaces.items():
        assert [part in zh for *_, zh in in_vain(name, space)] == [True]


def test_rule_l_names_the_library() -> None:
    """The 48 seats are short by one because the library's duty has 40."""
    assert {rivals for _, _, rivals, _ in in_vain("R116", "S05")} == {("R005",)}


def test_r120_in_the_canteen_with_class_tables_at_the_same_time() -> None:
    """60 people: S01 has 60 class tables; on 15 Oct the ground floor needs no lift."""
    found = gains_freely(edit(centre(), "R120", spaces=("S01",), layouts=("classroom",)), "R120")
    assert slots(found, "R120") == [("TH", "14:00", "S01")]


def test_with_fewer_people_r120_would_still_fall_to_the_lift() -> None:
    """60 > 24 and the lift out of order: 24 people alone do not help on that day."""
    found = timetable(edit(centre(), "R120", headcount=24), GRANTS)
    assert refused(found)["R120"] == ("closed", "g")


def test_r118_on_the_square_as_cinema_rows_at_the_same_time() -> None:
    """200 people on the square; nobody displaced."""
    found = gains_freely(edit(centre(), "R118", spaces=("S14",), layouts=("cinema",)), "R118")
    assert slots(found, "R118") == [("SU", "09:00", "S14")]


def test_r118_with_150_people_in_the_hall_takes_one_date_of_the_dance() -> None:
    """With the series kept, R036 (SU 10:30, S07) loses that date."""
    kept = edit(centre(), "R036", windows="SU 10:30-12:00!")
    found = gains(edit(kept, "R118", headcount=150), "R118", WISHES)
    assert slots(found, "R118") == [("SU", "09:00", "S07")]
    assert slots(found, "R036") == slots(season(), "R036") == [("SU", "10:30", "S07")]
    assert lost(found)["R036", "2026-11-15"] == ("R118",)
    assert value_of(found, "wishes") == value_of(season(), "wishes") + 100


def test_r118_with_150_people_in_the_hall_or_the_dance_moves() -> None:
    """R036 moves to SU 16:00 in S08: then nobody loses a date to R118."""
    problem = pinned(edit(centre(), "R118", headcount=150), "R036", weekday="SU", starts="16:00", space="S08")
    found = gains(problem, "R118", WISHES)
    assert slots(found, "R118") == [("SU", "09:00", "S07")]
    assert "R118" not in {rival for to in lost(found).values() for rival in to}


def test_r107_in_the_hall_on_the_open_floor_the_same_day() -> None:
    """40 children in S07 open at 11:15, after the choir (09:00-11:00 and 15 minutes)."""
    found = gains_freely(edit(centre(), "R107", windows="SA 11:15-13:15!", spaces=("S07",), layouts=("open",)), "R107")
    assert slots(found, "R107") == [("SA", "11:15", "S07")]


def test_r107_a_quarter_of_an_hour_earlier_would_displace_the_choir() -> None:
    """11:00 is within the choir's 15 minutes: P2 takes that date from P3."""
    found = gains(edit(centre(), "R107", windows="SA 11:00-13:00!", spaces=("S07",), layouts=("open",)), "R107", WISHES)
    assert lost(found)["R030", "2026-11-07"] == ("R107",)


def test_r113_a_week_earlier_within_the_season() -> None:
    """Mon 23 Nov."""
    found = gains_freely(edit(centre(), "R113", day="2026-11-23"), "R113")
    assert slots(found, "R113") == [("MO", "09:00", "S07")]


def test_r116_with_eight_people_beside_lending() -> None:
    """48 heads on 48 seats."""
    found = gains_freely(edit(centre(), "R116", headcount=8), "R116")
    assert slots(found, "R116") == [("SA", "13:00", "S05")]


def test_r115_is_granted_beside_r005() -> None:
    """R115 (48 heads) is granted, and the library keeps that Saturday."""
    assert "R115" not in refused(season())
    there = {b.request for b in season().bookings if b.space == "S05" and f"{b.starts:%F}" == "2026-11-14"}
    assert there == {"R005", "R115"}

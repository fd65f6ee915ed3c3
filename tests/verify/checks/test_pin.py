from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.constraints.availability import Closed
from scheduler.constraints.pin import Pin, PinnedSlot
from tests.factories import series, space
from tests.verify.small import Wish, broken, every, once, rule, unmet

TWO = [space("S1", hours="00:00-24:00"), space("S2")]


@pytest.mark.parametrize(
    ("held", "meets"),
    [
        ({}, True),
        ({"weekday": "MO"}, True),
        ({"weekday": "TU"}, True),
        ({"weekday": "WE"}, False),
        ({"weekday": "MO", "starts": "09:00"}, True),
        ({"weekday": "MO", "starts": "10:00"}, False),
        ({"weekday": "TU", "space": "S1"}, True),
        ({"space": "S2"}, False),
        ({"date": date(2026, 9, 14)}, True),
        ({"date": date(2026, 9, 16)}, False),
        ({"date": date(2026, 9, 21)}, False),
        ({"date": date(2026, 9, 14), "starts": "10:00"}, False),
    ],
)
def test_one_session_meets_every_field_of_the_slot(held: dict[str, Any], meets: bool) -> None:
    pin = rule(Pin, request="R1", slot=PinnedSlot(**held))
    found = broken(every("R1", "MO 09:00-10:00; TU 10:00-11:00"), rules=[pin], spaces=TWO)
    assert [line.split()[0] for line in found] == ([] if meets else ["pin"])


def test_a_start_counted_past_midnight_is_not_the_one_of_the_next_day() -> None:
    late = every("R1", "SA 24:30-25:30")
    held = [PinnedSlot(weekday="SA", starts="24:30"), PinnedSlot(weekday="SU", starts="00:30")]
    found = [broken(late, rules=[rule(Pin, request="R1", slot=slot)], spaces=TWO) for slot in held]
    assert found == [[], ["pin R1 - -"]]


def test_a_date_that_fell_does_not_meet_a_slot() -> None:
    shut = rule(Closed, "shut", spaces=("S1",), dates=(date(2026, 9, 7),))
    pin = rule(Pin, request="R1", slot=PinnedSlot(date=date(2026, 9, 7)))
    wish = every("R1", "MO 09:00-10:00", but=["2026-09-07"])
    assert broken(wish, rules=[shut, pin]) == ["pin R1 - 2026-09-07"]


def test_a_date_on_which_another_stands_in_its_stead_meets_a_slot_if_it_is_the_sessions() -> None:
    wishes = [
        every("R1", "MO 09:00-10:00", but=["2026-09-07"]),
        once("D1", "2026-09-07 12:00-13:00", replaces="R1"),
        once("D2", "2026-09-09 12:00-13:00", replaces="R1"),
    ]
    found = [
        broken(*wishes, rules=[rule(Pin, request="R1", slot=PinnedSlot(date=date(2026, 9, day)))]) for day in (7, 9)
    ]
    assert found == [[], ["pin R1 - 2026-09-09"]]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (every("R1", "MO 09:00-10:00; TU 09:00-10:00", min_sessions=1), []),
        (every("R1", "MO 09:00-10:00", per_week=2, min_sessions=1), ["pin R1 - -"]),
        (unmet(series("R1", "MO 09:00-10:00!")), ["pin R1 - -"]),
        (once("R1", "2026-09-07 09:00-10:00"), []),
        (unmet(once("R1", "2026-09-07 09:00-10:00").request), ["pin R1 - -"]),
    ],
    ids=["in full", "in part", "series not placed", "dated", "dated not placed"],
)
def test_without_a_slot_the_request_is_placed_in_full(wish: Wish, expected: list[str]) -> None:
    assert broken(wish, rules=[rule(Pin, request="R1")]) == expected


def test_with_a_slot_the_rest_follows_its_own_terms() -> None:
    pin = rule(Pin, request="R1", slot=PinnedSlot(weekday="MO"))
    assert broken(every("R1", "MO 09:00-10:00", per_week=2, min_sessions=1), rules=[pin]) == []
    assert broken(every("R1", "MO 09:00-10:00", per_week=2), rules=[pin]) == ["per_week R1 S1 -"]

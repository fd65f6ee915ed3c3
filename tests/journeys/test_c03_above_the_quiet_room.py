"""C3: drums and dance above the quiet room, 19:00-21:30."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.centre import (
    RANKS,
    by_class,
    centre,
    edit,
    gains,
    in_vain,
    reason,
    refusal,
    refused,
    season,
    slots,
    timetable,
    without,
)

LOUD = ("R023", "R024", "R028", "R034")


@pytest.mark.parametrize("name", LOUD)
def test_each_is_refused_by_rule_b_and_by_no_silent_shift_of_its_time(name: str) -> None:
    """All four refused with rule b; whoever else asks."""
    told = refusal(season(), name)
    assert (told.code, told.constraint, told.granted, told.before_solving) == ("noise", "b", 0, True)
    assert "共享自习室的安静时段" in told.sentence.zh
    assert "quiet time in Shared study room" in told.sentence.en
    assert slots(season(), name) == []


def test_the_drums_are_told_when_the_canteen_is_free() -> None:
    """S01 is free from 19:15 only: R023's second wish, at 19:00, falls to dinner and rule a."""
    told = reason(season(), "R023", "WE", "19:00", "S01")
    assert (told.code, told.constraint, told.rivals) == ("changeover", "a", ("R003",))
    assert "清场后 19:15 起可用" in told.sentence.zh


@pytest.mark.parametrize("name", ["R024", "R028", "R034"])
def test_every_other_wish_falls_to_rule_b(name: str) -> None:
    """Each space named by them is above the quiet room."""
    assert {(each.code, each.constraint) for each in refusal(season(), name).reasons} == {("noise", "b")}


def test_all_four_are_granted_when_b_is_dropped() -> None:
    """Then R034, the first wish of its body, takes the place of the third (the cap still holds)."""
    found = timetable(without(centre(), "b"), RANKS)
    assert not refused(found).keys() & set(LOUD)
    assert by_class(found) == by_class(season()) | {"P2": by_class(season())["P2"] + 3}
    assert refused(found)["R036"] == refused(found)["R035"] == ("quota", "h")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("R023", {"windows": "WE 19:15-20:45!", "spaces": ("S01",)}),
        ("R024", {"windows": "TH 17:30-19:00!"}),
        ("R028", {"windows": "TH 17:30-19:00!", "spaces": ("S08",)}),
        ("R034", {"windows": "MO 17:30-19:00!", "spaces": ("S08",)}),
    ],
)
def test_each_change_alone_is_granted_and_no_class_loses_a_session(name: str, change: dict[str, Any]) -> None:
    """The cheapest change: R023 in S01 WE 19:15-20:45; R024, R028, R034 in S08 at 17:30-19:00."""
    found = gains(edit(centre(), name, **change), name)
    [(_, starts, space)] = slots(found, name)
    assert (starts, space) == (("19:15", "S01") if name == "R023" else ("17:30", "S08"))


def test_a_quarter_of_an_hour_later_is_too_loud_again() -> None:
    """17:30-19:00 is the last hour that ends when the quiet begins."""
    found = timetable(edit(centre(), "R024", windows="TH 17:45-19:15!"), RANKS)
    assert refused(found)["R024"] == ("noise", "b")


def test_the_drums_in_the_canteen_would_not_be_heard_upstairs() -> None:
    """What keeps R023 out of S01 is dinner alone, not rule b."""
    assert {kind for kind, *_ in in_vain("R023", "S01")} == {"changeover"}

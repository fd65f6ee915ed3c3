"""C9: O21, O22 and O23 are one body with four wishes in prime time, in their own order: R034, R094, R036, R035."""

from __future__ import annotations

import pytest

from scheduler.timetable import Timetable
from tests.journeys.centre import (
    RANKS,
    by_class,
    centre,
    edit,
    gains_freely,
    pinned,
    refusal,
    refused,
    season,
    slots,
    timetable,
    value_of,
    without,
)

BODY = {"R034", "R094", "R036", "R035"}


def has(found: Timetable) -> set[str]:
    """The wishes of the body that are granted."""
    return BODY - refused(found).keys()


def test_the_second_and_third_wish_are_granted_by_own_rank() -> None:
    """R034 falls to rule b; the cap leaves two of the other three: R094 and R036 by own rank."""
    assert has(season()) == {"R094", "R036"}
    assert value_of(season(), "own_rank") == 2 + 3
    assert refused(season())["R034"] == ("noise", "b")


def test_the_fourth_is_refused_by_the_cap_and_told_so_without_members_names() -> None:
    """R035 refused with rule h in each of its wishes; the teams and their two slots are named, and nobody else."""
    told = refusal(season(), "R035")
    assert (told.code, told.constraint, told.before_solving) == ("quota", "h", False)
    assert {(each.code, each.rivals) for each in told.reasons} == {("quota", ("R036", "R094"))}
    for team in ("金海浪广场舞队", "海浪花健身操队", "浪花艺术团"):
        assert team in told.sentence.zh
    assert "按同一主体计算" in told.sentence.zh
    assert "金海浪广场舞队周六 09:00-10:30（舞蹈排练室）" in told.sentence.zh
    assert "Langhua Arts Troupe Sun 10:30-12:00" in told.sentence.en
    assert "60" not in told.sentence.zh


def test_all_three_are_granted_when_h_is_dropped() -> None:
    """Nothing but the cap keeps the third out."""
    found = timetable(without(centre(), "h"), RANKS)
    assert has(found) == {"R094", "R036", "R035"}
    assert by_class(found) == by_class(season()) | {"P3": by_class(season())["P3"] + 1}


@pytest.mark.parametrize("two", [("R094", "R035"), ("R036", "R035")])
def test_any_two_are_feasible_so_only_own_rank_decides(two: tuple[str, str]) -> None:
    """Held in full, any two keep every other class and the sessions of all others; the ranks are worse."""
    problem = centre()
    for name in two:
        problem = pinned(problem, name)
    found = timetable(problem, RANKS)
    assert has(found) == set(two)
    granted = by_class(season())
    assert by_class(found) == granted | {"fix": granted["fix"] + 2, "P3": granted["P3"] - 2}
    assert value_of(found, "own_rank") > value_of(season(), "own_rank")


def test_a_weekday_before_evening_is_granted_at_no_cost_to_others() -> None:
    """Offer a weekday before 18:00: WE 16:00-17:30 in S07."""
    found = gains_freely(edit(centre(), "R035", windows="WE 16:00-17:30!", spaces=("S07",)), "R035")
    assert slots(found, "R035") == [("WE", "16:00", "S07")]
    assert has(found) == {"R094", "R036", "R035"}

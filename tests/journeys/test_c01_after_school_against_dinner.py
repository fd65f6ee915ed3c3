"""C1: the second after-school group names the canteen as overflow; dinner tables are set from 16:20."""

from __future__ import annotations

import pytest

from tests.journeys.centre import centre, collision, in_vain, pinned, season, slots

WEEK = ["MO", "TU", "WE", "TH", "FR"]


@pytest.mark.parametrize("group", ["R010", "R011"])
def test_both_groups_are_in_the_two_classrooms_on_five_days(group: str) -> None:
    """R010, R011 in {S03, S04} on five days, never S01."""
    found = slots(season(), group)
    assert [(weekday, starts) for weekday, starts, _ in found] == [(day, "16:30") for day in WEEK]
    assert {space for *_, space in found} <= {"S03", "S04"}


@pytest.mark.parametrize("group", ["R010", "R011"])
def test_the_reason_for_the_canteen_is_the_dinner_that_is_set_from_1620(group: str) -> None:
    """Reason for S01: dinner is being set up from 16:20 (an overlap with dinner itself, from 16:40)."""
    told = in_vain(group, "S01")
    assert {(kind, rule, rivals) for kind, rule, rivals, _ in told} == {("overlap", None, ("R003",))}
    assert [zh for *_, zh in sorted(told)] == sorted(
        f"助老食堂大厅周{day} 16:40-18:30 固定安排助老晚餐，16:20 起备场，此前须结束" for day in "一二三四五"
    )


@pytest.mark.parametrize("group", ["R010", "R011"])
def test_either_group_forced_into_the_canteen_is_infeasible(group: str) -> None:
    """Forcing either into S01 is infeasible, and dinner is what it collides with."""
    outcome = collision(pinned(centre(), group, space="S01"))
    assert outcome.requests == ("R003", group)
    assert outcome.rules[:2] == ("overlap", "pin")
    assert "助老晚餐" in outcome.sentence.zh
    assert "Senior dinner" in outcome.sentence.en

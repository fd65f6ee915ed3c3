"""The page of the vocabulary is that of the code, complete, and every preset is a rule that can be written."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from docs.rules import make
from scheduler.constraints import KINDS, Constraint
from scheduler.constraints.presets import FAMILIES, Preset

PRESETS = [preset for presets in FAMILIES.values() for preset in presets]
NAMES = [
    "closed",
    "opening_hours",
    "typed_window",
    "capacity",
    "min_occupancy",
    "suitability",
    "features",
    "horizon",
    "notice",
    "booking_horizon",
    "start_grid",
    "duration_limits",
    "offer",
    "sharing",
    "changeover",
    "split_attendance",
    "pooled_resource",
    "noise",
    "curfew",
    "blocking",
    "same_start",
    "same_time",
    "different_time",
    "same_days",
    "different_days",
    "same_weeks",
    "different_weeks",
    "overlap",
    "not_overlap",
    "precedence",
    "consecutive",
    "days_between",
    "min_gap",
    "work_day",
    "linked",
    "at_most_k_of",
    "mutually_exclusive",
    "same_space",
    "different_space",
    "space_stability",
    "adjacent_spaces",
    "not_adjacent",
    "same_attendees",
    "max_days",
    "max_day_load",
    "max_breaks",
    "max_block",
    "max_hours",
    "min_working_days",
    "compactness",
    "quota",
    "entitlement",
    "share_of_supply",
    "category_cap",
    "category_reserved",
    "date_loss",
    "priority_class",
    "standing_claim",
    "seniority",
    "newcomer_floor",
    "round_robin_growth",
    "fair_share",
    "pin",
    "stability",
    "spaces_open",
    "oversized_room",
    "useless_gap",
]
ITC_2019 = [
    "SameStart",
    "SameTime",
    "DifferentTime",
    "SameDays",
    "DifferentDays",
    "SameWeeks",
    "DifferentWeeks",
    "Overlap",
    "NotOverlap",
    "SameRoom",
    "DifferentRoom",
    "SameAttendees",
    "Precedence",
    "WorkDay",
    "MinGap",
    "MaxDays",
    "MaxDayLoad",
    "MaxBreaks",
    "MaxBlock",
]
NEEDED: dict[str, Any] = {
    "typed_window": {"spaces": ["A"], "allows": {"uses": ["U1"]}},
    "offer": {"spaces": ["A"]},
    "sharing": {"space": "A", "uses": ["U1"], "layout": "room", "seats": 10},
    "noise": {
        "quiet_space": "A",
        "days": ["MO"],
        "starts": "09:00",
        "ends": "10:00",
        "neighbours": ["B"],
        "max_noise": 1,
    },
    "curfew": {"spaces": ["A"], "amplified_from_noise": 2, "amplified_ends": "21:30", "cleared_by": "22:00"},
}
"""What a kind needs beside a preset's own parameters: whose spaces, which uses."""


def test_the_page_is_that_of_the_code() -> None:
    """If not: python -m docs.rules.make."""
    assert make.PAGE.read_text(encoding="utf-8") == make.page()


def test_every_name_is_there() -> None:
    named = {preset.name for preset in PRESETS}
    assert [name for name in NAMES if name not in named] == []
    assert sorted(preset.itc2019 for preset in PRESETS if preset.itc2019) == sorted(ITC_2019)


def test_every_kind_has_a_name() -> None:
    assert sorted(KINDS.keys() - {preset.kind for preset in PRESETS}) == ["different_days", "same_attendees"]


@pytest.mark.parametrize("preset", [each for each in PRESETS if each.kind and KINDS[each.kind]], ids=lambda p: p.name)
def test_a_preset_can_be_written(preset: Preset) -> None:
    document = {"kind": preset.kind, "id": "x", "source": "x", **NEEDED.get(preset.kind or "", {}), **preset.parameters}
    rule = TypeAdapter(Constraint).validate_python(document, strict=False)
    assert rule.strength in rule.strengths
    assert rule.sentence().zh

from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints.loads import Load
from tests.factories import space
from tests.verify.small import broken, every, rule

ALL_DAY = [space(hours="00:00-24:00")]


@pytest.mark.parametrize(
    ("measure", "limit", "slots", "holds"),
    [
        ("max_days", {"at_most": 1}, "MO 09:00-10:00; MO 15:00-16:00", True),
        ("max_days", {"at_most": 1}, "MO 09:00-10:00; TU 15:00-16:00", False),
        ("max_day_load", {"minutes": 120}, "MO 09:00-10:00; MO 15:00-16:00", True),
        ("max_day_load", {"minutes": 119}, "MO 09:00-10:00; MO 15:00-16:00", False),
        ("max_breaks", {"at_most": 1}, "MO 09:00-10:00; MO 15:00-16:00", True),
        ("max_breaks", {"gap_minutes": 299}, "MO 09:00-10:00; MO 15:00-16:00", False),
        ("max_breaks", {"gap_minutes": 300}, "MO 09:00-10:00; MO 15:00-16:00", True),
        ("max_block", {"minutes": 119}, "MO 09:00-10:00; MO 10:00-11:00", False),
        ("max_block", {"minutes": 120}, "MO 09:00-10:00; MO 10:00-11:00", True),
        ("min_working_days", {"at_least": 2}, "MO 09:00-10:00; MO 15:00-16:00", False),
        ("compactness", {}, "MO 09:00-10:00; MO 10:00-11:00", True),
        ("compactness", {}, "MO 00:00-01:00; SU 23:00-24:00", False),
    ],
)
def test_a_request_with_two_sessions_is_a_group(measure: str, limit: dict[str, Any], slots: str, holds: bool) -> None:
    found = broken(every("R1", slots), rules=[rule(Load, measure=measure, **limit)], spaces=ALL_DAY)
    assert [each.split()[0] for each in found] == ([] if holds else ["load"])

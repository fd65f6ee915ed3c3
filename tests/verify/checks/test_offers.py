from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.constraints.offers import Limits, Offer, OfferedHours
from tests.verify.small import broken, once, rule

MORNINGS = OfferedHours(days=("MO",), starts="09:00", ends="12:00")


@pytest.mark.parametrize(
    ("when", "more", "holds"),
    [
        ("2026-09-07 09:00-12:00", {}, True),
        ("2026-09-07 09:00-12:01", {}, False),
        ("2026-09-08 09:00-12:00", {}, False),
        ("2026-09-07 09:00-10:00", {"at_most_people": 9}, False),
        ("2026-09-07 09:00-10:00", {"valid_from": date(2026, 9, 8)}, False),
    ],
)
def test_what_is_offered(when: str, more: dict[str, Any], holds: bool) -> None:
    found = broken(once("D1", when), rules=[rule(Offer, **({"spaces": ("S1",), "hours": (MORNINGS,)} | more))])
    assert [each.split()[0] for each in found] == ([] if holds else ["offer"])


@pytest.mark.parametrize(
    ("when", "more", "holds"),
    [
        ("2026-09-07 09:00-10:00", {"start_every": 60}, True),
        ("2026-09-07 09:30-10:30", {"start_every": 60}, False),
        ("2026-09-07 09:00-10:00", {"at_most_minutes": 59}, False),
        ("2026-09-07 09:00-10:00", {"at_least_minutes": 61}, False),
        ("2026-09-07 09:00-10:00", {"at_least_percent": 34}, False),
        ("2026-09-07 09:00-10:00", {"at_least_percent": 33}, True),
    ],
)
def test_measures(when: str, more: dict[str, Any], holds: bool) -> None:
    found = broken(once("D1", when), rules=[rule(Limits, **more)])
    assert [each.split()[0] for each in found] == ([] if holds else ["limits"])

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.constraints.noise import ClearingTime, Curfew, Noise
from scheduler.constraints.terms import Scope
from tests.factories import space
from tests.verify.small import broken, once, rule

QUIET: dict[str, Any] = {"quiet_space": "Q", "days": ("MO",), "neighbours": ("A",), "max_noise": 1}
PLACES = [
    space("Q"),
    space("A", hours="00:00-24:00"),
    space("B", hours="00:00-24:00"),
    space("A+B", parts=("A", "B")),
]


@pytest.mark.parametrize(
    ("when", "place", "level", "disturbs"),
    [
        ("2026-09-07 19:00-20:00", "A", 1, False),
        ("2026-09-07 19:00-20:00", "A", 2, True),
        ("2026-09-07 19:00-20:00", "B", 3, False),
        ("2026-09-07 19:00-20:00", "A+B", 2, True),
        ("2026-09-07 18:00-19:00", "A", 3, False),
        ("2026-09-07 18:00-19:01", "A", 3, True),
        ("2026-09-07 24:29-25:00", "A", 3, True),
        ("2026-09-08 00:29-01:00", "A", 3, True),
        ("2026-09-08 00:30-01:00", "A", 3, False),
        ("2026-09-08 19:00-20:00", "A", 3, False),
        ("2026-09-07 00:00-00:30", "A", 3, False),
    ],
)
def test_next_to_a_quiet_room_nothing_loud_in_its_hours(when: str, place: str, level: int, disturbs: bool) -> None:
    quiet = rule(Noise, **QUIET, starts="19:00", ends="24:30")
    found = [line.split()[0] for line in broken(once("D1", when, place, noise=level), rules=[quiet], spaces=PLACES)]
    assert found == (["noise"] if disturbs else [])


@pytest.mark.parametrize(
    "limit",
    [{"scope": Scope(uses=("other",))}, {"valid_until": "2026-09-06"}, {"valid_from": "2026-09-08"}],
    ids=["another scope", "no longer", "not yet"],
)
def test_it_holds_for_its_scope_and_dates(limit: dict[str, object]) -> None:

    fields: dict[str, Any] = {k: date.fromisoformat(v) if isinstance(v, str) else v for k, v in limit.items()}
    quiet = rule(Noise, **QUIET, starts="19:00", ends="24:30", **fields)
    assert broken(once("D1", "2026-09-07 19:00-20:00", "A", noise=3), rules=[quiet], spaces=PLACES) == []


@pytest.mark.parametrize(
    ("when", "level", "use", "too_late"),
    [
        ("2026-09-07 20:00-21:30", 2, "film", False),
        ("2026-09-07 20:00-21:31", 2, "film", True),
        ("2026-09-07 20:00-22:00", 1, "film", False),
        ("2026-09-07 20:00-22:01", 1, "film", True),
        ("2026-09-07 20:00-21:30", 1, "market", False),
        ("2026-09-07 20:00-21:31", 1, "market", True),
        ("2026-09-07 23:00-24:10", 0, "film", True),
        ("2026-09-07 24:10-25:00", 0, "film", True),
        ("2026-09-08 00:10-01:00", 0, "film", False),
    ],
)
def test_the_square_falls_silent_and_is_cleared(when: str, level: int, use: str, too_late: bool) -> None:
    night = rule(
        Curfew,
        spaces=("A",),
        amplified_from_noise=2,
        amplified_ends="21:30",
        cleared_by="22:00",
        clearing=(ClearingTime(use="market", minutes=30),),
    )
    found = broken(once("D1", when, "A", noise=level, use=use), rules=[night], spaces=PLACES)
    assert [line.split()[0] for line in found] == (["curfew"] if too_late else [])
    assert broken(once("D1", when, "B", noise=level, use=use), rules=[night], spaces=PLACES) == []

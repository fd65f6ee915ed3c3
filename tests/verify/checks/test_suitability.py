from __future__ import annotations

from typing import Any

import pytest

from tests.factories import booking, dated, problem, space
from tests.verify.small import broken, check_lines, every, once

TABLES_AND_ROWS = [space(layouts={"tables": 20, "rows": 40}, features=("piano", "stage"), floor=2)]


@pytest.mark.parametrize(
    ("asked", "heads", "layout", "expected"),
    [
        (("tables",), 20, "tables", []),
        (("tables",), 21, "tables", ["capacity D1 S1 2026-09-07"]),
        (("tables", "rows"), 20, "tables", []),
        (("tables", "rows"), 20, "rows", ["layout D1 S1 2026-09-07"]),
        (("tables", "rows"), 21, "rows", []),
        (("tables", "rows"), 21, "tables", ["layout D1 S1 2026-09-07"]),
        (("tables", "rows"), 41, "rows", ["capacity D1 S1 2026-09-07"]),
        (("beds", "rows"), 20, "rows", []),
        (("beds",), 1, "tables", ["capacity D1 S1 2026-09-07"]),
    ],
)
def test_the_first_layout_with_room_is_used(
    asked: tuple[str, ...], heads: int, layout: str, expected: list[str]
) -> None:
    world = problem(
        [dated("D1", "2026-09-07", "MO 09:00-10:00!", layouts=asked, headcount=heads)], spaces=TABLES_AND_ROWS
    )
    assert check_lines(world, [booking(world, "D1", "2026-09-07 09:00-10:00", layout=layout)]) == expected


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"features": ("piano",)}, []),
        ({"features": ("piano", "stage")}, []),
        ({"features": ("piano", "mirror")}, ["features D1 S1 2026-09-07"]),
        ({"floors": (1, 2)}, []),
        ({"floors": (1, 3)}, ["floors D1 S1 2026-09-07"]),
    ],
)
def test_what_a_request_needs_is_there(needs: dict[str, Any], expected: list[str]) -> None:
    wish = once("D1", "2026-09-07 09:00-10:00", layouts=("rows",), **needs)
    assert broken(wish, spaces=TABLES_AND_ROWS) == expected


def test_a_combination_has_the_features_that_it_names_itself() -> None:
    parts = [space("A", features=("piano",)), space("B"), space("A+B", parts=("A", "B"))]
    wish = once("D1", "2026-09-07 09:00-10:00", "A+B", features=("piano",))
    assert broken(wish, spaces=parts) == ["features D1 A+B 2026-09-07"]


def test_a_series_is_told_once_not_for_every_date() -> None:
    wish = every("R1", "MO 09:00-10:00", features=("mirror",), layouts=("rows",))
    assert broken(wish, spaces=TABLES_AND_ROWS) == ["features R1 S1 2026-09-07"]

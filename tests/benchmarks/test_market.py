"""A tiny market day in the city's form: who comes, what is read, and what both results are measured by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.market import figures, main, read_day
from scheduler.timetable import Pitch


def day(**changes: Any) -> dict[str, Any]:
    """Six stands in two rows, an obstacle after the second; 5 and 6 for fish; a holder of 1 and three who sign up."""
    document: dict[str, Any] = {
        "market": {"name": "Markt", "date": "2021-10-30", "blocked_stands": "STW"},
        "stands": [{"id": str(no), "branches": ["fish"] if no > 4 else [], "own_unit": no == 4} for no in range(1, 7)],
        "rows": [["1", "2", "3"], ["4", "5", "6"]],
        "obstacles": [{"a": "2", "b": "3", "kind": ["tree"]}],
        "branches": [{"id": "fish", "max_stands": 2, "exclusive": True}],
        "vendors": [
            vendor("H", "vpl", fixed_stands=["1"]),
            vendor("A", branches=["fish"], max=2),
            vendor("B", min=2, max=2),
            vendor("C", own_unit=True),
            vendor("D"),
        ],
        "attendance": [{"vendor": v, "attending": v != "D"} for v in "ABCD"],
        "preferences": [{"vendor": "C", "stand": "4", "priority": 1}],
        "a_list": [],
        "official_result": {"assigned": [{"vendor": "H", "stands": ["1"]}, {"vendor": "A", "stands": ["3"]}]},
    }
    return document | changes


def vendor(name: str, status: str = "soll", **more: Any) -> dict[str, Any]:
    like = {"id": name, "status": status, "seniority": 1, "fixed_stands": [], "min": 1, "max": 1, "anywhere": True}
    return like | {"branches": [], "own_unit": False, "absent_from": None, "absent_until": None} | more


def test_who_comes() -> None:
    """The holder without a word, others who signed up."""
    assert [each.id for each in read_day(day()).market.vendors] == ["H", "A", "B", "C"]
    away = [vendor("H", "vpl", fixed_stands=["1"], absent_from="2021-10-01", absent_until="2021-10-30")]
    assert read_day(day(vendors=away)).market.vendors == ()
    off = [{"vendor": "H", "attending": False}]
    assert "H" not in {each.id for each in read_day(day(attendance=off)).market.vendors}


def test_rows_end_at_obstacles() -> None:
    """1 and 2 are neighbours, 2 and 3 are not."""
    market = read_day(day()).market
    assert [(each.no, each.row) for each in market.stalls] == [(2, 0), (3, 0), (5, 0), (7, 1), (8, 1), (9, 1)]


def test_the_city_is_measured_by_the_same_rules() -> None:
    """Its fish stands off the fish stands: one rule broken; of one vendor with a wish none is met."""
    found = read_day(day())
    told = figures(found.market, found.city)
    assert (told["vendors placed"], told["stands empty"], told["rules broken"]) == (2, 4, 1)
    mine = (*found.city[:1], Pitch(vendor="C", night="SA", stalls=(7,)))
    assert figures(found.market, mine)["wishes met: the first wish"] == 1


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """H on 1, A on the two fish stands, C on 4; B finds no two neighbours left."""
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day()), encoding="utf-8")
    assert main([str(path), "--time-limit", "20"]) == 0
    out = capsys.readouterr().out
    assert "vendors placed                               3       2" in out
    assert "rules broken                                 0       1" in out


def test_a_file_that_is_no_market_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "day.json"
    path.write_text("[1]", encoding="utf-8")
    assert main([str(path)]) == 2
    assert "is no market day" in capsys.readouterr().err

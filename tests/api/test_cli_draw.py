"""`gongshi draw`: a month's places on the market, with pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api import cli
from scheduler.problem import Problem
from tests.api.test_cli import BADAHU
from tests.factories import problem, series


def draw(path: Path, month: str, into: Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["draw", str(path), "--month", month, "-o", str(into)])
    return done.exit_code, done.output


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """The reference with a market of one night and six vendors: soon drawn."""
    centre = Problem.model_validate_json(BADAHU.read_bytes())
    assert centre.market is not None
    few = centre.market.model_copy(update={"vendors": centre.market.vendors[24:]})
    path = tmp_path / "problem.json"
    path.write_text(centre.model_copy(update={"market": few}).model_dump_json(), encoding="utf-8")
    return path


def test_places_and_a_picture_of_each_night(market: Path, tmp_path: Path) -> None:
    into = tmp_path / "new" / "draw"
    code, said = draw(market, "2026-09", into)
    assert (code, "vendors without a night: 0 (proved)" in said or "一晚都没有的摊主：0（已证明最优）" in said) == (
        0,
        True,
    )
    assert sorted(each.name for each in into.iterdir()) == ["FR.svg", "SA.svg", "SU.svg", "draw.json"]
    assert json.loads((into / "draw.json").read_text())["month"] == "2026-09"


def test_a_month_that_is_none_and_a_centre_without_a_market(market: Path, tmp_path: Path) -> None:
    code, said = draw(market, "2026-13", tmp_path / "draw")
    assert (code, "2026-13" in said) == (2, True)
    none = tmp_path / "none.json"
    none.write_text(problem([series("R1", "MO 19:00-20:30!")]).model_dump_json(), encoding="utf-8")
    assert draw(none, "2026-09", tmp_path / "draw")[0] == 2
    assert not (tmp_path / "draw").exists()


def test_a_place_that_cannot_be_written(market: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert draw(market, "2026-09", tmp_path / "file" / "draw")[0] == 2

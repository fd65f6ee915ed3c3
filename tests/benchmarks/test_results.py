"""What is kept of a benchmark: everything to judge it by, and nothing of whose machine it was."""

from __future__ import annotations

import argparse
import json
import platform
from datetime import date
from pathlib import Path

from benchmarks.results import keep
from scheduler import __version__
from scheduler.search.stages import SOLVER

DAY = date(2026, 9, 7)


def test_a_result_says_on_what_and_with_what(tmp_path: Path) -> None:
    asked = argparse.Namespace(results=tmp_path, seed=7, file=tmp_path / "week.json", only=None)
    path = keep("city", asked, [{"seconds": 1.23456789}, {"seconds": 2.0}], on=DAY, summary={"gap": 0.1})
    assert path == tmp_path / "2026-09-07-city.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert (found["benchmark"], found["date"], found["summary"]) == ("city", "2026-09-07", {"gap": 0.1})
    assert found["rows"] == [{"seconds": 1.2346}, {"seconds": 2.0}]
    assert found["arguments"] == {"seed": 7, "file": "week.json"}
    assert set(found["machine"]) == {"cores", "cpu", "memory_gib", "system"}
    assert found["machine"]["cores"] > 0
    assert found["machine"]["memory_gib"] > 0
    versions = found["versions"]
    assert versions.pop("commit", "") != ""
    told = {"python": platform.python_version(), "gongshi": __version__}
    assert versions == told | {"ortools": SOLVER.removeprefix("ortools ")}


def test_no_path_and_no_name_of_a_machine(tmp_path: Path) -> None:
    text = keep("city", argparse.Namespace(results=tmp_path, file=tmp_path / "w.json"), []).read_text(encoding="utf-8")
    assert str(tmp_path.parent) not in text
    assert str(Path.home()) not in text or str(Path.home()) == "/"
    assert platform.node() not in text


def test_nothing_is_written_over(tmp_path: Path) -> None:
    asked = argparse.Namespace(results=tmp_path / "new")
    paths = [keep("city", asked, [{"run": run}], on=DAY) for run in range(3)]
    assert [path.name for path in paths] == ["2026-09-07-city.json", "2026-09-07-city-2.json", "2026-09-07-city-3.json"]
    assert [json.loads(path.read_text(encoding="utf-8"))["rows"][0]["run"] for path in paths] == [0, 1, 2]

"""`gongshi check`: what rules would do, and what they cost, for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scheduler.problem import Problem
from scheduler.solve import Solved, solve
from tests.api.test_cli import gongshi, written
from tests.explain.small import closed
from tests.factories import problem, series, space


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A problem and its timetable: R1 in S1, F1 a duty, and a closure that refuses R2."""
    asked = [
        series("R1", "MO 19:00-20:30!", spaces=("S1", "S2")),
        series("F1", "MO 12:00-13:00!", priority="fix"),
        series("R2", "MO 19:00-20:30!", spaces=("S3",)),
    ]
    world = problem(asked, [closed("old", ["S3"])], [space("S1"), space("S2"), space("S3")])
    return written(tmp_path / "problem.json", world), planned(tmp_path / "plan.json", world)


def planned(path: Path, world: Problem) -> Path:
    outcome = solve(world)
    assert isinstance(outcome, Solved)
    path.write_text(outcome.timetable.model_dump_json())
    return path


def rules(tmp_path: Path, *documents: Any) -> Path:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"items": list(documents)}))
    return path


EVENING = json.loads(closed("new", starts="18:00", ends="22:00").model_dump_json())


def test_moves_and_dead_rules_are_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    again = {**EVENING, "id": "twin"}
    other = {**EVENING, "id": "tuesday", "dates": ["2026-09-08"]}
    done = gongshi("check", *files, rules(tmp_path, EVENING, again, other), home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "new: S1 closed 2026-09-07 … 2026-09-14 18:00-22:00"
    assert "  says the same as new" in lines
    assert "  it matches no wish of the season" in lines
    assert lines[-1].startswith("moves: U1 (O1) [R1]: S1 closed")
    assert lines[-1].endswith("from S1 every Mon 19:00-20:30 to S2 every Mon 19:00-20:30")


def test_a_contradiction_ends_with_one_and_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    done = gongshi("check", *files, rules(tmp_path, {**EVENING, "starts": None, "ends": None}), home=tmp_path)
    assert done.returncode == 1
    assert "contradiction (new): U1 (O1) [F1] must be placed and cannot" in done.stdout


def test_costs(files: tuple[Path, Path], tmp_path: Path) -> None:
    done = gongshi("check", *files, "--costs", home=tmp_path)
    assert (done.returncode, done.stdout) == (
        0,
        "old (S3 closed 2026-09-07 … 2026-09-14): without it: class P3 1 → 2 sessions; "
        "fairness 2/5 short or more 1 → 0 bodies\n",
    )
    chinese = gongshi("check", *files, "--costs", home=tmp_path, LANG="zh_CN.UTF-8")
    assert (
        chinese.stdout
        == "old（S3 2026-09-07 … 2026-09-14 停用）：没有它：申请级别 P3 1 → 2 场；公平 缺 2/5 及以上 1 → 0 个主体\n"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "(document)"),
        ('{"rules": []}', "items: found null; expected a list of rules"),
        (
            '{"items": [{"kind": "closd", "id": "x", "source": "s"}]}',
            "items[0].kind: found closd; expected nearest: closed",
        ),
    ],
)
def test_unreadable_rules_end_with_two(files: tuple[Path, Path], tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "rules.json"
    path.write_text(text)
    done = gongshi("check", *files, path, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_without_rules_or_costs_there_is_nothing_to_do(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert gongshi("check", *files, home=tmp_path).returncode == 2

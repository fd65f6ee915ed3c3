"""What commands say: in the terminal's language, short, with what was lost named."""

from __future__ import annotations

import pytest

from api.terminal import show_stages, summary
from scheduler.problem import Problem
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from tests.factories import problem, series


def solved(asked: Problem) -> Timetable:
    outcome = solve(asked, workers=1)
    assert isinstance(outcome, Solved)
    return outcome.timetable


@pytest.fixture(scope="module")
def asked() -> Problem:
    """Two want one slot; a third wants two sessions where one is possible."""
    return problem(
        [
            series("R1", "MO 19:00-20:30!"),
            series("R2", "MO 19:00-20:30!"),
            series("R3", "TU 19:00-20:30!", per_week=2, min_sessions=1),
        ]
    )


def test_in_full_in_part_and_not_are_told_apart(asked: Problem) -> None:
    zh, en = summary(asked, solved(asked))
    assert en == "3 requests: 1 granted in full, 1 in part, 1 not; 4 dates (optimal)"
    assert zh == "3 份申请：1 份全部满足，1 份部分满足，1 份未满足；共 4 场次（已证明最优）"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en_GB.UTF-8",
            ["duties 0 sessions proved", "class P3 2 sessions proved R1, R3 (1/2)", "wishes 0 points proved"],
        ),
        (
            "zh_CN.UTF-8",
            ["固定任务 0 场 已证明最优", "申请级别 P3 2 场 已证明最优 R1, R3 (1/2)", "心愿 0 分 已证明最优"],
        ),
    ],
)
def test_each_stage_has_a_line(
    asked: Problem, language: str, lines: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    show_stages(asked, solved(asked))
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line not in told] == [], told

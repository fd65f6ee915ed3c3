"""Whether the stages that a timetable states are those of the policy, with the values that its bookings have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose

from scheduler.constraints.terms import Sentence
from scheduler.timetable import StageResult, Timetable
from scheduler.verify.plan import Finding
from scheduler.verify.score import SENSES, StageValue

_ROUNDING = 1e-3
"""A gap may be told rounded."""


def stage_findings(timetable: Timetable, stages: Sequence[StageValue]) -> Iterator[Finding]:
    """Every stage has its place, value, sense, bound, gap and status; the whole is optimal when all in force are."""
    told = [(s.stage, s.of) for s in timetable.stages]
    right = [(s.stage, s.of) for s in stages]
    if told != right:
        shown = (" ".join(_name(*each) for each in side) for side in (told, right))
        yield _finding("各级目标为 {} ，应为 {}", "the stages are {}, the policy's are {}", *shown)
        return
    for result, stage in zip(timetable.stages, stages, strict=True):
        yield from _one(result, stage)
    pairs = zip(timetable.stages, stages, strict=True)
    proved = all(told.status == "optimal" for told, stage in pairs if stage.in_force)
    if (timetable.status == "optimal") != proved:
        yield _finding("排期状态写的是 {}，与各级目标不一致", "the status {} contradicts the stages", timetable.status)


def kept_to(timetable: Timetable, previous: Timetable | None, released: Timetable | None) -> Iterator[Finding]:
    """The previous and the released timetable that are given are those that this one names."""
    if timetable.previous is not None and previous is not None and previous.fingerprint() != timetable.previous:
        yield _finding("提供的上一版不是它所依据的那一版", "the previous timetable that is given is another one")
    if timetable.released is not None and released is not None and released.fingerprint() != timetable.released:
        yield _finding("提供的现行版不是它所写的那一版", "the released timetable that is given is another one")
    if timetable.released is not None and timetable.previous is None:
        yield _finding("写了现行版，却没有写所依据的上一版", "it names a release, and no timetable that it keeps to")


def told_changes(timetable: Timetable) -> int | None:
    """What a timetable that keeps to another says of `stability`; None when it keeps to none."""
    if timetable.previous is None:
        return None
    return next((each.value for each in timetable.stages if each.stage == "stability"), 0)


def _one(result: StageResult, stage: StageValue) -> Iterator[Finding]:
    name = _name(stage.stage, stage.of)
    if result.value != stage.value:
        yield _finding(
            "目标 {} 的值写的是 {}，按预订应为 {}",
            "stage {} states the value {}, the bookings give {}",
            name,
            result.value,
            stage.value,
        )
    if result.sense != SENSES[stage.stage] and stage.in_force:
        yield _finding("目标 {} 的方向应为 {}", "the sense of stage {} should be {}", name, SENSES[stage.stage])
    if not stage.in_force:
        if (result.status, result.bound, result.gap) != ("not_in_force", 0, 0):
            yield _finding("目标 {} 尚未启用，却不是这样写的", "stage {} is not in force, and not told so", name)
        return
    wrong_side = result.bound < result.value if result.sense == "max" else result.bound > result.value
    if wrong_side:
        yield _finding(
            "目标 {} 的界 {} 与值 {} 矛盾",
            "stage {}: the bound {} contradicts the value {}",
            name,
            result.bound,
            result.value,
        )
    right_status = "optimal" if result.bound == result.value else "feasible"
    if result.status != right_status:
        yield _finding(
            "目标 {} 的状态写的是 {}，应为 {}",
            "stage {} has the status {}, it should be {}",
            name,
            result.status,
            right_status,
        )
    if not isclose(result.gap, gap(result.value, result.bound), abs_tol=_ROUNDING):
        yield _finding(
            "目标 {} 的差距写的是 {}，应为 {}",
            "stage {} has the gap {}, it should be {}",
            name,
            result.gap,
            round(gap(result.value, result.bound), 4),
        )


def gap(value: int, bound: int) -> float:
    """The distance of value and bound as a share of the larger; 0 when they are the same."""
    return 0.0 if value == bound else abs(value - bound) / max(abs(value), abs(bound))


def _name(stage: str, of: str | None) -> str:
    return f"{stage}({of})" if of else stage


def _finding(zh: str, en: str, *parts: str | int | float) -> Finding:
    return Finding(rule="stages", sentence=Sentence(zh=zh.format(*parts), en=en.format(*parts)))

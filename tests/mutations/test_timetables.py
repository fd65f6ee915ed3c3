"""Seeded faults in the timetable of the reference centre: the verifier tells each by the rule that it breaks."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints import KINDS
from scheduler.timetable import Timetable
from scheduler.verify import verify
from tests.journeys.centre import centre, season
from tests.mutations.draft import Draft
from tests.mutations.in_new_rules import FAULTS

IN_FORCE = [
    ("duties", None),
    *(("classes", name) for name in ("P1", "P2", "P3", "P4", "P5")),
    ("own_rank", None),
    ("wishes", None),
    ("lot", None),
]


def rules(draft: Draft, timetable: Timetable) -> set[str]:
    return {violation.rule for violation in verify(draft.problem, timetable).violations}


def draft() -> Draft:
    return Draft(centre(), season())


def test_without_a_fault_it_holds() -> None:
    assert season().status == "optimal"
    assert rules(draft(), season()) == set()
    assert draft().timetable() == season()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_by_its_rules(name: str) -> None:
    falsify, expected = FAULTS[name]
    falsified = draft()
    falsify(falsified)
    assert rules(falsified, falsified.timetable()) == expected


def test_every_kind_of_rule_has_a_fault() -> None:
    assert sorted(KINDS.keys() - set().union(*(expected for _, expected in FAULTS.values()))) == []


@pytest.mark.parametrize("off", [-1, 1])
@pytest.mark.parametrize(("stage", "of"), IN_FORCE, ids=str)
def test_a_score_that_is_off_by_one_is_told(stage: str, of: str | None, off: int) -> None:
    falsified = draft()
    value = falsified.value_of(stage, of).value + off
    falsified.stage(stage, of, value=value, bound=value)
    assert rules(falsified, falsified.timetable()) == {"stages"}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"bound": 17, "status": "feasible", "gap": 0.055556}, id="a bound below the value"),
        pytest.param({"bound": 19, "status": "feasible", "gap": 0.5}, id="a wrong gap"),
        pytest.param({"bound": 19, "gap": 0.052632}, id="optimal, though a bound is left"),
        pytest.param({"status": "feasible"}, id="feasible, though proved"),
        pytest.param({"sense": "min"}, id="the wrong sense"),
        pytest.param({"of": "P9"}, id="a class that is not there"),
    ],
)
def test_a_stage_told_wrongly_is_told(fields: dict[str, Any]) -> None:
    falsified = draft()
    assert falsified.value_of("classes", "P1").value == 18
    falsified.stage("classes", "P1", **fields)
    assert rules(falsified, falsified.timetable()) == {"stages"}


def test_a_stage_with_a_gap_that_is_told_rightly_holds() -> None:
    honest = draft()
    honest.stage("classes", "P1", bound=19, status="feasible", gap=round(1 / 19, 6))
    honest.more["status"] = "feasible"
    assert rules(honest, honest.timetable()) == set()


@pytest.mark.parametrize("fields", [{"status": "optimal"}, {"value": 1}, {"bound": 1}], ids=str)
def test_a_stage_that_is_not_in_force_has_no_value(fields: dict[str, Any]) -> None:
    falsified = draft()
    falsified.stage("stability", **fields)
    assert rules(falsified, falsified.timetable()) == {"stages"}


def test_a_stage_left_out_is_told() -> None:
    falsified = draft()
    falsified.honest = False
    falsified.stages.pop()
    assert rules(falsified, falsified.timetable()) == {"stages"}


def test_a_status_that_the_stages_contradict_is_told() -> None:
    falsified = draft()
    falsified.more["status"] = "feasible"
    assert rules(falsified, falsified.timetable()) == {"stages"}


def test_a_lot_drawn_from_another_seed_is_told() -> None:
    falsified = draft()
    falsified.honest = False
    falsified.more["seed"] = season().seed + 1
    assert rules(falsified, falsified.timetable()) == {"stages"}

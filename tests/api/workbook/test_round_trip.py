"""The workbook round trip: what is written is read again as the same problem, and written again as the same bytes."""

from __future__ import annotations

import io
from importlib import import_module

import pytest
from openpyxl import load_workbook

from api.workbook.read import read_workbook
from api.workbook.write import TooLongError, write_workbook
from fixtures.tiny.cases import CASES
from scheduler.constraints import FAMILIES
from scheduler.wellformed import faults_of
from tests.factories import patterns, problem, series, space
from tests.journeys.centre import centre
from tests.test_tiny import problem_of


def test_the_reference_centre_comes_back() -> None:
    found = read_workbook(write_workbook(centre()))
    assert found.problem == centre()
    assert found.problem.fingerprint() == centre().fingerprint()
    assert found.counts == {"空间": 16, "组织": 40, "用途": 25, "申请": 121, "规则": 14}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_tiny_problem_comes_back(case: str) -> None:
    asked = problem_of(case)
    assert read_workbook(write_workbook(asked)).problem == asked


def test_patterns_costs_and_rules_of_every_kind_come_back() -> None:
    """Every kind of rule in the worlds of its tests, and requests whose options say when."""
    worlds = [world for family in FAMILIES for world in import_module(f"tests.constraints.test_{family}").WORLDS]
    rules = {rule.kind: world for world in worlds if not faults_of(world.problem) for rule in world.problem.constraints}
    assert {"relation", "load", "offer", "limits", "choice", "growth", "pin", "sharing", "quota"} <= rules.keys()
    for kind, world in rules.items():
        assert read_workbook(write_workbook(world.problem)).problem == world.problem, kind
    asked = patterns("R1", "MO,TU 09:00 1 +5", "WE 10:00 90m", spaces=("S1", "E"), space_costs=(0, 3))
    elsewhere = problem([asked], (), (space(), space("E", unlimited=True, hours=())))
    assert read_workbook(write_workbook(elsewhere)).problem == elsewhere


def test_the_same_problem_gives_the_same_bytes() -> None:
    assert write_workbook(centre()) == write_workbook(centre())


def test_it_reads_as_people_would_write() -> None:
    """By hand, from the scenario: R030, the choir, SA 09:00-11:00 preferred, SU acceptable, in S07 with a piano."""
    sheet = load_workbook(io.BytesIO(write_workbook(centre())))["申请"]
    [row] = [row for row in sheet.iter_rows(values_only=True) if row[0] == "R030"]
    assert row[:6] == ("R030", "O19", "U10", 60, 120, 1)
    assert row[11:16] == ("周六 09:00-11:00 首选；周日 09:00-11:00 可以", "S07", "open", "piano", 3)


def test_names_keep_their_signs() -> None:
    """Full-width brackets in a name are part of it."""
    world = problem([series("R1", "MO 19:00-20:30!")])
    uses = tuple(each.model_copy(update={"name": "合唱（一）＋"}) for each in world.uses)
    named = world.model_copy(update={"uses": uses})
    assert read_workbook(write_workbook(named)).problem == named


def test_what_no_cell_can_hold_is_refused() -> None:
    world = problem([series("R1", "MO 19:00-20:30!")])
    notes = tuple(each.model_copy(update={"note": "x" * 40_000}) for each in world.requests)
    with pytest.raises(TooLongError):
        write_workbook(world.model_copy(update={"requests": notes}))

"""Seeded faults in the verifier: every one is noticed by a truth table or a world, in its own direction."""

from __future__ import annotations

import pytest

from scheduler.constraints import KINDS
from tests.constraints.cases import Truth
from tests.mutations.faults import Fault, control, noticed
from tests.mutations.in_checks import CHECKS as OLDER
from tests.mutations.in_checks import UNDERNEATH
from tests.mutations.in_terms import TERMS
from tests.mutations.in_validity import CHECKS as DATED
from tests.mutations.in_vocabulary import CHECKS as NEWER
from tests.mutations.terms import TRUTH

CHECKS = [*OLDER, *NEWER, *DATED]


@pytest.mark.parametrize("fault", [*CHECKS, *UNDERNEATH, *TERMS], ids=str)
def test_the_fault_is_noticed(fault: Fault) -> None:
    assert noticed(fault, "verifier") != "", "nothing was noticed: add a row or a world to the tests of the family"


@pytest.mark.parametrize("family", ["noise", "pin", "terms"])
def test_without_a_fault_nothing_is_noticed(family: str) -> None:
    assert noticed(control(family), "verifier") == ""


def test_every_kind_has_a_fault_in_both_directions() -> None:
    seeded = {(fault.kind, fault.direction) for fault in CHECKS}
    assert sorted({(kind, way) for kind in KINDS for way in ("loose", "strict")} - seeded) == []


def test_every_term_of_the_table_has_a_fault() -> None:
    assert {row.breaks for row in TRUTH if not row.holds} - {"date_loss"} == {fault.kind for fault in TERMS}


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_the_table_of_terms_is_true(case: Truth) -> None:
    from scheduler.verify import check

    assert {v.rule for v in check(case.problem, case.bookings)} == (set() if case.holds else {case.breaks})

"""Seeded faults in the model: every one is noticed by a truth table or a world of its family, in its own direction."""

from __future__ import annotations

import pytest

from scheduler.constraints import FAMILIES, KINDS
from tests.mutations.faults import Fault, control, noticed
from tests.mutations.in_model import MODEL
from tests.mutations.in_postings import POSTINGS as OLDER
from tests.mutations.in_validity import POSTINGS as DATED
from tests.mutations.in_vocabulary import POSTINGS as NEWER

POSTINGS = [*OLDER, *NEWER, *DATED]


@pytest.mark.parametrize("fault", [*POSTINGS, *MODEL], ids=str)
def test_the_fault_is_noticed(fault: Fault) -> None:
    assert noticed(fault, "model") != "", "nothing was noticed: add a row or a world to the tests of the family"


@pytest.mark.parametrize("family", FAMILIES)
def test_without_a_fault_nothing_is_noticed(family: str) -> None:
    assert noticed(control(family), "model") == ""


def test_every_kind_has_a_fault_in_both_directions() -> None:
    seeded = {(fault.kind, fault.direction) for fault in POSTINGS}
    assert sorted({(kind, way) for kind in KINDS for way in ("loose", "strict")} - seeded) == []


def test_a_fault_whose_text_is_gone_is_not_silent() -> None:
    rotten = Fault("pin", "loose", "no such line", "pin", "scheduler/model/posts/pin.py", "no such line", "")
    with pytest.raises(AssertionError, match="0 times"):
        noticed(rotten, "model")


def test_a_fault_that_cannot_run_is_not_silent() -> None:
    broken = Fault("pin", "loose", "no module", "pin", "scheduler/model/posts/pin.py", 'ONCE = {"pin"', "ONCE = {pin")
    with pytest.raises(RuntimeError, match="NameError"):
        noticed(broken, "model")

from __future__ import annotations

from importlib import import_module

import pytest

from scheduler import constraints
from scheduler.verify import checks


def test_the_families_are_those_of_the_vocabulary() -> None:
    assert checks.FAMILIES == constraints.FAMILIES


@pytest.mark.parametrize("family", constraints.FAMILIES)
def test_a_family_checks_exactly_its_kinds(family: str) -> None:
    checked = import_module(f"scheduler.verify.checks.{family}").CHECKS
    assert sorted(checked) == sorted(import_module(f"scheduler.constraints.{family}").KINDS)

"""Every field of every kind of rule, wrong in every way: told with its place and what is allowed, never by a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from scheduler.constraints import FAMILIES, KINDS
from scheduler.problem import Problem
from scheduler.wellformed import Fault, ProblemError, read_problem

WRONG: tuple[Any, ...] = (
    *(None, True, "", "x", "\u0000", "一" * 3000, -1, 0, 1.5, 10**12, [], {}),
    *([None], ["x"], ["MO", "MO"], {"x": 1}, [[]], [{}]),
)


def worlds() -> dict[str, Problem]:
    """A problem with a rule of each kind."""
    every = [world for family in FAMILIES for world in import_module(f"tests.constraints.test_{family}").WORLDS]
    return {rule.kind: world.problem for world in every for rule in world.problem.constraints}


WORLDS = worlds()


def places(value: Any, loc: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document."""
    yield loc
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*loc, key))


def spoilt(document: Any, loc: tuple[str | int, ...], wrong: Any) -> Any:
    """The document with something else at a place."""
    if not loc:
        return wrong
    copy = json.loads(json.dumps(document))
    at = copy
    for key in loc[:-1]:
        at = at[key]
    at[loc[-1]] = wrong
    return copy


def faults_in(document: Any) -> tuple[Fault, ...]:
    """What is wrong with a problem; nothing when it is well formed."""
    try:
        read_problem(json.dumps(document))
    except ProblemError as error:
        return error.faults
    return ()


@pytest.mark.parametrize("kind", sorted(kind for kind, schema in KINDS.items() if schema is not None))
def test_whatever_is_wrong_is_told_with_its_place(kind: str) -> None:
    problem = json.loads(WORLDS[kind].model_dump_json())
    number = next(n for n, rule in enumerate(problem["constraints"]) if rule["kind"] == kind)
    refused = 0
    for loc in [each for each in places(problem["constraints"][number], ()) if each]:
        for wrong in WRONG:
            faults = faults_in(spoilt(problem, ("constraints", number, *loc), wrong))
            refused += bool(faults)
            assert all(fault.expected.zh and fault.expected.en and len(fault.found) <= 200 for fault in faults)
            # Where the rule is called something else, what names it may be told instead.
            mine = [fault for fault in faults if fault.loc[:2] == ("constraints", number)]
            assert mine or not faults or loc[0] in {"id", "kind"}, (loc, wrong, faults)
    assert refused > 50

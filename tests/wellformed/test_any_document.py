"""Whatever is written into a document, reading it ends in a problem or in faults, never in another error."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import fixtures.badahu
from scheduler.wellformed import Fault, ProblemError, faults_of, read_problem

REFERENCE = (Path(fixtures.badahu.__file__).parent / "problem.json").read_text(encoding="utf-8")
STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    10**12,
    1.5,
    "",
    "x",
    "S01",
    "R001",
    "23:59",
    "24:30",
    "47:59",
    "2026-09-07",
    "9999-12-31",
    "closed",
    "\u0000",
    [],
    {},
    [[]],
    {"kind": "pin"},
    "x" * 5_000,
]


def places(value: Any, loc: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place of a document, its inner ones too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [loc] * bool(loc) + [place for step, each in inner for place in places(each, (*loc, step))]


PLACES = places(json.loads(REFERENCE))


def mutated(seed: int, times: int) -> str:
    """The reference with some places changed: removed, doubled, overwritten, or given another place's value."""
    draw = random.Random(seed)
    document = json.loads(REFERENCE)
    for _ in range(times):
        way: list[Any] = list(draw.choice(PLACES))
        last = way.pop()
        inner: Any = document
        other: Any = document
        try:
            for step in way:
                inner = inner[step]
            for step in draw.choice(PLACES):
                other = other[step]
            match draw.randrange(4):
                case 0:
                    del inner[last]
                case 1 if isinstance(inner, list):
                    inner.append(copy.deepcopy(inner[last]))
                case 2:
                    inner[last] = copy.deepcopy(other)
                case _:
                    inner[last] = draw.choice(STRANGE)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken the place away
    return json.dumps(document)


@pytest.mark.parametrize("seed", range(100))
def test_a_mutated_reference_is_read_or_refused(seed: int) -> None:
    document = mutated(seed, times=1 + seed % 5)
    faults: tuple[Fault, ...] = ()
    try:
        problem = read_problem(document)
    except ProblemError as error:
        faults = error.faults
    else:
        assert faults_of(problem) == ()
    assert all(each.found and each.expected.zh and each.expected.en for each in faults)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["community", "season", "requests", "spaces", "x"]), JSON))
def test_any_object_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ProblemError):
        read_problem(json.dumps(document))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
@example(b'{"a": "\\ud800"}')
@example(b'{"\\ud800": 1}')
@example(b'"' + b"[" * 100)
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ProblemError):
        read_problem(data)

"""In worlds drawn at random, with rules of all kinds mixed, solver and checker accept the same sets of bookings."""

from __future__ import annotations

from datetime import date
from itertools import chain, product
from math import prod
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from scheduler.constraints.availability import TypedWindow
from scheduler.constraints.choices import Growth
from scheduler.constraints.loads import Load
from scheduler.constraints.noise import Noise
from scheduler.constraints.offers import Limits
from scheduler.constraints.pin import Pin
from scheduler.constraints.relations import Relation
from scheduler.problem import Problem
from scheduler.verify.core import accepts
from scheduler.verify.world import World
from scheduler.wellformed import faults_of
from tests.constraints.both_ways import costs_differ, options, plan, show, solver_side
from tests.properties.worlds import Scene, starts_of, worlds

MOST = 400
"""Sets of bookings that the checker is asked about in one world, at most."""


def sides_differ(problem: Problem, scene: Scene) -> str:
    """What only one side accepts, in words. Here only the spaces that a request names are tried, and all starts."""
    dates = [date.fromisoformat(day) for day in scene.tried]
    each = [
        options(
            problem, request, starts_of(problem.requests), dates, [s for s in problem.spaces if s.id in request.spaces]
        )
        for request in problem.requests
    ]
    assume(prod(map(len, each)) <= MOST)
    world, ours = World(problem), solver_side(problem)
    everything = (tuple(chain.from_iterable(choice)) for choice in product(*each))
    theirs = {plan(made) for made in everything if accepts(world, made)}
    loose, strict = sorted(map(show, ours - theirs)), sorted(map(show, theirs - ours))
    lines = [f"too loose, the checker refuses: {text}" for text in loose[:3]]
    lines += [f"too strict, the solver misses: {text}" for text in strict[:3]]
    return "\n".join(lines)


def meant(problem: Problem) -> bool:
    """Well formed, but that a wish or a rule may name a feature, floor, layout or space that is not there."""
    return {fault.code for fault in faults_of(problem)} <= {"unknown_id"}


def agree(drawn: tuple[Problem, Scene]) -> None:
    problem, scene = drawn
    assume(meant(problem))
    assert sides_differ(problem, scene) == ""


CALM: dict[str, Any] = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck)}
"""The same worlds every time; a new one that is found to differ goes, reduced, into the tests of its family."""


@settings(max_examples=500, **CALM)
@given(worlds())
def test_solver_and_checker_accept_the_same(drawn: tuple[Problem, Scene]) -> None:
    agree(drawn)


SOFT = (Relation, Load, Limits, Growth, TypedWindow, Noise, Pin)


@settings(max_examples=150, **CALM)
@given(worlds())
def test_solver_and_checker_count_the_same(drawn: tuple[Problem, Scene]) -> None:
    """What rules that should hold cost, for every solution of a world in which all that may be are wishes."""
    asked, _ = drawn
    rules = [
        rule.model_copy(update={"strength": "should", "weight": 3 + place}) if isinstance(rule, SOFT) else rule
        for place, rule in enumerate(asked.constraints)
    ]
    asked = asked.model_copy(update={"constraints": tuple(rules)})
    assume(meant(asked) and any(rule.strength == "should" for rule in rules))
    assert [line for line in costs_differ(asked).splitlines() if "proves nothing" not in line] == []


@pytest.mark.long
@settings(max_examples=6000, **CALM)
@given(worlds())
def test_solver_and_checker_accept_the_same_in_thousands_of_worlds(drawn: tuple[Problem, Scene]) -> None:
    agree(drawn)

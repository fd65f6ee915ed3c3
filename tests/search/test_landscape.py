"""What is known of placements before there is a model never hides a part of a solution."""

from __future__ import annotations

import random
from datetime import date
from itertools import islice

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler.constraints.relations import Relation
from scheduler.model.build import build, candidates_of
from scheduler.placements.facts import Facts, hhmm
from scheduler.problem import Problem
from scheduler.search.every import all_solutions
from scheduler.search.landscape import Landscape
from tests.factories import patterns, problem, space
from tests.properties.test_random_worlds import meant
from tests.properties.worlds import Scene, worlds


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.randoms(use_true_random=False))
def test_beside_what_stays_every_solution_is_still_there(drawn: tuple[Problem, Scene], rng: random.Random) -> None:
    asked, _ = drawn
    assume(meant(asked))
    facts = Facts(asked)
    candidates = candidates_of(facts)
    look = Landscape(facts, candidates)
    for taken, _ in islice(all_solutions(build(facts, candidates)), 40):
        plan: dict[str, tuple[int, ...]] = {}
        for number in sorted(taken):
            request = candidates.placements[number].request.id
            plan[request] = (*plan.get(request, ()), number)
        free = {request for request in plan if rng.random() < 0.5}
        stays = {request: there for request, there in plan.items() if request not in free}
        opened = look.open(free, stays)
        assert all(set(plan[request]) <= set(opened[request].tolist()) for request in free)


def dear() -> tuple[Landscape, dict[str, int]]:
    """R1 costs 0 at nine and 4 at ten; so does R2, in another room; both at one hour break a wish worth 3."""
    asks = [
        patterns("R1", "MO 09:00", "MO 10:00 +4", spaces=("A",), priority="fix"),
        patterns("R2", "MO 09:00", "MO 10:00 +4", spaces=("B",), priority="fix"),
        patterns("R3", "MO 09:00 +2", spaces=("C",), priority="fix"),
    ]
    rule = Relation(id="r", source="x", relation="not_overlap", strength="should", weight=3)
    facts = Facts(problem(asks, [rule], [space("A"), space("B"), space("C")]))
    candidates = candidates_of(facts)
    return Landscape(facts, candidates), {"-".join(p.key[::2]): p.index for p in candidates.placements}


def test_only_what_is_too_dear_for_any_better_plan_is_left_out() -> None:
    look, at = dear()
    nine, ten = at["R1-09:00"], at["R1-10:00"]
    plan = {"R1": (nine,), "R2": (at["R2-09:00"],), "R3": (at["R3-09:00"],)}
    stays = {"R2": plan["R2"], "R3": plan["R3"]}
    there = look.open(["R1"], stays)
    assert there["R1"].tolist() == [nine, ten]

    def kept(most: int) -> list[int]:
        return [int(number) for number in look.cheap(there, plan, stays, most)["R1"]]

    # R2 and R3 cost 2, and 3 together at nine; R1 adds 6 at nine (it breaks two pairs), and 4 at ten.
    assert kept(11) == [nine, ten]
    assert kept(10) == [ten]
    assert kept(9) == [ten]
    assert kept(8) == []


@pytest.mark.parametrize(("until", "left"), [(None, {"09:00"}), (13, {"09:00", "10:00 in week 2"}), (14, {"09:00"})])
def test_a_time_without_a_date_of_the_rule_breaks_nothing(until: int | None, left: set[str]) -> None:
    asks = [patterns("R1", "MO 09:00", "MO 10:00 2", spaces=("A",)), patterns("R2", "MO 09:00", spaces=("B",))]
    rule = Relation(
        id="r", source="x", relation="same_start", valid_until=None if until is None else date(2026, 9, until)
    )
    facts = Facts(problem(asks, [rule], [space("A"), space("B")]))
    candidates = candidates_of(facts)
    first, second, other = (p.index for p in candidates.placements)
    told = {first: "09:00", second: "10:00 in week 2"}
    opened = Landscape(facts, candidates).open(["R1"], {"R2": (other,)})
    assert {told[number] for number in opened["R1"].tolist()} == left


def in_order() -> tuple[Landscape, dict[str, int]]:
    """R1 and then R2, each at nine, ten or eleven of Monday, in rooms of their own."""
    hours = ("MO 09:00", "MO 10:00", "MO 11:00")
    asks = [patterns("R1", *hours, spaces=("A",)), patterns("R2", *hours, spaces=("B",))]
    facts = Facts(problem(asks, [Relation(id="r", source="x", relation="precedence")], [space("A"), space("B")]))
    candidates = candidates_of(facts)
    return Landscape(facts, candidates), {"-".join(p.key[::2]): p.index for p in candidates.placements}


@pytest.mark.parametrize(("stays", "opened", "left"), [("R2-10:00", "R1", "R1-09:00"), ("R1-10:00", "R2", "R2-11:00")])
def test_who_comes_first_and_who_comes_second_are_told_apart(stays: str, opened: str, left: str) -> None:
    look, at = in_order()
    assert look.open([opened], {stays[:2]: (at[stays],)})[opened].tolist() == [at[left]]


def test_who_would_break_a_rule_with_a_placement_is_named() -> None:
    look, at = in_order()
    plan = {"R1": (at["R1-10:00"],)}
    assert look.broken_with("R2", at["R2-09:00"], plan) == {"R1"}
    assert look.broken_with("R2", at["R2-11:00"], plan) == set()


def test_who_needs_the_same_part_at_the_same_time_is_in_the_way() -> None:
    asks = [
        patterns("R1", "MO 09:00", "MO 10:00", spaces=("A",)),
        patterns("R2", "MO 09:30", "TU 09:30", spaces=("hall",)),
        patterns("R3", "MO 09:00", spaces=("B",)),
    ]
    facts = Facts(problem(asks, [], [space("A"), space("B"), space("hall", parts=("A", "B"))]))
    candidates = candidates_of(facts)
    at = {f"{p.request.id}-{('MO', 'TU')[p.weekday]}-{hhmm(p.start)}": p.index for p in candidates.placements}
    look, every = Landscape(facts, candidates), np.arange(len(candidates.placements))
    assert look.colliding(at["R1-MO-09:00"], every) == [at["R1-MO-09:00"], at["R2-MO-09:30"]]
    assert look.colliding(at["R2-MO-09:30"], every) == [
        at["R1-MO-09:00"],
        at["R1-MO-10:00"],
        at["R2-MO-09:30"],
        at["R3-MO-09:00"],
    ]
    assert look.colliding(at["R2-TU-09:30"], every) == [at["R2-TU-09:30"]]

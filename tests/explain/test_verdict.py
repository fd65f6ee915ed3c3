"""Whether rules may take force: not where duties and pins collide with them, and would not without."""

from __future__ import annotations

from typing import Any

from scheduler.constraints.choices import Choice
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.explain import judge_rules
from scheduler.problem import Problem
from tests.explain.small import closed
from tests.factories import problem, series, space

HALLS = [space("S1"), space("S2")]


def duty(name: str, *spaces: str, windows: str = "MO 19:00-20:30!", **more: Any) -> Any:
    return series(name, windows, spaces=spaces, priority="fix", **more)


def found(world: Problem, *rules: ConstraintBase, **more: Any) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    verdict = judge_rules(world, rules, **more)
    assert (verdict.problem, verdict.rules) == (world.fingerprint(), tuple(rule.id for rule in rules))
    return [(each.rules, each.requests) for each in verdict.contradictions]


def test_a_duty_that_is_left_no_place() -> None:
    world = problem([duty("F", "S1", "S2"), series("R", "MO 19:00-20:30!", spaces=("S1",))], spaces=HALLS)
    assert found(world, closed("a")) == []
    assert found(world, closed("a"), closed("b", ["S2"])) == [(("a", "b"), ("F",))]
    assert found(world, closed("a", ["S1", "S2"]), closed("b", ["S2"])) == [(("a",), ("F",))]


def test_a_rule_that_is_there_is_named_with_the_new_one() -> None:
    world = problem([duty("F", "S1", "S2")], [closed("old", ["S2"])], HALLS)
    assert found(world, closed("a")) == [(("old", "a"), ("F",))]


def test_one_set_after_another_until_the_time_is_over() -> None:
    world = problem([duty("F", "S1"), duty("G", "S2")], spaces=HALLS)
    both = (closed("a"), closed("b", ["S2"]))
    assert sorted(found(world, *both)) == [(("a",), ("F",)), (("b",), ("G",))]
    assert len(found(world, *both, time_limit=0)) == 1
    assert len(found(world, *both, stop=lambda: True)) == 1


def test_what_collides_anyway_is_nobodys_fault() -> None:
    world = problem([duty("F", "S1"), duty("G", "S1")], spaces=HALLS)
    assert found(world, closed("a")) == []


def test_a_rule_in_anothers_stead_may_mend_a_collision_and_not_carry_it_on() -> None:
    world = problem([duty("F", "S1")], [closed("a")], HALLS)
    assert found(world, closed("a", ["S2"])) == []
    assert found(world, closed("a", ["S1", "S2"])) == [(("a",), ("F",))]


def test_a_permission_that_is_made_smaller_is_of_all_new_rules() -> None:
    """F and G share the hall. A permission is no culprit by itself: what was in its stead is not named."""
    asked = [duty("F", "S1", use="U1"), duty("G", "S1", use="U2")]
    wide = Sharing(id="s", source="办法", space="S1", layout="room", seats=30, uses=("U1", "U2"))
    world = problem(asked, [wide], HALLS)
    assert found(world, wide.model_copy(update={"seats": 15})) == [((), ("F", "G"))]


def test_a_pin_and_a_rule_that_needs_company() -> None:
    """All or none: F has to be placed, so R has to be as well, and cannot."""
    asked = [duty("F", "S1"), series("R", "MO 19:00-20:30!", spaces=("S2",))]
    linked = Choice(id="c", source="办法", linked=True, scope=Scope(requests=("F", "R")))
    assert found(problem(asked, spaces=HALLS), linked) == []
    assert found(problem(asked, spaces=HALLS), linked, closed("x", ["S2"])) == [(("c", "x"), ("F",))]
    assert found(problem([*asked, series("P", "MO 19:00-20:30!", spaces=("S1",))], spaces=HALLS),
                 Pin(id="p", source="书记", request="P")) == [(("p",), ("F", "P"))]  # fmt: skip

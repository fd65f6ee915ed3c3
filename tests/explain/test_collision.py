"""What collides when duties cannot all be placed: the smallest set, whatever else is in the problem."""

from __future__ import annotations

from scheduler.constraints.availability import Closed
from scheduler.constraints.choices import Choice
from scheduler.constraints.loads import Load
from scheduler.constraints.offers import Offer, OfferedHours
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.explain.collision import Collision, collide
from scheduler.problem import Problem, Request
from scheduler.solve import Infeasible, solve
from tests.explain.small import MONDAYS
from tests.factories import problem, series, space

ELSEWHERE = series("R0", "WE 09:00-10:00!", priority="fix")
HARMLESS = Load(id="harmless", source="x", measure="max_days", at_most=7)


def found(*requests: Request, rules: tuple[ConstraintBase, ...] = ()) -> Collision:
    asked: Problem = problem([ELSEWHERE, *requests], [HARMLESS, *rules], [space(), space("S2")])
    outcome = solve(asked)
    assert isinstance(outcome, Infeasible)
    assert outcome.collision == collide(asked)
    return outcome.collision


def named(collision: Collision) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return collision.requests, collision.constraints


def test_a_rule_that_lists_requests_which_are_no_duties_is_no_obstacle() -> None:
    rule = Relation(id="r", source="x", relation="different_days", scope=Scope(requests=("R1", "R3")))
    duties = [series(name, "MO 09:00-10:00!", priority="fix") for name in ("R1", "R2")]
    assert named(found(*duties, series("R3", "TU 09:00-10:00!"), rules=(rule,))) == (("R1", "R2"), ())


def test_two_duties_that_a_relation_keeps_apart() -> None:
    rule = Relation(id="r", source="x", relation="different_days")
    duties = [series(f"R{n}", f"MO {n + 9:02d}:00-{n + 10:02d}:00!", priority="fix") for n in (1, 2)]
    assert named(found(*duties, rules=(rule,))) == (("R1", "R2"), ("r",))


def test_a_duty_that_is_linked_to_what_cannot_be() -> None:
    """R2 has nowhere to be and is no duty; it is there in the question all the same."""
    rule = Choice(id="c", source="x", linked=True, scope=Scope(requests=("R1", "R2")))
    duty, impossible = series("R1", "MO 09:00-10:00!", priority="fix"), series("R2", "MO 09:00-10:00!", headcount=500)
    assert named(found(duty, impossible, rules=(rule,))) == (("R1",), ("c",))


def test_what_is_due_and_cannot_be_given_is_nobodys_fault() -> None:
    rule = Load(id="l", source="x", measure="min_minutes", minutes=600)
    collision = found(series("R1", "MO 09:00-10:00!", priority="fix"), rules=(rule,))
    assert named(collision) == ((), ("l",))
    assert collision.sentence.zh == "无论怎样安排都不符合：全部的各场每周合计不少于 600 分钟"


def test_offers_are_looked_at_together() -> None:
    """Each by itself would seem to shut the duty out; it is the closure that does."""
    duty = series("R1", "MO 09:00-10:00!", priority="fix")
    hours = [OfferedHours(days=(day,), starts="08:00", ends="12:00") for day in ("MO", "WE")]
    offers = [Offer(id=f"o{n}", source="x", spaces=("S1",), hours=(each,)) for n, each in enumerate(hours)]
    shut = Closed(id="shut", source="x", spaces=("S1",), dates=MONDAYS)
    assert named(found(duty, rules=(*offers, shut))) == (("R1",), ("shut",))

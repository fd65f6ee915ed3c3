"""A request that a rule about several sessions refuses is told which, and who is there."""

from __future__ import annotations

import pytest

from scheduler.constraints.choices import Choice
from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import ConstraintBase
from scheduler.solve import Solved, solve
from tests.factories import problem, series, space


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Relation(id="r", source="by-law", relation="different_days"), "安排在不同的星期几"),
        (Load(id="r", source="by-law", measure="max_day_load", minutes=90), "每天合计不超过 90 分钟"),
        (Choice(id="r", source="by-law", at_most=1), "至多安排 1 份申请"),
    ],
)
def test_the_rule_and_the_rival_are_named(rule: ConstraintBase, text: str) -> None:
    asks = [series("R1", "MO 09:00-10:00!", priority="P2"), series("R2", "MO 10:00-11:00!", spaces=("S2",))]
    answer = solve(problem(asks, [rule], [space(), space("S2")]))
    assert isinstance(answer, Solved)
    [refusal] = answer.timetable.refusals
    assert (refusal.request, refusal.code, refusal.constraint) == ("R2", rule.kind, "r")
    assert refusal.reasons[0].rivals == ("R1",)
    assert text in refusal.sentence.zh

from __future__ import annotations

import pytest

from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import Scope
from tests.factories import space
from tests.verify.small import broken, every, rule

ALL_DAY = [space(hours="00:00-24:00"), space("S2", hours="00:00-24:00")]


@pytest.mark.parametrize(
    ("relation", "slots", "holds"),
    [
        ("different_days", "MO 09:00-10:00; TU 09:00-10:00", True),
        ("different_days", "MO 09:00-10:00; MO 15:00-16:00", False),
        ("same_start", "MO 09:00-10:00; TU 09:00-10:00", True),
        ("same_start", "MO 09:00-10:00; TU 09:01-10:01", False),
        ("min_gap", "MO 09:00-10:00; MO 10:30-11:30", True),
        ("min_gap", "MO 09:00-10:00; MO 10:29-11:29", False),
        ("min_gap", "MO 00:00-01:00; SU 22:00-23:00", True),
    ],
)
def test_the_sessions_of_one_request_are_pairs(relation: str, slots: str, holds: bool) -> None:
    rules = [rule(Relation, relation=relation, minutes=30 if relation == "min_gap" else 0)]
    found = broken(every("R1", slots), rules=rules, spaces=ALL_DAY)
    assert [each.split()[0] for each in found] == ([] if holds else ["relation"])


def test_the_order_is_that_of_the_scope_where_it_lists_requests() -> None:
    both = every("R1", "MO 09:00-10:00"), every("R2", "TU 09:00-10:00")
    for listed, holds in ((("R1", "R2"), True), (("R2", "R1"), False)):
        rules = [rule(Relation, relation="precedence", scope=Scope(requests=listed))]
        assert (broken(*both, rules=rules) == []) is holds

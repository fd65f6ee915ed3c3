from __future__ import annotations

import pytest

from scheduler.constraints.days import DifferentDays
from scheduler.constraints.terms import Scope
from tests.factories import space
from tests.verify.small import broken, every, rule

ALL_DAY = [space(hours="00:00-24:00")]


@pytest.mark.parametrize(
    ("slots", "holds"),
    [
        ("MO 09:00-10:00; TU 09:00-10:00", True),
        ("MO 09:00-10:00; MO 15:00-16:00", False),
        ("SU 23:00-24:00; SU 24:00-25:00", False),
        ("SA 24:30-25:30; SU 09:00-10:00", True),
    ],
)
def test_the_sessions_of_a_request_fall_on_different_weekdays(slots: str, holds: bool) -> None:
    found = broken(every("R1", slots), rules=[rule(DifferentDays)], spaces=ALL_DAY)
    assert found == ([] if holds else ["different_days R1 S1 -"])


def test_it_speaks_of_one_request_not_of_two_and_only_in_its_scope() -> None:
    two = every("R1", "MO 09:00-10:00"), every("R2", "MO 10:00-11:00")
    assert broken(*two, rules=[rule(DifferentDays)]) == []
    twice = every("R1", "MO 09:00-10:00; MO 15:00-16:00")
    assert broken(twice, rules=[rule(DifferentDays, scope=Scope(uses=("other",)))]) == []

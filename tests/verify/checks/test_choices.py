from __future__ import annotations

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.terms import Scope
from tests.verify.small import broken, every, once, rule, unmet

ONE, TWO = once("D1", "2026-09-07 09:00-10:00"), once("D2", "2026-09-07 10:00-11:00")


def test_linked_requests_are_granted_together() -> None:
    linked = [rule(Choice, linked=True, scope=Scope(requests=("D1", "D2")))]
    assert broken(ONE, TWO, rules=linked) == []
    assert broken(unmet(ONE.request), unmet(TWO.request), rules=linked) == []
    assert [each.split()[0] for each in broken(ONE, unmet(TWO.request), rules=linked)] == ["choice"]


def test_at_most_so_many() -> None:
    assert broken(ONE, TWO, rules=[rule(Choice, at_most=2)]) == []
    assert [each.split()[0] for each in broken(ONE, TWO, rules=[rule(Choice, at_most=1)])] == ["choice"]


def test_nobody_grows_before_the_others() -> None:
    twice = every("R1", "MO 09:00-10:00; TU 09:00-10:00")
    other = unmet(every("R2", "WE 09:00-10:00", applicant="O2").request)
    assert broken(twice, other, rules=[]) == []
    assert [each.split()[0] for each in broken(twice, other, rules=[rule(Growth)])] == ["growth"]

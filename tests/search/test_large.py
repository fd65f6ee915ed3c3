"""Without a model of the whole: what is found holds, claims no more than is known, and where it is easy is best."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.loads import Load
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.terms import ConstraintBase
from scheduler.explain.collision import COMPANY
from scheduler.problem import Problem
from scheduler.solve import Infeasible, Outcome, Solved, Undecided, solve
from scheduler.verify import verify
from tests.factories import problem, series, space
from tests.journeys.centre import by_class, centre, season
from tests.properties.test_random_worlds import meant
from tests.properties.test_solve import small
from tests.properties.worlds import Scene, worlds


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.solve.LARGEST_MODEL", -1)


def without_a_model(asked: Problem, seconds: float) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scheduler.solve.LARGEST_MODEL", -1)
        return solve(asked, time_limit=seconds, audit=True)


def waits_for_others(rule: ConstraintBase) -> bool:
    if isinstance(rule, Load):
        return rule.strength == "must" and rule.measure in COMPANY
    return isinstance(rule, Growth) or (isinstance(rule, Choice) and rule.linked)


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_in_random_worlds_what_is_found_holds_and_is_no_better_than_the_best(drawn: tuple[Problem, Scene]) -> None:
    asked, _ = drawn
    assume(meant(asked))
    found, proved = without_a_model(asked, 0.1), solve(asked, time_limit=10, audit=True)
    if isinstance(proved, Infeasible):
        assert isinstance(found, Undecided)
        return
    assert isinstance(proved, Solved)
    if isinstance(found, Undecided):
        # A first plan is made of duties and pins alone: what waits for the company of others may find none there.
        assert any(map(waits_for_others, asked.constraints))
        return
    assert isinstance(found, Solved)
    assert verify(asked, found.timetable).holds
    for ours, best in zip(found.timetable.stages, proved.timetable.stages, strict=True):
        assert (ours.bound >= best.bound) if ours.sense == "max" else (ours.bound <= best.bound)
        if ours.value != best.value:
            assert (ours.value < best.value) if ours.sense == "max" else (ours.value > best.value)
            break


@pytest.mark.usefixtures("everything_is_large")
def test_twenty_wishes_for_two_rooms_are_granted_as_with_a_model() -> None:
    found = solve(small(), time_limit=10)
    assert isinstance(found, Solved)
    assert verify(small(), found.timetable).holds
    granted = {stage.of: stage.value for stage in found.timetable.stages if stage.stage == "classes"}
    # Two rooms, three evenings of four hours: two sessions each but where D1 stands, which P2 may not take from.
    assert granted == {"P1": 7, "P2": 4, "P3": 0, "P4": 0, "P5": 0}


@pytest.mark.usefixtures("everything_is_large")
def test_duties_that_cannot_all_be_placed_are_not_called_impossible() -> None:
    duties = [series(name, "MO 09:00-10:00!", priority="fix") for name in ("D1", "D2")]
    assert isinstance(solve(problem(duties, spaces=[space()]), time_limit=1), Undecided)


@pytest.mark.usefixtures("everything_is_large")
def test_a_pin_is_kept_from_the_first_plan_on() -> None:
    """R1 would rather not have Wednesday, which D1 may have too: the pin decides where both can be."""
    pin = Pin(id="p", source="x", request="R1", slot=PinnedSlot(weekday="WE"))
    asks = [
        series("R1", "MO 09:00-10:00*; WE 09:00-10:00"),
        series("D1", "WE 09:00-10:00; FR 09:00-10:00", priority="fix"),
    ]
    found = solve(problem(asks, [pin], [space()]), time_limit=1)
    assert isinstance(found, Solved)
    assert {s.request: s.weekday for s in found.timetable.sessions} == {"R1": "WE", "D1": "FR"}


@pytest.mark.long
@pytest.mark.usefixtures("everything_is_large")
def test_the_reference_centre_is_granted_what_is_best() -> None:
    found = solve(centre(), time_limit=90)
    assert isinstance(found, Solved)
    assert verify(centre(), found.timetable).holds
    assert by_class(found.timetable) == by_class(season())

"""The goals of a policy's stages."""

from __future__ import annotations

import pytest

from scheduler.solve import Solved, solve
from scheduler.verify import verify
from tests.factories import problem, series


@pytest.mark.parametrize("stages", [(), ("fairness", "stability")])
def test_a_policy_without_a_stage_in_force_still_places_the_duties(stages: tuple[str, ...]) -> None:
    """It is not "nothing found in time": nobody has looked."""
    asked = problem([series("R", "MO 19:00-20:30!", priority="fix")], policy={"stages": stages})
    outcome = solve(asked, time_limit=10)
    assert isinstance(outcome, Solved)
    assert [session.request for session in outcome.timetable.sessions] == ["R"]
    assert [result.stage for result in outcome.timetable.stages] == list(stages)
    assert verify(asked, outcome.timetable).holds

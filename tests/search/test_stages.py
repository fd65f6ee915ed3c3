"""The stages: what is told of each while it runs."""

from __future__ import annotations

import pytest

from scheduler.model.build import build, candidates_of
from scheduler.model.objective import goals
from scheduler.placements.facts import Facts
from scheduler.search.results import Found, Limits, Progress
from scheduler.search.stages import run
from tests.factories import problem, series

ASKED = problem(
    [
        series("R1", "MO 19:00-20:30!"),
        series("R2", "MO 19:00-20:30!"),
        series("R3", "MO 19:00-20:30!; TU 19:00-20:30"),
        series("R4", "TU 19:00-20:30!", own_rank=1),
    ]
)


def searched(*, deterministic: bool) -> tuple[Found, list[Progress]]:
    events: list[Progress] = []
    facts = Facts(ASKED)
    variables = build(facts, candidates_of(facts))
    limits = Limits(budget=10, deterministic=deterministic, workers=2, seed=1)
    return run(variables, goals(variables, 1), limits, events.append), events


@pytest.mark.parametrize("deterministic", [True, False])
def test_the_last_word_on_each_stage_is_what_it_came_to(deterministic: bool) -> None:
    found, events = searched(deterministic=deterministic)
    last = {event.done: event for event in events}
    assert [(last[number].incumbent, last[number].bound, last[number].gap) for number in range(len(found.reached))] == [
        (reached.value, reached.bound, 0.0) for reached in found.reached
    ]
    assert all(reached.value == reached.bound for reached in found.reached)

"""What a solve promises, whatever the problem: the same in, the same out, and an honest end."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

import scheduler
from scheduler.constraints.availability import Closed
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.terms import ConstraintBase
from scheduler.model.build import build, candidates_of
from scheduler.model.objective import goals
from scheduler.placements.facts import Facts
from scheduler.problem import Problem, Request
from scheduler.search.results import Limits
from scheduler.search.stages import run
from scheduler.solve import Infeasible, Outcome, Solved, Undecided, solve
from scheduler.timetable import Timetable
from scheduler.verify import verify
from tests.factories import dated, problem, series, space
from tests.journeys.centre import GRANTS, centre

ROOT = Path(scheduler.__file__).parent.parent
AGAIN = """
import sys
from pathlib import Path
from scheduler.solve import Solved, solve
from scheduler.wellformed import read_problem
outcome = solve(read_problem(sys.stdin.buffer.read()), time_limit=60, audit=True)
assert isinstance(outcome, Solved)
sys.stdout.write(outcome.timetable.model_dump_json())
"""


def small() -> Problem:
    """Twenty wishes for two rooms, with losses and a lot to draw."""
    asks: list[Request] = [
        series(f"R{n:02d}", "MO,TU,WE 17:00-21:00", minutes=90, spaces=("A", "B"), priority=f"P{n % 3 + 1}")
        for n in range(18)
    ]
    asks.append(dated("D1", "2026-09-14", "MO 18:00-20:00!", spaces=("A",), priority="P1"))
    asks.append(dated("D2", "2026-09-15", "TU 18:00-20:00!", spaces=("B",), priority="P3"))
    return problem(asks, spaces=[space("A"), space("B")])


def duty(name: str, windows: str, **more: object) -> Request:
    return series(name, windows, priority="fix", **more)  # type: ignore[arg-type]  # fields of any type


def answer(outcome: Outcome) -> Timetable:
    assert isinstance(outcome, Solved)
    return outcome.timetable


def audited(world: Problem) -> str:
    return answer(solve(world, time_limit=60, audit=True)).model_dump_json()


def in_a_new_process(world: Problem) -> str:
    """The same solve with another hash seed, so that nothing may hang on the order of a set."""
    done = subprocess.run(
        [sys.executable, "-c", AGAIN],
        input=world.model_dump_json(),
        cwd=ROOT,
        env={"PYTHONHASHSEED": "4321", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_an_audit_gives_the_same_bytes_twice_and_in_a_new_process() -> None:
    first = audited(small())
    assert audited(small()) == first
    assert in_a_new_process(small()) == first


def test_an_audit_of_the_reference_centre_gives_the_same_bytes_in_a_new_process() -> None:
    """Its classes only: an audit of all stages takes a core for twelve seconds, and is tried by the long test."""
    world = centre()
    short = world.model_copy(update={"policy": world.policy.model_copy(update={"stages": GRANTS})})
    assert in_a_new_process(short) == audited(short)


@pytest.mark.long
def test_an_audit_of_the_reference_centre_gives_the_same_bytes_twice_and_in_a_new_process() -> None:
    first = audited(centre())
    assert audited(centre()) == first
    assert in_a_new_process(centre()) == first


def test_another_seed_draws_other_lots_and_keeps_every_other_value() -> None:
    one, other = (answer(solve(small(), seed=seed, audit=True)) for seed in (1, 2))
    assert (one.seed, other.seed) == (1, 2)
    assert [s for s in one.stages if s.stage != "lot"] == [s for s in other.stages if s.stage != "lot"]
    assert one.sessions != other.sessions


def test_an_optimum_is_told_as_one() -> None:
    found = answer(solve(small()))
    assert (found.status, {s.gap for s in found.stages}) == ("optimal", {0.0})
    assert {s.status for s in found.stages} == {"optimal", "not_in_force"}


@pytest.mark.parametrize(("limit", "audit"), [(1e-9, False), (0.05, False), (0.5, False), (0.05, True)])
def test_out_of_time_is_a_timetable_with_its_gap_or_undecided(limit: float, audit: bool) -> None:
    """Whatever has been found in the time is told with its gap, and holds; nothing found is no proof of anything."""
    outcome = solve(centre(), time_limit=limit, audit=audit)
    assert isinstance(outcome, Solved | Undecided)
    if isinstance(outcome, Solved):
        assert verify(centre(), outcome.timetable).holds


def packed() -> Problem:
    """Eighteen duties that fill the seats of six hours to the last: there is an answer, and it takes a search."""
    heads = (21, 35, 31, 39, 36, 51, 32, 29, 34, 29, 36, 38, 33, 35, 35, 32, 28, 26)
    hours = "; ".join(f"{day} {hour:02d}:00-{hour + 1}:00!" for day in ("MO", "TU") for hour in (9, 10, 11))
    asks = [duty(f"D{number:02d}", hours, headcount=count) for number, count in enumerate(heads)]
    seats = Sharing(id="l", source="by-law 8", space="S1", uses=("U1",), layout="room", seats=100)
    return problem(asks, [seats], [space(layouts={"room": 100})])


def test_not_found_in_time_is_undecided_and_never_infeasible() -> None:
    outcome = solve(packed(), time_limit=1e-9, audit=True)
    assert isinstance(outcome, Undecided)
    assert outcome.sentence.zh
    assert outcome.sentence.en
    assert verify(packed(), answer(solve(packed(), time_limit=60))).holds


def test_a_stage_that_came_further_later_is_told_as_it_is() -> None:
    """With next to no time, a class is left at nothing, and gets something by the way while the next one is tried.

    Without the goals of fairness, whose literals make the first search find nothing in so little time.
    """
    policy = centre().policy
    stages = tuple(stage for stage in policy.stages if stage != "fairness")
    asked = centre().model_copy(update={"policy": policy.model_copy(update={"stages": stages})})
    found = answer(solve(asked, time_limit=1e-9, audit=True))
    assert found.status == "feasible"
    assert verify(asked, found).holds


def test_a_stage_that_time_ran_out_on_is_told_as_it_is_with_all_stages() -> None:
    found = answer(solve(centre(), time_limit=0.05, audit=True))
    assert found.status == "feasible"
    assert {stage.status for stage in found.stages} == {"feasible", "optimal", "not_in_force"}
    assert verify(centre(), found).holds


def test_stopped_at_once_it_tells_what_it_has() -> None:
    outcome = solve(centre(), stop=lambda: True)
    assert isinstance(outcome, Solved | Undecided)
    if isinstance(outcome, Solved):
        assert verify(centre(), outcome.timetable).holds


def test_stopped_after_a_while_it_tells_the_best_so_far_with_its_gap() -> None:
    heard: list[str] = []
    outcome = solve(centre(), progress=lambda p: heard.append(p.stage), stop=lambda: "classes" in heard)
    found = answer(outcome)
    assert verify(centre(), found).holds
    assert found.status == ("optimal" if all(s.status != "feasible" for s in found.stages) else "feasible")


def test_an_exception_of_the_one_who_listens_ends_the_solve_at_once() -> None:
    def loud(_progress: object) -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        solve(centre(), progress=loud)
    assert time.monotonic() - began < 30


def collision(asks: list[Request], rules: list[ConstraintBase] | None = None, **more: object) -> Infeasible:
    outcome = solve(problem(asks, rules or [], **more), audit=True)  # type: ignore[arg-type]  # fields of any type
    assert isinstance(outcome, Infeasible)
    assert outcome.sentence.zh
    assert outcome.sentence.en
    return outcome


OTHERS = [series("R8", "MO 09:00-10:00!"), series("R9", "TU 09:00-12:00", minutes=60)]
"""Requests that have nothing to do with it."""


def test_two_duties_in_one_room_are_named_with_overlap() -> None:
    found = collision(
        [*OTHERS, duty("D1", "MO 14:00-16:00!"), duty("D2", "MO 15:00-17:00!"), duty("D3", "WE 14:00-15:00!")]
    )
    assert (found.requests, found.rules) == (("D1", "D2"), ("overlap",))


def test_three_duties_for_two_rooms_are_named_together() -> None:
    asks = [duty(f"D{n}", "MO 14:00-15:00!", spaces=("A", "B")) for n in range(1, 4)]
    found = collision([*OTHERS[:0], *asks], spaces=[space("A"), space("B")])
    assert (found.requests, found.rules) == (("D1", "D2", "D3"), ("overlap",))


def test_a_duty_outside_opening_hours_is_named_with_them() -> None:
    found = collision([*OTHERS, duty("D1", "MO 06:00-07:00!"), duty("D2", "MO 14:00-15:00!")])
    assert (found.requests, found.rules) == (("D1",), ("opening_hours",))


def test_a_duty_that_no_room_holds_is_named_with_capacity() -> None:
    found = collision([*OTHERS, duty("D1", "MO 14:00-15:00!", headcount=31)])
    assert (found.requests, found.rules) == (("D1",), ("capacity",))


def test_a_pin_against_a_certain_duty_is_named_with_the_pin_and_overlap() -> None:
    pin = Pin(id="p", source="manager", request="R1", slot=PinnedSlot(weekday="MO", starts="14:30"))
    asks = [*OTHERS, duty("D1", "MO 14:00-16:00!"), series("R1", "MO,TU 14:30-15:30!")]
    found = collision(asks, [pin])
    assert sorted(found.requests) == ["D1", "R1"]
    assert found.rules == ("overlap", "pin", "p")


def test_a_pin_on_a_closed_room_is_named_with_the_closure() -> None:
    pin = Pin(id="p", source="manager", request="R1")
    shut = Closed(id="g", source="notice", spaces=("S1",), dates=(date(2026, 9, 14),))
    asks = [*OTHERS, dated("R1", "2026-09-14", "MO 14:00-15:00!")]
    found = collision(asks, [shut, pin])
    assert (found.requests, found.rules) == (("R1",), ("closed", "pin", "g", "p"))


def test_duties_too_close_are_named_with_the_changeover() -> None:
    room = space(changeover=(ChangeoverRow(minutes=30),))
    asks = [*OTHERS, duty("D1", "MO 14:00-15:00!"), duty("D2", "MO 15:15-16:15!")]
    found = collision(asks, [Changeover(id="a", source="by-law 5")], spaces=[room])
    assert (found.requests, found.rules) == (("D1", "D2"), ("changeover", "a"))


def test_a_rule_that_does_not_matter_is_not_named() -> None:
    asks = [*OTHERS, duty("D1", "MO 14:00-16:00!"), duty("D2", "MO 15:00-17:00!")]
    found = collision(asks, [Changeover(id="a", source="by-law 5")])
    assert found.rules == ("overlap",)


def test_an_invalid_model_is_a_fault_of_ours_and_not_infeasible() -> None:
    """Two hints for one variable: CP-SAT refuses such a model, and says MODEL_INVALID."""
    facts = Facts(small())
    variables = build(facts, candidates_of(facts))
    for value in (False, True):
        variables.model.add_hint(variables.z[0], value)
    with pytest.raises(RuntimeError, match="the model is invalid"):
        run(variables, goals(variables, 1), Limits(budget=10, deterministic=True, workers=1, seed=1))

"""Equal spaces counted instead of named: the same values are proved, and every plan holds by its names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.loads import Load
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.relations import Relation
from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import ConstraintBase
from scheduler.model.build import build, candidates_of
from scheduler.model.equal import counted, equal_spaces
from scheduler.model.objective import goals
from scheduler.placements.facts import Facts
from scheduler.problem import Person, Problem, Request
from scheduler.search.counting import run_counting
from scheduler.search.landscape import Landscape
from scheduler.search.results import Begun, Found, Limits, Progress, Reached
from scheduler.search.stages import run
from scheduler.solve import Infeasible, Solved, solve
from scheduler.timetable import Timetable
from scheduler.verify import verify
from tests.factories import dated, problem, series, space

some = st.sampled_from
LIMITS = Limits(budget=60, deterministic=False, workers=2, seed=3)
BY_LAW: dict[str, Any] = {"source": "by-law"}
HOURS = (
    "MO 09:00-10:00!",
    "MO 09:30-10:30!",
    "MO 09:00-10:30*;TU 09:00-10:00",
    "TU 09:00-10:00!;MO 10:00-11:00",
    "MO,TU 09:15-10:45",
)
RULES: tuple[ConstraintBase, ...] = (
    SameAttendees(**BY_LAW, id="people"),
    DateLoss(**BY_LAW, id="loss", to=("dated_request", "pin")),
    Quota(**BY_LAW, id="quota", at_most=2),
    Relation(**BY_LAW, id="apart", relation="not_overlap", each="use"),
    Relation(**BY_LAW, id="close", strength="should", weight=4, relation="same_start", each="applicant"),
    Load(**BY_LAW, id="load", strength="should", weight=3, measure="max_day_load", minutes=90, each="applicant"),
    Pin(**BY_LAW, id="pin", request="R1", slot=PinnedSlot(weekday="MO")),
)


@st.composite
def wishes(draw: st.DrawFn, name: str, rooms: tuple[str, ...]) -> Request:
    """A series for any of the equal rooms, for another one, or for all of them, some at a price."""
    spaces = draw(some([rooms, rooms, rooms, ("Z",), (*rooms, "Z")]))
    fields: dict[str, Any] = {
        "minutes": 60,
        "spaces": spaces,
        "space_costs": tuple(5 if space == "Z" else 0 for space in spaces),
        "applicant": draw(some(["O1", "O2", "O3"])),
        "use": draw(some(["eat", "read"])),
        "priority": draw(some(["P2", "P3", "P3", "fix"])),
        "people": draw(some([(), (), ("T1",)])),
        "own_rank": draw(some([None, 1, 2])),
    }
    if draw(st.integers(0, 3)) == 0:
        return series(name, "MO,TU 09:00-11:00", per_week=2, min_sessions=draw(some([None, 1])), **fields)
    return series(name, draw(some(HOURS)), **fields)


@st.composite
def worlds(draw: st.DrawFn) -> Problem:
    """Two or three equal rooms that are wanted by more than they hold, one more room, and rules about anything else."""
    rooms = draw(some([("A", "B"), ("A", "B", "C")]))
    asks = [draw(wishes(f"R{number}", rooms)) for number in range(1, draw(st.integers(3, 7)) + 1)]
    if draw(st.booleans()):
        guest = dated("D1", "2026-09-14", "MO 09:30-10:30!", spaces=("Z",), people=("T1",), priority="P2")
        asks.append(guest)
    picked = draw(st.lists(some(RULES), max_size=3, unique_by=lambda rule: rule.id))
    rules = [DifferentDays(**BY_LAW, id="days"), *picked]
    return problem(asks, rules, [space(room) for room in (*rooms, "Z")], people=(Person(id="T1"),))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few variables count, and hardly anything is found of all parts at once."""
    monkeypatch.setattr("scheduler.search.parts.LEAST_PART", 3)
    monkeypatch.setattr("scheduler.search.goal.AT_ONCE_SECONDS", 0.0)


def values(found: Timetable) -> list[tuple[str, str | None, int, int]]:
    return [(stage.stage, stage.of, stage.value, stage.bound) for stage in found.stages]


@settings(max_examples=50, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_the_same_is_proved_with_rooms_counted_and_with_rooms_named(small: None, asked: Problem) -> None:
    """An audit names them: so each world is solved both ways by the public `solve`; the counted one in parts."""
    facts = Facts(asked)
    assume(equal_spaces(facts, candidates_of(facts)))  # but where all ask for the other room
    by_count, by_name = solve(asked, time_limit=60, workers=2), solve(asked, time_limit=60, audit=True)
    if isinstance(by_name, Infeasible):
        assert isinstance(by_count, Infeasible)
        return
    assert isinstance(by_name, Solved)
    assert isinstance(by_count, Solved)
    assert by_count.timetable.status == by_name.timetable.status == "optimal"
    assert values(by_count.timetable) == values(by_name.timetable)
    assert verify(asked, by_count.timetable).holds


def crowded(number: int = 9, **fields: Any) -> Problem:
    """More wishes for three hours than two equal rooms hold: six can be granted."""
    any_room: dict[str, Any] = {"spaces": ("A", "B"), "space_costs": (0, 0)}
    asks = [series(f"R{n}", "MO 09:00-12:00", minutes=60, **any_room) for n in range(number)]
    return problem(asks, spaces=[space("A"), space("B")], **fields)


def reached_of(asked: Problem, heard: list[Progress] | None = None) -> Found:
    facts = Facts(asked)
    candidates = candidates_of(facts)
    whole = build(facts, candidates)
    report = None if heard is None else heard.append
    groups = equal_spaces(facts, candidates)
    return run_counting(whole, groups, lambda variables: goals(variables, 3), LIMITS, report=report)


def test_every_stage_is_told_once_and_in_order() -> None:
    heard: list[Progress] = []
    found = reached_of(crowded(), heard)
    assert len(found.taken) == 6
    told = [progress.done for progress in heard]
    assert told == sorted(told)
    assert set(told) == set(range(len(found.reached)))
    assert [progress.seconds for progress in heard] == sorted(progress.seconds for progress in heard)


def test_a_policy_without_a_lot_is_counted_to_its_end() -> None:
    asked = crowded(policy={"stages": ("duties", "classes")})
    found = reached_of(asked)
    assert (len(found.taken), [reached.gap for reached in found.reached]) == (6, [0.0] * 6)


def test_where_the_lot_comes_first_rooms_are_named() -> None:
    asked = crowded(policy={"stages": ("lot", "duties", "classes")})
    outcome = solve(asked, time_limit=30)
    assert isinstance(outcome, Solved)
    assert values(outcome.timetable)[0] == ("lot", None, 0, 0)
    assert verify(asked, outcome.timetable).holds


def test_what_comes_after_the_lot_is_sought_by_name() -> None:
    asked = crowded(policy={"stages": ("duties", "classes", "lot", "wishes")})
    one, other = solve(asked, time_limit=30), solve(asked, time_limit=30, audit=True)
    assert isinstance(one, Solved)
    assert isinstance(other, Solved)
    assert values(one.timetable) == values(other.timetable)


def test_a_timetable_to_keep_to_is_kept_by_name() -> None:
    """It was in B, and nothing but the name of the room tells that: counted, it would as soon be in A."""
    asked = crowded(1)
    first = solve(asked, time_limit=30)
    assert isinstance(first, Solved)
    was = first.timetable.sessions[0]
    for room in ("A", "B"):
        before = first.timetable.model_copy(update={"sessions": (was.model_copy(update={"space": room}),)})
        after = solve(asked, time_limit=30, previous=before)
        assert isinstance(after, Solved)
        assert [session.space for session in after.timetable.sessions] == [room]


def test_a_session_that_stays_in_a_counted_room_is_in_nobodys_way() -> None:
    """Of two rooms one is taken: whoever else asks for the hour may still have it."""
    facts = Facts(crowded())
    whole = candidates_of(facts)
    look = Landscape(facts, counted(whole, equal_spaces(facts, whole)))
    for request in ("R0", "R1"):
        assert look.open([request], {"R2": (int(look.of["R2"][0]),)})[request].tolist() == look.of[request].tolist()


def test_a_plan_that_does_not_hold_by_name_is_a_fault_of_ours() -> None:
    facts = Facts(crowded())
    whole = build(facts, candidates_of(facts))
    sought = goals(whole, 3)
    with pytest.raises(RuntimeError, match="does not hold"):
        run(whole, sought, LIMITS, begun=Begun(frozenset(whole.z), (Reached(sought[0], 0, 0),)))

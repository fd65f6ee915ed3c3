"""Sessions that are patterns over several weekdays and weeks: taken whole, beside series and dated requests."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.constraints.availability import Closed
from scheduler.constraints.relations import Relation
from scheduler.constraints.rights import DateLoss, PrimeTime, Quota
from scheduler.model.build import build, candidates_of
from scheduler.placements.facts import Facts
from scheduler.problem import Patterns, Problem
from scheduler.search.every import all_solutions
from scheduler.solve import Solved, solve
from scheduler.verify import verify
from scheduler.wellformed import faults_of
from tests.constraints.both_ways import differences
from tests.factories import dated, patterns, problem, series, space

TWO_MONDAYS = ("2026-09-07", "2026-09-15")
DATES = [date(2026, 9, day) for day in (7, 8, 14, 15)]
LOSS = DateLoss(id="l", source="by-law", to=("dated_request", "duty", "series_on_working_weekend"))


def beside_others() -> Problem:
    """A pattern, a series that may lose dates, and a dated request, all in one room."""
    asks = [
        patterns("R1", "MO,TU 09:00 1", "MO 10:00", spaces=("S1",)),
        series("R2", "MO 09:00-10:00!;TU 10:00-11:00!"),
        dated("R3", "2026-09-14", "MO 09:30-10:30!"),
    ]
    return problem(asks, [LOSS], season=TWO_MONDAYS)


def shut_on_a_day() -> Problem:
    """A closure takes a date out of a series, and the whole of a pattern."""
    asks = [
        patterns("R1", "MO 09:00", "MO 09:00 2", "TU 09:00"),
        series("R2", "MO 09:00-10:00!;MO 11:00-12:00!"),
    ]
    shut = Closed(id="c", source="notice", spaces=("S1",), dates=(date(2026, 9, 7),))
    return problem(asks, [shut], season=TWO_MONDAYS)


def only_patterns() -> Problem:
    """Nothing but patterns: the model looks at times, not at dates."""
    asks = [
        patterns("R1", "MO 09:00 1", "MO,TU 09:30", spaces=("S1", "S1+S2")),
        patterns("R2", "MO 09:30 2 90m", "TU 09:00 1", "MO 10:00", spaces=("S1", "S2")),
        patterns("R3", "MO 10:00 1", "TU 09:30", spaces=("S2",)),
    ]
    return problem(asks, (), (space(), space("S2"), space("S1+S2", parts=("S1", "S2"))), season=TWO_MONDAYS)


def into_the_night() -> Problem:
    """A pattern that runs past midnight meets one of the next morning."""
    asks = [
        patterns("R1", "MO 23:00 120m", "MO 22:00 2", minutes=120),
        patterns("R2", "TU 00:30 1", "TU 01:00"),
    ]
    return problem(asks, (), (space(hours="00:00-30:00"),), season=TWO_MONDAYS)


def in_prime_time() -> Problem:
    """A pattern is one of a body's sessions in prime time, by whichever of its weekdays."""
    asks = [
        patterns("R1", "MO,TU 09:00", "TU 09:00 1", "MO 10:00"),
        series("R2", "MO 10:00-11:00!;TU 10:00-11:00!", spaces=("S2",)),
    ]
    quota = Quota(id="q", source="by-law", at_most=1, prime=(PrimeTime(days=("TU",), starts_from="09:00"),))
    return problem(asks, [quota], (space(), space("S2")), season=TWO_MONDAYS)


def elsewhere() -> Problem:
    """Any number at once in a place that is nowhere."""
    asks = [patterns("R1", "MO 09:00", spaces=("S1", "E")), patterns("R2", "MO 09:30 1", spaces=("E", "S1"))]
    return problem(asks, (), (space(), space("E", unlimited=True, hours=())), season=TWO_MONDAYS)


@pytest.mark.parametrize(
    ("world", "starts"),
    [
        (beside_others(), ("09:00", "09:30", "10:00")),
        (shut_on_a_day(), ("09:00", "11:00")),
        (only_patterns(), ("09:00", "09:30", "10:00")),
        (into_the_night(), ("00:30", "01:00", "22:00", "23:00")),
        (elsewhere(), ("09:00", "09:30")),
        (in_prime_time(), ("09:00", "10:00")),
    ],
    ids=["beside others", "shut on a day", "only patterns", "into the night", "elsewhere", "in prime time"],
)
def test_both_ways(world: Problem, starts: tuple[str, ...]) -> None:
    assert differences(world, starts, DATES) == ""


@pytest.mark.parametrize("world", [only_patterns(), into_the_night(), elsewhere()])
def test_times_and_timelines_say_the_same(world: Problem) -> None:
    """The quick way, for problems of patterns alone, has the solutions of the way that looks at every date."""
    slow = world.model_copy(update={"requests": (*world.requests, dated("D", "2026-09-13", "SU 09:00-10:00!"))})
    found = [{taken for taken, _ in all_solutions(build(f, candidates_of(f)))} for f in (Facts(world), Facts(slow))]
    shared = len(candidates_of(Facts(world)).placements)
    assert found[0] == {frozenset(index for index in taken if index < shared) for taken in found[1]}
    assert len(found[0]) > 2


def test_a_pattern_costs_its_option_and_its_space_once() -> None:
    asks = [patterns("R1", "MO,TU 09:00 +7", "WE 09:00 +3", spaces=("S1", "S2"), space_costs=(5, 0), priority="fix")]
    answer = solve(problem(asks, (), (space(), space("S2"))))
    assert isinstance(answer, Solved)
    assert [(s.weekday, s.days, s.weeks, s.space) for s in answer.timetable.sessions] == [("WE", ("WE",), (1, 2), "S2")]
    assert next(stage.value for stage in answer.timetable.stages if stage.stage == "wishes") == 3


def test_an_answer_with_patterns_is_verified_and_kept_to() -> None:
    asked = only_patterns().model_copy(
        update={"constraints": (Relation(id="r", source="x", relation="same_days", strength="should", weight=4),)}
    )
    first = solve(asked, audit=True)
    assert isinstance(first, Solved)
    assert verify(asked, first.timetable).violations == ()
    again = solve(asked, audit=True, previous=first.timetable)
    assert isinstance(again, Solved)
    assert verify(asked, again.timetable, first.timetable).holds
    assert again.timetable.sessions == first.timetable.sessions
    assert next(stage.value for stage in again.timetable.stages if stage.stage == "stability") == 0


def test_a_date_that_is_missing_is_found() -> None:
    asked = problem([patterns("R1", "MO,TU 09:00")])
    answer = solve(asked)
    assert isinstance(answer, Solved)
    spoilt = answer.timetable.model_copy(update={"bookings": answer.timetable.bookings[1:]})
    assert "pattern" in {violation.rule for violation in verify(asked, spoilt).violations}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("MO 09:00", "MO 09:00 1,2"), "option_twice"),
        (("MO 09:00 3",), "no_such_week"),
        (("MO 47:30",), "option_too_late"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: tuple[str, ...], code: str) -> None:
    assert [fault.code for fault in faults_of(problem([patterns("R1", *options)]))] == [code]


def test_windows_are_for_series_and_options_for_patterns() -> None:
    weekly = series("R1", "MO 09:00-10:00!")
    bare = weekly.model_copy(update={"windows": ()})
    both = patterns("R1", "MO 09:00").model_copy(update={"windows": weekly.windows})
    assert [fault.code for fault in faults_of(problem([bare]))] == ["windows_missing"]
    assert [fault.code for fault in faults_of(problem([both]))] == ["not_used_here"]
    assert isinstance(both.when, Patterns)


def test_a_place_without_limit_is_not_opened_furnished_or_taken_apart() -> None:
    spaces = (space(), space("E", unlimited=True), space("S1+E", parts=("S1", "E")))
    assert {fault.code for fault in faults_of(problem((), (), spaces))} == {"not_used_here", "part_unlimited"}

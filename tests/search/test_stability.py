"""Solving again: as few sessions as can be are changed, before anybody's wishes count."""

from __future__ import annotations

import pytest

from scheduler.model.objective import order_of
from scheduler.problem import Problem
from scheduler.solve import Solved, solve
from scheduler.timetable import StageResult, Timetable
from scheduler.verify import verify
from tests.factories import dated, problem, series, space
from tests.journeys.centre import centre, pinned, season, slots


def solved(asked: Problem, previous: Timetable | None = None, *, audit: bool = False) -> Timetable:
    outcome = solve(asked, time_limit=60, previous=previous, audit=audit)
    assert isinstance(outcome, Solved)
    return outcome.timetable


def stability(found: Timetable) -> StageResult:
    return next(each for each in found.stages if each.stage == "stability")


def two_evenings(*more: str) -> Problem:
    """R1 likes Monday best and would take Tuesday; the others are given as windows."""
    asks = [series("R1", "MO 19:00-20:00*;TU 19:00-20:00")]
    asks += [series(f"N{number}", windows) for number, windows in enumerate(more)]
    return problem(asks)


def test_a_wish_gives_way_to_what_was() -> None:
    """R1 was on Tuesday, for somebody had Monday. He is gone, and Monday is free: R1 stays, though it likes Monday."""
    before = solved(pinned(two_evenings(), "R1", weekday="TU"))
    after = solved(two_evenings(), before)
    assert [s.weekday for s in after.sessions] == ["TU"]
    assert (stability(after).value, stability(after).status) == (0, "optimal")
    assert [s.weekday for s in solved(two_evenings()).sessions] == ["MO"]


def test_a_session_more_for_a_class_counts_more_than_what_was() -> None:
    """N0 can only have Monday: R1 moves to Tuesday, one session is changed."""
    before = solved(two_evenings())
    after = solved(two_evenings("MO 19:00-20:00!"), before)
    assert sorted((s.request, s.weekday) for s in after.sessions) == [("N0", "MO"), ("R1", "TU")]
    assert stability(after).value == 1
    assert verify(two_evenings("MO 19:00-20:00!"), after, before).holds


def test_another_room_or_start_is_a_change_and_a_new_session_is_none() -> None:
    rooms = [space("A"), space("B")]
    first = problem([series("R1", "MO 09:00-11:00", minutes=60, spaces=("A", "B"))], spaces=rooms)
    before = solved(pinned(first, "R1", space="B", starts="10:00"))
    both = problem([*first.requests, dated("D1", "2026-09-08", "TU 09:00-10:00!", spaces=("A",))], spaces=rooms)
    assert stability(solved(both, before)).value == 0
    shut = problem(first.requests, spaces=[rooms[0], space("B", hours="08:00-10:45")])
    after = solved(shut, before)
    assert stability(after).value == 1
    assert verify(shut, after, before).holds


def test_what_is_not_asked_for_any_more_counts() -> None:
    before = solved(two_evenings("TH 19:00-20:00!"))
    assert stability(solved(two_evenings(), before)).value == 1


def test_a_dated_request_on_another_date_is_a_change() -> None:
    def asked(day: str) -> Problem:
        return problem([dated("D1", day, "TU 09:00-10:00!")])

    before = solved(asked("2026-09-08"))
    assert stability(solved(asked("2026-09-08"), before)).value == 0
    assert stability(solved(asked("2026-09-15"), before)).value == 1


def test_without_a_previous_timetable_it_is_not_in_force() -> None:
    found = solved(two_evenings())
    assert (stability(found).status, found.previous) == ("not_in_force", None)


def test_it_stands_before_the_wishes() -> None:
    assert order_of(("classes", "wishes", "stability", "lot"), keeps=True) == ("classes", "stability", "wishes", "lot")
    assert order_of(("classes", "wishes", "stability", "lot"), keeps=False) == ("classes", "wishes", "stability", "lot")
    assert order_of(("classes", "wishes"), keeps=True) == ("classes", "wishes")


def test_the_verifier_counts_by_itself() -> None:
    """A wrong value, a wrong or missing previous timetable, a wrong order: each is told."""
    asked = two_evenings("MO 19:00-20:00!")
    before = solved(two_evenings())
    after = solved(asked, before)
    assert verify(asked, after, before).holds
    assert verify(asked, after).holds  # all but this one value is checked
    assert not verify(asked, after, solved(asked)).holds
    results = [
        each.model_copy(update={"value": 0, "bound": 0}) if each is stability(after) else each for each in after.stages
    ]
    assert not verify(asked, after.model_copy(update={"stages": tuple(results)}), before).holds
    turned = sorted(after.stages, key=lambda each: each.stage == "stability")
    assert not verify(asked, after.model_copy(update={"stages": tuple(turned)}), before).holds


def test_an_audit_gives_the_same_bytes_twice() -> None:
    before = solved(two_evenings(), audit=True)
    asked = two_evenings("MO 19:00-20:00!")
    assert solved(asked, before, audit=True) == solved(asked, before, audit=True)


def test_story_1_two_pins_and_nothing_else_moves() -> None:
    """R032 to its other morning, and R041 to its other day, where rooms are free: two sessions change."""
    asked = pinned(pinned(centre(), "R032", weekday="TH"), "R041", weekday="SU")
    after = solved(asked, season())
    assert (stability(after).value, after.status) == (2, "optimal")
    assert verify(asked, after, season()).holds
    changed = {each.id for each in centre().requests if slots(after, each.id) != slots(season(), each.id)}
    assert changed == {"R032", "R041"}


@pytest.mark.parametrize("name", ["R012", "R041", "R076"])
def test_the_reference_again_without_a_change_is_the_same(name: str) -> None:
    """A pin where the session is already changes nothing at all."""
    day, starts, room = slots(season(), name)[0]
    again = solved(pinned(centre(), name, weekday=day, starts=starts, space=room), season())
    assert again.sessions == season().sessions
    assert stability(again).value == 0

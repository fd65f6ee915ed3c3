"""Solving again: as few sessions as can be are changed, before anybody's wishes count."""

from __future__ import annotations

import pytest

from scheduler.model.objective import order_of
from scheduler.problem import Problem, Stability
from scheduler.solve import Solved, solve
from scheduler.timetable import Kept, StageResult, Timetable
from scheduler.verify import verify
from tests.factories import dated, problem, series, space
from tests.journeys.centre import centre, pinned, request_of, season, slots

TEN = 10
"""People in every request of these tests, unless it says otherwise."""


def solved(
    asked: Problem, previous: Timetable | None = None, released: Timetable | None = None, *, audit: bool = False
) -> Timetable:
    outcome = solve(
        asked, time_limit=60, previous=Kept(previous, released) if previous is not None else None, audit=audit
    )
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
    assert stability(after).value == TEN
    assert verify(two_evenings("MO 19:00-20:00!"), after, before).holds


def test_another_room_or_start_is_a_change_and_a_new_session_is_none() -> None:
    rooms = [space("A"), space("B")]
    first = problem([series("R1", "MO 09:00-11:00", minutes=60, spaces=("A", "B"))], spaces=rooms)
    before = solved(pinned(first, "R1", space="B", starts="10:00"))
    both = problem([*first.requests, dated("D1", "2026-09-08", "TU 09:00-10:00!", spaces=("A",))], spaces=rooms)
    assert stability(solved(both, before)).value == 0
    shut = problem(first.requests, spaces=[rooms[0], space("B", hours="08:00-10:45")])
    after = solved(shut, before)
    assert stability(after).value == TEN
    assert verify(shut, after, before).holds


def test_what_is_not_asked_for_any_more_counts() -> None:
    before = solved(two_evenings("TH 19:00-20:00!"))
    assert stability(solved(two_evenings(), before)).value == 1  # how many they were is not known any more


def test_a_dated_request_on_another_date_is_a_change() -> None:
    def asked(day: str) -> Problem:
        return problem([dated("D1", day, "TU 09:00-10:00!")])

    before = solved(asked("2026-09-08"))
    assert stability(solved(asked("2026-09-08"), before)).value == 0
    assert stability(solved(asked("2026-09-15"), before)).value == TEN


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


def two_groups(few: int, many: int, **policy: object) -> Problem:
    """Two groups on Monday and Tuesday, and one that came later and can only have one of these evenings."""
    asks = [
        series("R1", "MO,TU,WE 19:00-20:00", headcount=few),
        series("R2", "MO,TU,WE 19:00-20:00", headcount=many),
    ]
    return problem(asks, policy=policy)


def who_moves(asked: Problem, before: Timetable, released: Timetable | None = None) -> set[str]:
    """Whose evening changes when Monday and Tuesday are asked for by somebody of a higher class."""
    newcomer = series("N", "MO,TU 19:00-20:00*", priority="P1")
    more = asked.model_copy(update={"requests": (*asked.requests, newcomer)})
    after = solved(more, before, released)
    assert verify(more, after, before, released).holds
    was = {(s.request, s.weekday) for s in before.sessions}
    return {request for request, _ in was - {(s.request, s.weekday) for s in after.sessions}}


def on(asked: Problem, **days: str) -> Timetable:
    for name, day in days.items():
        asked = pinned(asked, name, weekday=day)
    return solved(asked)


def test_the_smaller_group_moves() -> None:
    for few, many, moves in ((9, 12, "R1"), (12, 9, "R2")):
        asked = two_groups(few, many)
        assert who_moves(asked, on(asked, R1="MO", R2="TU")) == {moves}


def test_who_has_been_told_stays_and_who_has_a_draft_moves() -> None:
    """R1 is small, but its hour is published; R2, three times as big, was only drafted. Four times as big, it stays."""
    for many, moves in ((15, "R2"), (25, "R1")):
        asked = two_groups(5, many)
        released = on(asked, R1="MO", R2="WE")
        assert who_moves(asked, on(asked, R1="MO", R2="TU"), released) == {moves}


def test_the_weights_are_the_policys() -> None:
    """By sessions alone, a published one weighs as a draft when the policy says so."""
    asked = two_groups(9, 27, stability=Stability(session=5, person=0, published=1))
    before = on(asked, R1="MO", R2="TU")
    newcomer = series("N", "MO 19:00-20:00!", priority="P1")
    more = asked.model_copy(update={"requests": (*asked.requests, newcomer)})
    assert stability(solved(more, before, on(asked, R1="MO", R2="WE"))).value == 5


def test_another_release_is_seen_by_the_verifier() -> None:
    asked = two_groups(9, 27)
    before, released = on(asked, R1="MO", R2="TU"), on(asked, R1="MO", R2="WE")
    after = solved(asked, before, released)
    assert verify(asked, after, before, released).holds
    assert verify(asked, after, before).holds  # all but the one value is checked
    assert {each.rule for each in verify(asked, after, before, before).violations} == {"stages"}
    assert not verify(asked, after.model_copy(update={"previous": None}), None, released).holds


def test_an_audit_gives_the_same_bytes_twice() -> None:
    before = solved(two_evenings(), audit=True)
    asked = two_evenings("MO 19:00-20:00!")
    assert solved(asked, before, audit=True) == solved(asked, before, audit=True)


def test_story_1_two_pins_and_nothing_else_moves() -> None:
    """R032 to its other morning, and R041 to its other day, where rooms are free: two sessions change."""
    asked = pinned(pinned(centre(), "R032", weekday="TH"), "R041", weekday="SU")
    after = solved(asked, season())
    people = sum(request_of(centre(), name).headcount for name in ("R032", "R041"))
    assert (stability(after).value, after.status) == (people, "optimal")
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

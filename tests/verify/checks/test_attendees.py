from __future__ import annotations

import pytest

from scheduler.constraints.attendees import SameAttendees
from tests.factories import space
from tests.verify.small import broken, every, once, rule

HERE_AND_THERE = [space("A", site="X"), space("B", site="X"), space("C", site="Y")]
WAY = {("X", "Y"): 20}


@pytest.mark.parametrize(
    ("place", "when", "reaches_it"),
    [
        ("B", "10:00-11:00", True),
        ("B", "09:59-11:00", False),
        ("C", "10:20-11:00", True),
        ("C", "10:19-11:00", False),
        ("C", "08:00-08:40", True),
        ("C", "08:00-08:41", False),
        ("B", "09:00-09:30", False),
    ],
)
def test_one_person_gets_from_one_place_to_the_next(place: str, when: str, reaches_it: bool) -> None:
    wishes = [
        once("D1", "2026-09-07 09:00-10:00", "A", people=("T1",)),
        once("D2", f"2026-09-07 {when}", place, people=("T1", "T2")),
    ]
    found = broken(*wishes, rules=[rule(SameAttendees)], spaces=HERE_AND_THERE, travel=WAY)
    assert [line.split()[:2] for line in found] == ([] if reaches_it else [["same_attendees", "D1+D2"]])


def test_the_way_is_the_same_in_both_directions_and_nothing_where_none_is_stated() -> None:
    wishes = [
        once("D1", "2026-09-07 09:00-10:00", "C", people=("T1",)),
        once("D2", "2026-09-07 10:00-11:00", "A", people=("T1",)),
    ]
    once_told = ["same_attendees D1+D2 A 2026-09-07"]
    assert broken(*wishes, rules=[rule(SameAttendees)], spaces=HERE_AND_THERE, travel=WAY) == once_told
    both_ways = {("X", "Z"): 5, **WAY}
    assert broken(*wishes, rules=[rule(SameAttendees)], spaces=HERE_AND_THERE, travel=both_ways) == once_told
    assert broken(*wishes, rules=[rule(SameAttendees)], spaces=HERE_AND_THERE) == []


@pytest.mark.parametrize(("people", "clash"), [((), True), (("T1",), True), (("T2",), False)])
def test_a_rule_can_be_about_some_people_only(people: tuple[str, ...], clash: bool) -> None:
    wishes = [once(f"D{n}", "2026-09-07 09:00-10:00", place, people=("T1",)) for n, place in enumerate("AB")]
    found = broken(*wishes, rules=[rule(SameAttendees, people=people)], spaces=HERE_AND_THERE)
    assert found == (["same_attendees D0+D1 B 2026-09-07"] if clash else [])


def test_two_sessions_of_one_request_need_their_person_too() -> None:
    found = broken(
        every("R1", "MO 09:00-10:00; MO 09:30-10:30", people=("T1",)),
        rules=[rule(SameAttendees)],
        spaces=[space()],
    )
    assert [line.split()[0] for line in found] == ["overlap"] * 2 + ["same_attendees"] * 2


def test_somebody_who_works_past_midnight_is_not_back_before() -> None:
    wishes = [
        once("D1", "2026-09-07 20:00-24:30", "A", people=("T1",)),
        once("D2", "2026-09-08 00:00-01:00", "B", people=("T1",)),
    ]
    places = [space("A", hours="00:00-24:00"), space("B", hours="00:00-24:00")]
    assert broken(*wishes, rules=[rule(SameAttendees)], spaces=places) == ["same_attendees D1+D2 B 2026-09-08"]

"""The second reference: four sites some minutes' walk apart, with what must come of its deliberate conflicts."""

from __future__ import annotations

import json
from datetime import date
from functools import cache

from fixtures.zhengzhou import PATH, WALK, problem
from scheduler.problem import Dated, Problem
from scheduler.timetable import Timetable
from scheduler.wellformed import read_problem
from tests.journeys.centre import centre, edit, lost, refused, slots, timetable


@cache
def road() -> Problem:
    return read_problem(PATH.read_bytes())


@cache
def plan() -> Timetable:
    return timetable(road())


def with_idle(points: int) -> Problem:
    wishes = road().policy.wishes.model_copy(update={"idle_space": points})
    return road().model_copy(update={"policy": road().policy.model_copy(update={"wishes": wishes})})


def test_the_file_is_what_the_script_makes() -> None:
    assert road() == read_problem(json.dumps(problem()))


def test_four_sites_eleven_spaces_sixty_requests_and_a_way_between_any_two_sites() -> None:
    assert (len(road().sites), len(road().spaces), len(road().requests), len(road().applicants)) == (4, 11, 60, 20)
    assert {frozenset(each.between) for each in road().travel} == {frozenset(pair) for pair in WALK}
    assert len(WALK) == 6
    for a, b in WALK:
        for c in {"Z1", "Z2", "Z3", "Z4"} - {a, b}:
            assert WALK[a, b] <= _walk(a, c) + _walk(c, b)


def _walk(a: str, b: str) -> int:
    return WALK.get((a, b)) or WALK[b, a]


def test_some_ids_are_those_of_the_first_reference() -> None:
    for kind in ("spaces", "uses", "applicants", "requests"):
        mine, theirs = ({each.id for each in getattr(world, kind)} for world in (road(), centre()))
        assert len(mine & theirs) > 5


def test_granted_in_every_class_each_stage_proved() -> None:
    """Asked 18, 12, 15, 32, 4, 6 that can be at all; one of P3 falls to the way between sites."""
    grants = [each.value for each in plan().stages if each.stage in ("duties", "classes")]
    assert (grants, plan().status) == ([18, 12, 15, 31, 4, 6], "optimal")
    assert refused(plan()).keys() == {"R014", "D04", "D08"}


def test_a_teacher_needs_fifteen_minutes_and_has_ten() -> None:
    """R013 ends at 10:30 in Z1; R014 begins at 10:40 in Z4, 15 minutes away. Five minutes later it is granted."""
    assert refused(plan())["R014"] == ("same_attendees", "i")
    later = timetable(edit(road(), "R014", windows="TU 10:45-11:45!"))
    assert slots(later, "R014") == [("TU", "10:45", "S11")]


def test_six_minutes_are_enough_and_eight_are_exactly_enough() -> None:
    """R011 to R012, Z1 to Z2, ten minutes for six; R024 ends at 18:50 in Z4, R023 begins at 19:00 in Z3, 8 away."""
    assert slots(plan(), "R012") == [("MO", "10:40", "S05")]
    assert slots(plan(), "R024") == [("WE", "16:50", "S09")]
    exact, late = (timetable(edit(road(), "R023", windows=f"WE {at}!")) for at in ("18:58-20:58", "18:57-20:57"))
    assert slots(exact, "R024") == [("WE", "16:50", "S09")]
    assert refused(late)["R024"] == ("same_attendees", "i")


def test_a_room_that_would_stand_idle_is_woken() -> None:
    """The western wing S11 is everybody's second choice. Without the preference it stands empty all season."""
    asleep = timetable(with_idle(0))
    assert "S11" not in {each.space for each in asleep.sessions}
    assert {each.space for each in plan().sessions} == {each.id for each in road().spaces}
    woken = [each.request for each in plan().sessions if each.space == "S11"]
    assert woken == ["R044"]


def test_flu_vaccination_takes_one_date_of_the_class() -> None:
    assert lost(plan()) == {("R011", "2026-10-19"): ("D02",)}


def test_on_the_working_sunday_the_branch_meets_as_on_a_friday() -> None:
    """R006 (P1) sits in S03 on Sun 20 Sep; who plays chess there that morning without the preference loses the date."""
    assert date(2026, 9, 20) in {b.starts.date() for b in plan().bookings if b.request == "R006"}
    assert lost(timetable(with_idle(0)))["R044", "2026-09-20"] == ("R006",)


def test_the_party_on_the_holiday_itself_names_its_date() -> None:
    assert "2026-09-25" in {str(b.starts.date()) for b in plan().bookings if b.request == "D03"}


def test_who_cannot_be_is_told_why() -> None:
    """70 people in a hall for 60; a date after the season."""
    assert refused(plan())["D04"][0] == "capacity"
    assert refused(plan())["D08"] == ("horizon", "m")
    assert [each.id for each in road().requests if isinstance(each.when, Dated)] == [f"D0{n}" for n in range(1, 9)]

from __future__ import annotations

import pytest

from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource
from tests.factories import space
from tests.verify.small import broken, every, once, rule

ROOMS = [space(x, hours="00:00-24:00") for x in "ABC"] + [space("A+B", parts=("A", "B"))]
EVENING = "2026-09-07 19:00-20:00"


@pytest.mark.parametrize(
    ("places", "count"),
    [(("A", "B"), 2), (("A+B",), 2), (("A", "B", "C"), 3), (("A+B", "C"), 3), (("C",), 1)],
)
@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_a_combination_counts_as_its_parts(places: tuple[str, ...], count: int, at_once: int) -> None:
    wishes = [once(f"D{n}", EVENING, place) for n, place in enumerate(places)]
    pool = rule(PooledResource, resource="space_in_session", at_once=at_once)
    found = [line.split()[0] for line in broken(*wishes, rules=[pool], spaces=ROOMS)]
    assert found == (["pooled_resource"] if count > at_once else [])


def test_those_who_share_a_room_count_once() -> None:
    sharing = rule(Sharing, "sharing", space="A", uses=("U1",), layout="room", seats=30)
    pool = rule(PooledResource, resource="space_in_session", at_once=1)
    assert broken(once("D1", EVENING, "A"), once("D2", EVENING, "A"), rules=[sharing, pool], spaces=ROOMS) == []


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2026-09-07 17:00-18:30", False),
        ("2026-09-07 17:00-18:31", True),
        ("2026-09-07 23:00-24:30", True),
        ("2026-09-08 00:30-01:30", True),
        ("2026-09-08 01:00-02:00", False),
        ("2026-09-08 19:00-20:00", False),
    ],
)
def test_the_window_belongs_to_the_weekday_on_which_it_starts(when: str, counts: bool) -> None:
    pool = rule(PooledResource, resource="space_in_session", at_once=0, days=("MO",), starts="18:30", ends="25:00")
    found = [line.split()[0] for line in broken(once("D1", when, "A"), rules=[pool], spaces=ROOMS)]
    assert found == (["pooled_resource"] if counts else [])


def test_only_the_named_rooms_count() -> None:
    pool = rule(PooledResource, resource="space_in_session", at_once=1, spaces=("A", "C"))
    assert broken(once("D1", EVENING, "A+B"), rules=[pool], spaces=ROOMS) == []
    assert broken(once("D1", EVENING, "A+B"), once("D2", EVENING, "C"), rules=[pool], spaces=ROOMS) == [
        "pooled_resource D1+D2 C 2026-09-07"
    ]


def test_rooms_are_counted_at_every_moment() -> None:
    pool = rule(PooledResource, resource="space_in_session", at_once=1)
    one_after_the_other = once("D1", "2026-09-07 19:00-20:00", "A"), once("D2", "2026-09-07 20:00-21:00", "B")
    assert broken(*one_after_the_other, rules=[pool], spaces=ROOMS) == []


CREW = (ChangeoverRow(minutes=30, crew=True),)
WALLS = [space("A", changeover=CREW), space("B", changeover=CREW), space("A+B", parts=("A", "B")), space("C")]


def crews(at_once: int, **more: str) -> list[Changeover | PooledResource]:
    return [rule(Changeover, "turn"), rule(PooledResource, resource="conversion_crew", at_once=at_once, **more)]


@pytest.mark.parametrize(
    ("starts", "at_once", "expected"),
    [
        (("10:00", "10:00"), 2, []),
        (("10:00", "10:00"), 1, ["pooled_resource D1+D2+M1+M2 B 2026-09-07"]),
        (("10:00", "10:29"), 1, ["pooled_resource D1+D2+M1+M2 B 2026-09-07"]),
        (("10:00", "10:30"), 1, []),
    ],
)
def test_a_conversion_takes_a_crew_in_the_minutes_just_before(
    starts: tuple[str, str], at_once: int, expected: list[str]
) -> None:
    wishes = [
        once("M1", "2026-09-07 08:00-09:00", "A"),
        once("M2", "2026-09-07 08:00-09:00", "B"),
        once("D1", f"2026-09-07 {starts[0]}-12:00", "A"),
        once("D2", f"2026-09-07 {starts[1]}-12:00", "B"),
    ]
    assert broken(*wishes, rules=crews(at_once), spaces=WALLS) == expected


def test_a_combination_takes_one_crew_for_all_its_parts() -> None:
    wishes = [
        once("M1", "2026-09-07 08:00-09:00", "A"),
        once("M2", "2026-09-07 08:00-09:00", "B"),
        once("D1", "2026-09-07 10:00-12:00", "A+B"),
    ]
    assert broken(*wishes, rules=crews(1), spaces=WALLS) == []
    assert broken(*wishes, rules=crews(0), spaces=WALLS) == ["pooled_resource D1+M1+M2 A+B 2026-09-07"]


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("2026-09-07 08:00-09:00", "2026-09-07 15:00-16:00", "A"),
        ("2026-09-07 08:00-09:00", "2026-09-08 08:00-09:00", "A"),
        ("2026-09-07 08:00-09:00", "2026-09-07 10:00-11:00", "C"),
    ],
    ids=["six hours later", "the next day", "no crew in its table"],
)
def test_no_conversion_no_crew(before: str, after: str, place: str) -> None:
    assert broken(once("D1", before, place), once("D2", after, place), rules=crews(0), spaces=WALLS) == []


def test_only_the_last_booking_before_counts() -> None:
    """Cleaning after a meal needs no crew, though the furniture of the lesson before it was moved by one."""
    table = (
        ChangeoverRow(minutes=30, crew=True, layout_changes=True),
        ChangeoverRow(minutes=5),
    )
    hall = [space(layouts={"dining": 30, "class": 30}, changeover=table)]
    wishes = [
        once("D1", "2026-09-07 08:00-09:00", layouts=("class",)),
        once("D2", "2026-09-07 10:00-11:00", layouts=("dining",)),
        once("D3", "2026-09-07 12:00-13:00", layouts=("dining",)),
    ]
    assert broken(*wishes, rules=crews(0), spaces=hall) == ["pooled_resource D1+D2 S1 2026-09-07"]


def test_sharers_of_the_later_booking_do_not_count_as_before_it() -> None:
    sharing = rule(Sharing, "sharing", space="A", uses=("read",), layout="room", seats=30)
    wishes = [
        once("D1", "2026-09-07 08:00-09:00", "A", use="read"),
        once("D2", "2026-09-07 10:00-11:00", "A", use="read"),
    ]
    assert broken(*wishes, rules=[*crews(0), sharing], spaces=WALLS) == []


@pytest.mark.parametrize("first", ["read", "study"])
def test_of_two_who_ended_together_either_may_owe_a_conversion(first: str) -> None:
    second = {"read": "study", "study": "read"}[first]
    sharing = rule(Sharing, "sharing", space="S1", uses=("read", "study"), layout="room", seats=30)
    table = (ChangeoverRow(before=Occupant(uses=("study",)), minutes=30, crew=True),)
    wishes = [
        once("D1", "2026-09-07 08:00-10:00", use=first),
        once("D2", "2026-09-07 09:00-10:00", use=second),
        once("D3", "2026-09-07 11:00-12:00", use="talk"),
    ]
    found = broken(*wishes, rules=[*crews(0), sharing], spaces=[space(changeover=table)])
    assert found == [f"pooled_resource {'D1' if first == 'study' else 'D2'}+D3 S1 2026-09-07"]


def test_of_several_changeover_rules_each_owes_its_conversions() -> None:
    wishes = [once("D1", "2026-09-07 08:00-09:00", "A"), once("D2", "2026-09-07 11:00-12:00", "A")]
    short = rule(Changeover, "short", nothing_owed_after_minutes=60)
    assert broken(*wishes, rules=[short, crews(0)[1]], spaces=WALLS) == []
    assert broken(*wishes, rules=[short, *crews(0)], spaces=WALLS) == ["pooled_resource D1+D2 A 2026-09-07"]


def test_crews_are_counted_in_the_window_only() -> None:
    wishes = [once("D1", "2026-09-07 08:00-09:00", "A"), once("D2", "2026-09-07 10:00-11:00", "A")]
    assert broken(*wishes, rules=crews(0, starts="10:00", ends="12:00"), spaces=WALLS) == []
    assert broken(*wishes, rules=crews(0, starts="09:00", ends="09:31"), spaces=WALLS) == [
        "pooled_resource D1+D2 A 2026-09-07"
    ]


def test_slots_of_series_are_summed_even_where_a_date_fell() -> None:
    """On every common date one of the two rooms is shut, so no moment has both; the slots clash all the same."""
    pool = rule(PooledResource, resource="space_in_session", at_once=1)
    places = [space("A", shut=["2026-09-07"]), space("B", shut=["2026-09-14"])]
    found = broken(
        every("R1", "MO 09:00-10:00", "A", but=["2026-09-07"]),
        every("R2", "MO 09:00-10:00", "B", but=["2026-09-14"]),
        rules=[pool],
        spaces=places,
    )
    assert found == ["pooled_resource R1+R2 B 2026-09-07"]


def test_crews_are_not_summed_over_slots() -> None:
    places = [space("A", changeover=CREW, shut=["2026-09-07"]), space("B", changeover=CREW, shut=["2026-09-14"])]
    found = broken(
        every("R1", "MO 09:00-10:00; MO 11:00-12:00", "A", but=["2026-09-07"]),
        every("R2", "MO 09:00-10:00; MO 11:00-12:00", "B", but=["2026-09-14"]),
        rules=crews(1),
        spaces=places,
    )
    assert found == []

from __future__ import annotations

import pytest

from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Space
from tests.factories import space
from tests.verify.small import Wish, broken, every, once, rule

DAY_AND_NIGHT = "00:00-24:00"
LIBRARY = [space(layouts={"room": 99, "chairs": 99})]
READING = rule(Sharing, space="S1", uses=("read", "study"), layout="room", seats=48)


def halls() -> list[Space]:
    """Two rooms that join, and a third apart."""
    return [space("A"), space("B"), space("C"), space("A+B", parts=("A", "B"))]


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("2026-09-07 09:00-10:00", "2026-09-07 09:59-10:59", True),
        ("2026-09-07 09:00-10:00", "2026-09-07 10:00-11:00", False),
        ("2026-09-07 09:00-12:00", "2026-09-07 10:00-11:00", True),
        ("2026-09-07 09:00-10:00", "2026-09-08 09:00-10:00", False),
        ("2026-09-07 20:00-24:00", "2026-09-07 21:00-22:00", True),
        ("2026-09-07 20:00-24:00", "2026-09-08 00:00-01:00", False),
        ("2026-09-07 22:00-25:30", "2026-09-08 00:30-01:00", True),
        ("2026-09-07 22:00-25:30", "2026-09-08 01:30-02:00", False),
        ("2026-09-07 22:00-25:30", "2026-09-07 00:30-01:00", False),
        ("2026-09-07 24:30-25:30", "2026-09-08 00:00-00:45", True),
    ],
)
def test_half_open_times_overlap_across_midnight_too(one: str, other: str, clash: bool) -> None:
    found = broken(once("D1", one), once("D2", other), spaces=[space(hours=DAY_AND_NIGHT)])
    assert [line.split()[:2] for line in found] == ([["overlap", "D1+D2"]] if clash else [])


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [("A", "B", ""), ("A", "C", ""), ("A", "A+B", "A"), ("A+B", "B", "B"), ("A+B", "C", ""), ("A+B", "A+B", "A+B")],
)
def test_a_combination_excludes_its_parts_and_no_sibling(one: str, other: str, clash: str) -> None:
    found = broken(
        once("D1", "2026-09-07 09:00-10:00", one), once("D2", "2026-09-07 09:00-10:00", other), spaces=halls()
    )
    assert len(found) == (1 if clash else 0)
    assert [line.split()[0] for line in found] == ["overlap"] * len(found)


def test_parts_of_parts_count() -> None:
    nested = [space("A"), space("B"), space("A+B", parts=("A", "B")), space("C"), space("all", parts=("A+B", "C"))]
    nine = "2026-09-07 09:00-10:00"
    assert broken(once("D1", nine, "A"), once("D2", nine, "all"), spaces=nested) == ["overlap D1+D2 all 2026-09-07"]


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ((40, 8), []),
        ((40, 9), ["sharing D1+D2 S1 2026-09-07"]),
        ((48,), []),
        ((49,), ["sharing D1 S1 2026-09-07"]),
        ((20, 20, 8), []),
        ((20, 20, 9), ["sharing D1+D2+D3 S1 2026-09-07"]),
    ],
)
def test_sharers_fill_the_seats_and_not_one_more(heads: tuple[int, ...], expected: list[str]) -> None:
    wishes = [
        once(f"D{n}", f"2026-09-07 09:00-1{n}:00", use="study", headcount=heads[n - 1])
        for n in range(1, len(heads) + 1)
    ]
    assert broken(*wishes, rules=[READING], spaces=LIBRARY) == expected


def test_seats_are_counted_at_every_moment() -> None:
    wishes = [
        once("D1", "2026-09-07 09:00-10:00", use="read", headcount=40),
        once("D2", "2026-09-07 10:00-11:00", use="read", headcount=40),
        once("D3", "2026-09-07 09:00-11:00", use="study", headcount=8),
    ]
    assert broken(*wishes, rules=[READING], spaces=LIBRARY) == []


@pytest.mark.parametrize(
    "stranger",
    [
        once("D2", "2026-09-07 09:00-10:00", use="chess"),
        once("D2", "2026-09-07 09:00-10:00", use="study", layouts=("chairs",)),
        once("D2", "2026-09-07 09:00-10:00", "hall", use="study"),
    ],
    ids=["another use", "another layout", "the space as a part of another"],
)
def test_nobody_else_shares(stranger: Wish) -> None:
    sharer = once("D1", "2026-09-07 09:00-10:00", use="read")
    found = broken(
        sharer,
        stranger,
        rules=[READING],
        spaces=[*LIBRARY, space("hall", parts=("S1",), layouts={"room": 99})],
    )
    assert [line.split()[:2] for line in found] == [["overlap", "D1+D2"]]


def test_two_rules_do_not_make_one() -> None:
    second = rule(Sharing, "second", space="S1", uses=("chess",), layout="room", seats=48)
    found = broken(
        once("D1", "2026-09-07 09:00-10:00", use="read"),
        once("D2", "2026-09-07 09:00-10:00", use="chess"),
        rules=[READING, second],
        spaces=LIBRARY,
    )
    assert found == ["overlap D1+D2 S1 2026-09-07"]


def test_series_are_told_with_the_date() -> None:
    found = broken(every("R1", "MO 09:00-10:00"), once("D1", "2026-09-14 09:30-10:30"))
    assert found == ["overlap D1+R1 S1 2026-09-14"]

from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Space
from tests.factories import space
from tests.verify.small import Wish, broken, once, rule

OWED = rule(Changeover)


def row(minutes: int, before: Occupant | None = None, after: Occupant | None = None, **more: Any) -> ChangeoverRow:
    return ChangeoverRow(before=before or Occupant(), after=after or Occupant(), minutes=minutes, **more)


def canteen(*rows: ChangeoverRow) -> list[Space]:
    return [space(layouts={"dining": 30, "class": 30}, hours="00:00-24:00", changeover=rows)]


def lesson(name: str, when: str, layout: str = "class", **more: Any) -> Wish:
    return once(name, f"2026-09-07 {when}", layouts=(layout,), **more)


@pytest.mark.parametrize(
    ("rows", "gap_minutes", "holds"),
    [
        ([], 0, True),
        ([row(15)], 15, True),
        ([row(15)], 14, False),
        ([row(15, layout_changes=True)], 0, True),
        ([row(45, Occupant(uses=("meal",))), row(15)], 44, False),
        ([row(45, Occupant(uses=("meal",))), row(15)], 45, True),
        ([row(15), row(45, Occupant(uses=("meal",)))], 15, True),
        ([row(45, Occupant(uses=("talk",))), row(15)], 15, True),
        ([row(45, Occupant(not_uses=("meal",))), row(15)], 15, True),
        ([row(45, Occupant(uses=("meal",)), Occupant(not_uses=("talk",))), row(15)], 15, True),
        ([row(45, Occupant(uses=("meal",)), Occupant(uses=("talk",))), row(15)], 15, False),
        ([row(30, Occupant(layouts=("class",)), Occupant(layouts=("class",))), row(15)], 15, False),
        ([row(30, Occupant(layouts=("dining",))), row(15)], 15, True),
        ([row(30, Occupant(spaces=("S2",))), row(15)], 15, True),
        ([row(0), row(60)], 0, True),
    ],
)
def test_the_first_matching_row_gives_the_one_value(rows: list[ChangeoverRow], gap_minutes: int, holds: bool) -> None:
    meal = lesson("D1", "09:00-10:00", use="meal")
    talk = lesson("D2", f"10:{gap_minutes:02d}-12:00", use="talk")
    expected = [] if holds else ["changeover D1+D2 S1 2026-09-07"]
    assert broken(meal, talk, rules=[OWED], spaces=canteen(*rows)) == expected


def test_nothing_is_owed_without_the_rule() -> None:
    assert broken(lesson("D1", "09:00-10:00"), lesson("D2", "10:00-11:00"), spaces=canteen(row(15))) == []


@pytest.mark.parametrize(("start", "holds"), [("10:30", False), ("10:40", True)])
def test_another_layout_has_its_own_row(start: str, holds: bool) -> None:
    table = canteen(row(40, layout_changes=True), row(10))
    found = broken(lesson("D1", "09:00-10:00"), lesson("D2", f"{start}-12:00", "dining"), rules=[OWED], spaces=table)
    assert found == ([] if holds else ["changeover D1+D2 S1 2026-09-07"])


@pytest.mark.parametrize(("start", "holds"), [("15:59", False), ("16:00", True)])
def test_after_six_hours_nothing_is_owed_even_by_a_longer_row(start: str, holds: bool) -> None:
    found = broken(lesson("D1", "09:00-10:00"), lesson("D2", f"{start}-17:00"), rules=[OWED], spaces=canteen(row(400)))
    assert found == ([] if holds else ["changeover D1+D2 S1 2026-09-07"])


@pytest.mark.parametrize(("start", "holds"), [("00:14", False), ("00:15", True)])
def test_it_is_owed_across_midnight(start: str, holds: bool) -> None:
    found = broken(
        lesson("D1", "22:00-24:00"),
        once("D2", f"2026-09-08 {start}-02:00", layouts=("class",)),
        rules=[OWED],
        spaces=canteen(row(15)),
    )
    assert found == ([] if holds else ["changeover D1+D2 S1 2026-09-08"])


@pytest.mark.parametrize(
    ("places", "minutes", "expected"),
    [
        (("A+B", "A"), 19, ["changeover D1+D2 A 2026-09-07"]),
        (("A+B", "A"), 20, []),
        (("A", "A+B"), 29, ["changeover D1+D2 A 2026-09-07"]),
        (("A", "A+B"), 30, []),
        (("B", "A+B"), 0, []),
        (("A", "B"), 0, []),
        (("A+B", "A+B"), 9, ["changeover D1+D2 A 2026-09-07"]),
        (("A+B", "A+B"), 10, []),
    ],
)
def test_each_part_of_a_combination_looks_up_its_own_table(
    places: tuple[str, str], minutes: int, expected: list[str]
) -> None:
    joined = Occupant(spaces=("A+B",))
    walls = (row(10, joined, joined), row(20, joined), row(30, None, joined), row(5))
    halls = [space("A", changeover=walls), space("B"), space("A+B", parts=("A", "B"))]
    found = broken(
        once("D1", "2026-09-07 09:00-10:00", places[0]),
        once("D2", f"2026-09-07 10:{minutes:02d}-11:00", places[1]),
        rules=[OWED],
        spaces=halls,
    )
    assert found == expected


def test_those_who_share_owe_each_other_nothing() -> None:
    sharing = rule(Sharing, "sharing", space="S1", uses=("read", "study"), layout="class", seats=30)
    wishes = [lesson("D1", "09:00-10:00", use="read"), lesson("D2", "10:00-11:00", use="study")]
    assert broken(*wishes, rules=[OWED, sharing], spaces=canteen(row(15))) == []
    assert broken(*wishes, rules=[OWED], spaces=canteen(row(15))) == ["changeover D1+D2 S1 2026-09-07"]


def test_a_sharer_between_them_hides_no_pair() -> None:
    sharing = rule(Sharing, "sharing", space="S1", uses=("read", "study"), layout="class", seats=30)
    found = broken(
        lesson("D1", "09:00-12:00", use="read"),
        lesson("D2", "10:00-11:00", use="study"),
        lesson("D3", "12:05-13:00", use="talk"),
        rules=[OWED, sharing],
        spaces=canteen(row(15)),
    )
    assert found == ["changeover D1+D3 S1 2026-09-07"]

"""The triangle condition c(a,c) <= c(a,b) + shortest(b) + c(b,c), on tables small enough to check by hand."""

from __future__ import annotations

import json
import time
from typing import Any

from scheduler.wellformed import read_problem
from scheduler.wellformed.triangle import triangles
from tests.wellformed.documents import edited, faults, told

Row = dict[str, Any]


def owes(minutes: int, *, before: str = "", after: str = "", **more: Any) -> Row:
    """A row from one use to another; no use named: any."""
    sides = {"before": before, "after": after}
    return {**{side: {"uses": [use]} for side, use in sides.items() if use}, "minutes": minutes, **more}


def world(table: list[Row], *, minutes: int = 20, **more: Any) -> dict[str, Any]:
    """The hall with another table, and a request of use `fair` in it, so many minutes long."""
    return edited(
        {
            "spaces[0].changeover": table,
            "requests[3].spaces": ["hall"],
            "requests[3].layouts": ["classroom"],
            "requests[3].minutes": minutes,
            "requests[3].windows": [{"days": ["FR"], "starts": "14:00", "ends": "20:00", "kind": "preferred"}],
            "requests[3].hosts": "market",
            "market": None,
            **more,
        }
    )


def test_a_third_use_that_shortens_the_way_is_told_with_its_numbers() -> None:
    table = [owes(60, before="meal", after="class"), owes(10)]
    (fault,) = faults(world(table, minutes=20))
    assert (fault.code, fault.path) == ("triangle", "spaces[0].changeover[0]")
    assert fault.found == "60: meal/dining/hall > class/classroom/hall"
    assert fault.expected.en == "at most 40 minutes: by way of fair/classroom/hall it is 10 + 20 + 10"
    assert fault.expected.zh == "至多 40 分钟：中间经过 fair/classroom/hall 只需 10+20+10"


def test_equality_is_allowed() -> None:
    read_problem(json.dumps(world([owes(60, before="meal", after="class"), owes(10)], minutes=40)))


def test_one_minute_less_is_not() -> None:
    table = [owes(60, before="meal", after="class"), owes(10)]
    assert told(world(table, minutes=39)) == [("triangle", "spaces[0].changeover[0]")]


def test_only_uses_that_some_request_brings_count() -> None:
    table = [owes(60, before="meal", after="class"), owes(10)]
    read_problem(
        json.dumps(world(table, minutes=20, **{"requests[3].spaces": ["yard"], "requests[3].layouts": ["market"]}))
    )


def test_a_request_too_big_for_the_space_does_not_count() -> None:
    table = [owes(60, before="meal", after="class"), owes(10)]
    read_problem(json.dumps(world(table, minutes=20, **{"requests[3].headcount": 41})))


def test_the_layout_is_the_first_with_room() -> None:
    table = [owes(50, before="meal", after="class"), owes(20, layout_changes=True), owes(10)]
    more = {"requests[3].layouts": ["classroom", "dining"]}
    # meal (dining) to fair (classroom) 20, fair to class (both classroom) 10: 20 + 20 + 10 = 50
    read_problem(json.dumps(world(table, minutes=20, **more)))
    # 45 people have room only as dining: 10, then 20: the same way round
    assert told(world(table, minutes=19, **more, **{"requests[3].headcount": 45})) == [
        ("triangle", "spaces[0].changeover[0]")
    ]


def test_it_is_judged_though_no_changeover_rule_is_in_force() -> None:
    table = [owes(60, before="meal", after="class"), owes(10)]
    document = world(table, minutes=20)
    document["constraints"] = document["constraints"][1:]
    assert told(document) == [("triangle", "spaces[0].changeover[0]")]


def test_a_combination_is_a_kind_of_occupant_of_its_parts() -> None:
    wall = {"before": {"uses": ["meal"]}, "after": {"spaces": ["both"]}, "minutes": 60}
    more = {"requests[1].spaces": ["both", "hall"], "requests[1].layouts": ["theatre", "classroom"]}
    (fault,) = faults(world([wall, owes(10)], minutes=20, **more))
    assert fault.found == "60: meal/dining/hall > class/theatre/both"


def test_sharers_owe_each_other_nothing() -> None:
    table = [owes(30, before="meal", after="class"), owes(15)]
    sharing = {
        "constraints[2]": {
            "kind": "sharing",
            "id": "c",
            "space": "hall",
            "uses": ["class", "fair"],
            "layout": "classroom",
            "seats": 40,
            "source": "s",
        }
    }
    read_problem(json.dumps(world(table, minutes=14)))  # 15 + 14 + 15
    assert told(world(table, minutes=14, **sharing)) == [("triangle", "spaces[0].changeover[0]")]  # 15 + 14 + 0


def test_hundreds_of_kinds_are_judged_quickly() -> None:
    uses = [f"u{number}" for number in range(300)]
    table = [owes(100 + number % 7, before=use) for number, use in enumerate(uses)] + [owes(10)]
    document = world(table)
    document["uses"] += [{"id": use, "name": use, "noise": 0, "calendar": "always"} for use in uses]
    document["requests"] += [
        {**document["requests"][3], "id": f"R{use}", "use": use, "minutes": 120, "hosts": None} for use in uses
    ]
    problem = read_problem(json.dumps(document))
    started = time.monotonic()
    assert list(triangles(problem)) == []
    assert time.monotonic() - started < 5

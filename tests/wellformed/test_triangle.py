"""The triangle condition c(a,c) <= c(a,b) + shortest(b) + c(b,c), on tables small enough to check by hand."""

from __future__ import annotations

import json
import time
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.problem import Problem
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
    apart: dict[str, Any] = {
        "constraints[2]": {**sharing["constraints[2]"], "valid_from": "2026-09-14", "valid_until": "2026-09-20"}
    }
    assert told(world(table, minutes=14, **apart)) == [("triangle", "spaces[0].changeover[0]")]


def test_minutes_that_sharers_do_not_owe_are_judged_at_times_at_which_they_do_not_share() -> None:
    table = [owes(60, before="meal", after="class"), owes(10)]
    rule = {"kind": "sharing", "id": "c", "space": "hall", "layout": "dining", "seats": 40, "source": "s"}
    rule["uses"] = ["meal", "class"]

    def shared(**valid: str) -> dict[str, Any]:
        return world(table, minutes=20, **{"constraints[2]": {**rule, **valid}, "requests[1].layouts": ["dining"]})

    read_problem(json.dumps(shared()))
    read_problem(json.dumps(shared(valid_from="1900-01-01", valid_until="2199-12-31")))
    assert told(shared(valid_from="2026-09-14")) == [("triangle", "spaces[0].changeover[0]")]
    assert told(shared(valid_until="2026-09-14")) == [("triangle", "spaces[0].changeover[0]")]


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


USES = ("meal", "class", "fair")
LAYOUTS = ("dining", "classroom")
side = st.fixed_dictionaries(
    {},
    optional={
        "uses": st.lists(st.sampled_from(USES), min_size=1, max_size=2, unique=True),
        "not_uses": st.lists(st.sampled_from(USES), min_size=1, max_size=1),
        "layouts": st.lists(st.sampled_from(LAYOUTS), min_size=1, max_size=1),
        "spaces": st.lists(st.sampled_from(["hall", "both"]), min_size=1, max_size=1),
    },
)
rows = st.fixed_dictionaries(
    {"before": side, "after": side, "layout_changes": st.booleans(), "minutes": st.sampled_from([0, 5, 20, 45, 90])}
)
kinds = st.tuples(st.sampled_from(USES), st.sampled_from([*LAYOUTS, "theatre"]), st.sampled_from([5, 10, 30, 60]))


@settings(max_examples=200, deadline=None)
@given(table=st.lists(rows, max_size=5), asked=st.lists(kinds, min_size=1, max_size=6))
def test_it_agrees_with_trying_every_three(table: list[Row], asked: list[tuple[str, str, int]]) -> None:
    """Without groups of kinds and without short cuts, straight from the definition."""
    template = edited({})["requests"][1]
    document = edited({"spaces[0].changeover": table, "constraints[2].space": "room", "market": None})
    document["constraints"] = []
    document["requests"] = [
        {
            **template,
            "id": f"R{number}",
            "use": use,
            "minutes": minutes,
            "layouts": [layout],
            "spaces": ["both" if layout == "theatre" else "hall"],
            "windows": [{"days": ["MO"], "starts": "08:00", "ends": "12:00", "kind": "preferred"}],
        }
        for number, (use, layout, minutes) in enumerate(asked)
    ]
    problem = Problem.model_validate_json(json.dumps(document))
    shortest: dict[tuple[str, str, str], int] = {}
    for use, layout, minutes in asked:
        kind = (use, layout, "both" if layout == "theatre" else "hall")
        shortest[kind] = min(minutes, shortest.get(kind, minutes))
    broken = {
        row
        for a, b, c in product(shortest, repeat=3)
        if (row := first_row(table, a, c)) is not None
        and owed(table, a, c) > owed(table, a, b) + shortest[b] + owed(table, b, c)
    }
    assert {each.path for each in triangles(problem)} == {f"spaces[0].changeover[{row}]" for row in broken}


def owed(table: list[Row], a: tuple[str, str, str], b: tuple[str, str, str]) -> int:
    row = first_row(table, a, b)
    return 0 if row is None else int(table[row]["minutes"])


def first_row(table: list[Row], a: tuple[str, str, str], b: tuple[str, str, str]) -> int | None:
    def fits(pattern: dict[str, list[str]], kind: tuple[str, str, str]) -> bool:
        wanted = zip(("uses", "layouts", "spaces"), kind, strict=True)
        return all(each in pattern.get(field, [each]) for field, each in wanted) and kind[0] not in pattern.get(
            "not_uses", []
        )

    for number, row in enumerate(table):
        if fits(row["before"], a) and fits(row["after"], b) and (a[1] != b[1] or not row["layout_changes"]):
            return number
    return None

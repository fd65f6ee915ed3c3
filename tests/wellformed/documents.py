"""One small document in which everything is right, and a way to write faults into it."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from scheduler.wellformed import Fault, ProblemError, read_problem

Document = dict[str, Any]

GONE = object()
"""Written to a place, it takes away what is there."""

DOCUMENT: Document = {
    "format": "gongshi.problem/1",
    "community": {"id": "village", "name": "村", "zone": "Asia/Shanghai"},
    "season": {"first_date": "2026-09-07", "last_date": "2026-10-04"},
    "policy": {"start_step_minutes": 15, "stages": ["duties", "classes", "wishes", "lot"], "seed": 1},
    "priorities": [{"id": "fix", "duty": True}, {"id": "P1"}, {"id": "P2"}],
    "calendars": [
        {"id": "always"},
        {"id": "school", "days_off": ["2026-10-01"], "counts_as": {"2026-09-20": "FR"}},
    ],
    "sites": [{"id": "north", "name": "北院"}, {"id": "south", "name": "南院"}],
    "travel": [{"between": ["north", "south"], "minutes": 15}],
    "spaces": [
        {
            "id": "hall",
            "name": "大厅",
            "site": "north",
            "floor": 1,
            "layouts": [{"id": "dining", "capacity": 60}, {"id": "classroom", "capacity": 40}],
            "features": ["projector"],
            "hours": [{"starts": "08:00", "ends": "12:00"}, {"starts": "14:00", "ends": "20:00"}],
            "changeover": [
                {"before": {"uses": ["meal"]}, "after": {"not_uses": ["meal"]}, "minutes": 30},
                {"layout_changes": True, "minutes": 15, "crew": True},
                {"minutes": 10},
            ],
        },
        {
            "id": "room",
            "name": "小间",
            "site": "north",
            "floor": 1,
            "layouts": [{"id": "classroom", "capacity": 20}],
            "hours": [{"starts": "08:00", "ends": "20:00"}],
            "dated_hours": [{"date": "2026-09-30", "intervals": [{"starts": "08:00", "ends": "12:00"}]}],
        },
        {
            "id": "both",
            "name": "大厅与小间",
            "site": "north",
            "floor": 1,
            "layouts": [{"id": "theatre", "capacity": 90}],
            "features": ["projector"],
            "parts": ["hall", "room"],
        },
        {
            "id": "yard",
            "name": "院子",
            "site": "south",
            "floor": 0,
            "outdoor": True,
            "layouts": [{"id": "market", "capacity": 12}],
            "hours": [{"days": ["FR", "SA"], "starts": "06:00", "ends": "25:00"}],
        },
    ],
    "uses": [
        {"id": "meal", "name": "午餐", "noise": 1, "calendar": "always"},
        {"id": "class", "name": "课", "noise": 1, "calendar": "school"},
        {"id": "fair", "name": "集市", "noise": 3, "calendar": "always"},
    ],
    "applicants": [
        {"id": "kitchen", "name": "食堂", "priority": "P1"},
        {"id": "school", "name": "学堂", "priority": "P1"},
        {"id": "choir", "name": "合唱团", "priority": "P2"},
        {"id": "band", "name": "乐队", "priority": "P2"},
    ],
    "bodies": [{"id": "B1", "applicants": ["choir", "band"]}],
    "people": [{"id": "T1"}],
    "requests": [
        {
            "id": "lunch",
            "applicant": "kitchen",
            "use": "meal",
            "headcount": 50,
            "minutes": 120,
            "when": {"kind": "series", "per_week": 2, "min_sessions": 1, "calendar": "always"},
            "windows": [{"days": ["MO", "WE"], "starts": "10:00", "ends": "12:00", "kind": "fixed"}],
            "spaces": ["hall"],
            "layouts": ["dining"],
            "noise": 1,
            "priority": "fix",
        },
        {
            "id": "course",
            "applicant": "school",
            "use": "class",
            "headcount": 18,
            "minutes": 90,
            "when": {"kind": "series", "per_week": 1, "calendar": "school"},
            "windows": [
                {"days": ["MO"], "starts": "14:00", "ends": "16:00", "kind": "preferred"},
                {"days": ["TU"], "starts": "14:00", "ends": "16:00", "kind": "acceptable"},
            ],
            "spaces": ["room", "hall"],
            "layouts": ["classroom"],
            "features": [],
            "floors": [1],
            "noise": 1,
            "priority": "P1",
            "people": ["T1"],
        },
        {
            "id": "feast",
            "applicant": "kitchen",
            "use": "meal",
            "headcount": 30,
            "minutes": 120,
            "when": {"kind": "dated", "date": "2026-09-16", "replaces": {"request": "lunch"}},
            "windows": [{"days": ["WE"], "starts": "10:00", "ends": "12:00", "kind": "fixed"}],
            "spaces": ["hall"],
            "layouts": ["dining"],
            "noise": 1,
            "priority": "fix",
        },
        {
            "id": "night",
            "applicant": "band",
            "use": "fair",
            "headcount": 12,
            "minutes": 240,
            "when": {
                "kind": "series",
                "per_week": 1,
                "first_date": "2026-09-11",
                "last_date": "2026-09-25",
                "calendar": "always",
            },
            "windows": [{"days": ["FR"], "starts": "20:30", "ends": "24:30", "kind": "fixed"}],
            "spaces": ["yard"],
            "layouts": ["market"],
            "noise": 3,
            "priority": "P2",
            "hosts": "market",
        },
    ],
    "constraints": [
        {"kind": "changeover", "id": "a", "nothing_owed_after_minutes": 120, "source": "s"},
        {"kind": "closed", "id": "b", "floors": [1], "dates": ["2026-09-14"], "source": "s"},
        {
            "kind": "sharing",
            "id": "c",
            "space": "room",
            "uses": ["class"],
            "layout": "classroom",
            "seats": 20,
            "source": "s",
        },
        {
            "kind": "typed_window",
            "id": "d",
            "spaces": ["hall"],
            "days": ["MO"],
            "starts": "10:00",
            "ends": "12:00",
            "allows": {"uses": ["meal"]},
            "source": "s",
        },
        {"kind": "pin", "id": "e", "request": "course", "slot": {"weekday": "MO", "starts": "14:15"}, "source": "s"},
        {
            "kind": "noise",
            "id": "f",
            "quiet_space": "room",
            "days": ["MO"],
            "starts": "18:00",
            "ends": "20:00",
            "neighbours": ["hall"],
            "max_noise": 1,
            "source": "s",
        },
        {
            "kind": "curfew",
            "id": "g",
            "spaces": ["yard"],
            "amplified_from_noise": 2,
            "amplified_ends": "24:30",
            "cleared_by": "25:00",
            "clearing": [{"use": "fair", "minutes": 30}],
            "source": "s",
        },
        {"kind": "pooled_resource", "id": "h", "resource": "conversion_crew", "at_once": 1, "source": "s"},
        {"kind": "horizon", "id": "i", "first_date": "2026-09-07", "last_date": "2026-10-04", "source": "s"},
        {"kind": "quota", "id": "j", "at_most": 1, "scope": {"bodies": ["B1"]}, "source": "s"},
    ],
    "market": {
        "host": "night",
        "space": "yard",
        "round": "monthly",
        "nights": ["FR"],
        "first_date": "2026-09-11",
        "last_date": "2026-09-25",
        "adjacent": "consecutive numbers",
        "pitch_fee": {"currency": "CNY", "per": "night", "amount": 5},
        "stalls": [
            {"no": 1, "row": 1, "powered": True, "water": False, "blocked": False},
            {"no": 2, "row": 1, "powered": True, "water": False, "blocked": False},
        ],
        "rules": [{"id": "ma", "kind": "cap", "strength": "must", "parameters": {"of": 2}, "source": "s"}],
        "goals": ["lot"],
        "vendors": [
            {
                "id": "V1",
                "category": "小吃",
                "min_stalls": 1,
                "max_stalls": 2,
                "power": True,
                "water": False,
                "nights": ["FR"],
                "seniority_rank": 1,
            }
        ],
    },
}

_STEP = re.compile(r'\[(\d+)\]|\["([^"]*)"\]|\.?([A-Za-z_]\w*)')


def edited(changes: dict[str, Any], document: Document = DOCUMENT) -> Document:
    """The document with other values at some paths; a path one past the end of a list appends."""
    result = copy.deepcopy(document)
    for path, value in changes.items():
        steps: list[Any] = [int(n) if n else quoted or word for n, quoted, word in _STEP.findall(path)]
        inner: Any = result
        for step in steps[:-1]:
            inner = inner[step]
        if value is GONE:
            del inner[steps[-1]]
        elif isinstance(inner, list) and steps[-1] == len(inner):
            inner.append(value)
        else:
            inner[steps[-1]] = value
    return result


def faults(document: Document | bytes | str) -> tuple[Fault, ...]:
    """The faults with which reading a document ends."""
    data = document if isinstance(document, bytes | str) else json.dumps(document)
    with pytest.raises(ProblemError) as caught:
        read_problem(data)
    return caught.value.faults


def told(document: Document | bytes | str) -> list[tuple[str, str]]:
    """Code and path of every fault."""
    return [(each.code, each.path) for each in faults(document)]

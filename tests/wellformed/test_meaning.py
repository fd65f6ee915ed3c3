"""Each kind of fault of meaning: one edit of a right document, the exact code and place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduler.wellformed import read_problem
from tests.wellformed.documents import DOCUMENT, GONE, edited, faults, told

Case = tuple[dict[str, Any], list[tuple[str, str]]]

SAME_SITE = {"between": ["north", "north"], "minutes": 5}
BACK = {"between": ["south", "north"], "minutes": 5}
SECOND_CHANGEOVER = {"kind": "changeover", "id": "z", "source": "s"}
NOON = {"starts": "11:30", "ends": "15:00"}
AGAIN = {"date": "2026-09-30"}

NAMES: dict[str, Case] = {
    "space twice": ({"spaces[4]": DOCUMENT["spaces"][1]}, [("duplicate_id", "spaces[4].id")]),
    "request twice": ({"requests[4]": DOCUMENT["requests"][1]}, [("duplicate_id", "requests[4].id")]),
    "constraint twice": ({"constraints[1].id": "a"}, [("duplicate_id", "constraints[1].id")]),
    "layout twice": ({"spaces[0].layouts[1].id": "dining"}, [("duplicate_id", "spaces[0].layouts[1].id")]),
    "calendar twice": ({"calendars[2]": {"id": "always"}}, [("duplicate_id", "calendars[2].id")]),
    "stall twice": ({"market.stalls[1].no": 1}, [("duplicate_id", "market.stalls[1].no")]),
    "space of a request": ({"requests[0].spaces[0]": "hull"}, [("unknown_id", "requests[0].spaces[0]")]),
    "layout of a request": ({"requests[0].layouts[0]": "diner"}, [("unknown_id", "requests[0].layouts[0]")]),
    "feature of a request": ({"requests[1].features[0]": "piano"}, [("unknown_id", "requests[1].features[0]")]),
    "floor of a request": ({"requests[1].floors[0]": 7}, [("unknown_id", "requests[1].floors[0]")]),
    "person of a request": ({"requests[1].people[0]": "T2"}, [("unknown_id", "requests[1].people[0]")]),
    "use of a request": ({"requests[1].use": "clas"}, [("unknown_id", "requests[1].use")]),
    "applicant of a request": ({"requests[0].applicant": "cook"}, [("unknown_id", "requests[0].applicant")]),
    "class of a request": ({"requests[1].priority": "P9"}, [("unknown_id", "requests[1].priority")]),
    "calendar of a series": ({"requests[1].when.calendar": "term"}, [("unknown_id", "requests[1].when.calendar")]),
    "calendar of a use": ({"uses[0].calendar": "term"}, [("unknown_id", "uses[0].calendar")]),
    "replaced request": (
        {"requests[2].when.replaces.request": "launch"},
        [("unknown_id", "requests[2].when.replaces.request")],
    ),
    "site of a space": ({"spaces[3].site": "west"}, [("unknown_id", "spaces[3].site")]),
    "part of a space": ({"spaces[2].parts[1]": "attic"}, [("unknown_id", "spaces[2].parts[1]")]),
    "use of a changeover row": (
        {"spaces[0].changeover[0].before.uses[0]": "meel"},
        [("unknown_id", "spaces[0].changeover[0].before.uses[0]")],
    ),
    "site of a way": ({"travel[0].between[1]": "west"}, [("unknown_id", "travel[0].between[1]")]),
    "applicant of a body": ({"bodies[0].applicants[0]": "chair"}, [("unknown_id", "bodies[0].applicants[0]")]),
    "class of an applicant": ({"applicants[0].priority": "P9"}, [("unknown_id", "applicants[0].priority")]),
    "body of a scope": ({"constraints[9].scope.bodies[0]": "B2"}, [("unknown_id", "constraints[9].scope.bodies[0]")]),
    "request of a pin": ({"constraints[4].request": "curse"}, [("unknown_id", "constraints[4].request")]),
    "neighbour of a quiet room": (
        {"constraints[5].neighbours[0]": "hell"},
        [("unknown_id", "constraints[5].neighbours[0]")],
    ),
    "floor of a closure": ({"constraints[1].floors[0]": 9}, [("unknown_id", "constraints[1].floors[0]")]),
    "use of a clearing time": (
        {"constraints[6].clearing[0].use": "fare"},
        [("unknown_id", "constraints[6].clearing[0].use")],
    ),
    "host of the market": ({"market.host": "knight"}, [("unknown_id", "market.host")]),
    "space named twice": ({"requests[1].spaces[1]": "room"}, [("listed_twice", "requests[1].spaces[1]")]),
    "weekday named twice": (
        {"requests[0].windows[0].days[1]": "MO"},
        [("listed_twice", "requests[0].windows[0].days[1]"), ("replaces_no_date", "requests[2].when.replaces.request")],
    ),
    "stage named twice": ({"policy.stages[3]": "duties"}, [("listed_twice", "policy.stages[3]")]),
    "member named twice": ({"bodies[0].applicants[1]": "choir"}, [("listed_twice", "bodies[0].applicants[1]")]),
    "member of two bodies": (
        {"bodies[1]": {"id": "B2", "applicants": ["school", "band"]}},
        [("in_two_bodies", "bodies[1].applicants[1]")],
    ),
    "body of the ledger": (
        {"ledger": [{"body": "chair", "asked": 1, "granted": 1, "owed": 0}]},
        [("unknown_id", "ledger[0].body")],
    ),
    "applicant of a body in the ledger": (
        {"ledger": [{"body": "choir", "asked": 1, "granted": 1, "owed": 0}]},
        [("unknown_id", "ledger[0].body")],
    ),
    "body of the ledger twice": (
        {"ledger": [{"body": "B1", "asked": 1, "granted": 1, "owed": 0}] * 2},
        [("listed_twice", "ledger[1].body")],
    ),
    "more granted than asked": (
        {"ledger": [{"body": "B1", "asked": 1, "granted": 2, "owed": 0}]},
        [("wrong_value", "ledger[0].granted")],
    ),
    "more owed than refused": (
        {"ledger": [{"body": "B1", "asked": 3, "granted": 1, "owed": 3}]},
        [("wrong_value", "ledger[0].owed")],
    ),
    "use cleared twice": (
        {"constraints[6].clearing[1]": {"use": "fair", "minutes": 5}},
        [("listed_twice", "constraints[6].clearing[1].use")],
    ),
}

TIMES: dict[str, Case] = {
    "zone": ({"community.zone": "Asia/Qingdao"}, [("unknown_zone", "community.zone")]),
    "a machine's own zone": ({"community.zone": "localtime"}, [("unknown_zone", "community.zone")]),
    "a path as zone": ({"community.zone": "../localtime"}, [("unknown_zone", "community.zone")]),
    "season": (
        {"season.last_date": "2026-09-06", "requests[2].when.replaces": GONE},
        [("dates_reversed", "season.last_date")],
    ),
    "endless season": ({"season.last_date": "2199-12-31"}, [("season_too_long", "season.last_date")]),
    "validity of a series": (
        {"requests[3].when.last_date": "2026-09-10"},
        [("dates_reversed", "requests[3].when.last_date")],
    ),
    "validity of a rule": (
        {"constraints[1].valid_from": "2026-09-20", "constraints[1].valid_until": "2026-09-19"},
        [("dates_reversed", "constraints[1].valid_until")],
    ),
    "validity of a pool": (
        {"constraints[7].valid_from": "2026-09-20", "constraints[7].valid_until": "2026-09-19"},
        [("dates_reversed", "constraints[7].valid_until")],
    ),
    "horizon": ({"constraints[8].last_date": "2026-09-01"}, [("dates_reversed", "constraints[8].last_date")]),
    "market": ({"market.last_date": "2026-09-01"}, [("dates_reversed", "market.last_date")]),
    "opening hours": ({"spaces[1].hours[0].ends": "08:00"}, [("ends_before_start", "spaces[1].hours[0].ends")]),
    "dated opening hours": (
        {"spaces[1].dated_hours[0].intervals[0].ends": "07:00"},
        [("ends_before_start", "spaces[1].dated_hours[0].intervals[0].ends")],
    ),
    "window": ({"requests[3].windows[0].ends": "00:30"}, [("ends_before_start", "requests[3].windows[0].ends")]),
    "quiet hours": ({"constraints[5].ends": "18:00"}, [("ends_before_start", "constraints[5].ends")]),
    "typed window": ({"constraints[3].ends": "09:00"}, [("ends_before_start", "constraints[3].ends")]),
    "pool": ({"constraints[7].starts": "24:00"}, [("ends_before_start", "constraints[7].ends")]),
    "closure with an end only": ({"constraints[1].ends": "09:00"}, [("half_interval", "constraints[1].starts")]),
    "off and counted": (
        {'calendars[1].counts_as["2026-10-01"]': "FR"},
        [("off_and_on", 'calendars[1].counts_as["2026-10-01"]')],
    ),
    "hours overlap": (
        {"spaces[0].hours[2]": NOON},
        [("hours_overlap", "spaces[0].hours[2]"), ("hours_overlap", "spaces[0].hours[1]")],
    ),
    "dated hours overlap": (
        {"spaces[1].dated_hours[0].intervals[1]": NOON},
        [("hours_overlap", "spaces[1].dated_hours[0].intervals[1]")],
    ),
    "a date of hours twice": ({"spaces[1].dated_hours[1]": AGAIN}, [("date_twice", "spaces[1].dated_hours[1].date")]),
    "no hours": ({"spaces[3].hours": []}, [("hours_missing", "spaces[3].hours")]),
}

REQUESTS: dict[str, Case] = {
    "window shorter than the session": (
        {"requests[1].windows[1].ends": "15:29"},
        [("window_too_short", "requests[1].windows[1].ends")],
    ),
    "fixed window longer than the session": (
        {"requests[0].windows[0].ends": "12:15"},
        [("fixed_window_length", "requests[0].windows[0].ends")],
    ),
    "fixed window shorter than the session": (
        {"requests[0].windows[0].ends": "11:45"},
        [("window_too_short", "requests[0].windows[0].ends")],
    ),
    "more at least than asked": (
        {"requests[0].when.min_sessions": 3},
        [("min_sessions", "requests[0].when.min_sessions")],
    ),
    "no window on the date": (
        {"requests[2].when.date": "2026-09-14", "requests[2].windows[0].days": ["TU", "FR"]},
        [("no_window_on_date", "requests[2].windows")],
    ),
    "replaces what is dated itself": (
        {"requests[2].when.replaces.request": "feast"},
        [("replaces_no_series", "requests[2].when.replaces.request")],
    ),
    "replaces what others hold": (
        {"requests[2].applicant": "school"},
        [("replaces_of_others", "requests[2].when.replaces.request")],
    ),
    "replaces on another weekday": (
        {"requests[2].when.date": "2026-09-17", "requests[2].windows[0].days": ["TH"]},
        [("replaces_no_date", "requests[2].when.replaces.request")],
    ),
    "replaces outside the season": (
        {"requests[2].when.date": "2026-10-07"},
        [("replaces_no_date", "requests[2].when.replaces.request")],
    ),
    "replaces outside the validity": (
        {"requests[0].when.first_date": "2026-09-17"},
        [("replaces_no_date", "requests[2].when.replaces.request")],
    ),
}

SPACES: dict[str, Case] = {
    "part of itself": ({"spaces[2].parts[1]": "both"}, [("part_cycle", "spaces[2].parts")]),
    "parts in a circle": (
        {"spaces[0].parts": ["both"], "spaces[0].changeover": []},
        [("part_cycle", "spaces[0].parts"), ("part_cycle", "spaces[2].parts")],
    ),
    "parts that overlap": (
        {
            "spaces[4]": {
                "id": "all",
                "name": "全部",
                "site": "north",
                "layouts": [{"id": "theatre", "capacity": 5}],
                "parts": ["both", "room"],
            }
        },
        [("parts_overlap", "spaces[4].parts[1]")],
    ),
    "parts at two sites": ({"spaces[2].parts[1]": "yard"}, [("parts_apart", "spaces[2].parts[1]")]),
    "table of a combination": ({"spaces[2].changeover": [{"minutes": 5}]}, [("table_unused", "spaces[2].changeover")]),
    "way to the same site": ({"travel[1]": SAME_SITE}, [("same_site", "travel[1].between")]),
    "way back": ({"travel[1]": BACK}, [("travel_twice", "travel[1].between")]),
}

RULES: dict[str, Case] = {
    "closes nothing": ({"constraints[1].floors": []}, [("closes_nothing", "constraints[1]")]),
    "neither weekly nor dated": ({"constraints[3].days": []}, [("weekly_or_dated", "constraints[3]")]),
    "weekly and dated": ({"constraints[3].dates": ["2026-09-07"]}, [("weekly_or_dated", "constraints[3]")]),
    "keeps nobody out": ({"constraints[3].allows": {}}, [("allows_everybody", "constraints[3].allows")]),
    "shared in a layout of elsewhere": (
        {"constraints[2].layout": "dining"},
        [("sharing_layout", "constraints[2].layout")],
    ),
    "more seats than there are": ({"constraints[2].seats": 21}, [("sharing_seats", "constraints[2].seats")]),
    "crews of some spaces": ({"constraints[7].spaces": ["hall"]}, [("not_used_here", "constraints[7].spaces")]),
    "two changeover rules": ({"constraints[10]": SECOND_CHANGEOVER}, [("rule_twice", "constraints[10].kind")]),
    "longer than the longest gap": (
        {"constraints[0].nothing_owed_after_minutes": 29},
        [("changeover_too_long", "spaces[0].changeover[0].minutes")],
    ),
    "pin to a date of a series": (
        {"constraints[4].slot": {"date": "2026-09-07"}},
        [("pin_never_met", "constraints[4].slot.date")],
    ),
    "pin to another date": (
        {"constraints[4].request": "feast", "constraints[4].slot": {"date": "2026-09-23"}},
        [("pin_never_met", "constraints[4].slot.date")],
    ),
    "pin to another weekday": (
        {"constraints[4].slot.weekday": "FR"},
        [("pin_never_met", "constraints[4].slot.weekday")],
    ),
    "pin to a start off the steps": (
        {"constraints[4].slot.starts": "14:20"},
        [("pin_never_met", "constraints[4].slot.starts")],
    ),
    "pin to a start too late": (
        {"constraints[4].slot.starts": "14:45"},
        [("pin_never_met", "constraints[4].slot.starts")],
    ),
    "pin to another space": ({"constraints[4].slot.space": "yard"}, [("pin_never_met", "constraints[4].slot.space")]),
    "host that hosts nothing": ({"requests[3].hosts": GONE}, [("no_host", "market.host")]),
    "market elsewhere": ({"market.space": "hall"}, [("not_at_host", "market.space")]),
    "fewer stalls at most than at least": (
        {"market.vendors[0].max_stalls": 0},
        [("stalls_reversed", "market.vendors[0].max_stalls")],
    ),
    "night without a market": (
        {"market.vendors[0].nights[0]": "SU"},
        [("no_market_night", "market.vendors[0].nights[0]")],
    ),
}


def test_the_document_itself_is_well_formed() -> None:
    assert read_problem(json.dumps(DOCUMENT)).community.id == "village"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(*case, id=f"{family}: {name}")
        for family, cases in (
            ("names", NAMES),
            ("times", TIMES),
            ("requests", REQUESTS),
            ("spaces", SPACES),
            ("rules", RULES),
        )
        for name, case in cases.items()
    ],
)
def test_one_edit_is_told_by_its_code_and_place(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert told(edited(changes)) == expected


def test_an_unknown_name_comes_with_the_nearest_known_ones() -> None:
    (fault,) = faults(edited({"requests[0].spaces[0]": "hull"}))
    assert fault.found == "hull"
    assert fault.pointer == "/requests/0/spaces/0"
    assert fault.expected.zh == "空间编号；最接近的是 hall"
    assert fault.expected.en == "the id of a space; nearest: hall"


def test_where_no_name_is_near_the_few_known_ones_are_listed() -> None:
    (fault,) = faults(edited({"requests[1].priority": "VIP"}))
    assert fault.expected.zh == "优先等级编号：fix、P1、P2"
    assert fault.expected.en == "the id of a priority class: fix, P1, P2"


def test_a_nearest_name_is_found_whatever_its_case() -> None:
    (fault,) = faults(edited({"community.zone": "asia/shanghai"}))
    assert fault.expected.en.startswith("an IANA time zone, such as Asia/Shanghai")


def test_an_end_past_midnight_is_told_how_to_be_written() -> None:
    (fault,) = faults(edited({"requests[3].windows[0].ends": "00:30"}))
    assert fault.found == "00:30"
    assert fault.expected.zh == "晚于 20:30 的钟点；若指次日 00:30，写作 24:30"
    assert fault.expected.en == "a time after 20:30; if 00:30 of the next day is meant, it is written 24:30"


def test_a_window_too_short_is_told_the_end_that_would_do() -> None:
    (fault,) = faults(edited({"requests[1].windows[1].ends": "15:29"}))
    assert fault.expected.en == "15:30 or later: a session of 90 minutes from 14:00 on"


def test_more_sessions_than_days_are_a_wish_that_fails_and_no_fault() -> None:
    read_problem(json.dumps(edited({"requests[1].when.per_week": 5})))


def test_all_faults_are_told_at_once() -> None:
    changes = {"requests[0].spaces[0]": "hull", "community.zone": "Mars", "constraints[2].seats": 99}
    assert told(edited(changes)) == [
        ("unknown_id", "requests[0].spaces[0]"),
        ("unknown_zone", "community.zone"),
        ("sharing_seats", "constraints[2].seats"),
    ]


def test_many_faults_are_cut_short_and_it_is_said() -> None:
    listed = told(edited({"requests[0].spaces": [f"room{number}" for number in range(500)]}))
    assert len(listed) == 201
    assert listed[-1] == ("more", "")

"""Documents that are no JSON, or not in the form of a problem: told in our own words, at their place."""

from __future__ import annotations

import json
from typing import Any

import pytest

import api.routes  # noqa: F401 - its documents are known when it is imported
from api.routes.documents import SCHEMAS
from scheduler.timetable import Timetable
from scheduler.wellformed import ProblemError, read_as, read_object, read_problem
from scheduler.wellformed.schema import FORMS
from tests.wellformed.documents import DOCUMENT, GONE, edited, faults, told

TEXT = json.dumps(DOCUMENT)

UNREADABLE: dict[str, tuple[bytes | str, str]] = {
    "nothing": (b"", "not_json"),
    "half of it": (TEXT[: len(TEXT) // 2], "not_json"),
    "two of them": (TEXT + TEXT, "not_json"),
    "not UTF-8": (TEXT.encode().replace(b"village", b"vill\xe9ge"), "not_utf8"),
    "UTF-16": (TEXT.encode("utf-16"), "not_utf8"),
    "a list": (b"[]", "not_an_object"),
    "a number": (b"12", "not_an_object"),
    "too deep": ('{"a":' + "[" * 5_000 + "]" * 5_000 + "}", "too_deep"),
}


@pytest.mark.parametrize(("data", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_document_is_refused_as_a_whole(data: bytes | str, code: str) -> None:
    assert told(data) == [(code, "")]


def test_a_byte_order_mark_is_allowed() -> None:
    assert read_problem(b"\xef\xbb\xbf" + TEXT.encode()).community.id == "village"


def test_text_and_bytes_are_read_alike() -> None:
    assert read_problem(TEXT) == read_problem(TEXT.encode())


INSIDE: dict[str, tuple[str, str, str, str]] = {
    "a key twice": ('"seed": 1', '"seed": 1, "seed": 2', "duplicate_key", "policy.seed"),
    "NaN": ('"seed": 1', '"seed": NaN', "not_a_number", "policy.seed"),
    "infinity": ('"seed": 1', '"seed": -Infinity', "not_a_number", "policy.seed"),
    "beyond infinity": ('"seed": 1', '"seed": 1e999', "not_a_number", "policy.seed"),
    "endless digits": ('"seed": 1', '"seed": ' + "9" * 5_000, "not_a_number", "policy.seed"),
    "half a character": ('"name": "\\u6751"', '"name": "\\ud83d"', "not_text", "community.name"),
    "NaN where anything goes": ('"of": 2', '"of": NaN', "not_a_number", "market.rules[0].parameters.of"),
}


@pytest.mark.parametrize(("old", "new", "code", "path"), INSIDE.values(), ids=INSIDE)
def test_what_parsers_pass_over_is_told_at_its_place(old: str, new: str, code: str, path: str) -> None:
    assert old in TEXT
    assert told(TEXT.replace(old, new, 1)) == [(code, path)]


SHAPES: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "field missing": (
        {"requests[1].minutes": GONE},
        "missing_field",
        "requests[1].minutes",
        "—",
        "a whole number from 1 to 1440",
    ),
    "field unknown": (
        {"requests[1].when.perweek": 2},
        "unknown_field",
        "requests[1].when.perweek",
        "perweek",
        "a field that is known, such as per_week",
    ),
    "another type": (
        {"requests[1].headcount": "18"},
        "wrong_type",
        "requests[1].headcount",
        "18",
        "a whole number from 1 to 100000",
    ),
    "a fraction": (
        {"requests[1].headcount": 18.0},
        "wrong_type",
        "requests[1].headcount",
        "18.0",
        "a whole number from 1 to 100000",
    ),
    "true for one": (
        {"requests[1].headcount": True},
        "wrong_type",
        "requests[1].headcount",
        "true",
        "a whole number from 1 to 100000",
    ),
    "one for true": ({"spaces[3].outdoor": 1}, "wrong_type", "spaces[3].outdoor", "1", "true or false"),
    "null": ({"season": None}, "wrong_type", "season", "null", "an object {…}"),
    "text for a list": (
        {"requests[1].spaces": "room"},
        "wrong_type",
        "requests[1].spaces",
        "room",
        "a list […] of at least 1",
    ),
    "nobody": (
        {"requests[1].headcount": 0},
        "out_of_range",
        "requests[1].headcount",
        "0",
        "a whole number from 1 to 100000",
    ),
    "everybody": (
        {"requests[1].headcount": 10**9},
        "out_of_range",
        "requests[1].headcount",
        "1000000000",
        "a whole number from 1 to 100000",
    ),
    "no window": ({"requests[1].windows": []}, "windows_missing", "requests[1].windows", "—", "one window at least"),
    "no weekday": (
        {"requests[1].windows[0].days[0]": "Mo"},
        "unknown_value",
        "requests[1].windows[0].days[0]",
        "Mo",
        "one of MO, TU, WE, TH, FR, SA, SU",
    ),
    "no clock": (
        {"requests[1].windows[0].starts": "9:00"},
        "wrong_form",
        "requests[1].windows[0].starts",
        "9:00",
        "a clock time HH:MM; past midnight it goes on counting, 00:30 of the next day is 24:30",
    ),
    "no id": (
        {"people[0].id": "李老师"},
        "wrong_form",
        "people[0].id",
        "李老师",
        "an id: letters A-Z, digits and _ . + @ -, a letter or digit first, at most 64 characters",
    ),
    "no date": (
        {"season.last_date": "2026-02-30"},
        "wrong_form",
        "season.last_date",
        "2026-02-30",
        "a date YYYY-MM-DD",
    ),
    "seconds for a date": (
        {"constraints[1].dates[0]": "1789257600"},
        "wrong_form",
        "constraints[1].dates[0]",
        "1789257600",
        "a date YYYY-MM-DD, 1900 to 2199",
    ),
    "a year of legend": (
        {"requests[3].when.first_date": "0026-09-11"},
        "wrong_form",
        "requests[3].when.first_date",
        "0026-09-11",
        "a date YYYY-MM-DD, 1900 to 2199",
    ),
    "a weekday on no date": (
        {'calendars[1].counts_as["20 Sep"]': "FR"},
        "wrong_form",
        'calendars[1].counts_as["20 Sep"]',
        "20 Sep",
        "a date YYYY-MM-DD, 1900 to 2199",
    ),
    "neither series nor dated": (
        {"requests[1].when.kind": "serial"},
        "unknown_kind",
        "requests[1].when.kind",
        "serial",
        "nearest: series; all kinds: one of dated, patterns, series",
    ),
    "kind missing": (
        {"requests[1].when.kind": GONE},
        "missing_field",
        "requests[1].when.kind",
        "—",
        "one of dated, patterns, series",
    ),
    "a way between three": (
        {"travel[0].between": ["north", "south", "north"]},
        "wrong_length",
        "travel[0].between",
        '["north", "south", "north"]',
        "a list […] of exactly 2",
    ),
    "a source missing": (
        {"constraints[0].source": GONE},
        "missing_field",
        "constraints[0].source",
        "—",
        "text of 1 to 500 characters",
    ),
    "another format": (
        {"format": "gongshi.problem/2"},
        "unknown_value",
        "format",
        "gongshi.problem/2",
        "gongshi.problem/1",
    ),
    "a number or nothing": (
        {"requests[0].own_rank": 0},
        "out_of_range",
        "requests[0].own_rank",
        "0",
        "a whole number from 1 to 10000, or nothing",
    ),
}


@pytest.mark.parametrize(("changes", "code", "path", "found", "expected"), SHAPES.values(), ids=SHAPES)
def test_a_wrong_shape_is_told_in_our_own_words(
    changes: dict[str, Any], code: str, path: str, found: str, expected: str
) -> None:
    (fault,) = faults(edited(changes))
    assert (fault.code, fault.path, fault.found, fault.expected.en) == (code, path, found, expected)
    assert fault.expected.zh != fault.expected.en or code == "unknown_value"


def test_an_unknown_kind_of_rule_comes_with_the_nearest_kinds() -> None:
    (fault,) = faults(edited({"constraints[0].kind": "changover"}))
    assert (fault.code, fault.path) == ("unknown_kind", "constraints[0].kind")
    assert fault.expected.en.startswith("nearest: changeover; all kinds: one of ")
    assert fault.expected.zh.startswith("最接近的是 changeover；全部种类：")


def test_entries_of_a_wrong_shape_do_not_hide_what_is_wrong_with_the_others() -> None:
    changes = {
        "requests[0].minutes": GONE,
        "requests[1].spaces[0]": "rom",
        "requests[3].windows[0].ends": "00:30",
        "people[0]": "T1",
        "market.host": 5,
    }
    assert told(edited(changes)) == [
        ("wrong_type", "people[0]"),
        ("missing_field", "requests[0].minutes"),
        ("wrong_type", "market.host"),
        ("unknown_id", "requests[1].spaces[0]"),
        ("ends_before_start", "requests[3].windows[0].ends"),
    ]


def test_the_error_itself_reads_as_a_list() -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem(json.dumps(edited({"requests[1].headcount": 0, "requests[1].noise": 4})))
    assert str(caught.value).splitlines() == [
        "requests[1].headcount: 0 (out_of_range); expected a whole number from 1 to 100000",
        "requests[1].noise: 4 (out_of_range); expected a whole number from 0 to 3",
    ]


TIMETABLE: dict[str, Any] = {
    "format": "gongshi.timetable/1",
    "problem": "0" * 64,
    "engine": "by hand",
    "seed": 1,
    "audit": False,
    "status": "optimal",
    "stages": [
        {
            "stage": "wishes",
            "sense": "min",
            "unit": "rank",
            "value": 0,
            "bound": 0,
            "gap": 0.0,
            "status": "optimal",
        }
    ],
    "sessions": [],
    "bookings": [
        {
            "request": "R1",
            "session": 1,
            "starts": "2026-09-07T19:00:00+08:00",
            "ends": "2026-09-07T20:30:00+08:00",
            "space": "S1",
            "layout": "classroom",
        }
    ],
    "missing": [],
    "refusals": [],
}

OTHERS: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "another problem": (
        {"problem": "F" * 64},
        "wrong_form",
        "problem",
        "F" * 64,
        "the fingerprint of a problem: 64 hexadecimal digits 0-9 a-f",
    ),
    "no number": ({"stages[0].gap": "0"}, "wrong_type", "stages[0].gap", "0", "a number"),
    "a moment nowhere": (
        {"bookings[0].starts": "2026-09-07T19:00:00"},
        "wrong_form",
        "bookings[0].starts",
        "2026-09-07T19:00:00",
        "a moment with its offset from UTC, such as 2026-09-01T08:00:00+08:00",
    ),
    "seconds for a moment": (
        {"bookings[0].ends": "1789257600"},
        "wrong_form",
        "bookings[0].ends",
        "1789257600",
        "a moment with its offset from UTC, such as 2026-09-01T08:00:00+08:00",
    ),
    "a moment of legend": (
        {"bookings[0].ends": "0026-09-07T20:30:00+08:00"},
        "wrong_form",
        "bookings[0].ends",
        "0026-09-07T20:30:00+08:00",
        "a moment with its offset from UTC, such as 2026-09-01T08:00:00+08:00",
    ),
    "a field unknown": (
        {"bookings[0].rom": "S1"},
        "unknown_field",
        "bookings[0].rom",
        "rom",
        "a field that is known, such as request, session, starts, ends, space, layout",
    ),
}


@pytest.mark.parametrize(("changes", "code", "path", "found", "expected"), OTHERS.values(), ids=OTHERS)
def test_other_documents_are_told_in_the_same_words(
    changes: dict[str, Any], code: str, path: str, found: str, expected: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        read_as(Timetable, json.dumps(edited(changes, TIMETABLE)))
    (fault,) = caught.value.faults
    assert (fault.code, fault.path, fault.found, fault.expected.en) == (code, path, found, expected)


def test_other_documents_are_read_as_they_are() -> None:
    assert read_as(Timetable, json.dumps(TIMETABLE)) == Timetable.model_validate_json(json.dumps(TIMETABLE))


def test_a_field_that_is_only_shown_may_come_back_and_says_nothing() -> None:
    text = json.dumps({**TIMETABLE, "release": "1"})
    assert read_as(Timetable, text, besides=("release",)) == read_as(Timetable, json.dumps(TIMETABLE))
    with pytest.raises(ProblemError, match=r"^release: release \(unknown_field\)"):
        read_as(Timetable, text)


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ('{"a": 1, "a": 2}', "duplicate_key", "a"),
        ('{"a": NaN}', "not_a_number", "a"),
        ('["a"]', "not_an_object", ""),
        ('{"a": ', "not_json", ""),
    ],
)
def test_an_object_is_read_without_passing_over_anything(text: str, code: str, path: str) -> None:
    for reader in (read_object, lambda data: read_as(Timetable, data)):
        with pytest.raises(ProblemError) as caught:
            reader(text)
        assert (caught.value.faults[0].code, caught.value.faults[0].path) == (code, path)
    assert read_object('{"b": [1]}') == {"b": [1]}


def test_every_pattern_of_our_models_has_its_words() -> None:
    """Those of the API's own documents beside them: they are all in the description of the API."""
    names = {"Problem", "Timetable", "CommunityDocument", "RoundDocument", "SolveOptions", "ReleaseOrder"}
    assert names <= set(SCHEMAS)
    patterns = set[str]()
    waiting: list[Any] = [form.json_schema() for form in SCHEMAS.values()]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            patterns |= {node["pattern"]} if isinstance(node.get("pattern"), str) else set()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    assert patterns == set(FORMS)

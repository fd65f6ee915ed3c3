"""What is wrong with a document sent to the API is told at its place, in our own words, by the codes of the docs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import api
from tests.api.inside import HOME, Inside, tiny

COMMUNITY = {"id": "x", "name": "X", "zone": "Asia/Shanghai"}
SEASON = {"first_date": "2026-09-07", "last_date": "2026-10-04"}
ROUND = {"id": "autumn", "season": SEASON}
MOMENT = "a moment with its offset from UTC, such as 2026-09-01T08:00:00+08:00"
AN_ID = "an id: letters A-Z, digits and _ . + @ -, a letter or digit first, at most 64 characters"
SLUG = "lower-case letters, digits and -, a letter or digit first, at most 40 characters"

Case = tuple[str, Any, str, str, str, str]
"""Where it is sent, what is sent; code, place, found, expected."""

TOLD: dict[str, Case] = {
    "a number for a name": (
        "/v1/communities",
        COMMUNITY | {"name": 5},
        "wrong_type",
        "name",
        "5",
        "text of 1 to 200 characters",
    ),
    "capitals": ("/v1/communities", COMMUNITY | {"id": "Über"}, "wrong_form", "id", "Über", SLUG),
    "no zone": (
        "/v1/communities",
        {"id": "x", "name": "X", "zone": None},
        "wrong_type",
        "zone",
        "null",
        "text of 1 to 64 characters",
    ),
    "a key twice": (
        "/v1/communities",
        b'{"id": "x", "id": "y", "name": "X", "zone": "UTC"}',
        "duplicate_key",
        "id",
        "id",
        "each key once",
    ),
    "NaN": (
        "/v1/communities",
        b'{"id": NaN, "name": "X", "zone": "UTC"}',
        "not_a_number",
        "id",
        "NaN",
        "an ordinary number",
    ),
    "a way of no minutes": (
        "/v1/communities",
        COMMUNITY | {"travel": [{"between": ["a", "b"], "minutes": "5"}]},
        "wrong_type",
        "travel[0].minutes",
        "5",
        "a whole number from 0 to 2880",
    ),
    "a moment nowhere": (
        f"{HOME}/rounds",
        ROUND | {"opens_at": "2026-08-01T00:00:00"},
        "wrong_form",
        "opens_at",
        "2026-08-01T00:00:00",
        f"{MOMENT}, or nothing",
    ),
    "seconds for a moment": (
        f"{HOME}/rounds",
        ROUND | {"opens_at": "1789257600"},
        "wrong_form",
        "opens_at",
        "1789257600",
        MOMENT,
    ),
    "seconds for a date": (
        f"{HOME}/rounds",
        ROUND | {"season": SEASON | {"first_date": "1789257600"}},
        "wrong_form",
        "season.first_date",
        "1789257600",
        "a date YYYY-MM-DD, 1900 to 2199",
    ),
    "a field unknown": (
        f"{HOME}/rounds",
        ROUND | {"close_at": None},
        "unknown_field",
        "close_at",
        "close_at",
        "a field that is known, such as closes_at, opens_at, published_at",
    ),
    "no round": (f"{HOME}/solves", {}, "missing_field", "round", "—", AN_ID),
    "no time": (
        f"{HOME}/solves",
        {"round": "autumn", "time_limit_seconds": 0},
        "out_of_range",
        "time_limit_seconds",
        "0",
        "a number above 0, at most 86400, or nothing",
    ),
    "many seeds": (
        f"{HOME}/solves",
        {"round": "autumn", "seed": "1"},
        "wrong_type",
        "seed",
        "1",
        "a whole number from 0 to 2147483647, or nothing",
    ),
    "no number of a release": (
        f"{HOME}/releases",
        {"proposal": "p", "instead_of": -1},
        "out_of_range",
        "instead_of",
        "-1",
        "a whole number from 0 to 1000000",
    ),
    "no object": (f"{HOME}/releases", [], "not_an_object", "", "[]", "a JSON object {…}"),
    "no line": (f"{HOME}/requests:batch", {"items": []}, "wrong_length", "items", "[]", "a list […] of 1 to 2000"),
    "no lines": (f"{HOME}/requests:batch", {}, "missing_field", "items", "—", "a list […] of 1 to 2000"),
    "lines as text": (
        f"{HOME}/requests:batch",
        {"items": "R1"},
        "wrong_type",
        "items",
        "R1",
        "a list […] of 1 to 2000",
    ),
    "a line as text": (
        f"{HOME}/requests:batch",
        {"items": [{}, "R1"]},
        "wrong_type",
        "items[1]",
        "R1",
        "an object {…}",
    ),
}


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_what_is_wrong_is_told_in_our_own_words(client: Inside, case: Case) -> None:
    path, document, *wanted = case
    client.put(tiny())
    told = client.ask(422, "POST", path, document)
    (error,) = told["errors"]
    assert told["code"] == "invalid_document"
    assert [error["code"], error["path"], error["found"], error["expected"]["en"]] == wanted
    assert re.search("[一-鿿]", error["expected"]["zh"])


def test_all_that_is_wrong_is_told_at_once(client: Inside) -> None:
    told = client.ask(422, "POST", "/v1/communities", {"id": "X X", "nam": "", "zone": 8})
    assert [(each["code"], each["pointer"]) for each in told["errors"]] == [
        ("wrong_form", "/id"),
        ("missing_field", "/name"),
        ("wrong_type", "/zone"),
        ("unknown_field", "/nam"),
    ]


def test_every_code_that_the_service_gives_a_fault_is_in_the_docs() -> None:
    sources = Path(api.__file__).parent.rglob("*.py")
    found = (re.findall(r'\b(?:[Ff]ault|_broken)\(\s*"(\w+)"', each.read_text(encoding="utf-8")) for each in sources)
    used = {code for codes in found for code in codes}
    page = (Path(api.__file__).parents[1] / "docs" / "faults.md").read_text(encoding="utf-8")
    assert {"unknown_zone", "not_text"} <= used
    assert [code for code in sorted(used) if f"`{code}`" not in page] == []

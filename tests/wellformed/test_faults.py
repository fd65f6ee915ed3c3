"""How a fault is told: its place in two notations, what was found in few words; and every code in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import scheduler.wellformed
from scheduler.wellformed.faults import Loc, nearest, path_of, pointer_of, shown

SOURCES = Path(scheduler.wellformed.__file__).parent
ROOT = SOURCES.parent.parent
CODE = re.compile(r'(?:\bfault|_unreadable)\(\s*"(\w+)"|r"[^"]*"\), "(\w+)"\)|else "(wrong_value)"|, "(wrong_value)"\)')


@pytest.mark.parametrize(
    ("loc", "path", "pointer"),
    [
        ((), "", ""),
        (("season",), "season", "/season"),
        (("requests", 12, "windows", 0, "ends"), "requests[12].windows[0].ends", "/requests/12/windows/0/ends"),
        (
            ("calendars", 0, "counts_as", "2026-09-20"),
            'calendars[0].counts_as["2026-09-20"]',
            "/calendars/0/counts_as/2026-09-20",
        ),
        (("a/b", "c~d"), '["a/b"]["c~d"]', "/a~1b/c~0d"),
    ],
)
def test_a_place_is_written_for_people_and_for_programs(loc: Loc, path: str, pointer: str) -> None:
    assert path_of(loc) == path
    assert pointer_of(loc) == pointer


def test_what_was_found_is_short_and_as_the_document_writes_it() -> None:
    assert shown("x" * 200) == "x" * 79 + "…"
    assert shown({"a": [1, True, None]}) == '{"a": [1, true, null]}'
    assert shown("") == '""'
    assert shown("\ud800") == "\\ud800"


def test_nearest_names_are_looked_for_among_so_many_only() -> None:
    assert nearest("S05", ["S01", "S50", "s05", "room"])[0] == "s05"
    assert nearest("S05", (f"S{number}" for number in range(5_000))) == []


def test_every_code_is_in_the_docs_and_every_one_there_exists() -> None:
    used = {
        next(filter(None, match.groups()))
        for source in SOURCES.glob("*.py")
        for match in CODE.finditer(source.read_text(encoding="utf-8"))
    }
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    told = {code for row in rows for code in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert told | {"more"} == used

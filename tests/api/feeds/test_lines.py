from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Event

from api.feeds.lines import clean, line, text_line, utc


def test_short_line_is_one_line() -> None:
    assert line("URL", "https://gongshi.example/a;b,c") == b"URL:https://gongshi.example/a;b,c\r\n"


def test_text_is_escaped() -> None:
    assert text_line("SUMMARY", "a,b;c\\d\ne") == b"SUMMARY:a\\,b\\;c\\\\d\\ne\r\n"


def test_a_backslash_before_n_is_no_line_end() -> None:
    assert text_line("SUMMARY", "C:\\New") == b"SUMMARY:C:\\\\New\r\n"


def test_controls_are_stripped_and_line_ends_are_line_feeds() -> None:
    assert clean("a\x00\x1b\x7f\x85\ufeff\u2028b\r\nc\rd\te\ud800") == "ab\nc\nd e"


def test_folded_at_75_octets_before_the_character_that_does_not_fit() -> None:
    folded = text_line("SUMMARY", "x" * 66 + "图书")
    # 8 + 66 octets are 74: the first character's three octets go to the next line.
    assert folded == b"SUMMARY:" + b"x" * 66 + b"\r\n " + "图书".encode() + b"\r\n"


def test_a_short_line_is_not_folded_and_a_long_one_keeps_within_75_octets() -> None:
    assert line("X", "y" * 72) == b"X:" + b"y" * 72 + b"\r\n"
    physical = line("X", "y" * 300).split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert b"".join(each.removeprefix(b" ") for each in physical) == b"X:" + b"y" * 300


def test_utc_form() -> None:
    assert utc(datetime(2026, 9, 7, 9, 0, 59, 999_999, ZoneInfo("Asia/Shanghai"))) == "20260907T010059Z"
    assert utc(datetime(2026, 9, 7, 9, tzinfo=UTC)) == "20260907T090000Z"


@given(st.text(max_size=300))
def test_every_text_folds_well_and_is_read_back(text: str) -> None:
    written = text_line("SUMMARY", text)
    physical = written.split(b"\r\n")[:-1]
    assert max(map(len, physical)) <= 75
    assert [each for each in physical if not each.decode()] == []
    assert re.sub(rb"\r\n(?! )", b"", written).count(b"\n") == len(physical) - 1
    event = Event.from_ical(b"BEGIN:VEVENT\r\n" + written + b"END:VEVENT\r\n")
    # The library reads a backslash and N as a line end even where the backslash is escaped.
    if "\\" not in text:
        assert event["SUMMARY"] == clean(text)

"""Notices are read in three forms, and what is wrong in them is told with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduler.calendars.notice import (
    BadNoticeError,
    Notice,
    propose,
    read_csv,
    read_document,
    read_json,
    read_rows,
    require_weekdays,
    unsaid,
)


def days(*each: str) -> list[dict[str, Any]]:
    """Days of a document: `2026-10-01` is off, `2026-10-10-` is worked."""
    return [{"name": "国庆节", "date": day.rstrip("+-")[:10], "isOffDay": len(day) == 10} for day in each]


def autumn() -> Notice:
    """The working weekends of autumn 2026 and the days off around them."""
    off = [f"2026-09-{day}" for day in (25, 26, 27)] + [f"2026-10-0{day}" for day in range(1, 8)]
    return read_document({"year": 2026, "days": days("2026-09-20-", *off, "2026-10-10-")})


def faults(*rows: dict[str, Any]) -> list[tuple[int, str]]:
    with pytest.raises(BadNoticeError) as caught:
        read_rows(2026, rows)
    return [(fault.position, fault.sentence.en) for fault in caught.value.faults]


def test_json_and_table_say_the_same() -> None:
    document = {"year": 2026, "papers": ["paper"], "days": days("2026-10-10-", "2026-10-01")}
    one = read_json(json.dumps(document))
    english = "date,name,off|work,counts_as\n2026-10-01,国庆节,off,\n2026-10-10,国庆节,work,\n"
    chinese = "\ufeff日期,名称,休班,按周几\n2026-10-01,国庆节,休,\n2026-10-10,国庆节,班,\n"
    assert one.papers == ("paper",)
    assert [str(day.date) for day in one.days] == ["2026-10-01", "2026-10-10"]
    assert one.days == read_csv(english, 2026).days == read_csv(chinese, 2026).days


@pytest.mark.parametrize("said", ["WE", "周三", "星期三"])
def test_a_weekday_is_written_in_several_ways(said: str) -> None:
    table = f"日期,名称,休班,按周几\n2026-10-10,国庆节,班,{said}\n"
    assert [day.counts_as for day in read_csv(table, 2026).days] == ["WE"]


def test_each_fault_has_its_place() -> None:
    good = {"date": "2026-10-01", "name": "国庆节", "off": "off"}
    assert faults(
        good,
        good | {"date": "2026-02-30"},
        good | {"date": "2027-10-01"},
        good,
        {"date": "2026-10-03", "off": "off"},
        {"date": "2026-10-03", "off": "work"},
        {"date": "2026-10-02", "off": "off", "counts_as": "MO"},
        {"date": "2026-10-09", "off": "work"},
        {"date": "2026-10-10", "off": "perhaps"},
        {"date": "2026-10-10", "off": "work", "counts_as": "XX"},
    ) == [
        (2, "'2026-02-30' is no date; write 2026-01-31"),
        (3, "2027-10-01 is not in 2026"),
        (4, "2026-10-01 is there twice"),
        (6, "2026-10-03 is off and worked at once"),
        (7, "2026-10-02 cannot be off and count as a working weekday"),
        (8, "2026-10-09 is no weekend day, so no working weekend"),
        (9, "2026-10-10: say off or work"),
        (10, "2026-10-10: 'XX' is no weekday, MO to SU"),
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"year": "2026", "days": []}', '{"year": 2026, "days": [1]}'])
def test_what_is_no_notice_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(BadNoticeError) as caught:
        read_json(text)
    assert [fault.position for fault in caught.value.faults] == [0]


def test_a_table_counts_its_heading() -> None:
    with pytest.raises(BadNoticeError) as caught:
        read_csv("date,name,off\nnever,x,off\n", 2026)
    assert [fault.position for fault in caught.value.faults] == [2]
    with pytest.raises(BadNoticeError, match="headings are missing: name, off"):
        read_csv("date\n2026-10-01\n", 2026)


def test_the_proposal_is_what_the_centre_said() -> None:
    notice = autumn()
    assert [str(day) for day in unsaid(notice)] == ["2026-09-20", "2026-10-10"]
    with pytest.raises(BadNoticeError, match="2026-09-20 is worked"):
        require_weekdays(notice)
    proposed = propose(notice)
    assert [(str(day.date), day.counts_as) for day in proposed.days if day.proposed] == [
        ("2026-09-20", "FR"),
        ("2026-10-10", "WE"),
    ]
    require_weekdays(proposed)


def test_what_the_notice_says_is_not_proposed_over() -> None:
    said = read_rows(
        2026, [{"date": "2026-10-10", "off": "work", "counts_as": "TH"}, {"date": "2026-10-07", "off": "off"}]
    )
    assert propose(said) == said

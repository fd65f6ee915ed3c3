"""Last term's timetable as this term's wishes: an optional sheet, a row a weekly session as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.workbook.cells import LIST, NUMBER, WORD, CellError, Codec, read_clock, read_days
from api.workbook.sheets import Column

NAME = "上期课表"
CLOCK = Codec(read_clock, str)
DAYS = Codec(lambda value: read_days(WORD.read(value)), str)
COLUMNS = (
    Column("单位", "applicant", WORD, needed=True, about="组织编号"),
    Column("用途", "use", WORD, needed=True, about="用途编号"),
    Column("人数", "headcount", NUMBER, needed=True),
    Column("周几", "days", DAYS, needed=True, about="如 周二、四；各天算各一场"),
    Column("开始", "starts", CLOCK, needed=True, about="如 19:00"),
    Column("结束", "ends", CLOCK, needed=True, about="如 20:30"),
    Column("空间", "spaces", LIST, needed=True, about="空间编号"),
)
EXAMPLE: tuple[object, ...] = ("示例1", "合唱排练的编号", 60, "周六", "09:00", "11:00", "S07")


def request_of(number: int, row: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The wish that a session of last term makes: the same hours are preferred, in the same space.

    Args:
        number: of the row, from which the id is made.
        row: the decoded cells, by field.
        document: the rest of the workbook, for what applicant, use and space are.

    Raises:
        CellError: it ends before it starts.
    """
    use = _entry(document, "uses", row["use"])
    space = _entry(document, "spaces", row["spaces"][0])
    minutes = _minutes(row["ends"]) - _minutes(row["starts"])
    if minutes <= 0:
        raise CellError("晚于开始的钟点，次日写作 24:30", "a time after the start; 24:30 for the next day")
    fitting = [each["id"] for each in space.get("layouts", ()) if each["capacity"] >= row["headcount"]]
    return {
        "id": f"LAST{number}",
        "applicant": row["applicant"],
        "use": row["use"],
        "headcount": row["headcount"],
        "minutes": minutes,
        "when": {"kind": "series", "per_week": len(row["days"]), "calendar": use.get("calendar", "")},
        "windows": [{"days": row["days"], "starts": row["starts"], "ends": row["ends"], "kind": "preferred"}],
        "spaces": row["spaces"],
        "layouts": fitting or [each["id"] for each in space.get("layouts", ())] or ["?"],
        "noise": use.get("noise", 0),
        "priority": _entry(document, "applicants", row["applicant"]).get("priority", ""),
        "note": "上期课表",
    }


def _entry(document: Mapping[str, Any], name: str, id: str) -> dict[str, Any]:
    return next((each for each in document.get(name, ()) if each.get("id") == id), {})


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])

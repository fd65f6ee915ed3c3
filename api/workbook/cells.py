"""What stands in a cell: how a value of the document is written for people, and read from what people write."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from scheduler.constraints.terms import DAY_ZH, WEEKDAYS, Sentence

DAYS = {zh: day for day, zh in DAY_ZH.items()} | {"天": "SU"}
KINDS = {"固定": "fixed", "首选": "preferred", "可以": "acceptable"}
KINDS_ZH = {kind: zh for zh, kind in KINDS.items()}
YES, NO = ("是", "有", "true", "yes", "y", "1"), ("否", "无", "false", "no", "n", "0")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SPAN = re.compile(r"(?P<days>.*?)\s*(?P<starts>\d{1,2}:\d{2})\s*[-~至到]\s*(?P<ends>\d{1,2}:\d{2})\s*(?P<kind>\S*)")


class CellError(ValueError):
    """A cell that does not say what it should; what it should say."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.expected = Sentence(zh=zh, en=en)


@dataclass(frozen=True, slots=True)
class Codec:
    """Both ways of one kind of cell."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def plain(value: Any) -> str:
    """What a cell says as text: full-width digits and signs made plain, no space around."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def read_text(value: Any) -> str:
    """Text as it stands, without space around; a number that Excel made of it is text again."""
    return plain(value) if isinstance(value, int | float) else str(value).strip()


def read_number(value: Any) -> int:
    """A whole number, also written as text or in full-width digits."""
    text = plain(value)
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}", text):
        raise CellError("整数，如 30", "a whole number, such as 30")
    return int(text)


def read_flag(value: Any) -> bool:
    """Yes or no."""
    text = plain(value).lower()
    if text not in YES + NO:
        raise CellError("是 或 否", "是 (yes) or 否 (no)")
    return text in YES


def read_date(value: Any) -> str:
    """A date cell, or a date written out."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if (found := _DATE.fullmatch(plain(value))) is not None:
        try:
            return date(*map(int, found.groups())).isoformat()
        except ValueError:
            pass
    raise CellError("日期，如 2026-09-07", "a date, such as 2026-09-07")


def read_clock(value: Any) -> str:
    """A clock time; Excel's own time, or text up to 47:59 (after 24:00 it belongs to the evening before)."""
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(value, time | datetime):
        return f"{value.hour:02d}:{value.minute:02d}"
    found = _CLOCK.fullmatch(plain(value))
    if found is None or int(found[1]) > 47 or int(found[2]) > 59:
        raise CellError("钟点，如 19:00", "a clock time, such as 19:00")
    return f"{int(found[1]):02d}:{found[2]}"


def read_list(value: Any) -> list[str]:
    """Words parted by 、 or a comma or a line."""
    return [each for each in re.split(r"[、,;\s]+", plain(value)) if each]


def read_json(value: Any) -> Any:
    """JSON, as other programs wrote it."""
    try:
        return json.loads(str(value))
    except (ValueError, RecursionError):
        raise CellError("JSON，如 {} 或 []", "JSON, such as {} or []") from None


def read_extra(value: Any) -> dict[str, Any]:
    """A JSON object."""
    found = read_json(value)
    if not isinstance(found, dict):
        raise CellError("JSON 对象，如 {}", "a JSON object, such as {}")
    return found


def read_days(text: str) -> list[str]:
    """周一、三 or 周一至周五 or 每天."""
    text = text.replace("星期", "周").replace("周", "").replace(" ", "")
    if text in ("", "每天", "每日"):
        return list(WEEKDAYS)
    days: list[str] = []
    for part in re.split(r"[、,]", text):
        ends = re.split(r"[至到~-]", part)
        if len(ends) > 2 or any(each not in DAYS for each in ends):
            raise CellError("周几，如 周一、三 或 周一至周五", "weekdays, such as 周一、三 or 周一至周五")
        first, last = WEEKDAYS.index(DAYS[ends[0]]), WEEKDAYS.index(DAYS[ends[-1]])
        days += WEEKDAYS[first : last + 1] if first <= last else [*WEEKDAYS[first:], *WEEKDAYS[: last + 1]]
    return list(dict.fromkeys(days))


def read_spans(value: Any, *, kinds: bool) -> list[dict[str, Any]]:
    """周二 19:00-20:30 首选; 周四 19:00-20:30 可以."""
    spans = []
    for part in re.split(r"[;\n]+", plain(value)):
        if not part.strip():
            continue
        found = _SPAN.fullmatch(part.strip())
        if found is None or (found["kind"] and (not kinds or found["kind"] not in KINDS)):
            raise CellError(
                "时段，如 周二、四 19:00-20:30" + (" 首选；周一 19:00-20:30 可以" if kinds else ""),
                "hours, such as 周二、四 19:00-20:30" + (" 首选 (固定, 首选 or 可以)" if kinds else ""),
            )
        span = {
            "days": read_days(found["days"]),
            "starts": read_clock(found["starts"]),
            "ends": read_clock(found["ends"]),
        }
        spans.append(span | ({"kind": KINDS[found["kind"] or "可以"]} if kinds else {}))
    return spans


def write_days(days: list[str]) -> str:
    """The shortest way to say weekdays."""
    if list(days) == list(WEEKDAYS):
        return "每天"
    return "周" + "、".join(DAY_ZH[day] for day in days)


def write_spans(spans: list[dict[str, Any]]) -> str:
    """One after another, each with its kind where it has one."""
    return "；".join(
        f"{write_days(each['days'])} {each['starts']}-{each['ends']}"
        + (f" {KINDS_ZH[each['kind']]}" if "kind" in each else "")
        for each in spans
    )


def read_layouts(value: Any) -> list[dict[str, Any]]:
    """Such as classroom 36、theatre 45."""
    layouts = []
    for part in re.split(r"[、,;\n]+", plain(value)):
        found = re.fullmatch(r"(\S+)\s+(\d{1,6})", part.strip())
        if found is None:
            raise CellError(
                "布置和人数，如 classroom 36、theatre 45", "layouts and places, such as classroom 36、theatre 45"
            )
        layouts.append({"id": found[1], "capacity": int(found[2])})
    return layouts


def dumps(value: Any) -> str:
    """JSON on one line, in the signs that people write."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


TEXT = Codec(read_text, str)
"""Names and notes, as they stand."""
WORD = Codec(plain, str)
"""Ids and times zones, made plain."""
NUMBER = Codec(read_number, int)
FLAG = Codec(read_flag, lambda value: "是" if value else "否")
DATE = Codec(read_date, date.fromisoformat)
LIST = Codec(read_list, "、".join)
LAYOUTS = Codec(read_layouts, lambda value: "、".join(f"{each['id']} {each['capacity']}" for each in value))
HOURS = Codec(lambda value: read_spans(value, kinds=False), write_spans)
WINDOWS = Codec(lambda value: read_spans(value, kinds=True), write_spans)
JSON = Codec(read_json, dumps)
EXTRA = Codec(read_extra, dumps)

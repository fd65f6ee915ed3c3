"""The same tables as CSV, and the dictionary that says what each column means."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import load_workbook
from pydantic import BaseModel

from api.workbook.sheets import CENTRE, LISTS, ONCE, SHEETS
from scheduler.problem import Applicant, Community, Problem, Request, Season, Space, Use
from scheduler.timetable import Booking, Timetable

RISKY = ("=", "+", "-", "@", "\t", "\r")
MARK = "'"
BOM = b"\xef\xbb\xbf"
"""Excel reads a CSV as UTF-8 only with it."""
MODELS: dict[str, type[BaseModel]] = {"空间": Space, "组织": Applicant, "用途": Use, "申请": Request}
ENGLISH = {
    CENTRE: "centre",
    "空间": "spaces",
    "组织": "applicants",
    "用途": "uses",
    "申请": "requests",
    "规则": "rules",
}
BOOKINGS = ("申请", "场次", "开始", "结束", "空间", "布置")


def tables(workbook: bytes) -> dict[str, bytes]:
    """Each sheet of a workbook of ours as a CSV file, by its name in English."""
    book = load_workbook(io.BytesIO(workbook), read_only=True)
    return {f"{ENGLISH[sheet.title]}.csv": to_csv(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def bookings_csv(timetable: Timetable) -> bytes:
    """The dated bookings, in order of time."""
    rows = (
        (b.request, b.session, b.starts.isoformat(), b.ends.isoformat(), b.space, b.layout) for b in timetable.bookings
    )
    return to_csv([BOOKINGS, *rows])


def to_csv(rows: Iterable[Iterable[Any]]) -> bytes:
    """CSV that a spreadsheet opens as text: what it would take for a formula has an apostrophe in front."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([_guarded(each) for each in row] for row in rows)
    return BOM + out.getvalue().encode()


def from_csv(data: bytes) -> list[list[str]]:
    """The rows of such a file, without the apostrophes that were put in front."""
    text = data.removeprefix(BOM).decode()
    return [[bare(each) for each in row] for row in csv.reader(io.StringIO(text, newline=""))]


def _guarded(value: Any) -> str:
    text = "" if value is None else str(value)
    return MARK + text if text.startswith((*RISKY, MARK)) else text


def bare(text: str) -> str:
    """What a cell says, without the apostrophe that keeps it from being a formula."""
    return text[1:] if text.startswith(MARK) else text


def dictionary() -> bytes:
    """What every column means, in Chinese and English, from the sheets and the schemas."""
    return to_csv([("表", "列", "字段", "必填", "说明", "table", "description"), *_rows()])


def _rows() -> Iterator[tuple[str, ...]]:
    for item in ONCE:
        yield (
            CENTRE,
            item.heading,
            item.field,
            _needed(item.needed),
            item.about,
            "centre",
            _english(Problem, item.field),
        )
    for heading, name in LISTS.items():
        yield CENTRE, heading, name, "", "一行一条，JSON", "centre", _english(Problem, name)
    for sheet in SHEETS:
        for column in sheet.columns:
            model = MODELS.get(sheet.name)
            english = _english(model, column.field) if model and column.field != "*" else "the other fields, as JSON"
            yield (
                sheet.name, column.heading, column.field, _needed(column.needed), column.about,
                ENGLISH[sheet.name], english,
            )  # fmt: skip
    for name, zh in zip(("request", "session", "starts", "ends", "space", "layout"), BOOKINGS, strict=True):
        yield "预订", zh, name, "是", "", "bookings", _english(Booking, name)


def _needed(needed: bool) -> str:
    return "是" if needed else ""


def _english(model: type[BaseModel], field: str) -> str:
    """The description of a field, else the first line about what it is of."""
    first, _, inner = field.partition(".")
    insides: dict[str, type[BaseModel]] = {"community": Community, "season": Season}
    inside = insides.get(first)
    if inner and inside is not None:
        return _english(inside, inner)
    known = model.model_fields.get(first)
    about = (known.description if known is not None else None) or (model.__doc__ or "").strip().splitlines()[0]
    return f"{field}: {about}"

"""A problem as a workbook; the same problem gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from api.workbook.cells import dumps
from api.workbook.sheets import CENTRE, CONTENT, ITEM, LISTS, ONCE, SHEETS, Column, Sheet
from scheduler.problem import Problem

MADE_AT = datetime(2026, 1, 1)  # noqa: DTZ001 - Excel's own times have no zone; always the same one, for the same bytes
HEAD = PatternFill("solid", fgColor="E3EFE9")
MOST_LETTERS = 32_767
"""Of a cell, by Excel's own limit."""


class TooLongError(ValueError):
    """An entry that no cell can hold."""


def write_workbook(problem: Problem) -> bytes:
    """All of a problem: sheets 中心, 空间, 组织, 用途, 申请, 规则.

    Raises:
        TooLongError: an entry is too long for a cell.
    """
    document = problem.model_dump(mode="json")
    names = problem.names()
    book = Workbook()
    centre = book.active
    assert isinstance(centre, Worksheet)
    centre.title = CENTRE
    _centre(centre, document)
    for sheet in SHEETS:
        told = [each.sentence(names).zh for each in problem.constraints] if sheet.list == "constraints" else []
        _fill(book.create_sheet(sheet.name), sheet, document[sheet.list], told)
    return packed(book)


def _centre(sheet: Worksheet, document: dict[str, Any]) -> None:
    head(sheet, (Column(ITEM, "", about="这一行说的是什么"), Column(CONTENT, "")), (24, 100))
    for column in ONCE:
        value = _value(document, column.field)
        if value not in (None, ""):
            _append(sheet, [column.heading, _cell(column.codec.write(value))])
    for heading, name in LISTS.items():
        for entry in document[name]:
            _append(sheet, [heading, _cell(dumps(entry))])


def _fill(sheet: Worksheet, of: Sheet, entries: list[dict[str, Any]], told: list[str]) -> None:
    head(sheet, of.columns, tuple(28 if column.codec.write is not int else 10 for column in of.columns))
    for place, entry in enumerate(entries):
        rest = dict(entry)
        if "when" in rest:
            rest["when"] = dict(rest["when"])
        row: list[Any] = []
        for column in of.columns:
            if column.told:
                row.append(_cell(told[place]))
            elif column.field == "*":
                row.append(None)  # filled in last, with what no column took
            else:
                value = _taken(rest, column.field)
                row.append(None if value in (None, "", []) else _cell(column.codec.write(value)))
        extra = next((n for n, column in enumerate(of.columns) if column.field == "*"), None)
        if extra is not None:
            kept = _worth_saying(rest, all_of_it=of.list == "constraints")
            row[extra] = _cell(dumps(kept)) if kept else None
        _append(sheet, row)


def _append(sheet: Worksheet, row: list[Any]) -> None:
    """A row whose texts are texts, also those that begin as a formula does: a name must not run in a reader's Excel."""
    sheet.append(row)
    for cell in sheet[sheet.max_row]:
        if cell.data_type == "f":
            cell.data_type = "s"


def head(sheet: Worksheet, columns: tuple[Column, ...], widths: tuple[int, ...]) -> None:
    """The first row: headings, what is said about them, widths in letters."""
    sheet.append([column.heading for column in columns])
    for place, column in enumerate(columns, 1):
        cell = sheet.cell(1, place)
        cell.font, cell.fill = Font(bold=True), HEAD
        if column.about:
            cell.comment = Comment(column.about, "共室")
        sheet.column_dimensions[get_column_letter(place)].width = widths[place - 1]
    sheet.freeze_panes = "B2"


def _cell(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MOST_LETTERS:
        raise TooLongError(value[:40])
    return value


def _value(document: dict[str, Any], field: str) -> Any:
    value: Any = document
    for step in field.split("."):
        value = (value or {}).get(step)
    return value


def _taken(entry: dict[str, Any], field: str) -> Any:
    """The value of a field, which is taken out."""
    first, _, inner = field.partition(".")
    if not inner:
        return entry.pop(first, None)
    return entry.get(first, {}).pop(inner, None)


def _worth_saying(rest: dict[str, Any], *, all_of_it: bool) -> dict[str, Any]:
    """What no column took. Empty texts and lists say nothing, but in a rule, where an empty list can mean something."""
    empty: tuple[Any, ...] = (None,) if all_of_it else (None, "", [], {})
    kept = {name: value for name, value in rest.items() if value not in empty}
    if "when" in kept:
        inner = {name: value for name, value in kept.pop("when").items() if value is not None and name != "kind"}
        kept |= {f"when.{name}": value for name, value in inner.items()}
    return kept


def packed(book: Workbook) -> bytes:
    """The file, with the same times whenever it is made."""
    book.properties.created = book.properties.modified = MADE_AT
    book.properties.creator = "Gongshi"
    raw, out = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "docProps/core.xml":
                data = _same_times(data)
            new.writestr(zipfile.ZipInfo(entry.filename, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _same_times(core: bytes) -> bytes:
    """Without the time of saving, which openpyxl sets by itself."""
    start = core.find(b"<dcterms:modified")
    inner, end = core.find(b">", start) + 1, core.find(b"</dcterms:modified>", start)
    return core[:inner] + b"2026-01-01T00:00:00Z" + core[end:] if 0 < start < end else core

"""A workbook as the document of a problem, or every faulty cell by its place."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter

from api.workbook import last_term
from api.workbook.cells import EXTRA, CellError, plain
from api.workbook.opened import CellFault, Opened, Row, WorkbookError, open_workbook
from api.workbook.sheets import CENTRE, LISTS, ONCE, SHEETS, Column, Sheet
from scheduler.constraints.terms import Sentence
from scheduler.problem import Problem
from scheduler.wellformed import Fault, ProblemError, read_problem

EXAMPLE = "示例"
"""Rows whose id begins so are examples of the template, and not read."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a workbook says: the problem, and how much of each sheet was understood."""

    problem: Problem
    counts: dict[str, int]


@dataclass(slots=True)
class _Reading:
    """A document under way, and where each of its entries stands."""

    document: dict[str, Any] = field(default_factory=lambda: {"format": "gongshi.problem/1"})
    rows: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    unread: set[tuple[str, str]] = field(default_factory=set)
    """Cells that hold something which says nothing: told already."""


def read_workbook(data: bytes) -> Understood:
    """The problem that a workbook states.

    Raises:
        WorkbookError: with every faulty cell, in the order of the sheets.
    """
    opened = open_workbook(data)
    reading = _Reading(faults=list(opened.faults), unread={(each.sheet, each.cell) for each in opened.faults})
    _centre(reading, opened.sheets)
    for sheet in SHEETS:
        _sheet(reading, sheet, opened.sheets)
    _last_term(reading, opened.sheets)
    if reading.faults:
        raise WorkbookError(*reading.faults)
    try:
        problem = read_problem(json.dumps(reading.document))
    except ProblemError as error:
        raise WorkbookError(*(_at_cell(reading, fault) for fault in error.faults)) from None
    counts = {sheet.name: len(reading.document[sheet.list]) for sheet in SHEETS}
    return Understood(problem, counts)


@dataclass(frozen=True, slots=True)
class Table:
    """What one sheet says: its entries, each with the number of its row, and the column of each field."""

    entries: list[tuple[int, dict[str, Any]]]
    columns: dict[str, int]

    def place(self, number: int, inner: Sequence[str | int]) -> str:
        """The cell that states a place within an entry, such as F12."""
        return f"{get_column_letter(_column(self.columns, list(inner)))}{number}"


def read_table(sheet: Sheet, opened: Opened) -> Table:
    """One sheet by itself.

    Raises:
        WorkbookError: with every faulty cell, in the order of the sheet.
    """
    reading = _Reading(faults=list(opened.faults), unread={(each.sheet, each.cell) for each in opened.faults})
    _sheet(reading, sheet, opened.sheets)
    if reading.faults:
        raise WorkbookError(*reading.faults)
    numbers = [number for _, number in reading.rows.values()]
    return Table(list(zip(numbers, reading.document[sheet.list], strict=True)), reading.columns[sheet.list])


def _centre(reading: _Reading, sheets: dict[str, list[Row]]) -> None:
    rows = _present(reading, CENTRE, sheets)
    if rows is None:
        return
    once = {column.heading: column for column in ONCE}
    for name in LISTS.values():
        reading.document[name] = []
    seen: set[str] = set()
    for row in rows[1:]:
        item, value, place = plain(row.cells.get(1, "")), row.cells.get(2), f"A{row.number}"
        if item in LISTS:
            entry = _decoded(reading, CENTRE, f"B{row.number}", Column(item, "", EXTRA), value)
            reading.rows[LISTS[item], len(reading.document[LISTS[item]])] = (CENTRE, row.number)
            reading.document[LISTS[item]].append(entry if entry is not None else {})
        elif item in once and item not in seen:
            seen.add(item)
            reading.rows[once[item].field.partition(".")[0], -1] = (CENTRE, row.number)
            found = _decoded(reading, CENTRE, f"B{row.number}", once[item], value)
            if found is not None:
                _put(reading.document, once[item].field, found)
        elif item in seen:
            _fault(reading, (CENTRE, place), item, f"“{item}”只填一行", f"one row only for {item!r}")
        elif item:
            _unknown(reading, CENTRE, place, item, [*once, *LISTS])
    for column in ONCE:
        if column.needed and column.heading not in seen:
            told = f"缺少一行“{column.heading}”", f"a row {column.heading!r}"
            _fault(reading, (CENTRE, ""), "", *told)


def _sheet(reading: _Reading, sheet: Sheet, sheets: dict[str, list[Row]]) -> None:
    reading.document[sheet.list] = []
    rows = _present(reading, sheet.name, sheets)
    if rows is None:
        return
    columns = _headings(reading, sheet, rows[0])
    reading.columns[sheet.list] = {column.field: place for place, column in columns.items()}
    for row in rows[1:]:
        if plain(row.cells.get(_place_of(columns, "id"), "")).startswith(EXAMPLE):
            continue
        reading.rows[sheet.list, len(reading.document[sheet.list])] = (sheet.name, row.number)
        reading.document[sheet.list].append(_entry(reading, sheet, row, columns))


def _last_term(reading: _Reading, sheets: dict[str, list[Row]]) -> None:
    """The optional sheet of last term's sessions, each a wish more."""
    rows = sheets.get(last_term.NAME, [])
    if not rows:
        return
    sheet = Sheet(last_term.NAME, "last", last_term.COLUMNS)
    columns = _headings(reading, sheet, rows[0])
    places = {column.field: place for place, column in columns.items()}
    for row in rows[1:]:
        if plain(row.cells.get(places.get("applicant", 0), "")).startswith(EXAMPLE):
            continue
        found = _cells(reading, sheet, row, columns)
        if any(column.field not in found for column in sheet.columns):
            continue  # told already
        if _unknown_names(reading, found, places, row):
            continue
        cell = f"{get_column_letter(places['ends'])}{row.number}"
        try:
            request = last_term.request_of(row.number, found, reading.document)
        except CellError as error:
            reading.faults.append(CellFault(sheet.name, cell, found["ends"], error.expected))
            continue
        reading.rows["requests", len(reading.document["requests"])] = (sheet.name, row.number)
        reading.document["requests"].append(request)


def _unknown_names(reading: _Reading, found: dict[str, Any], places: dict[str, int], row: Row) -> bool:
    """Tell each name of a row of last term that the other sheets do not have."""
    wrong = False
    for name, listed in (("applicant", "applicants"), ("use", "uses"), ("spaces", "spaces")):
        known = [each["id"] for each in reading.document.get(listed, ()) if "id" in each]
        for each in [found[name]] if isinstance(found[name], str) else found[name]:
            if each not in known:
                wrong = True
                _unknown(reading, last_term.NAME, f"{get_column_letter(places[name])}{row.number}", each, known[:20])
    return wrong


def _present(reading: _Reading, name: str, sheets: dict[str, list[Row]]) -> list[Row] | None:
    if name not in sheets:
        near = difflib.get_close_matches(name, list(sheets), n=1)
        found = f"{near[0]}" if near else "、".join(list(sheets)[:8])
        _fault(reading, (name, ""), found, f"缺少工作表“{name}”", f"a sheet named {name!r}")
        return None
    rows = sheets[name]
    if not rows:
        _fault(reading, (name, "A1"), "", "第一行是列标题", "headings in the first row")
        return None
    return rows


def _headings(reading: _Reading, sheet: Sheet, head: Row) -> dict[int, Column]:
    known = {column.heading: column for column in sheet.columns}
    found: dict[int, Column] = {}
    for place, value in head.cells.items():
        heading, cell = _heading(value), f"{get_column_letter(place)}{head.number}"
        if heading not in known:
            _unknown(reading, sheet.name, cell, heading, list(known))
        elif known[heading] in found.values():
            _fault(reading, (sheet.name, cell), heading, "同名的列只留一列", "one column of this name")
        else:
            found[place] = known[heading]
    for column in sheet.columns:
        if column.needed and column not in found.values():
            _fault(reading, (sheet.name, ""), "", f"缺少“{column.heading}”列", f"a column {column.heading!r}")
    return found


def _heading(value: Any) -> str:
    """As written, or with the brackets that half-width typing gives."""
    text = str(value).strip()
    return (
        text.replace("(", "（").replace(")", "）").replace("（json）", "（JSON）")
        if "JSON" in text.upper()
        else plain(text)
    )


def _entry(reading: _Reading, sheet: Sheet, row: Row, columns: dict[int, Column]) -> dict[str, Any]:
    entry = _cells(reading, sheet, row, columns)
    if sheet.list == "requests":
        when = entry.setdefault("when", {})
        when["kind"] = "patterns" if "options" in when else "dated" if "date" in when else "series"
    return entry


def _cells(reading: _Reading, sheet: Sheet, row: Row, columns: dict[int, Column]) -> dict[str, Any]:
    """The fields that the cells of a row state."""
    entry: dict[str, Any] = {}
    for place, column in columns.items():
        value, cell = row.cells.get(place), f"{get_column_letter(place)}{row.number}"
        if column.told:
            continue
        if value is None:
            # Patterns say when in what no column takes (`when.options`), and have no windows.
            said = column.field == "windows" and "when.options" in str(row.cells.get(_place_of(columns, "*")))
            if column.needed and not said and (sheet.name, cell) not in reading.unread:
                told = f"不能空着：{column.about or column.heading}", f"not empty: {column.heading}"
                _fault(reading, (sheet.name, cell), "", *told)
            continue
        found = _decoded(reading, sheet.name, cell, column, value)
        if found is None:
            continue
        if column.field == "*":
            for name, inner in found.items():
                _put(entry, name, inner)
        else:
            _put(entry, column.field, found)
    return entry


def _decoded(reading: _Reading, sheet: str, cell: str, column: Column, value: Any) -> Any:
    if value is None:
        _fault(reading, (sheet, cell), "", "不能空着", "not empty")
        return None
    try:
        return column.codec.read(value)
    except CellError as error:
        reading.faults.append(CellFault(sheet, cell, str(value)[:80], error.expected))
        return None


def _put(document: dict[str, Any], field: str, value: Any) -> None:
    first, _, inner = field.partition(".")
    if inner:
        document.setdefault(first, {})[inner] = value
    else:
        document[first] = value


def _place_of(columns: dict[int, Column], field: str) -> int:
    return next((place for place, column in columns.items() if column.field == field), 0)


def _fault(reading: _Reading, place: tuple[str, str], found: str, zh: str, en: str) -> None:
    reading.faults.append(CellFault(*place, found, Sentence(zh=zh, en=en)))


def _unknown(reading: _Reading, sheet: str, cell: str, found: str, known: list[str]) -> None:
    near = difflib.get_close_matches(found, known, n=2, cutoff=0.4)
    shown = "、".join(near or known)
    _fault(reading, (sheet, cell), found, f"可用的名称：{shown}", f"one of: {shown}")


def _at_cell(reading: _Reading, fault: Fault) -> CellFault:
    """A fault of the document at the cell that states it."""
    return CellFault(*next(_places(reading, fault)), fault.found, fault.expected)


def _places(reading: _Reading, fault: Fault) -> Iterator[tuple[str, str]]:
    match fault.loc:
        case (str(name), int(number), *inner) if (name, number) in reading.rows:
            sheet, row = reading.rows[name, number]
            columns = reading.columns.get(name, {})
            if sheet == last_term.NAME:
                columns = {column.field: place for place, column in enumerate(last_term.COLUMNS, 1)}
            yield sheet, f"{get_column_letter(_column(columns, inner) if columns else 2)}{row}"
        case (str(name), *_) if (name, -1) in reading.rows:
            sheet, row = reading.rows[name, -1]
            yield sheet, f"B{row}"
        case (str(name), *_) if name in LISTS.values():
            yield CENTRE, ""
    yield "", ""


def _column(columns: dict[str, int], inner: list[str | int]) -> int:
    """The column of a field; of a field inside JSON the column of the rest, else the first."""
    names = [str(step) for step in inner if isinstance(step, str)]
    for field_name in (".".join(names[:2]), names[0] if names else ""):
        if field_name in columns:
            return columns[field_name]
    return columns.get("*", columns.get("id", 1))

"""A file that somebody sent, opened with care: what it is not, how large it may be, what its cells say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook

from scheduler.constraints.terms import Sentence

MEGABYTE = 1_000_000
MOST_BYTES = 10 * MEGABYTE
MOST_UNPACKED = 40 * MEGABYTE
MOST_RATIO = 200
MOST_ENTRIES = 500
MOST_ROWS = 5_000
MOST_COLUMNS = 100
_ENCRYPTED = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class CellFault:
    """A faulty cell, or a faulty sheet or file: where, what was found, what it should be."""

    sheet: str
    cell: str
    found: str
    expected: Sentence

    @property
    def place(self) -> str:
        """Such as 申请!F12; the file itself has none."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


class WorkbookError(ValueError):
    """The file is no workbook of ours; `faults` in the order of the file."""

    def __init__(self, *faults: CellFault) -> None:
        super().__init__("; ".join(f"{each.place}: {each.expected.en}" for each in faults))
        self.faults = faults


def about_file(zh: str, en: str, found: str = "") -> WorkbookError:
    """The file as a whole will not do."""
    return WorkbookError(CellFault("", "", found, Sentence(zh=zh, en=en)))


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it: its number on the sheet, and its cells by column number, from 1."""

    number: int
    cells: dict[int, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """The sheets' rows, the heading row among them; and cells that say nothing that can be read."""

    sheets: dict[str, list[Row]]
    faults: list[CellFault]


def open_workbook(data: bytes) -> Opened:
    """What the cells of a workbook say.

    Raises:
        WorkbookError: it is no .xlsx file, or too large, or locked.
    """
    _refuse_what_is_none(data)
    try:
        book = load_workbook(io.BytesIO(data), data_only=False)
        values = load_workbook(io.BytesIO(data), data_only=True) if _has_formulas(book) else book
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise about_file(
            "无法打开，文件可能已损坏；请用 Excel 另存为 .xlsx", "it cannot be opened; save it as .xlsx"
        ) from error
    faults: list[CellFault] = []
    sheets = {sheet.title.strip(): list(_rows(sheet, values[sheet.title], faults)) for sheet in book.worksheets}
    return Opened(sheets, faults)


def _refuse_what_is_none(data: bytes) -> None:
    if data.startswith(_ENCRYPTED):
        raise about_file(
            "文件已加密，或是旧版 .xls；请去掉密码，另存为 .xlsx", "locked, or an old .xls; save it as .xlsx"
        )
    if len(data) > MOST_BYTES:
        raise about_file(
            f"文件过大，不超过 {MOST_BYTES // MEGABYTE} MB", f"too large: {MOST_BYTES // MEGABYTE} MB at most"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            packed = max(1, sum(entry.compress_size for entry in entries))
            if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * packed + MEGABYTE:
                raise about_file("解压后过大，疑似压缩炸弹，未打开", "it unpacks to far more than a workbook holds")
            if "xl/workbook.xml" not in {entry.filename for entry in entries}:
                raise about_file("这不是 Excel 工作簿（.xlsx）", "this is no Excel workbook (.xlsx)")
            _refuse_entities(archive, entries)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        if isinstance(error, WorkbookError):
            raise
        raise about_file("这不是 Excel 工作簿（.xlsx）", "this is no Excel workbook (.xlsx)") from error


def _refuse_entities(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """No workbook declares a document type; one that does wants a parser to read more than it holds."""
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as file:
                if b"<!DOCTYPE" in file.read(2_000).upper():
                    raise about_file("文件含有不允许的声明，未打开", "it declares a document type; it was not opened")


def _has_formulas(book: Workbook) -> bool:
    return any(cell.data_type == "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


def _rows(sheet: Any, values: Any, faults: list[CellFault]) -> Iterator[Row]:
    if sheet.max_column > MOST_COLUMNS:
        wide = f"列数不超过 {MOST_COLUMNS}", f"at most {MOST_COLUMNS} columns"
        faults.append(CellFault(sheet.title, "", str(sheet.max_column), Sentence(zh=wide[0], en=wide[1])))
        return
    filled = 0
    for row in sheet.iter_rows():
        cells: dict[int, Any] = {}
        for cell in row:
            value = _value(sheet.title, cell, values, faults)
            if value is not None and str(value).strip():
                cells[cell.column] = value
        if cells:
            filled += 1
            if filled > MOST_ROWS + 1:
                long = f"不超过 {MOST_ROWS} 行，请拆分", f"at most {MOST_ROWS} rows"
                faults.append(CellFault(sheet.title, f"A{row[0].row}", "", Sentence(zh=long[0], en=long[1])))
                return
            yield Row(row[0].row, cells)
    for merged in sheet.merged_cells.ranges:
        told = "不要合并单元格；每一行都填上", "no merged cells; fill in each row"
        place = f"{get_column_letter(merged.min_col)}{merged.min_row}"
        faults.append(CellFault(sheet.title, place, merged.coord, Sentence(zh=told[0], en=told[1])))


def _value(sheet: str, cell: Any, values: Any, faults: list[CellFault]) -> Any:
    if cell.data_type == "f":
        value = values[cell.coordinate].value
        if value is None:
            told = "公式没有算出值；请粘贴为数值", "a value; the formula has none"
            faults.append(CellFault(sheet, cell.coordinate, str(cell.value)[:80], Sentence(zh=told[0], en=told[1])))
        kind = values[cell.coordinate].data_type
    else:
        value, kind = cell.value, cell.data_type
    if kind == "e":
        told = "单元格是错误值；请改为正确的内容", "a value, not an error"
        faults.append(CellFault(sheet, cell.coordinate, str(value), Sentence(zh=told[0], en=told[1])))
        return None
    return value

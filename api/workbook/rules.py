"""Rules as a table, CSV or XLSX: a template to fill in, and what a filled-in one says."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from api.workbook.cells import (
    EXTRA,
    FLAG,
    LIST,
    TEXT,
    WORD,
    Codec,
    plain,
    read_clock,
    read_date,
    read_days,
    read_list,
)
from api.workbook.opened import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Opened, Row, about_file, open_workbook
from api.workbook.read import Table, read_table
from api.workbook.sheets import Column, Sheet
from api.workbook.tables import bare, to_csv
from api.workbook.write import head, packed

KINDS = {"停用": "closed", "专用时段": "typed_window"}
"""Kinds that people write by hand have a word of theirs; the others go by their own."""


def _dates(value: Any) -> list[str]:
    if isinstance(value, datetime | date):
        return [read_date(value)]
    return [read_date(each) for each in read_list(value)]


_KIND = Codec(lambda value: KINDS.get(plain(value), plain(value)), str)
_DATES = Codec(_dates, "、".join)
_DAYS = Codec(lambda value: read_days(plain(value)), str)
_CLOCK = Codec(read_clock, str)
SHEET = Sheet(
    "规则",
    "constraints",
    (
        Column("编号", "id", WORD, about="字母和数字；有外部编号时可以不填"),
        Column("外部编号", "external_ref", TEXT, about="本单位自己的编号"),
        Column("所属单位", "owner", TEXT, about="管理员代填时写；用密钥上传时不用填"),
        Column("类型", "kind", _KIND, needed=True, about="停用、专用时段，或规则的类型名"),
        Column("依据", "source", TEXT, needed=True, about="规章、通知或会议纪要"),
        Column("空间", "spaces", LIST, about="空间编号或本单位的编号，用、隔开"),
        Column("日期", "dates", _DATES, about="如 2026-10-01、2026-10-02"),
        Column("周几", "days", _DAYS, about="专用时段：如 周一至周五"),
        Column("开始", "starts", _CLOCK, about="如 11:00；不填：全天"),
        Column("结束", "ends", _CLOCK, about="如 13:00"),
        Column("准许用途", "allows.uses", LIST, about="专用时段：只准这些用途使用"),
        Column("停用原因", "reason", TEXT, about="停用：写给居民看"),
        Column("安全停用", "safety", FLAG, about="是：立即生效，不等管理员"),
        Column("提交理由", "why", TEXT, about="记入历史"),
        Column("参数（JSON）", "*", EXTRA, about="程序用"),
        Column("说明", "", told=True, about="由系统写出，导入时不读"),
    ),
)
EXAMPLES = (
    (
        "示例1", "检修-01", "", "停用", "设备检修通知", "S01", "2026-10-12", "", "", "", "", "厨房设备检修", "否",
        "年度检修", "", "S01 在 2026-10-12 停用",
    ),
    (
        "示例2", "供餐-01", "", "专用时段", "食堂运营协议", "S01", "", "周一至周五", "11:00", "13:00", "U01", "", "否",
        "", "", "S01 工作日午间供餐",
    ),
)  # fmt: skip


def read_rules(data: bytes) -> Table:
    """What a table says, be it CSV (UTF-8, or GB 18030 as Excel writes it in China) or XLSX.

    Raises:
        WorkbookError: with every faulty cell.
    """
    return read_table(SHEET, open_workbook(data) if data.startswith(b"PK") else _open_csv(data))


def _open_csv(data: bytes) -> Opened:
    if len(data) > MOST_BYTES:
        raise about_file("文件过大", "too large")
    try:
        lines = list(csv.reader(io.StringIO(_decoded(data), newline=""), strict=True))
    except csv.Error:
        raise about_file("这不是 CSV 或 .xlsx 文件", "this is neither CSV nor .xlsx") from None
    if len(lines) > MOST_ROWS + 1 or any(len(line) > MOST_COLUMNS for line in lines):
        raise about_file(
            f"不超过 {MOST_ROWS} 行、{MOST_COLUMNS} 列", f"at most {MOST_ROWS} rows and {MOST_COLUMNS} columns"
        )
    rows = [
        Row(number, {place: bare(cell) for place, cell in enumerate(line, 1) if cell.strip()})
        for number, line in enumerate(lines, 1)
    ]
    return Opened({SHEET.name: [row for row in rows if row.cells]}, [])


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise about_file("这不是 CSV 或 .xlsx 文件", "this is neither CSV nor .xlsx")


def template_csv() -> bytes:
    """The empty table as CSV: headings, and two examples that are not read."""
    return to_csv([[column.heading for column in SHEET.columns], *EXAMPLES])


def template_xlsx() -> bytes:
    """The empty table as a workbook, with what is said about each column."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET.name
    head(sheet, SHEET.columns, tuple(18 for _ in SHEET.columns))
    for row in EXAMPLES:
        sheet.append(list(row))
    for field, words in (("kind", tuple(KINDS)), ("safety", ("是", "否"))):
        # Other kinds may be written too: the list is a help, not a rule.
        listed = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False)
        sheet.add_data_validation(listed)
        letter = get_column_letter([column.field for column in SHEET.columns].index(field) + 1)
        listed.add(f"{letter}2:{letter}{MOST_ROWS}")
    return packed(book)

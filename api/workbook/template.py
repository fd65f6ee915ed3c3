"""An empty workbook to fill in: headings with explanations, examples that are not read, drop-downs."""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from api.workbook import last_term
from api.workbook.cells import dumps
from api.workbook.sheets import CENTRE, CONTENT, ITEM, SHEETS, Column, Sheet
from api.workbook.write import head, packed
from scheduler.problem import Calendar

CLASSES = (
    ("fix", "固定任务", True),
    ("P1", "政府部门，或依法必须", False),
    ("P2", "老人、儿童、公益", False),
    ("P3", "居民团队", False),
    ("P4", "运营单位与混合性质", False),
    ("P5", "商业", False),
)
EXAMPLES: dict[str, tuple[tuple[object, ...], ...]] = {
    "空间": (
        ("示例1", "助老食堂大厅", "", "C1", 1, "否", 180, "dining 96、classroom 60", "sink", "", "每天 06:30-21:30"),
        ("示例2", "社区教室", "", "C1", 2, "否", 72, "classroom 36", "", "", "周一至周五 08:00-21:30"),
    ),
    "组织": (("示例1", "夕阳红合唱团", "", "P3"), ("示例2", "社区卫生服务中心", "", "P1")),
    "用途": (
        ("示例1", "合唱排练", "", "term", 3, "leisure", "90-120 分钟", "", ""),
        ("示例2", "课后托管", "", "term", 1, "school", "16:30-18:00", "90 分钟", "classroom"),
    ),
    "申请": (
        (
            "示例1", "夕阳红合唱团的编号", "合唱排练的编号", 60, 120, 1, None, None, None, None, "leisure",
            "周六 09:00-11:00 首选；周日 09:00-11:00 可以", "S07、S01", "open", "piano", 3, "P3",
        ),
        (
            "示例2", "卫生服务中心的编号", "义诊的编号", 80, 180, None, None, "2026-10-19", None, None, None,
            "周一 08:30-11:30 固定", "S07", "theatre", "", 1, "P1",
        ),
    ),
    "规则": (
        ("示例1", "different_days", "管理办法第四条", "{}", "同一申请的各场排在不同的日子"),
        ("示例2", "same_attendees", "管理办法第十三条", "{}", "同一位老师不能同时在两处"),
    ),
}  # fmt: skip
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("空间", "outdoor"): ("是", "否"),
    ("用途", "noise"): ("0", "1", "2", "3"),
    ("申请", "noise"): ("0", "1", "2", "3"),
}


def write_template(calendars: Iterable[Calendar]) -> bytes:
    """The workbook to download.

    Args:
        calendars: the working calendars to begin with; uses and requests choose among them.
    """
    known = tuple(calendars)
    book = Workbook()
    centre = book.active
    assert isinstance(centre, Worksheet)
    centre.title = CENTRE
    head(centre, (Column(ITEM, "", about="不要改这一列"), Column(CONTENT, "", about="填这一列")), (24, 100))
    for item, content in (
        ("社区编号", ""),
        ("社区名称", ""),
        ("社区英文名", ""),
        ("时区", "Asia/Shanghai"),
        ("本季首日", ""),
        ("本季末日", ""),
    ):
        centre.append([item, content])
    centre.append(["排期政策", dumps({"start_step_minutes": 15, "seed": 0})])
    for id, meaning, duty in CLASSES:
        centre.append(["优先级", dumps({"id": id, "meaning": meaning, "duty": duty})])
    for calendar in known:
        centre.append(["日历", dumps(calendar.model_dump(mode="json"))])
    centre.append(["场地", dumps({"id": "C1", "name": "本中心"})])
    choices = {
        **CHOICES,
        **{(sheet, "priority"): tuple(id for id, *_ in CLASSES) for sheet in ("组织", "申请")},
        ("用途", "calendar"): tuple(each.id for each in known),
        ("申请", "when.calendar"): tuple(each.id for each in known),
    }
    for sheet in SHEETS:
        _sheet(book.create_sheet(sheet.name), sheet, choices)
    last = book.create_sheet(last_term.NAME)
    head(last, last_term.COLUMNS, tuple(18 for _ in last_term.COLUMNS))
    last.append(list(last_term.EXAMPLE))
    return packed(book)


def _sheet(on: Worksheet, sheet: Sheet, choices: dict[tuple[str, str], tuple[str, ...]]) -> None:
    head(on, sheet.columns, tuple(22 for _ in sheet.columns))
    for row in EXAMPLES[sheet.name]:
        on.append(list(row))
    for place, column in enumerate(sheet.columns, 1):
        listed = choices.get((sheet.name, column.field))
        if listed:
            drop_down = DataValidation(type="list", formula1=f'"{",".join(listed)}"', allow_blank=not column.needed)
            drop_down.errorTitle, drop_down.error = "请从列表中选", "可用：" + "、".join(listed)
            on.add_data_validation(drop_down)
            letter = get_column_letter(place)
            drop_down.add(f"{letter}2:{letter}5000")

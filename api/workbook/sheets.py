"""The sheets of a workbook and their columns: which field of the document stands in which column."""

from __future__ import annotations

from dataclasses import dataclass

from api.workbook.cells import (
    DATE,
    EXTRA,
    FLAG,
    HOURS,
    LAYOUTS,
    LIST,
    NUMBER,
    TEXT,
    WINDOWS,
    WORD,
    Codec,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the field, what stands in its cells, what is said about it in the template.

    A field `when.date` is a field of a field. `needed` columns must be there and filled; `told` ones are only written.
    """

    heading: str
    field: str
    codec: Codec = TEXT
    needed: bool = False
    told: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with one list of the problem, a row an entry; `extra` fields stand as JSON in its last column."""

    name: str
    list: str
    columns: tuple[Column, ...]


REST = "其他（JSON）"
ID = Column("编号", "id", WORD, needed=True, about="字母和数字，全表不重复")
SPACES = Sheet(
    "空间",
    "spaces",
    (
        ID,
        Column("名称", "name", needed=True),
        Column("英文名", "name_en"),
        Column("场地", "site", WORD, needed=True, about="场地编号，见“中心”表"),
        Column("楼层", "floor", NUMBER),
        Column("室外", "outdoor", FLAG, about="是 或 否"),
        Column("面积", "area_m2", NUMBER, about="平方米"),
        Column("布置和人数", "layouts", LAYOUTS, needed=True, about="如 classroom 36、theatre 45"),
        Column("设施", "features", LIST, about="用、隔开"),
        Column("组成", "parts", LIST, about="合并空间由哪些空间组成"),
        Column("开放时间", "hours", HOURS, about="如 周一至周五 08:00-21:30；周六、日 09:00-17:00"),
        Column("备注", "note"),
        Column(REST, "*", EXTRA, about="程序用：转场表、单日开放时间等"),
    ),
)
APPLICANTS = Sheet(
    "组织",
    "applicants",
    (
        ID,
        Column("名称", "name", needed=True),
        Column("英文名", "name_en"),
        Column("优先级", "priority", WORD, needed=True, about="见“中心”表"),
    ),
)
USES = Sheet(
    "用途",
    "uses",
    (
        ID,
        Column("名称", "name", needed=True),
        Column("英文名", "name_en"),
        Column("类别", "kind"),
        Column("噪声", "noise", NUMBER, needed=True, about="0 安静 至 3 响"),
        Column("日历", "calendar", WORD, needed=True, about="如 school、office、leisure、always"),
        Column("常用时间", "usual_hours"),
        Column("常用时长", "usual_duration"),
        Column("常用布置", "usual_layout"),
    ),
)
REQUESTS = Sheet(
    "申请",
    "requests",
    (
        ID,
        Column("单位", "applicant", WORD, needed=True, about="组织编号"),
        Column("用途", "use", WORD, needed=True, about="用途编号"),
        Column("人数", "headcount", NUMBER, needed=True),
        Column("时长", "minutes", NUMBER, needed=True, about="每场分钟数"),
        Column("每周次数", "when.per_week", NUMBER, about="每周固定的填这里；单次活动填“日期”"),
        Column("至少次数", "when.min_sessions", NUMBER, about="不填：要么全部，要么不要"),
        Column("日期", "when.date", DATE, about="单次活动的日期，如 2026-10-01"),
        Column("开始日期", "when.first_date", DATE),
        Column("结束日期", "when.last_date", DATE),
        Column("日历", "when.calendar", WORD, about="每周固定的必填"),
        Column("时段", "windows", WINDOWS, needed=True, about="如 周二 19:00-20:30 首选；周四 19:00-20:30 可以"),
        Column("空间", "spaces", LIST, needed=True, about="按意愿先后，用、隔开"),
        Column("布置", "layouts", LIST, needed=True, about="按意愿先后，用、隔开"),
        Column("设施", "features", LIST),
        Column("噪声", "noise", NUMBER, needed=True),
        Column("优先级", "priority", WORD, needed=True),
        Column("本单位排序", "own_rank", NUMBER),
        Column("人员", "people", LIST, about="同一位老师等，用、隔开"),
        Column("备注", "note"),
        Column(REST, "*", EXTRA, about="程序用"),
    ),
)
RULES = Sheet(
    "规则",
    "constraints",
    (
        ID,
        Column("类型", "kind", WORD, needed=True),
        Column("依据", "source", needed=True, about="规章、通知或会议纪要"),
        Column("参数（JSON）", "*", EXTRA, about="程序用"),
        Column("说明", "", told=True, about="由系统写出，导入时不读"),
    ),
)
SHEETS = (SPACES, APPLICANTS, USES, REQUESTS, RULES)

CENTRE = "中心"
"""A sheet of two columns, 项目 and 内容: what there is one of, then lists, an entry a row, as JSON."""
ITEM, CONTENT = "项目", "内容"
ONCE = (
    Column("社区编号", "community.id", WORD, needed=True),
    Column("社区名称", "community.name", needed=True),
    Column("社区英文名", "community.name_en"),
    Column("时区", "community.zone", WORD, needed=True, about="如 Asia/Shanghai"),
    Column("本季首日", "season.first_date", DATE, needed=True),
    Column("本季末日", "season.last_date", DATE, needed=True),
    Column("排期政策", "policy", EXTRA),
    Column("夜市", "market", EXTRA),
)
LISTS = {
    "优先级": "priorities",
    "日历": "calendars",
    "场地": "sites",
    "路程": "travel",
    "主体": "bodies",
    "人员": "people",
    "名称": "labels",
    "座位和柜子": "units",
}

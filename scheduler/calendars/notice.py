"""The yearly notice of public holidays: days off, and weekend days that are worked and count as another weekday."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from scheduler.constraints.terms import WEEKDAYS, Sentence, Weekday

HEADINGS = {
    "日期": "date",
    "名称": "name",
    "节日": "name",
    "休息": "off",
    "休班": "off",
    "off|work": "off",
    "day": "off",
    "按周几": "counts_as",
    "补课": "counts_as",
}
"""Other headings of a table -> ours."""

OFF = {"off", "true", "休", "休息", "放假", "是"}
WORK = {"work", "false", "班", "上班", "否"}
_CHINESE = dict(zip(("一", "二", "三", "四", "五", "六", "日"), WEEKDAYS, strict=True)) | {"天": "SU"}


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One date of a notice. `counts_as` only on a working weekend; `proposed` where it is our guess."""

    date: date
    name: str
    off: bool
    counts_as: Weekday | None = None
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What was announced for one year, in order of date; `papers` are the addresses of the announcements.

    `provisional`: not announced yet, a guess.
    """

    year: int
    days: tuple[NoticeDay, ...]
    source: str = ""
    papers: tuple[str, ...] = ()
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class NoticeFault:
    """What is wrong, and in which entry (counted from 1; 0 is the whole; in a table the line, headings are line 1)."""

    position: int
    sentence: Sentence


class BadNoticeError(ValueError):
    """A notice that cannot be read; `faults` are all that were found."""

    def __init__(self, faults: Sequence[NoticeFault]) -> None:
        """Of at least one fault."""
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.position}: {fault.sentence.en}" for fault in faults))


def read_json(text: str, *, source: str = "") -> Notice:
    """A notice as JSON: year, papers, days of name, date, isOffDay and, if known, counts_as.

    Raises `BadNoticeError`.
    """
    try:
        document = json.loads(text)
    except ValueError:
        raise _bad("不是 JSON 文件", "this is no JSON") from None
    return read_document(document, source=source)


def read_document(document: Any, *, source: str = "") -> Notice:
    """The same from parsed JSON. Raises `BadNoticeError`."""
    year = document.get("year") if isinstance(document, dict) else None
    days = document.get("days") if isinstance(document, dict) else None
    if type(year) is not int or not isinstance(days, list) or not all(isinstance(day, dict) for day in days):
        raise _bad("需要 year（整数）和 days（列表）", "year, a whole number, and days, a list of objects, are needed")
    papers = document.get("papers", [])
    if not isinstance(papers, list):
        raise _bad("papers 应为网址列表", "papers must be a list of addresses")
    rows = [day | {"off": day.get("isOffDay", day.get("off"))} for day in days]
    notice = read_rows(year, rows, source=source, papers=[str(paper) for paper in papers])
    return replace(notice, provisional=document.get("provisional") is True)


def read_csv(text: str, year: int, *, source: str = "") -> Notice:
    """A notice as a table with headings date, name, off (off or work) and counts_as. Raises `BadNoticeError`."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    found = {HEADINGS.get(each.strip(), each.strip()): each for each in table.fieldnames or ()}
    missing = [each for each in ("date", "name", "off") if each not in found]
    if missing:
        names = ", ".join(missing)
        raise _bad(f"缺少表头：{names}", f"headings are missing: {names}", 1)
    rows = [{ours: row.get(theirs) for ours, theirs in found.items()} for row in table]
    return read_rows(year, rows, source=source, first=2)


def read_rows(
    year: int, rows: Iterable[Mapping[str, Any]], *, source: str = "", papers: Sequence[str] = (), first: int = 1
) -> Notice:
    """A notice from the fields of a form: date, name, off, counts_as of each day. Raises `BadNoticeError`.

    first: the number of the first row in what people see.
    """
    days: dict[date, NoticeDay] = {}
    faults: list[NoticeFault] = []
    for position, row in enumerate(rows, first):
        read = _day(year, row)
        if not isinstance(read, Sentence):
            before = days.setdefault(read.date, read)
            if before is read:
                continue
            read = _doubled(before, read)
        faults.append(NoticeFault(position, read))
    if not days and not faults:
        raise _bad("通知里没有任何日期", "the notice has no dates")
    if faults:
        raise BadNoticeError(faults)
    return Notice(year, tuple(days[day] for day in sorted(days)), source, tuple(papers))


def propose(notice: Notice) -> Notice:
    """Weekdays for the working weekends that name none, marked as proposed.

    Official notices do not say them. A working weekend takes the weekday of the nearest day off that is no weekend and
    that none before it took, the earlier of two equally near.
    """
    free = [day.date for day in notice.days if day.off and day.date.weekday() < _SATURDAY]
    days = []
    for day in notice.days:
        if not day.off and day.counts_as is None and free:
            nearest = min(free, key=lambda other: (abs(other - day.date), other))
            free.remove(nearest)
            days.append(replace(day, counts_as=WEEKDAYS[nearest.weekday()], proposed=True))
        else:
            days.append(day)
    return replace(notice, days=tuple(days))


def unsaid(notice: Notice) -> tuple[date, ...]:
    """The working weekends of which the notice does not say as which weekday they count."""
    return tuple(day.date for day in notice.days if not day.off and day.counts_as is None)


def require_weekdays(notice: Notice) -> None:
    """Raises `BadNoticeError` when a working weekend has no weekday that it counts as."""
    gaps = unsaid(notice)
    if gaps:
        raise BadNoticeError(
            [
                NoticeFault(
                    position,
                    Sentence(
                        zh=f"{day.date} 调休上班，但没有说明按周几运行",
                        en=f"{day.date} is worked, and the weekday that it counts as is missing",
                    ),
                )
                for position, day in enumerate(notice.days, 1)
                if day.date in gaps
            ]
        )


_SATURDAY = 5


def _day(year: int, row: Mapping[str, Any]) -> NoticeDay | Sentence:
    """One day, or what is wrong with it."""
    text = str(row.get("date") or "").strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return Sentence(zh=f"“{text}”不是日期，应写作 {year}-01-31", en=f"{text!r} is no date; write {year}-01-31")
    if day.year != year:
        return Sentence(zh=f"{day} 不在 {year} 年", en=f"{day} is not in {year}")
    off = _off(row.get("off"))
    if off is None:
        return Sentence(zh=f"{day}：请写明休息（off）或上班（work）", en=f"{day}: say off or work")
    said = str(row.get("counts_as") or "").strip()
    counts_as = _weekday(said)
    if said and counts_as is None:
        return Sentence(zh=f"{day}：“{said}”不是周几，应为 MO 至 SU", en=f"{day}: {said!r} is no weekday, MO to SU")
    if off and counts_as:
        return Sentence(zh=f"{day} 不能既放假又按周几上班", en=f"{day} cannot be off and count as a working weekday")
    if not off and day.weekday() < _SATURDAY:
        return Sentence(zh=f"{day} 不是周末，不能是调休上班日", en=f"{day} is no weekend day, so no working weekend")
    return NoticeDay(day, str(row.get("name") or "").strip(), off, counts_as)


def _off(said: Any) -> bool | None:
    word = str(said).strip().lower()
    return True if word in OFF else False if word in WORK else None


def _weekday(said: str) -> Weekday | None:
    if said.upper() in WEEKDAYS:
        return cast(Weekday, said.upper())
    if said[:1] in ("周", "星") and said[-1:] in _CHINESE:
        return _CHINESE[said[-1:]]
    return None


def _doubled(before: NoticeDay, again: NoticeDay) -> Sentence:
    if before.off != again.off:
        return Sentence(zh=f"{again.date} 既放假又上班", en=f"{again.date} is off and worked at once")
    return Sentence(zh=f"{again.date} 出现了两次", en=f"{again.date} is there twice")


def _bad(zh: str, en: str, position: int = 0) -> BadNoticeError:
    return BadNoticeError([NoticeFault(position, Sentence(zh=zh, en=en))])

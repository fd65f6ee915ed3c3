"""Dates and times as people write them, in both languages; never by the locale of the machine."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from api.web.words import WORDS

WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def weekday(day: date, lang: str) -> str:
    """周三, Wed."""
    return WEEKDAYS[lang][day.weekday()]


def short_day(day: date, lang: str) -> str:
    """9月16日, 16 Sep."""
    return f"{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {MONTHS[day.month - 1]}"


def day_and_weekday(day: date, lang: str) -> str:
    """9月16日 周三, Wed 16 Sep."""
    parts = (short_day(day, lang), weekday(day, lang))
    return " ".join(parts if lang == "zh" else reversed(parts))


def long_day(day: date, lang: str) -> str:
    """2026年9月16日, 16 Sep 2026."""
    return f"{day.year}年{short_day(day, lang)}" if lang == "zh" else f"{short_day(day, lang)} {day.year}"


def week_label(monday: date, lang: str) -> str:
    """2026年9月14日—20日, 14–20 Sep 2026; with both months where there are two."""
    sunday = monday + timedelta(days=6)
    if sunday.year != monday.year:
        return f"{long_day(monday, lang)}{'—' if lang == 'zh' else '–'}{long_day(sunday, lang)}"
    if lang == "zh":
        end = f"{sunday.day}日" if sunday.month == monday.month else short_day(sunday, lang)
        return f"{long_day(monday, lang)}—{end}"
    start = str(monday.day) if sunday.month == monday.month else short_day(monday, lang)
    return f"{start}–{long_day(sunday, lang)}"


def span(starts: datetime, ends: datetime, lang: str) -> str:
    """19:00–20:30, 17:00–24:00, 17:00–次日00:30: wall times of one zone."""
    midnight = datetime.combine(starts.date() + timedelta(days=1), time(0), ends.tzinfo)
    end = "24:00" if ends == midnight else f"{ends:%H:%M}"
    if ends > midnight:
        end = WORDS[lang]["next_day"].format(clock=end)
    return f"{starts:%H:%M}–{end}"


def monday_of(day: date) -> date:
    """The Monday of a date's week."""
    return day - timedelta(days=day.weekday())

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.web.dates import day_and_weekday, long_day, monday_of, span, week_label


def test_days() -> None:
    day = date(2026, 9, 16)
    assert (day_and_weekday(day, "zh"), day_and_weekday(day, "en")) == ("9月16日 周三", "Wed 16 Sep")
    assert (long_day(day, "zh"), long_day(day, "en")) == ("2026年9月16日", "16 Sep 2026")


def test_weeks() -> None:
    assert week_label(date(2026, 9, 14), "zh") == "2026年9月14日—20日"
    assert week_label(date(2026, 9, 14), "en") == "14–20 Sep 2026"
    assert week_label(date(2026, 9, 28), "zh") == "2026年9月28日—10月4日"
    assert week_label(date(2026, 9, 28), "en") == "28 Sep–4 Oct 2026"
    assert week_label(date(2026, 12, 28), "zh") == "2026年12月28日—2027年1月3日"
    assert week_label(date(2026, 12, 28), "en") == "28 Dec 2026–3 Jan 2027"
    assert monday_of(date(2026, 9, 20)) == date(2026, 9, 14)


def test_spans() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    starts = datetime(2026, 9, 11, 17, 0, tzinfo=zone)
    assert span(starts, starts.replace(hour=21, minute=30), "zh") == "17:00–21:30"
    assert span(starts, starts.replace(day=12, hour=0, minute=30), "zh") == "17:00–次日00:30"
    assert span(starts, starts.replace(day=12, hour=0, minute=0), "zh") == "17:00–24:00"
    assert span(starts, starts.replace(day=12, hour=0, minute=0), "en") == "17:00–24:00"

"""Dates that may still change say so on their page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from api.web.pages import render_booking
from fixtures.golden.releases import small


def test_a_date_of_a_year_without_its_notice_says_so() -> None:
    plain = small()
    entry = next(each for each in plain.entries if each.status == "confirmed" and each.left is None)
    waiting = replace(plain, provisional=((entry.request, entry.starts.year),))
    told = f"日期未定：{entry.starts.year} 年放假安排尚未公布"
    for release, said in ((plain, False), (waiting, True)):
        page = render_booking(release, entry.uid, today=date(2026, 9, 9), lang="zh")
        assert page is not None
        assert (told in page) is said
        assert ("如期举行" in page) is not said

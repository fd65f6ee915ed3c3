"""The seed of a year is the State Council's notice of that year; of a year without one it is a guess and says so."""

from __future__ import annotations

from api.flow.calendars import seed
from scheduler.calendars.apply import apply
from scheduler.calendars.notice import read_document
from scheduler.problem import Calendar

OFF = {
    "01": (1, 2, 3),
    "02": (15, 16, 17, 18, 19, 20, 21, 22, 23),
    "04": (4, 5, 6),
    "05": (1, 2, 3, 4, 5),
    "06": (19, 20, 21),
    "09": (25, 26, 27),
    "10": (1, 2, 3, 4, 5, 6, 7),
}
"""2026: month -> days off, by hand from the notice."""

WORKED = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


def test_2026_is_the_notice_of_2026() -> None:
    days = seed(2026)["days"]
    off = [f"2026-{month}-{day:02d}" for month, numbers in OFF.items() for day in numbers]
    assert [day["date"] for day in days if day["isOffDay"]] == off
    assert [day["date"] for day in days if not day["isOffDay"]] == WORKED
    assert seed(2026)["provisional"] is False


def test_2027_is_provisional() -> None:
    notice = read_document(seed(2027))
    assert notice.provisional
    assert all(day.off for day in notice.days)
    (leisure,) = apply([Calendar(id="leisure")], notice, {"leisure": "days_off"})
    assert leisure.provisional_years == (2027,)

"""The dates that change, by hand and by a property."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendars.changes import changes, dates
from scheduler.calendars.notice import read_rows
from scheduler.constraints.terms import WEEKDAYS
from scheduler.problem import Calendar
from scheduler.timetable import Session
from tests.factories import dated, problem, series

WORLD = problem(
    [
        series("R1", "MO,FR 16:30-18:00!", per_week=2, calendar="school"),
        series("R2", "SU 09:00-10:00!", calendar="school"),
        series("R3", "SU 11:00-12:00!", calendar="always"),
        dated("D1", "2026-09-20", "SU 14:00-15:00!"),
    ],
)
NOTICE = read_rows(
    2026,
    [
        {"date": "2026-09-14", "name": "某节", "off": "off"},
        {"date": "2026-09-20", "name": "某节", "off": "work", "counts_as": "FR"},
    ],
)
PLAIN = (Calendar(id="school"), Calendar(id="always"))
TOLD = (Calendar(id="school", days_off=(date(2026, 9, 14),), counts_as={"2026-09-20": "FR"}), Calendar(id="always"))


def test_a_notice_by_hand() -> None:
    found = changes(WORLD, PLAIN, TOLD, notice=NOTICE)
    assert [(each.request, each.weekday, str(each.date), each.kind, each.reason) for each in found] == [
        ("R1", "MO", "2026-09-14", "lost", "day_off"),
        ("R1", "FR", "2026-09-20", "gained", "counts_as"),
        ("R2", "SU", "2026-09-20", "lost", "counts_as"),
    ]
    assert [each.sentence.zh for each in found] == [
        "2026-09-14 取消：放假（某节）",
        "2026-09-20 增加：调休上班，按周五运行",
        "2026-09-20 取消：调休上班，按周五运行",
    ]
    assert found[0].sentence.en == "2026-09-14 lost: day off (某节)"


def test_taking_it_back_is_the_opposite() -> None:
    back = changes(WORLD, TOLD, PLAIN)
    assert [(each.request, each.kind, each.reason) for each in back] == [
        ("R1", "gained", "own_weekday"),
        ("R1", "lost", "own_weekday"),
        ("R2", "gained", "own_weekday"),
    ]


def test_of_a_released_timetable_only_its_sessions() -> None:
    held = Session(request="R1", number=1, weekday="FR", starts="16:30", ends="18:00", space="S1", layout="room")
    found = changes(WORLD, PLAIN, TOLD, sessions=[held])
    assert [(each.request, each.weekday) for each in found] == [("R1", "FR")]


DAYS = st.sampled_from([date(2026, 9, 7) + timedelta(days=number) for number in range(14)])
CALENDAR = st.builds(
    lambda off, counts: Calendar(id="school", days_off=tuple(off), counts_as=counts),
    st.sets(DAYS),
    st.dictionaries(DAYS.map(date.isoformat), st.sampled_from(WEEKDAYS)),
)


@given(CALENDAR, CALENDAR)
def test_the_old_dates_with_the_changes_are_the_new_dates(old: Calendar, new: Calendar) -> None:
    always = Calendar(id="always")
    found = changes(WORLD, (old, always), (new, always))
    for request in WORLD.requests[:2]:
        mine = [each for each in found if each.request == request.id]
        gained = {(each.weekday, each.date) for each in mine if each.kind == "gained"}
        lost = {(each.weekday, each.date) for each in mine if each.kind == "lost"}
        was = dates(WORLD, request, old)
        assert lost <= was
        assert not gained & was
        assert was - lost | gained == dates(WORLD, request, new)

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from icalendar import Timezone

from api.feeds.zones import vtimezone

SECOND_TO_EIGHTH = "BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU"
SHANGHAI = """\
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
BEGIN:STANDARD
DTSTART:19700101T000000
TZNAME:CST
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
END:STANDARD
END:VTIMEZONE
"""
HELSINKI = """\
BEGIN:VTIMEZONE
TZID:Europe/Helsinki
BEGIN:STANDARD
DTSTART:19701025T040000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:EET
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T030000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:EEST
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
END:DAYLIGHT
END:VTIMEZONE
"""


def test_fixed_zone_starts_in_1970_though_its_clocks_once_changed() -> None:
    assert vtimezone("Asia/Shanghai", 2026, 2026) == SHANGHAI.replace("\n", "\r\n").encode()


def test_summer_time_is_a_yearly_rule() -> None:
    assert vtimezone("Europe/Helsinki", 2026, 2027) == HELSINKI.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("America/New_York", ["BYMONTH=11;BYDAY=1SU", "BYMONTH=3;BYDAY=2SU"]),
        ("Australia/Lord_Howe", ["BYMONTH=4;BYDAY=1SU", "BYMONTH=10;BYDAY=1SU"]),
        ("America/Santiago", ["BYMONTH=4;" + SECOND_TO_EIGHTH, "BYMONTH=9;" + SECOND_TO_EIGHTH]),
        ("Asia/Jerusalem", ["BYMONTH=10;BYDAY=-1SU", "BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR"]),
    ],
)  # fmt: skip
def test_rules_as_the_law_has_them(zone: str, rules: list[str]) -> None:
    lines = vtimezone(zone, 2026, 2026).decode().split("\r\n")
    found = [each.removeprefix("RRULE:FREQ=YEARLY;") for each in lines if each.startswith("RRULE:")]
    assert found == rules


def test_half_an_hour_of_summer_time() -> None:
    lines = vtimezone("Australia/Lord_Howe", 2026, 2026).decode().split("\r\n")
    assert [each for each in lines if each.startswith("TZOFFSET")] == [
        "TZOFFSETFROM:+1100",
        "TZOFFSETTO:+1030",
        "TZOFFSETFROM:+1030",
        "TZOFFSETTO:+1100",
    ]


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("America/Mexico_City", 2022, 2023),  # gave up summer time in October 2022
        ("Asia/Almaty", 2024, 2024),  # moved its clocks once, in March 2024
        ("Africa/Casablanca", 2026, 2026),  # follows the moon
        ("Africa/Cairo", 2026, 2026),  # at 24:00 of a month's last Thursday, which no yearly rule can say
    ],
)
def test_rules_that_change_are_not_written(zone: str, first: int, last: int) -> None:
    assert vtimezone(zone, first, last) == b""


def test_a_zone_that_settled_is_fixed_again() -> None:
    assert (
        vtimezone("Asia/Almaty", 2026, 2026)
        == SHANGHAI.replace("Asia/Shanghai", "Asia/Almaty")
        .replace("CST", "+05")
        .replace("+0800", "+0500")
        .replace("\n", "\r\n")
        .encode()
    )


ZONES = (
    "Asia/Shanghai", "Europe/Helsinki", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Nuuk",
    "Australia/Lord_Howe", "America/Santiago", "Asia/Jerusalem",
    "Pacific/Chatham", "Asia/Kathmandu",
)  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("reader", ["icalendar", "dateutil"])
def test_other_readers_tell_the_same_time_all_year(zone: str, reader: str) -> None:
    written = vtimezone(zone, 2026, 2027)
    if reader == "icalendar":
        component = Timezone.from_ical(written)
        assert isinstance(component, Timezone)
        read = component.to_tz()
    else:
        read = tz.tzical(io.StringIO(written.decode())).get(zone)
    truth = ZoneInfo(zone)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    wrong = []
    while at < datetime(2028, 1, 1, tzinfo=UTC):
        wall = at.astimezone(truth).replace(tzinfo=None)
        clear = wall.replace(tzinfo=truth).utcoffset() == wall.replace(tzinfo=truth, fold=1).utcoffset()
        # Wall times that occur twice or never are no times of bookings; readers differ on them.
        if clear and wall.replace(tzinfo=read).utcoffset() != at.astimezone(truth).utcoffset():
            wrong.append(wall)
        at += timedelta(hours=5)
    assert wrong == []

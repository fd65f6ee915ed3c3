"""Each fault, put into a good feed by hand, is found; the library's own validation passes most of them."""

# ruff: noqa: E501 -- a table is read line by line
from __future__ import annotations

import pytest

from api.feeds.check import FeedError, check_feed

GOOD = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Gongshi//Community calendars//ZH
CALSCALE:GREGORIAN
NAME:图书阅览室
X-WR-CALNAME:图书阅览室
X-WR-CALDESC:第 2 版
X-WR-TIMEZONE:Asia/Shanghai
COLOR:teal
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
SOURCE;VALUE=URI:https://gongshi.example/c/badahu/calendars/spaces/S05.ics
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
BEGIN:STANDARD
DTSTART:19700101T000000
TZNAME:CST
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:a\\,1
DTSTAMP:20260901T023000Z
CREATED:20260901T023000Z
LAST-MODIFIED:20260901T023000Z
SEQUENCE:0
DTSTART;TZID=Asia/Shanghai:20260908T090000
DTEND;TZID=Asia/Shanghai:20260908T203000
SUMMARY:图书借阅
LOCATION:2楼
DESCRIPTION:活动
URL:https://gongshi.example/c/badahu/bookings/a1
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
UID:b
DTSTAMP:20260901T023000Z
CREATED:20260901T023000Z
LAST-MODIFIED:20260902T023000Z
SEQUENCE:1
DTSTART:20260908T090000Z
DTEND:20260908T203000Z
SUMMARY:【已取消】图书借阅
LOCATION:2楼
DESCRIPTION:活动
URL:https://gongshi.example/c/badahu/bookings/b
STATUS:CANCELLED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()
UIDS = ("a,1", "b")


def test_a_good_feed_passes() -> None:
    check_feed(GOOD, UIDS)


def test_an_empty_calendar_is_fine_when_it_should_be_empty() -> None:
    empty = GOOD[: GOOD.index(b"BEGIN:VTIMEZONE")] + b"END:VCALENDAR\r\n"
    check_feed(empty, ())
    with pytest.raises(FeedError, match=r"^missing events, or events of other bookings: \['a,1', 'b'\]$"):
        check_feed(empty, UIDS)


ONE_EVENT_TWICE = GOOD[GOOD.index(b"BEGIN:VEVENT") : GOOD.index(b"BEGIN:VEVENT\r\nUID:b")]
FAULTS = [
    ("BOM", b"BEGIN:VCALENDAR", b"\xef\xbb\xbfBEGIN:VCALENDAR", "does not begin with BEGIN:VCALENDAR"),
    ("truncated", b"END:VEVENT\r\nEND:VCALENDAR\r\n", b"END:VEV", "truncated"),
    ("bare LF", b"LOCATION:2\xe6\xa5\xbc\r\n", b"LOCATION:2\xe6\xa5\xbc\n", "a line end that is not CRLF"),
    ("control", b"DESCRIPTION:", b"DESCRIPTION:\x1b", "a control character"),
    ("tab", b"DESCRIPTION:", b"DESCRIPTION:\t", "a control character"),
    ("long line", b"DESCRIPTION:", b"DESCRIPTION:" + b"x" * 70, "a line of more than 75 octets"),
    ("cut character", b"\xe5\x9b\xbe\xe4\xb9\xa6\xe5\x80\x9f", b"\xe5\x9b\r\n \xbe\xe4\xb9\xa6\xe5\x80\x9f", "a line folded inside a character"),
    ("not UTF-8", "图书借阅".encode(), "图书借阅".encode("gbk"), "not UTF-8"),
    ("empty line", b"BEGIN:VEVENT", b"\r\nBEGIN:VEVENT", "an empty line"),
    ("calendar UID", b"VERSION:2.0", b"VERSION:2.0\r\nUID:x", "header: UID has no place there"),
    ("method", b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:PUBLISH", "header: METHOD has no place there"),
    ("no PRODID", b"PRODID:-//Gongshi//Community calendars//ZH\r\n", b"", "header: PRODID occurs 0 times"),
    ("NAME twice", b"NAME:\xe5\x9b\xbe", b"NAME:x\r\nNAME:\xe5\x9b\xbe", "header: NAME occurs 2 times"),
    ("bad duration", b"TTL:PT1H", b"TTL:1H", "header: X-PUBLISHED-TTL is '1H'"),
    ("untyped refresh", b";VALUE=DURATION", b"", "header: REFRESH-INTERVAL;VALUE=DURATION occurs 0 times"),
    ("colour", b"COLOR:teal", b"COLOR:#008080", "header: COLOR is '#008080'"),
    ("no UID", b"UID:b\r\n", b"", "missing, empty or repeated: \\['UID'\\]"),
    ("no DTSTAMP", b"DTSTAMP:20260901T023000Z\r\n", b"", "missing, empty or repeated: \\['DTSTAMP'\\]"),
    ("empty summary", "SUMMARY:图书借阅".encode(), b"SUMMARY:", "missing, empty or repeated: \\['SUMMARY'\\]"),
    ("summary twice", b"LOCATION:", b"SUMMARY:x\r\nLOCATION:", "missing, empty or repeated: \\['SUMMARY'\\]"),
    ("rule", b"SEQUENCE:0", b"SEQUENCE:0\r\nRRULE:FREQ=DAILY", "unknown: \\['RRULE'\\]"),
    ("sequence", b"SEQUENCE:0", b"SEQUENCE:-1", "SEQUENCE is not a number"),
    ("local stamp", b"DTSTAMP:20260901T023000Z", b"DTSTAMP:20260901T023000", "DTSTAMP is not in UTC"),
    ("floating", b"T090000Z\r\nDTEND:20260908T203000Z", b"T090000\r\nDTEND:20260908T203000", "a floating time"),
    ("mixed forms", b"DTEND;TZID=Asia/Shanghai:20260908T203000", b"DTEND:20260908T203000Z", "DTSTART and DTEND in different forms"),
    ("end at start", b"DTEND:20260908T203000Z", b"DTEND:20260908T090000Z", "DTEND is not after DTSTART"),
    ("all day", b":20260908T090000Z\r\nDTEND:20260908T203000Z", b";VALUE=DATE:20260908\r\nDTEND;VALUE=DATE:20260909", "a time that is none"),
    ("no VTIMEZONE", b"TZID:Asia/Shanghai", b"TZID:Asia/Chongqing", "TZID 'Asia/Shanghai' without VTIMEZONE"),
    ("late VTIMEZONE", b"DTSTART:19700101T000000", b"DTSTART:20270101T000000", "the VTIMEZONE starts after the event"),
    ("unmarked", "【已取消】".encode(), b"", "STATUS, TRANSP and summary contradict each other"),
    ("busy though cancelled", b"TRANSP:TRANSPARENT", b"TRANSP:OPAQUE", "STATUS, TRANSP and summary contradict each other"),
    ("URL", b"URL:https://gongshi.example/c/badahu/bookings/b", b"URL:/bookings/b", "URL is not one"),
    ("one URL for two", b"bookings/b\r", b"bookings/a1\r", "a URL occurs twice"),
    ("duplicate", ONE_EVENT_TWICE, ONE_EVENT_TWICE * 2, "a UID occurs twice"),
    ("lost event", ONE_EVENT_TWICE, b"", "missing events, or events of other bookings: \\['a,1'\\]"),
    ("unbalanced", b"END:STANDARD\r\n", b"", "unbalanced at END:VTIMEZONE"),
    ("alarm", b"BEGIN:VEVENT\r\nUID:b", b"BEGIN:VTODO\r\nEND:VTODO\r\nBEGIN:VEVENT\r\nUID:b", "a component VTODO"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "good", "bad", "found"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_each_fault_is_found(name: str, good: bytes, bad: bytes, found: str) -> None:
    broken = GOOD.replace(good, bad, 1)
    assert broken != GOOD, name
    with pytest.raises(FeedError, match=found):
        check_feed(broken, UIDS)

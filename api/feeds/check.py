"""What a feed must satisfy before it is published, read from its bytes alone.

Independent of the writer: nothing of `lines`, `events` or `header` is used. The `icalendar` library's own
validation passes events without UID, ends before starts, and duplicates, so it is not asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

EVENT_ONCE = (
    "UID",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "LOCATION",
    "DESCRIPTION",
    "URL",
    "STATUS",
    "TRANSP",
)
HEADER = {
    "VERSION": r"2\.0",
    "PRODID": r".+",
    "CALSCALE": r"GREGORIAN",
    "NAME": r".+",
    "X-WR-CALNAME": r".+",
    "X-WR-CALDESC": r".+",
    "X-WR-TIMEZONE": r".+",
    "COLOR": r"[a-z]+",
    "REFRESH-INTERVAL;VALUE=DURATION": r"PT[1-9]\d*[HM]",
    "X-PUBLISHED-TTL": r"PT[1-9]\d*[HM]",
    "SOURCE;VALUE=URI": r"https?://\S+",
}
UTC_FORM = re.compile(r"\d{8}T\d{6}Z")
WALL_FORM = re.compile(r"\d{8}T\d{6}")
CONTROL = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
Line = tuple[str, str]


class FeedError(Exception):
    """A rendered feed is not fit to be published; nothing of its release may be."""


def check_feed(body: bytes, uids: Iterable[str]) -> None:
    """Check a whole feed, which must have one event for each of `uids` and no other.

    Raises:
        FeedError: with everything that is wrong.
    """
    faults = list(_octets(body))
    if not faults:
        faults = list(_content(_lines(body), Counter(uids)))
    if faults:
        raise FeedError("; ".join(faults[:20]))


def _octets(body: bytes) -> Iterator[str]:
    """Encoding, line ends and folding (RFC 5545 section 3.1)."""
    if not body.startswith(b"BEGIN:VCALENDAR\r\n"):
        yield "does not begin with BEGIN:VCALENDAR"
    if not body.endswith(b"\r\nEND:VCALENDAR\r\n"):
        yield "does not end with END:VCALENDAR: truncated"
    if body.count(b"\r\n") != body.count(b"\n") or body.count(b"\r\n") != body.count(b"\r"):
        yield "a line end that is not CRLF"
    if CONTROL.search(body):
        yield "a control character"
    physical = body.split(b"\r\n")[:-1]
    if any(len(each) > 75 for each in physical):
        yield "a line of more than 75 octets"
    if not all(physical):
        yield "an empty line"
    # A character is cut where a continuation begins with one of its later octets.
    if any(len(each) > 1 and each[:1] == b" " and each[1] & 0xC0 == 0x80 for each in physical):
        yield "a line folded inside a character"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        yield "not UTF-8"


def _lines(body: bytes) -> list[Line]:
    """Unfolded lines as (name with parameters, value)."""
    unfolded = body.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]
    return [(name, value) for name, _, value in (each.partition(":") for each in unfolded)]


def _content(lines: list[Line], expected: Counter[str]) -> Iterator[str]:
    header: list[Line] = []
    zones: dict[str, str] = {}
    uids: Counter[str] = Counter()
    urls: Counter[str] = Counter()
    for kind, part in _components(lines):
        if kind == "VCALENDAR":
            header = part
        elif kind == "VTIMEZONE":
            starts = [value for name, value in part if name == "DTSTART"]
            zones[dict(part).get("TZID", "")] = min(starts, default="9")
        elif kind == "VEVENT":
            event = {name.partition(";")[0]: (name, value) for name, value in part}
            uid, url = (event.get(name, ("", ""))[1] for name in ("UID", "URL"))
            uids[_unescaped(uid)] += 1
            urls[url] += 1
            yield from (f"event {uid or '?'}: {fault}" for fault in _event(part, event, zones))
        else:
            yield f"a component {kind}"
    yield from _header(header)
    if uids != expected:
        wrong = sorted((uids - expected) + (expected - uids))
        yield f"missing events, or events of other bookings: {wrong[:5]}"
    if any(count > 1 for count in uids.values()):
        yield "a UID occurs twice"
    if any(count > 1 for count in urls.values()):
        yield "a URL occurs twice"


def _components(lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Components one level deep; those inside a VTIMEZONE are flattened into it.

    The calendar's own lines come last.
    """
    own: list[Line] = []
    part: list[Line] = []
    stack: list[str] = []
    for name, value in lines:
        if name == "BEGIN":
            stack.append(value)
            if len(stack) == 2:
                part = []
        elif name == "END":
            if not stack or stack.pop() != value:
                yield f"unbalanced at END:{value}", []
                return
            if len(stack) == 1:
                yield value, part
        else:
            (own if len(stack) == 1 else part).append((name, value))
    yield ("VCALENDAR" if not stack else f"unclosed {stack}"), own


def _header(lines: list[Line]) -> Iterator[str]:
    """Every property once, and no other.

    A UID here hides the events from one client, METHOD makes it an invitation.
    """
    counts = Counter(name for name, _ in lines)
    yield from (f"header: {name} occurs {counts[name]} times" for name in HEADER if counts[name] != 1)
    for name, value in lines:
        if name not in HEADER:
            yield f"header: {name} has no place there"
        elif not re.fullmatch(HEADER[name], value):
            yield f"header: {name} is {value!r}"


def _event(lines: list[Line], event: dict[str, Line], zones: dict[str, str]) -> Iterator[str]:
    counts = Counter(name.partition(";")[0] for name, _ in lines)
    wrong = [name for name in EVENT_ONCE if counts[name] != 1 or not event[name][1]]
    if wrong or len(counts) != len(EVENT_ONCE):
        yield f"missing, empty or repeated: {wrong}; unknown: {sorted(set(counts) - set(EVENT_ONCE))}"
        return
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        if not UTC_FORM.fullmatch(event[name][1]):
            yield f"{name} is not in UTC"
    if not event["SEQUENCE"][1].isdigit():
        yield "SEQUENCE is not a number"
    yield from _times(event["DTSTART"], event["DTEND"], zones)
    marked = event["SUMMARY"][1].startswith("【已取消】")
    state = (event["STATUS"][1], event["TRANSP"][1], marked)
    if state not in {
        ("CONFIRMED", "OPAQUE", False),
        ("TENTATIVE", "OPAQUE", False),
        ("CANCELLED", "TRANSPARENT", True),
    }:
        yield f"STATUS, TRANSP and summary contradict each other: {state}"
    if not re.fullmatch(r"https?://\S+", event["URL"][1]):
        yield "URL is not one"


def _times(start: Line, end: Line, zones: dict[str, str]) -> Iterator[str]:
    """DTSTART and DTEND in one form, never floating, end after start, the zone defined from before it."""
    (start_name, start_value), (end_name, end_value) = start, end
    if start_name.partition(";")[2] != end_name.partition(";")[2]:
        yield "DTSTART and DTEND in different forms"
    elif start_name == "DTSTART":
        if not (UTC_FORM.fullmatch(start_value) and UTC_FORM.fullmatch(end_value)):
            yield "a floating time"
    elif not (WALL_FORM.fullmatch(start_value) and WALL_FORM.fullmatch(end_value)):
        yield "a time that is none"
    else:
        zone = start_name.partition(";TZID=")[2]
        if zone not in zones:
            yield f"TZID {zone!r} without VTIMEZONE"
        elif zones[zone] > start_value:
            yield "the VTIMEZONE starts after the event"
    if end_value <= start_value:
        yield "DTEND is not after DTSTART"


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)

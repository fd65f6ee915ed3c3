from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest

from api.feeds import FeedError, RenderedFeed, render_all
from api.feeds.release import Named, Release
from fixtures.golden.make import golden_files
from fixtures.golden.releases import REVISED, plan, season, small, summer_time

GOLDEN = Path(__file__).parents[3] / "fixtures" / "golden"


def feeds(release: Release) -> dict[str, RenderedFeed]:
    return {f"{feed.scope}/{feed.id}": feed for feed in render_all(release)}


def events(body: bytes) -> list[icalendar.Event]:
    """As the icalendar library reads them; it has no part in writing them."""
    calendar = icalendar.Calendar.from_ical(body)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar.events


def event_bytes(body: bytes) -> dict[bytes, bytes]:
    """The bytes of each event by its UID line."""
    parts = re.findall(rb"BEGIN:VEVENT\r\n(UID:[^\r]*)(.*?)END:VEVENT\r\n", body, re.DOTALL)
    return dict(parts)


@pytest.mark.parametrize("name", [name for name, _ in golden_files()])
def test_golden_files(name: str) -> None:
    """Read the difference, then write them anew: `python -m fixtures.golden.make`."""
    assert dict(golden_files())[name] == (GOLDEN / name).read_bytes()


def test_same_release_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from api.feeds import render_all; from fixtures.golden.releases import small\n"
        "print(hashlib.sha256(b''.join(f.body + f.gzip_body for f in render_all(small()))).hexdigest())"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = hashlib.sha256(b"".join(feed.body + feed.gzip_body for feed in render_all(small()))).hexdigest()
    assert run.stdout.strip() == here


def test_another_reader_sees_every_booking_at_its_time() -> None:
    release = summer_time("America/New_York")
    read = events(feeds(release)["community/badahu"].body)
    assert {(str(each["UID"]), each.start, each.end) for each in read} == {
        (entry.uid, entry.starts, entry.ends) for entry in release.entries
    }
    by_uid = {entry.uid: entry for entry in release.entries}
    for each in read:
        entry = by_uid[str(each["UID"])]
        assert each["SEQUENCE"] == entry.sequence
        stamps = (each.decoded("CREATED"), each.decoded("DTSTAMP"), each.decoded("LAST-MODIFIED"))
        assert stamps == (entry.created, entry.modified, entry.modified)


def test_a_market_past_midnight_ends_the_next_day() -> None:
    body = feeds(small())["spaces/S14"].body
    assert body.count(b"DTSTART;TZID=Asia/Shanghai:20260911T170000\r\nDTEND;TZID=Asia/Shanghai:20260912T003000") == 1


def test_what_a_resident_reads_on_the_phone() -> None:
    (first, *_) = events(feeds(plan(weeks=1))["spaces/S05"].body)
    assert str(first["SUMMARY"]) == "图书借阅 · 区图书馆分馆"
    assert str(first["LOCATION"]) == "八大湖邻里中心 2楼 图书阅览室"
    assert str(first["DESCRIPTION"]) == (
        "活动：图书借阅\n主办：区图书馆分馆\n地点：八大湖邻里中心 2楼 图书阅览室\n"
        "Library loans · District library branch · Reading room"
    )
    assert str(first["URL"]) == "http://127.0.0.1:8000/c/badahu/bookings/20260908-R008-1%40gongshi.example"


def test_cancelled_says_so_first_and_keeps_nobody_busy() -> None:
    release = small()
    cancelled = [each for each in events(feeds(release)["community/badahu"].body) if each["STATUS"] == "CANCELLED"]
    assert sorted(str(each["UID"]) for each in cancelled) == sorted(
        entry.uid for entry in release.entries if entry.status == "cancelled"
    )
    assert {str(each["SUMMARY"])[:5] for each in cancelled} == {"【已取消】"}
    assert {str(each["TRANSP"]) for each in cancelled} == {"TRANSPARENT"}
    assert {str(each["DESCRIPTION"]).split("\n")[0] for each in cancelled} == {"本次活动已取消。"}


def test_moved_says_where_to() -> None:
    release = small()
    moved = {entry.uid: entry.left.space for entry in release.entries if entry.left}
    assert sorted(moved.values()) == ["S03+S04", "S05", "S07"]
    rendered = feeds(release)
    ghosts = [str(each["SUMMARY"]) for each in events(rendered["spaces/S04"].body) if str(each["UID"]) in moved]
    assert ghosts == ["【已取消】市民夜校 · 市民夜校分校（区文化馆）（改在党群议事厅）"]
    arrived = [str(each["STATUS"]) for each in events(rendered["spaces/S10"].body) if str(each["UID"]) in moved]
    assert arrived == ["CONFIRMED"] * 3


def test_the_header_names_the_calendar_and_the_release() -> None:
    calendar = icalendar.Calendar.from_ical(feeds(small())["spaces/S05"].body)
    assert str(calendar["X-WR-CALNAME"]) == "图书阅览室 · 八大湖邻里中心"
    assert str(calendar["X-WR-CALDESC"]) == (
        "八大湖邻里中心图书阅览室场地活动安排，第 2 版，截至 2026-09-16。网页：http://127.0.0.1:8000/c/badahu/\\n"
        "Reading room: all bookings\\, release 2\\, as of 2026-09-16."
    )


def test_the_day_of_a_release_is_the_communitys() -> None:
    late = replace(small(), released_at=datetime(2026, 9, 16, 17, 0, tzinfo=UTC))
    assert feeds(late)["spaces/S05"].body.count("截至 2026-09-17".encode()) == 1


def test_a_new_release_changes_the_header_and_no_event_that_did_not_change() -> None:
    first, second = plan(weeks=2), small()
    before, after = (event_bytes(feeds(each)["community/badahu"].body) for each in (first, second))
    changed = {new.uid for old, new in zip(first.entries, second.entries, strict=True) if old != new}
    assert {uid.decode()[4:] for uid in before if before[uid] != after[uid]} == changed
    assert len(changed) == 8


def test_escapes_in_names() -> None:
    release = plan(weeks=1)
    awkward = Named("U08", "读,写;算\\N\r\n🀄\x07", "Read, write; \\n reckon")
    uses = tuple(awkward if use.id == "U08" else use for use in release.uses)
    body = feeds(replace(release, uses=uses))["uses/U08"].body
    unfolded = body.replace(b"\r\n ", b"")
    assert unfolded.count("\r\nNAME:读\\,写\\;算\\\\N\\n🀄 · 八大湖邻里中心\r\n".encode()) == 1
    assert unfolded.count("\r\nSUMMARY:读\\,写\\;算\\\\N\\n🀄 · 区图书馆分馆\r\n".encode()) == 5


def test_the_second_of_two_equal_wall_times_is_in_utc() -> None:
    zone = ZoneInfo("America/New_York")
    release = plan(weeks=1, zone="America/New_York")
    starts = datetime(2026, 11, 1, 1, 30, tzinfo=zone, fold=1)
    entry = replace(release.entries[0], starts=starts, ends=starts.astimezone(UTC) + timedelta(hours=1))
    body = feeds(replace(release, entries=(entry,)))["community/badahu"].body
    assert body.count(b"DTSTART:20261101T063000Z\r\nDTEND:20261101T073000Z\r\n") == 1


def test_a_zone_without_yearly_rules_is_in_utc() -> None:
    body = feeds(summer_time("Africa/Casablanca"))["requests/R081"].body
    assert (body.count(b"VTIMEZONE"), body.count(b"TZID=")) == (0, 0)
    assert [each.start for each in events(body)] == [
        entry.starts for entry in summer_time("Africa/Casablanca").entries if entry.request == "R081"
    ]


def test_what_a_release_no_longer_names_is_called_by_its_id() -> None:
    release = small()
    bare = replace(release, spaces=(), sites=(), uses=(), applicants=())
    (summary, *_) = (str(each["SUMMARY"]) for each in events(feeds(bare)["requests/R008"].body))
    assert summary == "U08 · O13"


def test_an_empty_calendar_is_a_calendar() -> None:
    body = feeds(replace(plan(weeks=1), entries=()))["spaces/S05"].body
    assert events(body) == []


def test_etags_and_gzip() -> None:
    rendered = feeds(small())
    for feed in rendered.values():
        assert gzip.decompress(feed.gzip_body) == feed.body
        # The time in the header of a gzip file (RFC 1952 section 2.3) would make each rendering another.
        assert feed.gzip_body[4:8] == bytes(4)
        assert feed.etag == f'"{hashlib.sha256(feed.body).hexdigest()[:32]}"'
        assert feed.last_modified == REVISED
    tags = [tag for feed in rendered.values() for tag in (feed.etag, feed.gzip_etag)]
    assert len(set(tags)) == len(tags)


def test_a_faulty_booking_stops_the_release() -> None:
    release = plan(weeks=1)
    entry = release.entries[0]
    backwards = replace(entry, ends=entry.starts)
    with pytest.raises(FeedError, match="DTEND is not after DTSTART"):
        list(render_all(replace(release, entries=(backwards, *release.entries[1:]))))
    with pytest.raises(FeedError, match="a UID occurs twice"):
        list(render_all(replace(release, entries=(entry, *release.entries))))


def test_a_season_has_about_2000_bookings() -> None:
    assert len(season().entries) == 2160


def test_dates_of_a_year_without_its_notice_say_so() -> None:
    """Only the events of the request and year that wait; every other event keeps its bytes."""
    plain = small()
    standing = next(each for each in plain.entries if each.status == "confirmed")
    year = standing.starts.year
    waiting = replace(plain, provisional=((standing.request, year), ("another", year)))
    before = event_bytes(feeds(plain)["community/badahu"].body)
    after = event_bytes(feeds(waiting)["community/badahu"].body)
    mine = {
        f"UID:{each.uid}".encode()
        for each in plain.entries
        if each.request == standing.request and each.status == "confirmed"
    }
    assert {uid for uid in after if after[uid] != before[uid]} == mine
    told = [each for each in events(feeds(waiting)["community/badahu"].body) if each["STATUS"] == "TENTATIVE"]
    assert len(told) == len(mine)
    assert all(str(each["DESCRIPTION"]).startswith(f"日期未定：{year} 年放假安排尚未公布。") for each in told)

"""What a calendar says of itself, before its events (RFC 5545 section 3.6, RFC 7986)."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote
from zlib import crc32
from zoneinfo import ZoneInfo

from api.feeds.events import community_url
from api.feeds.lines import line, text_line
from api.feeds.release import Release
from api.feeds.scopes import Calendar

PRODID = "-//Gongshi//Community calendars//ZH"
"""Never changed: clients that identify a calendar by it would take it for another."""

FOOTER = b"END:VCALENDAR\r\n"
REFRESH = "PT1H"
COLOURS = (
    "steelblue",
    "seagreen",
    "indianred",
    "darkorchid",
    "chocolate",
    "teal",
    "slateblue",
    "olivedrab",
    "palevioletred",
)
"""CSS3 names, as RFC 7986 section 5.9 asks; dark enough for white text."""

KIND_ZH = {
    "spaces": "场地活动安排",
    "sites": "站点活动安排",
    "uses": "活动安排",
    "applicants": "活动安排",
    "requests": "活动安排",
    "community": "全部活动安排",
    "vendors": "出摊安排",
    "markets": "夜市摊位",
}


def feed_path(community: str, scope: str, feed_id: str) -> str:
    """The address of a calendar, percent-encoded, from the root of the site."""
    return f"/c/{quote(community, safe='')}/calendars/{scope}/{quote(feed_id, safe='+@')}.ics"


def feed_url(release: Release, scope: str, feed_id: str) -> str:
    """The absolute address of a calendar."""
    return release.base_url.rstrip("/") + feed_path(release.community.id, scope, feed_id)


def as_of(release: Release) -> date:
    """The day of the release on the community's clock."""
    return release.released_at.astimezone(ZoneInfo(release.zone)).date()


def header(release: Release, calendar: Calendar, zone: bytes) -> bytes:
    """From BEGIN:VCALENDAR to the last line before the first event.

    No UID (one client then sees a single event), no METHOD (others take the feed for an invitation). The
    release is named here and only here: an event's bytes change when its booking changes, not with every
    release.
    """
    title = calendar.zh
    if calendar.scope != "community":
        title = f"{calendar.zh} · {release.community.zh}"
    return b"".join(
        (
            b"BEGIN:VCALENDAR\r\n",
            line("VERSION", "2.0"),
            line("PRODID", PRODID),
            line("CALSCALE", "GREGORIAN"),
            text_line("NAME", title),
            text_line("X-WR-CALNAME", title),
            text_line("X-WR-CALDESC", _description(release, calendar)),
            line("X-WR-TIMEZONE", release.zone),
            line("COLOR", COLOURS[crc32(f"{calendar.scope}/{calendar.id}".encode()) % len(COLOURS)]),
            # VALUE=DURATION must be said (RFC 7986 section 5.7).
            line("REFRESH-INTERVAL;VALUE=DURATION", REFRESH),
            line("X-PUBLISHED-TTL", REFRESH),
            line("SOURCE;VALUE=URI", feed_url(release, calendar.scope, calendar.id)),
            zone,
        )
    )


def _description(release: Release, calendar: Calendar) -> str:
    day = as_of(release).isoformat()
    of = "" if calendar.scope == "community" else calendar.zh
    english = calendar.en or calendar.zh
    return (
        f"{release.community.zh}{of}{KIND_ZH[calendar.scope]}，第 {release.number} 版，截至 {day}。"
        f"网页：{community_url(release)}\n"
        f"{english}: all bookings, release {release.number}, as of {day}."
    )

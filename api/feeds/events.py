"""One booking as a VEVENT (RFC 5545 section 3.6.1).

The same entry, the same bytes, in every calendar and release.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote
from zoneinfo import ZoneInfo

from api.feeds.lines import line, text_line, utc
from api.feeds.release import Entry, Release, SpaceInfo
from api.feeds.scopes import Directory, Shown

WALL = "%Y%m%dT%H%M%S"
CANCELLED_MARK = "【已取消】"
"""Every client shows cancelled events like others, so the summary says it first."""


def booking_url(release: Release, uid: str) -> str:
    """The page of one booking. Each event carries its own: one client collapses events of equal content."""
    return f"{community_url(release)}bookings/{quote(uid, safe='')}"


def community_url(release: Release) -> str:
    """The community's page, with its last slash."""
    return f"{release.base_url.rstrip('/')}/c/{release.community.id}/"


class EventWriter:
    """Writes the bookings of one release, each once however many calendars show it."""

    def __init__(
        self, release: Release, *, zone_defined: bool, url: Callable[[Release, str], str] = booking_url
    ) -> None:
        self._url = url
        self._release = release
        self._zone = ZoneInfo(release.zone)
        self._zone_defined = zone_defined
        self._names = Directory(release)
        self._written: dict[Shown, bytes] = {}

    def bytes_of(self, shown: Shown) -> bytes:
        """The VEVENT, folded and ended by CRLF."""
        written = self._written.get(shown)
        if written is None:
            written = self._written[shown] = self._event(shown)
        return written

    def _event(self, shown: Shown) -> bytes:
        entry = shown.entry
        cancelled = entry.status == "cancelled"
        status = "CANCELLED" if cancelled else "TENTATIVE" if self._year_waiting(entry) else "CONFIRMED"
        modified = utc(entry.modified)
        return b"".join(
            (
                b"BEGIN:VEVENT\r\n",
                text_line("UID", entry.uid),
                # Without METHOD, DTSTAMP is the last revision (section 3.8.7.2): stored, never the present
                # moment.
                line("DTSTAMP", modified),
                line("CREATED", utc(entry.created)),
                line("LAST-MODIFIED", modified),
                line("SEQUENCE", str(entry.sequence)),
                *self._times(entry),
                text_line("SUMMARY", self._summary(shown)),
                text_line("LOCATION", place_zh(self._names.space(entry.space), self._names)),
                text_line("DESCRIPTION", self._description(shown)),
                line("URL", self._url(self._release, entry.uid)),
                line("STATUS", status),
                line("TRANSP", "TRANSPARENT" if cancelled else "OPAQUE"),
                b"END:VEVENT\r\n",
            )
        )

    def _times(self, entry: Entry) -> tuple[bytes, bytes]:
        """DTSTART and DTEND on the zone's wall clock.

        In UTC where the zone has no definition, and where one of the two is the second of two equal wall
        times when summer time ends: TZID cannot say that.
        """
        times = (entry.starts.astimezone(self._zone), entry.ends.astimezone(self._zone))
        if not self._zone_defined or any(at.fold and at.utcoffset() != at.replace(fold=0).utcoffset() for at in times):
            return line("DTSTART", utc(times[0])), line("DTEND", utc(times[1]))
        zone = f";TZID={self._release.zone}"
        return line(f"DTSTART{zone}", f"{times[0]:{WALL}}"), line(f"DTEND{zone}", f"{times[1]:{WALL}}")

    def _year_waiting(self, entry: Entry) -> int | None:
        """The entry's year, where its calendar still waits for that year's notice."""
        year = entry.starts.astimezone(self._zone).year
        return year if (entry.request, year) in self._release.provisional else None

    def _summary(self, shown: Shown) -> str:
        """What first, then who.

        A phone's month view shows some eight characters. The place is in LOCATION.
        """
        entry = shown.entry
        text = f"{self._names.use(entry.use).zh} · {self._names.applicant(entry.applicant).zh}"
        if shown.moved_to:
            text += f"（改在{self._names.space(shown.moved_to).zh}）"
        return (CANCELLED_MARK if entry.status == "cancelled" else "") + text

    def _description(self, shown: Shown) -> str:
        entry = shown.entry
        use, applicant = self._names.use(entry.use), self._names.applicant(entry.applicant)
        space = self._names.space(entry.space)
        lines = [f"活动：{use.zh}", f"主办：{applicant.zh}", f"地点：{place_zh(space, self._names)}"]
        english = [each.en or each.zh for each in (use, applicant, space)] if use.en or space.en else []
        if shown.moved_to:
            new = self._names.space(shown.moved_to)
            lines.insert(0, f"本次活动已改在{new.zh}举行，请以最新安排为准。")
            english = english and [f"MOVED to {new.en or new.zh}", *english]
        elif entry.status == "cancelled":
            lines.insert(0, "本次活动已取消。")
            english = english and ["CANCELLED", *english]
        elif year := self._year_waiting(entry):
            lines.insert(0, f"日期未定：{year} 年放假安排尚未公布。")
            english = english and [f"PROVISIONAL: the holidays of {year} are not announced yet", *english]
        if entry.note:
            lines.append(entry.note)
        return "\n".join([*lines, *([" · ".join(english)] if english else [])])


def place_zh(space: SpaceInfo, names: Directory) -> str:
    """Site, floor and room, as a visitor asks for them."""
    floor = f"{space.floor}楼" if space.floor > 0 else f"地下{-space.floor}层" if space.floor < 0 else ""
    return " ".join(part for part in (names.site(space.site).zh, floor, space.zh) if part)

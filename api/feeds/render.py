"""From a release to the bytes of all its calendars: once, when it is released, never per request."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from api.feeds.check import check_feed
from api.feeds.events import EventWriter, booking_url
from api.feeds.header import FOOTER, header
from api.feeds.release import Release
from api.feeds.scopes import Calendar, calendars
from api.feeds.zones import zone_definition


@dataclass(frozen=True, slots=True)
class RenderedFeed:
    """One calendar, ready to be stored and served.

    `etag` and `gzip_etag` are strong, quoted as they stand in the header, one per encoding (RFC 9110 section
    8.8.3). `last_modified` is the release's time (UTC, whole seconds): the header of a calendar names its
    release.
    """

    scope: str
    id: str
    body: bytes
    gzip_body: bytes
    etag: str
    gzip_etag: str
    last_modified: datetime


def render_all(release: Release) -> Iterator[RenderedFeed]:
    """Every calendar of a release: each space, site, use, applicant, request, and the community.

    Raises:
        FeedError: a rendered feed fails its check; then none may be published.
    """
    return render(release, calendars(release), booking_url)


def render(release: Release, shown: Iterable[Calendar], url: Callable[[Release, str], str]) -> Iterator[RenderedFeed]:
    """These calendars, with the page of each event as `url` tells it.

    Raises:
        FeedError: a rendered feed fails its check; then none may be published.
    """
    zone = zone_definition(release)
    writer = EventWriter(release, zone_defined=bool(zone), url=url)
    for calendar in shown:
        head = header(release, calendar, zone)
        body = b"".join((head, *map(writer.bytes_of, calendar.shown), FOOTER))
        check_feed(body, (shown.entry.uid for shown in calendar.shown))
        yield _packed(calendar, body, release.released_at.astimezone(UTC).replace(microsecond=0))


def _packed(calendar: Calendar, body: bytes, last_modified: datetime) -> RenderedFeed:
    # mtime=0: the same release gives the same bytes.
    packed = gzip.compress(body, compresslevel=6, mtime=0)
    return RenderedFeed(calendar.scope, calendar.id, body, packed, _etag(body), _etag(packed), last_modified)


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'

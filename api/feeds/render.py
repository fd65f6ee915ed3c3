"""From a release to the bytes of all its calendars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from api.feeds.release import Release


@dataclass(frozen=True, slots=True)
class RenderedFeed:
    """One calendar, ready to be stored and served.

    `etag` and `gzip_etag` are strong, quoted as they stand in the header, one per encoding (RFC 9110 section 8.8.3).
    `last_modified` is the release's time (UTC, whole seconds): the header of a calendar names its release.
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
    raise NotImplementedError

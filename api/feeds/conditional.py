"""Conditional requests and content coding (RFC 9110 sections 12.5.3 and 13), apart from any transport."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ETAG = re.compile(r'("[\x21\x23-\x7e\x80-\xff]*")')


def not_modified(
    if_none_match: str | None, if_modified_since: str | None, etags: tuple[str, str], last_modified: datetime
) -> str | None:
    """The tag for a 304, or none when the whole calendar must be sent.

    Args:
        if_none_match: that header. Where it stands, If-Modified-Since is not looked at (section 13.1.3).
        if_modified_since: that header; what is no HTTP date is no condition.
        etags: of the representation that would be sent, and of the other encoding. Either may be what the client
            keeps (a proxy may have unpacked it), and both are current: the tag that matched is sent back.
        last_modified: of the calendar, whole seconds.
    """
    if if_none_match is not None:
        if if_none_match.strip() == "*":
            return etags[0]
        # Weak comparison (section 8.8.3.2): proxies that change the encoding weaken tags.
        kept = set(ETAG.findall(if_none_match))
        return next((etag for etag in etags if etag in kept), None)
    if if_modified_since is not None:
        since = _http_date(if_modified_since)
        if since is not None and last_modified <= since:
            return etags[0]
    return None


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    # Two of the three old forms name no zone, and all mean GMT (section 5.6.7).
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def prefers_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is acceptable; then it is sent, being smaller."""
    weights: dict[str, float] = {}
    for part in (accept_encoding or "").lower().split(","):
        coding, *parameters = (each.strip() for each in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                weight = _weight(value)
        weights[coding] = weight
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

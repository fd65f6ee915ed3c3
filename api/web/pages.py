"""Pages as pure functions: (release, dates, language) -> HTML."""

from __future__ import annotations

from datetime import date

from api.feeds.release import Release


def render_week(release: Release, *, today: date, as_of: date | None, lang: str) -> str:
    """The week that contains `as_of` (none: the current week, or the season's nearest), by day and space."""
    raise NotImplementedError

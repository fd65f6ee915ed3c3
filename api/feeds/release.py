"""What a feed is made of: one release of one community, complete and immutable.

Feeds and pages are functions of this and of nothing else: no queries, no clock, no settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an identity and a name in both languages (`en` may be empty)."""

    id: str
    zh: str
    en: str = ""


@dataclass(frozen=True, slots=True)
class SpaceInfo:
    """A space as pages and feeds need it; `atoms` are the atomic parts, itself where it has no parts."""

    id: str
    zh: str
    en: str
    site: str
    floor: int
    atoms: tuple[str, ...]
    order: int


@dataclass(frozen=True, slots=True)
class Left:
    """The place and time that a booking had before it moved to another space.

    Calendars of the space it left show it as cancelled for some weeks: who goes there would go in vain.
    """

    space: str
    starts: datetime
    ends: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking with its stored identity, standing or cancelled.

    `uid` lives as long as the allocation; `sequence`, `created` and `modified` (UTC) come from the stored
    revision. A cancelled entry keeps the data it had when it last stood.
    """

    uid: str
    sequence: int
    created: datetime
    modified: datetime
    status: Literal["confirmed", "cancelled"]
    request: str
    session: int
    use: str
    applicant: str
    space: str
    layout: str
    headcount: int
    starts: datetime
    ends: datetime
    left: Left | None = None
    note: str = ""
    """A line more for the description, in Chinese. Bookings of a release have none."""


@dataclass(frozen=True, slots=True)
class Release:
    """A whole community's plan.

    Version `number`, released at `released_at` (UTC), entries in order of time. `provisional`: (request, year) whose
    calendar waits for that year's notice of holidays.
    """

    community: Named
    zone: str
    number: int
    released_at: datetime
    first_date: date
    last_date: date
    base_url: str
    sites: tuple[Named, ...]
    spaces: tuple[SpaceInfo, ...]
    uses: tuple[Named, ...]
    applicants: tuple[Named, ...]
    requests: tuple[Named, ...]
    entries: tuple[Entry, ...]
    provisional: tuple[tuple[str, int], ...] = ()

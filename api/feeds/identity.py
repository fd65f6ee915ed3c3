"""Who a booking is from one release to the next: a UID lives as long as the allocation it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from api.feeds.release import Entry, Release


@dataclass(frozen=True, slots=True)
class Decided:
    """A booking of the new timetable, before it has an identity. Aware datetimes, half-open."""

    request: str
    session: int
    use: str
    applicant: str
    space: str
    layout: str
    headcount: int
    starts: datetime
    ends: datetime


def carry_over(
    in_force: Iterable[Entry],
    decided: Iterable[Decided],
    *,
    zone: str,
    released_at: datetime,
    mint: Callable[[], str],
    renamed: frozenset[str] = frozenset(),
) -> tuple[Entry, ...]:
    """The entries of the next release, in order of time: standing, moved, new, cancelled.

    Args:
        in_force: entries of the release in force (none for the first release).
        decided: all bookings of the whole new plan, with those that are carried over unchanged.
        zone: the community's IANA zone, whose wall clock says what "same date" and "same week" are.
        released_at: the new release's time.
        mint: gives a new UID, one that no feed ever had.
        renamed: ids of spaces, uses and applicants that read differently now (`renamed_ids`).
    """
    raise NotImplementedError


def renamed_ids(old: Release, new: Release) -> frozenset[str]:
    """Ids of spaces, uses and applicants whose words in a calendar differ between two releases.

    `new.entries` are not looked at, so it may be built with none.
    """
    raise NotImplementedError

"""Who a booking is from one release to the next: a UID lives as long as the allocation it names.

The matching is per request, in passes from the surest to the loosest; whoever is matched takes no part in the
next:

1. same start, twins told apart by end, space and session;
2. a cancelled booking that comes back at its old start is itself again;
3. same date, in order of time;
4. same week, in order of time.

What stands alone in the end is cancelled (old) or gets a new UID (new).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from api.feeds.release import Entry, Left, Release

KEPT_CANCELLED = timedelta(days=28)
"""How long a cancelled booking is shown, from its end or its cancellation, whichever is later."""

Key = Callable[["Entry | Decided"], Hashable]
Pair = tuple[Entry, "Decided"]


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
    note: str = ""


Item = TypeVar("Item", Entry, Decided)


def carry_over(
    in_force: Iterable[Entry],
    decided: Iterable[Decided],
    *,
    zone: str,
    released_at: datetime,
    mint: Callable[[], str],
    renamed: frozenset[Hashable] = frozenset(),
) -> tuple[Entry, ...]:
    """The entries of the next release, in order of time, with times in UTC: standing, moved, new, cancelled.

    Args:
        in_force: entries of the release in force (none for the first release).
        decided: all bookings of the whole new plan, with those that are carried over unchanged.
        zone: the community's IANA zone, whose wall clock says what "same date" and "same week" are.
        released_at: the new release's time.
        mint: gives a new UID, one that no feed ever had.
        renamed: ids of spaces, uses and applicants that read differently now, and the (request, year) whose dates
            are provisional no more, or have become so (`renamed_ids`).
    """
    now = released_at.astimezone(UTC).replace(microsecond=0)
    old = _by_request([_in_utc(entry) for entry in in_force])
    new = _by_request([_in_utc(booking) for booking in decided])
    entries: list[Entry] = []
    # In order of the requests, so that UIDs are minted in the same order for the same input.
    for request in sorted(old.keys() | new.keys()):
        pairs, gone, fresh = match(old.get(request, []), new.get(request, []), zone)
        entries += [_standing(entry, booking, now, renamed, ZoneInfo(zone)) for entry, booking in pairs]
        entries += [_minted(booking, now, mint()) for booking in fresh]
        entries += [_cancelled(entry, now) for entry in gone if not _expired(entry, now)]
    return tuple(sorted(entries, key=lambda entry: (entry.starts, entry.space, entry.uid)))


def match(old: Iterable[Entry], new: Iterable[Decided], zone: str) -> tuple[list[Pair], list[Entry], list[Decided]]:
    """Pair entries and bookings of one request; then the entries and the bookings that found no partner."""
    clock = ZoneInfo(zone)
    entries = sorted(old, key=lambda each: (*_place_in_time(each), each.uid))
    standing = [entry for entry in entries if entry.status == "confirmed"]
    cancelled = [entry for entry in entries if entry.status == "cancelled"]
    fresh = sorted(new, key=_place_in_time)
    pairs: list[Pair] = []
    for key in (_whole, _start_and_space, _start_and_session, _start):
        standing, fresh = _pass(standing, fresh, key, pairs)
    for key in (_start_and_space, _start):
        cancelled, fresh = _pass(cancelled, fresh, key, pairs)
    for day_or_week in (_date, _week):
        standing, fresh = _pass(standing, fresh, partial(day_or_week, clock=clock), pairs)
    return pairs, standing + cancelled, fresh


def renamed_ids(old: Release, new: Release) -> frozenset[Hashable]:
    """Ids of spaces, uses and applicants whose words in a calendar differ between two releases.

    With them the (request, year) that wait for a notice of holidays in one of the two only: their events say so.

    `new.entries` are not looked at, so it may be built with none.
    """
    words_before, words_after = dict(_words(old)), dict(_words(new))
    named = {each for each, words in words_after.items() if words_before.get(each, words) != words}
    return frozenset[Hashable](named | (set(old.provisional) ^ set(new.provisional)))


def _words(release: Release) -> Iterator[tuple[str, Hashable]]:
    sites = {site.id: site.zh for site in release.sites}
    yield from ((named.id, (named.zh, named.en)) for named in (*release.uses, *release.applicants))
    yield from ((space.id, (space.zh, space.en, space.floor, sites.get(space.site))) for space in release.spaces)


def _by_request(items: Iterable[Item]) -> dict[str, list[Item]]:
    grouped: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        grouped[item.request].append(item)
    return grouped


def _in_utc(item: Item) -> Item:
    """The same, with its times in UTC.

    Across zones, equal times in a repeated hour compare as different (PEP 495).
    """
    return replace(item, starts=item.starts.astimezone(UTC), ends=item.ends.astimezone(UTC))


def _pass(old: list[Entry], new: list[Decided], key: Key, pairs: list[Pair]) -> tuple[list[Entry], list[Decided]]:
    """Pair what has the same key, in the given order, onto `pairs`; what is left over of both."""
    waiting: dict[Hashable, deque[Entry]] = defaultdict(deque)
    for entry in old:
        waiting[key(entry)].append(entry)
    rest: list[Decided] = []
    taken: set[str] = set()
    for booking in new:
        queue = waiting.get(key(booking))
        if queue:
            entry = queue.popleft()
            taken.add(entry.uid)
            pairs.append((entry, booking))
        else:
            rest.append(booking)
    return [entry for entry in old if entry.uid not in taken], rest


def _whole(each: Entry | Decided) -> Hashable:
    return (each.starts, each.ends, each.space, each.session)


def _start_and_space(each: Entry | Decided) -> Hashable:
    return (each.starts, each.space)


def _start_and_session(each: Entry | Decided) -> Hashable:
    return (each.starts, each.session)


def _start(each: Entry | Decided) -> Hashable:
    return each.starts


def _place_in_time(each: Entry | Decided) -> tuple[datetime, datetime, str, int]:
    return (each.starts, each.ends, each.space, each.session)


def _date(each: Entry | Decided, clock: ZoneInfo) -> Hashable:
    return each.starts.astimezone(clock).date()


def _week(each: Entry | Decided, clock: ZoneInfo) -> Hashable:
    return each.starts.astimezone(clock).isocalendar()[:2]


def _standing(entry: Entry, booking: Decided, now: datetime, renamed: frozenset[Hashable], clock: ZoneInfo) -> Entry:
    """The entry with the booking's data; its revision grows when a subscriber or an API client sees a change.

    The number of the session is bookkeeping: sessions are numbered anew when one is added before them.
    """
    left = _left(entry, booking, now)
    newer = replace(entry, **_data(booking), status="confirmed", left=left)
    year = booking.starts.astimezone(clock).year
    told = {entry.space, entry.use, entry.applicant, (entry.request, year)} & renamed
    if replace(newer, session=entry.session, left=entry.left) == entry and not told:
        return newer
    return replace(newer, sequence=entry.sequence + 1, modified=_later(entry, now))


def _left(entry: Entry, booking: Decided, now: datetime) -> Left | None:
    """Where those who knew the booking would look in vain; forgotten after some weeks."""
    if entry.space != booking.space:
        return Left(entry.space, entry.starts, entry.ends, now)
    left = entry.left
    if left is None or now >= max(left.ends, left.at) + KEPT_CANCELLED:
        return None
    return left


def _data(booking: Decided) -> dict[str, Any]:
    return {field.name: getattr(booking, field.name) for field in fields(booking)}


def _minted(booking: Decided, now: datetime, uid: str) -> Entry:
    return Entry(uid=uid, sequence=0, created=now, modified=now, status="confirmed", **_data(booking))


def _cancelled(entry: Entry, now: datetime) -> Entry:
    """The entry with the data it had when it last stood; one that is cancelled already stays as it is."""
    if entry.status == "cancelled":
        return entry
    return replace(entry, status="cancelled", sequence=entry.sequence + 1, modified=_later(entry, now))


def _expired(entry: Entry, now: datetime) -> bool:
    return entry.status == "cancelled" and now >= max(entry.ends, entry.modified) + KEPT_CANCELLED


def _later(entry: Entry, now: datetime) -> datetime:
    """The release's time, and later than before by a second at least: a client skips what did not grow."""
    return max(now, entry.modified.replace(microsecond=0) + timedelta(seconds=1))

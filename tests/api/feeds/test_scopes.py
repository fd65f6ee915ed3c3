from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from api.feeds.release import Entry, Left, Release
from api.feeds.scopes import Calendar, calendars
from fixtures.golden.releases import REVISED, plan, season


def shown_in(release: Release, scope: str, feed_id: str) -> list[tuple[str, str, str, str]]:
    """UID, status, space, where it moved to."""
    (calendar,) = (each for each in calendars(release) if (each.scope, each.id) == (scope, feed_id))
    return [(each.entry.uid, each.entry.status, each.entry.space, each.moved_to) for each in calendar.shown]


def of(release: Release, *requests: str) -> Release:
    """The release with the first booking only of each of these requests, called by the request's id."""
    first: dict[str, Entry] = {}
    for entry in release.entries:
        if entry.request in requests:
            first.setdefault(entry.request, replace(entry, uid=entry.request))
    return replace(release, entries=tuple(first.values()))


def changed(release: Release, uid: str, **data: object) -> Release:
    """The release with one entry's data changed."""
    entries: tuple[Entry, ...] = tuple(
        replace(each, **data) if each.uid == uid else each  # type: ignore[arg-type]  # words by name
        for each in release.entries
    )
    return replace(release, entries=entries)


def test_every_space_site_use_applicant_and_request_has_a_calendar_and_so_has_the_community() -> None:
    release = season()
    found = [(each.scope, each.id) for each in calendars(release)]
    assert found == [
        *(("spaces", each.id) for each in release.spaces),
        *(("sites", each.id) for each in release.sites),
        *(("uses", each.id) for each in release.uses),
        *(("applicants", each.id) for each in release.applicants),
        *(("requests", each.id) for each in release.requests),
        ("community", "badahu"),
    ]


def test_a_room_shows_what_is_on_in_the_combination_and_the_other_way_round() -> None:
    release = of(plan(weeks=1), "R010", "R021", "R022")
    both, first, second = (
        ("R021", "confirmed", "S03+S04", ""),
        ("R010", "confirmed", "S03", ""),
        ("R022", "confirmed", "S04", ""),
    )
    assert shown_in(release, "spaces", "S03") == [first, both]
    assert shown_in(release, "spaces", "S04") == [second, both]
    assert shown_in(release, "spaces", "S03+S04") == [first, second, both]
    assert shown_in(release, "spaces", "S05") == []


def test_each_booking_is_in_the_calendars_of_its_site_use_applicant_request_and_community() -> None:
    release = of(plan(weeks=1), "R019", "R081")
    choir, dance = ("R019", "confirmed", "S07", ""), ("R081", "confirmed", "S21", "")
    for scope, mine, others in (
        ("sites", "C1", "C2"),
        ("uses", "U10", "U11"),
        ("applicants", "O19", "O20"),
        ("requests", "R019", "R081"),
    ):
        assert shown_in(release, scope, mine) == [choir]
        assert shown_in(release, scope, others) == [dance]
    assert shown_in(release, "community", "badahu") == [choir, dance]


def test_the_room_that_a_booking_left_shows_it_as_cancelled_at_its_old_time() -> None:
    release = of(plan(weeks=1), "R022")
    (entry,) = release.entries
    left = Left("S04", entry.starts, entry.ends, REVISED)
    hour = timedelta(hours=1)
    moved = changed(release, "R022", space="S10", left=left, starts=entry.starts + hour, ends=entry.ends + hour)
    assert shown_in(moved, "spaces", "S10") == [("R022", "confirmed", "S10", "")]
    assert shown_in(moved, "spaces", "S04") == [("R022", "cancelled", "S04", "S10")]
    assert shown_in(moved, "spaces", "S03+S04") == [("R022", "cancelled", "S04", "S10")]
    assert shown_in(moved, "sites", "C1") == [("R022", "confirmed", "S10", "")]
    (calendar,) = (each for each in calendars(moved) if (each.scope, each.id) == ("spaces", "S04"))
    assert [(each.entry.starts, each.entry.ends) for each in calendar.shown] == [(entry.starts, entry.ends)]


def test_a_site_that_a_booking_left_shows_it_as_cancelled() -> None:
    release = of(plan(weeks=1), "R022")
    left = Left("S04", release.entries[0].starts, release.entries[0].ends, REVISED)
    moved = changed(release, "R022", space="S21", left=left)
    assert shown_in(moved, "sites", "C1") == [("R022", "cancelled", "S04", "S21")]
    assert shown_in(moved, "sites", "C2") == [("R022", "confirmed", "S21", "")]


def test_a_move_within_the_combination_is_not_shown_twice_there() -> None:
    release = of(plan(weeks=1), "R021")
    left = Left("S03+S04", release.entries[0].starts, release.entries[0].ends, REVISED)
    moved = changed(release, "R021", space="S03", left=left)
    assert shown_in(moved, "spaces", "S03") == [("R021", "confirmed", "S03", "")]
    assert shown_in(moved, "spaces", "S04") == [("R021", "cancelled", "S03+S04", "S03")]


def test_moved_and_then_cancelled_is_moved_nowhere() -> None:
    release = of(plan(weeks=1), "R022")
    left = Left("S04", release.entries[0].starts, release.entries[0].ends, REVISED)
    cancelled = changed(release, "R022", space="S10", left=left, status="cancelled")
    assert shown_in(cancelled, "spaces", "S04") == [("R022", "cancelled", "S04", "")]


def test_the_order_of_a_releases_entries_does_not_matter() -> None:
    release = season()
    backwards = replace(release, entries=release.entries[::-1])
    assert list(calendars(backwards)) == list(calendars(release))
    assert all(isinstance(each, Calendar) for each in calendars(release))

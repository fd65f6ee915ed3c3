from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.feeds.identity import Decided, carry_over, renamed_ids
from api.feeds.release import Entry, Left, Named
from fixtures.golden.releases import small

ZONE = "Asia/Shanghai"
FIRST, SECOND, THIRD = (datetime(2026, 9, day, 2, tzinfo=UTC) for day in (1, 8, 15))


def at(day: int, clock: str) -> datetime:
    """A time in September 2026; the 7th is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 9, 1, hour, minute, tzinfo=ZoneInfo(ZONE)) + timedelta(days=day - 1)


def booking(day: int, clock: str, space: str = "S1", session: int = 1, **other: object) -> Decided:
    starts = at(day, clock)
    data: dict[str, object] = {
        "request": "R1", "session": session, "use": "U1", "applicant": "O1", "space": space, "layout": "room",
        "headcount": 10, "starts": starts, "ends": starts + timedelta(minutes=90), **other,
    }  # fmt: skip
    return Decided(**data)  # type: ignore[arg-type]  # words by name, to keep the tests short


def release(
    in_force: Iterable[Entry],
    decided: Iterable[Decided],
    released_at: datetime = SECOND,
    renamed: frozenset[Hashable] = frozenset(),
) -> tuple[Entry, ...]:
    """The next release; new UIDs are named after its day and counted."""
    counter = itertools.count(1)
    return carry_over(
        in_force,
        decided,
        zone=ZONE,
        released_at=released_at,
        mint=lambda: f"{released_at:%d}-{next(counter)}",
        renamed=renamed,
    )


def told(entries: Iterable[Entry]) -> list[tuple[str, int, str, str, str]]:
    """UID, SEQUENCE, status, start, space: enough to see who is who."""
    clock = ZoneInfo(ZONE)
    return [
        (each.uid, each.sequence, each.status, f"{each.starts.astimezone(clock):%d %H:%M}", each.space)
        for each in entries
    ]


def test_the_first_release_mints_in_order_of_request_and_time() -> None:
    entries = release([], [booking(8, "09:00"), booking(7, "09:00"), booking(7, "08:00", request="R2")], FIRST)
    assert told(entries) == [
        ("01-3", 0, "confirmed", "07 08:00", "S1"),
        ("01-1", 0, "confirmed", "07 09:00", "S1"),
        ("01-2", 0, "confirmed", "08 09:00", "S1"),
    ]
    assert {(each.created, each.modified) for each in entries} == {(FIRST, FIRST)}


def test_a_release_matched_with_itself_changes_nothing() -> None:
    plan = [booking(7, "09:00"), booking(7, "09:00", "S2", 2), booking(9, "23:30"), booking(14, "09:00")]
    first = release([], plan, FIRST)
    assert release(first, plan, SECOND) == first


def test_an_inserted_date_is_minted_and_the_others_stay() -> None:
    first = release([], [booking(7, "09:00"), booking(21, "09:00")], FIRST)
    second = release(first, [booking(7, "09:00"), booking(14, "09:00"), booking(21, "09:00")])
    assert told(second) == [
        ("01-1", 0, "confirmed", "07 09:00", "S1"),
        ("08-1", 0, "confirmed", "14 09:00", "S1"),
        ("01-2", 0, "confirmed", "21 09:00", "S1"),
    ]


def test_a_dropped_date_is_cancelled_and_keeps_its_data() -> None:
    first = release([], [booking(7, "09:00"), booking(14, "09:00"), booking(21, "09:00")], FIRST)
    second = release(first, [booking(7, "09:00"), booking(21, "09:00")])
    assert told(second) == [
        ("01-1", 0, "confirmed", "07 09:00", "S1"),
        ("01-2", 1, "cancelled", "14 09:00", "S1"),
        ("01-3", 0, "confirmed", "21 09:00", "S1"),
    ]
    assert second[1] == replace(first[1], status="cancelled", sequence=1, modified=SECOND)


def test_a_new_time_on_the_same_date_keeps_the_uid() -> None:
    first = release([], [booking(7, "09:00"), booking(14, "09:00")], FIRST)
    second = release(first, [booking(7, "10:30"), booking(14, "09:00")])
    assert told(second) == [("01-1", 1, "confirmed", "07 10:30", "S1"), ("01-2", 0, "confirmed", "14 09:00", "S1")]
    assert (second[0].created, second[0].modified) == (FIRST, SECOND)


def test_a_new_weekday_keeps_the_uids_week_by_week() -> None:
    first = release([], [booking(7, "09:00"), booking(14, "09:00"), booking(21, "09:00")], FIRST)
    second = release(first, [booking(9, "09:00"), booking(23, "09:00")])
    assert told(second) == [
        ("01-1", 1, "confirmed", "09 09:00", "S1"),
        ("01-2", 1, "cancelled", "14 09:00", "S1"),
        ("01-3", 1, "confirmed", "23 09:00", "S1"),
    ]


def test_in_one_week_the_order_of_time_decides() -> None:
    first = release([], [booking(7, "09:00"), booking(9, "09:00")], FIRST)
    second = release(first, [booking(8, "09:00"), booking(10, "09:00")])
    assert told(second) == [("01-1", 1, "confirmed", "08 09:00", "S1"), ("01-2", 1, "confirmed", "10 09:00", "S1")]


def test_the_same_date_goes_before_the_order_of_the_week() -> None:
    first = release([], [booking(7, "09:00"), booking(9, "09:00")], FIRST)
    second = release(first, [booking(9, "10:00"), booking(11, "09:00")])
    assert told(second) == [("01-2", 1, "confirmed", "09 10:00", "S1"), ("01-1", 1, "confirmed", "11 09:00", "S1")]


def test_a_move_to_the_next_week_is_a_cancellation_and_a_new_booking() -> None:
    second = release(release([], [booking(13, "09:00")], FIRST), [booking(14, "09:00")])
    assert told(second) == [("01-1", 1, "cancelled", "13 09:00", "S1"), ("08-1", 0, "confirmed", "14 09:00", "S1")]


def test_a_move_across_midnight_keeps_the_uid_within_the_week() -> None:
    second = release(release([], [booking(11, "23:30")], FIRST), [booking(12, "00:15")])
    assert told(second) == [("01-1", 1, "confirmed", "12 00:15", "S1")]


def test_same_date_is_a_date_of_the_community_and_not_of_utc() -> None:
    """07:00 and 09:00 in Shanghai are two dates in UTC; 01:00 on Tuesday in UTC is not 23:30 on Monday."""
    first = release([], [booking(8, "07:00"), booking(9, "07:00")], FIRST)
    second = release(first, [booking(8, "09:00"), booking(9, "09:00")])
    assert [each.uid for each in second] == ["01-1", "01-2"]


def test_twins_that_swap_their_numbers_stay_who_they_are() -> None:
    """Two sessions on one date, one time, in two rooms: the solver may number them the other way round."""
    first = release([], [booking(7, "09:00", "S1", 1), booking(7, "09:00", "S2", 2)], FIRST)
    second = release(first, [booking(7, "09:00", "S2", 1), booking(7, "09:00", "S1", 2)])
    assert told(second) == [("01-1", 0, "confirmed", "07 09:00", "S1"), ("01-2", 0, "confirmed", "07 09:00", "S2")]
    assert [each.modified for each in second] == [FIRST, FIRST]
    assert [each.session for each in second] == [2, 1]


def test_of_twins_the_one_that_moves_is_the_one_whose_room_is_gone() -> None:
    first = release([], [booking(7, "09:00", "S1", 1), booking(7, "09:00", "S2", 2)], FIRST)
    second = release(first, [booking(7, "09:00", "S2", 1), booking(7, "09:00", "S3", 2)])
    assert told(second) == [("01-2", 0, "confirmed", "07 09:00", "S2"), ("01-1", 1, "confirmed", "07 09:00", "S3")]


def test_twins_on_one_date_at_two_times_are_known_by_their_times() -> None:
    first = release([], [booking(7, "09:00", "S1", 1), booking(7, "14:00", "S2", 2)], FIRST)
    second = release(first, [booking(7, "09:00", "S2", 1), booking(7, "14:00", "S1", 2)])
    assert told(second) == [("01-1", 1, "confirmed", "07 09:00", "S2"), ("01-2", 1, "confirmed", "07 14:00", "S1")]


def test_requests_never_take_each_others_uids() -> None:
    first = release([], [booking(7, "09:00")], FIRST)
    second = release(first, [booking(7, "09:00", request="R2")])
    assert told(second) == [("01-1", 1, "cancelled", "07 09:00", "S1"), ("08-1", 0, "confirmed", "07 09:00", "S1")]


@pytest.mark.parametrize(
    "changed",
    [
        booking(7, "09:00", use="U2"),
        booking(7, "09:00", applicant="O2"),
        booking(7, "09:00", layout="theatre"),
        booking(7, "09:00", headcount=11),
        booking(7, "09:00", ends=at(7, "11:00")),
    ],
)
def test_whatever_changes_is_a_new_revision(changed: Decided) -> None:
    (second,) = release(release([], [booking(7, "09:00")], FIRST), [changed])
    assert (second.uid, second.sequence, second.created, second.modified) == ("01-1", 1, FIRST, SECOND)


def test_a_new_name_is_a_new_revision_of_what_bears_it() -> None:
    plan = [booking(7, "09:00", "S1"), booking(8, "09:00", "S2")]
    second = release(release([], plan, FIRST), plan, renamed=frozenset({"S2"}))
    assert [(each.sequence, each.modified) for each in second] == [(0, FIRST), (1, SECOND)]


def test_a_year_that_waits_for_its_notice_no_more_is_a_new_revision_of_its_events() -> None:
    """Their words and status change, so that a client which skips what did not grow must see them grow."""
    plan = [booking(7, "09:00", request="R1"), booking(7, "09:00", "S2", request="R2")]
    second = release(release([], plan, FIRST), plan, renamed=frozenset({("R2", 2026), ("R1", 2027)}))
    assert [(each.request, each.sequence) for each in second] == [("R1", 0), ("R2", 1)]


def test_what_is_provisional_in_one_release_only_reads_differently() -> None:
    old = replace(small(), provisional=(("R1", 2027), ("R2", 2027)))
    assert renamed_ids(old, replace(old, provisional=(("R2", 2027), ("R3", 2027)))) == {("R1", 2027), ("R3", 2027)}


def test_renamed_ids_are_those_whose_words_changed() -> None:
    old = small()
    uses = (Named("U02", "助老午饭", "Lunch for elders"), *old.uses[1:])
    sites = (replace(old.sites[0], en="Another name"), replace(old.sites[1], zh="海口路分站"))
    assert renamed_ids(old, replace(old, uses=uses, entries=())) == {"U02"}
    assert renamed_ids(old, replace(old, sites=sites)) == {"S21"}
    assert renamed_ids(old, old) == set()


def test_a_cancelled_booking_stays_as_it_is_for_28_days_after_its_end() -> None:
    cancelled = release(release([], [booking(14, "09:00")], FIRST), [])
    ends = at(14, "10:30")
    assert release(cancelled, [], ends + timedelta(days=27, hours=23)) == cancelled
    assert release(cancelled, [], ends + timedelta(days=28)) == ()


def test_a_past_booking_that_is_cancelled_stays_for_28_days_after_its_cancellation() -> None:
    late = datetime(2026, 12, 1, tzinfo=UTC)
    cancelled = release(release([], [booking(14, "09:00")], FIRST), [], late)
    assert [each.status for each in cancelled] == ["cancelled"]
    assert release(cancelled, [], late + timedelta(days=27)) == cancelled
    assert release(cancelled, [], late + timedelta(days=28)) == ()


def test_a_cancelled_booking_that_comes_back_is_itself_again() -> None:
    cancelled = release(release([], [booking(14, "09:00")], FIRST), [])
    (back,) = release(cancelled, [booking(14, "09:00")], THIRD)
    assert told([back]) == [("01-1", 2, "confirmed", "14 09:00", "S1")]
    assert (back.created, back.modified) == (FIRST, THIRD)


def test_a_cancelled_booking_does_not_come_back_at_another_time() -> None:
    cancelled = release(release([], [booking(14, "09:00")], FIRST), [])
    third = release(cancelled, [booking(14, "11:00")], THIRD)
    assert told(third) == [("01-1", 1, "cancelled", "14 09:00", "S1"), ("15-1", 0, "confirmed", "14 11:00", "S1")]


def test_who_stands_goes_before_who_is_cancelled() -> None:
    """The standing twin keeps its place; the cancelled one of the same time and room is not revived for it."""
    first = release([], [booking(7, "09:00", "S1", 1), booking(7, "09:00", "S2", 2)], FIRST)
    second = release(first, [booking(7, "09:00", "S2")])
    third = release(second, [booking(7, "09:00", "S1")], THIRD)
    assert told(third) == [("01-1", 1, "cancelled", "07 09:00", "S1"), ("01-2", 1, "confirmed", "07 09:00", "S1")]


def test_the_room_that_was_left_is_remembered_for_some_weeks() -> None:
    first = release([], [booking(14, "09:00", "S1")], FIRST)
    second = release(first, [booking(14, "10:00", "S2")])
    left = Left("S1", at(14, "09:00"), at(14, "10:30"), SECOND)
    assert [each.left for each in second] == [left]
    third = release(second, [booking(14, "10:00", "S2")], THIRD)
    assert third == second
    later = release(second, [booking(14, "10:00", "S2")], at(14, "10:30") + timedelta(days=28))
    assert [(each.left, each.sequence, each.modified) for each in later] == [(None, 1, SECOND)]
    back = release(second, [booking(14, "10:00", "S1")], THIRD)
    assert [each.left for each in back] == [Left("S2", at(14, "10:00"), at(14, "11:30"), THIRD)]


def test_modified_grows_by_a_second_even_when_the_clock_does_not() -> None:
    first = release([], [booking(7, "09:00")], FIRST)
    (second,) = release(first, [booking(7, "10:00")], FIRST - timedelta(hours=1))
    assert second.modified == FIRST + timedelta(seconds=1)


def test_times_are_whole_seconds() -> None:
    (entry,) = release([], [booking(7, "09:00")], FIRST.replace(microsecond=700_000))
    assert (entry.created, entry.modified) == (FIRST, FIRST)


def test_the_repeated_hour_is_no_change() -> None:
    """01:30 New York on 1 November: the stored UTC and the zone's own time never compare as equal."""
    starts = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    plan = [booking(7, "09:00", starts=starts, ends=starts + timedelta(hours=2))]
    first = release([], plan, FIRST)
    stored = [replace(each, starts=each.starts.astimezone(UTC), ends=each.ends.astimezone(UTC)) for each in first]
    assert release(stored, plan) == tuple(stored)


@st.composite
def plans(draw: st.DrawFn) -> list[Decided]:
    """A few bookings of two requests in three weeks; no two of a request at one start in one room."""
    slots = st.tuples(
        st.sampled_from(["R1", "R2"]),
        st.integers(1, 21),
        st.sampled_from(["09:00", "14:00", "23:30"]),
        st.sampled_from(["S1", "S2"]),
    )
    drawn = draw(st.lists(slots, max_size=12, unique=True))
    return [
        booking(day, clock, space, number, request=request)
        for number, (request, day, clock, space) in enumerate(drawn, 1)
    ]


def _data(items: Iterable[Entry | Decided]) -> Iterator[tuple[object, ...]]:
    names = [field.name for field in fields(Decided)]
    return (tuple(getattr(item, name) for name in names) for item in items)


@settings(max_examples=150, deadline=None)
@given(st.lists(plans(), min_size=1, max_size=4))
def test_whatever_is_decided_release_after_release(history: list[list[Decided]]) -> None:
    entries: tuple[Entry, ...] = ()
    for week, plan in enumerate(history):
        now = FIRST + timedelta(days=7 * week)
        before = {each.uid: each for each in entries}
        entries = release(entries, plan, now)
        standing = [each for each in entries if each.status == "confirmed"]
        # Every new booking has exactly one UID, and no UID is used twice.
        assert sorted(_data(standing), key=str) == sorted(
            _data(replace(b, starts=b.starts.astimezone(UTC), ends=b.ends.astimezone(UTC)) for b in plan), key=str
        )
        assert len({each.uid for each in entries}) == len(entries)
        for each in entries:
            old = before.get(each.uid)
            if old is None:
                assert (each.sequence, each.created, each.modified) == (0, now, now)
                continue
            # A sequence never falls; it grows together with LAST-MODIFIED, and only when something changed.
            grown = each.sequence - old.sequence
            assert grown in {0, 1}
            assert (each.modified > old.modified) == (grown == 1)
            same = replace(each, session=old.session, left=old.left) == old
            assert same == (grown == 0)
            assert (each.request, each.created) == (old.request, old.created)
        # Nothing vanishes without having been shown as cancelled.
        for uid in before.keys() - {each.uid for each in entries}:
            assert before[uid].status == "cancelled"
        assert release(entries, plan, now) == entries

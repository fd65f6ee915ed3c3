"""Ways to falsify the reference timetable, each with the rules that must be told: exactly these.

The requests are those of fixtures/badahu; what each fault needs of them (a teacher, a neighbour, a full house) is said
where it is not plain.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from scheduler.constraints.availability import TypedWindow
from scheduler.constraints.terms import Scope
from tests.mutations.draft import Draft, refused

Falsify = Callable[[Draft], None]
FAULTS: dict[str, tuple[Falsify, frozenset[str]]] = {}
"""Name of a fault -> how it is made, and the rules that must be told."""


def told(*rules: str) -> Callable[[Falsify], Falsify]:
    def keep(make: Falsify) -> Falsify:
        FAULTS[make.__name__.replace("_", " ")] = (make, frozenset(rules))
        return make

    return keep


# One booking


@told("session", "windows")
def an_hour_late(d: Draft) -> None:
    d.once("R053", "2026-09-11", shift=60)


@told("session", "spaces")
def one_date_in_a_wrong_room(d: Draft) -> None:
    d.once("R039", "2026-09-10", session=2, space="S07")


@told("dates", "horizon")
def one_date_too_many(d: Draft) -> None:
    d.book("R053", "2026-12-04 15:00")


@told("date_loss", "missing")
def one_date_missing_without_a_reason(d: Draft) -> None:
    del d.bookings[d.at("R053", "2026-09-11")]


@told("duration", "opening_hours", "curfew")
def midnight_crossed(d: Draft) -> None:
    d.once("R080", "2026-09-11", longer=210)


@told("duration")
def five_minutes_longer(d: Draft) -> None:
    d.once("R053", "2026-09-11", longer=5)


@told("session", "windows", "date_loss", "missing")
def a_session_over_two_weekdays(d: Draft) -> None:
    d.once("R053", "2026-09-11", shift=24 * 60)


@told("closed", "missing")
def a_closed_date_booked(d: Draft) -> None:
    d.book("R053", "2026-10-16 15:00")


@told("duplicate")
def a_booking_twice(d: Draft) -> None:
    d.bookings.append(d.bookings[0])


@told("request")
def an_unknown_request(d: Draft) -> None:
    d.bookings.append(d.bookings[0].model_copy(update={"request": "R999"}))


@told("space")
def an_unknown_space(d: Draft) -> None:
    d.bookings.append(d.bookings[0].model_copy(update={"space": "S99"}))


@told("offset")
def a_wrong_offset(d: Draft) -> None:
    abroad = timezone(timedelta(hours=9))
    place = d.at("R053", "2026-09-11")
    b = d.bookings[place]
    d.bookings[place] = b.model_copy(
        update={"starts": b.starts.replace(tzinfo=abroad), "ends": b.ends.replace(tzinfo=abroad)}
    )


@told("whole_minutes", "duration")
def a_few_seconds_longer(d: Draft) -> None:
    place = d.at("R053", "2026-09-11")
    d.bookings[place] = d.bookings[place].model_copy(update={"ends": d.bookings[place].ends + timedelta(seconds=7)})


@told("calendar")
def after_school_on_the_mid_autumn_festival(d: Draft) -> None:
    """R010 on Fri 25 Sep, a day off in the school's calendar."""
    d.missing = [m for m in d.missing if (m.request, str(m.date)) != ("R010", "2026-09-25")]
    d.book("R010", "2026-09-25 16:30", session=5)


@told("clock_change", "session", "windows", "opening_hours")
def an_hour_that_does_not_exist(d: Draft) -> None:
    """All in Sydney, where the clock goes forward at 02:00 on 4 October; the exercises of that Sunday begin then."""
    sydney = ZoneInfo("Australia/Sydney")
    d.problem = d.problem.model_copy(update={"community": d.problem.community.model_copy(update={"zone": sydney.key})})
    d.bookings = [
        b.model_copy(update={"starts": b.starts.replace(tzinfo=sydney), "ends": b.ends.replace(tzinfo=sydney)})
        for b in d.bookings
    ]
    place = d.at("R038", "2026-10-04", 7)
    starts = datetime(2026, 10, 4, 2, 30, tzinfo=sydney)
    d.bookings[place] = d.bookings[place].model_copy(
        update={"starts": starts, "ends": starts.replace(hour=3, minute=45)}
    )


# A whole session


@told("layout")
def a_wrong_layout(d: Draft) -> None:
    d.always("R050", layout="theatre")


@told("capacity")
def more_people_than_places(d: Draft) -> None:
    d.ask("R053", headcount=21)


@told("features")
def a_choir_without_its_piano(d: Draft) -> None:
    d.ask("R053", features=("piano",))


@told("floors")
def upstairs_who_cannot_climb(d: Draft) -> None:
    d.ask("R053", floors=(1,))


@told("changeover", "windows")
def changeover_cut_short(d: Draft) -> None:
    """44 minutes after lunch, where 45 are owed."""
    d.always("R050", shift=-1)


@told("noise", "windows")
def loud_next_to_the_quiet_room(d: Draft) -> None:
    d.always("R094", shift=600)


@told("curfew", "windows")
def amplified_too_late(d: Draft) -> None:
    d.always("R037", session=1, shift=61)


@told("windows")
def off_the_start_grid(d: Draft) -> None:
    d.always("R090", shift=-5)


@told("opening_hours", "windows")
def outside_opening_hours(d: Draft) -> None:
    d.always("R069", session=1, shift=270)


@told("overlap", "windows")
def two_at_once(d: Draft) -> None:
    d.always("R058", shift=-60)


@told("spaces")
def a_room_nobody_asked_for(d: Draft) -> None:
    d.ask("R053", spaces=("S02",))


@told("numbering")
def numbers_the_wrong_way_round(d: Draft) -> None:
    turned = {1: 2, 2: 1}
    d.bookings = [b.model_copy(update={"session": turned[b.session]}) if b.request == "R060" else b for b in d.bookings]
    d.sessions = [s.model_copy(update={"number": turned[s.number]}) if s.request == "R060" else s for s in d.sessions]
    d.missing = [m.model_copy(update={"session": turned[m.session]}) if m.request == "R060" else m for m in d.missing]


@told("distinct", "overlap", "different_days")
def one_session_twice(d: Draft) -> None:
    """The second of two sessions takes the weekday of the first."""
    d.drop("R060", 2)
    d.refusals.pop()
    for b in [b for b in d.bookings if b.request == "R060"]:
        d.bookings.append(b.model_copy(update={"session": 2}))
    d.missing += [m.model_copy(update={"session": 2}) for m in d.missing if m.request == "R060"]
    first = next(s for s in d.sessions if s.request == "R060")
    d.sessions.append(first.model_copy(update={"number": 2}))


@told("per_week")
def half_of_a_request(d: Draft) -> None:
    d.drop("R060", 2)


@told("duty", "pin")
def a_pinned_session_missing(d: Draft) -> None:
    d.drop("R080", 3)


@told("duty")
def a_duty_missing(d: Draft) -> None:
    d.drop("R006")


@told("duty", "date_loss")
def what_stands_in_its_stead_missing(d: Draft) -> None:
    d.drop("R117")


@told("replaces", "overlap", "missing")
def both_on_a_replaced_date(d: Draft) -> None:
    d.book("R004", "2026-10-01 10:50", session=4)


# A request that was refused


@told("sharing")
def one_more_than_the_seats(d: Draft) -> None:
    d.grant("R116", "SA", "13:00", "S05", "reading")


@told("same_attendees")
def a_teacher_in_two_places(d: Draft) -> None:
    d.ask("R027", people=("T01",))


@told("same_attendees", "pooled_resource")
def a_seventh_room_in_the_evening(d: Draft) -> None:
    """And the same teacher in two places: both refuse R026."""
    d.grant("R026", "TU", "19:00", "S09", "craft", shut="2026-10-13")


@told("quota")
def one_evening_too_many(d: Draft) -> None:
    d.grant("R035", "SU", "16:00", "S07", "open")


@told("notice")
def a_date_that_was_not_published(d: Draft) -> None:
    d.rule("k", scope=Scope(requests=("R097",)), days=400)


@told("horizon")
def out_of_season(d: Draft) -> None:
    d.grant("R113", "MO", "09:00", "S07", "theatre")


@told("date_loss")
def a_date_of_a_higher_class(d: Draft) -> None:
    """R119 (P4) asks for the toddlers' room on a Wednesday of R068 (P2)."""
    d.grant("R119", "WE", "10:00", "S13", "soft")
    d.lose("R068", "2026-10-14", "R119", session=3)


# Rules that the answer did not know


@told("pooled_resource")
def a_room_too_many_in_the_evening(d: Draft) -> None:
    d.rule("f", at_once=5)


@told("pooled_resource")
def a_crew_too_few(d: Draft) -> None:
    d.rule("e", at_once=0)


@told("typed_window")
def a_window_that_belongs_to_others(d: Draft) -> None:
    rule = TypedWindow(
        id="t", source="test", spaces=("S10",), days=("FR",), starts="16:00", ends="17:00", allows=Scope(uses=("U01",))
    )
    d.problem = d.problem.model_copy(update={"constraints": (*d.problem.constraints, rule)})


@told("different_days", "windows")
def two_sessions_on_one_day(d: Draft) -> None:
    d.drop("R078", 2)
    d.refusals.pop()
    for b in [b for b in d.bookings if b.request == "R078"]:
        later = {"starts": b.starts + timedelta(minutes=70), "ends": b.ends + timedelta(minutes=70), "session": 2}
        d.bookings.append(b.model_copy(update=later))
    d.missing += [m.model_copy(update={"session": 2}) for m in d.missing if m.request == "R078"]
    first = next(s for s in d.sessions if s.request == "R078")
    d.sessions.append(first.model_copy(update={"number": 2, "starts": "20:10", "ends": "21:10"}))


# The lists beside the bookings


@told("sessions")
def a_session_not_listed(d: Draft) -> None:
    d.sessions.pop()


@told("sessions")
def a_session_listed_twice(d: Draft) -> None:
    d.sessions.append(d.sessions[0])


@told("sessions")
def a_session_listed_at_another_hour(d: Draft) -> None:
    d.sessions[0] = d.sessions[0].model_copy(update={"starts": "07:15"})


@told("sessions")
def a_session_listed_that_nobody_has(d: Draft) -> None:
    d.sessions.append(d.sessions[0].model_copy(update={"number": 9}))


@told("missing")
def a_missing_date_not_listed(d: Draft) -> None:
    d.missing.pop()


@told("missing")
def a_missing_date_listed_twice(d: Draft) -> None:
    d.missing.append(d.missing[0])


@told("missing")
def a_missing_date_that_is_not_missing(d: Draft) -> None:
    d.missing.append(d.missing[0].model_copy(update={"date": date(2026, 9, 9)}))


@told("missing")
def a_date_lost_to_a_wrong_rival(d: Draft) -> None:
    d.line("lost", to=("R110",))


@told("missing")
def a_date_lost_to_nobody(d: Draft) -> None:
    d.line("lost", to=())


@told("missing")
def a_lost_date_told_as_fallen(d: Draft) -> None:
    d.line("lost", kind="fallen")


@told("missing")
def a_date_fallen_by_another_rule(d: Draft) -> None:
    d.line("fallen", rule="notice", constraint="k")


@told("refusals")
def a_refusal_not_listed(d: Draft) -> None:
    d.refusals.pop()


@told("refusals")
def a_refusal_listed_twice(d: Draft) -> None:
    d.refusals.append(d.refusals[0])


@told("refusals")
def a_refusal_of_somebody_who_was_granted(d: Draft) -> None:
    d.refusals.append(refused(d.request("R053"), 1, 0))


@told("refusals")
def a_refusal_with_a_wrong_number(d: Draft) -> None:
    d.refusal("R037", granted=5)


@told("refusals")
def a_refusal_whose_headline_is_another(d: Draft) -> None:
    d.refusal("R023", code="overlap", constraint=None)


@told("refusals")
def impossible_and_partly_granted(d: Draft) -> None:
    d.refusal("R037", before_solving=True)


@told("fingerprint")
def the_answer_to_another_problem(d: Draft) -> None:
    d.more["problem"] = "0" * 64

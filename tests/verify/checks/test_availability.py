from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.constraints.availability import Closed, Horizon, Notice, TypedWindow
from scheduler.constraints.terms import Scope
from scheduler.problem import Hours, Space
from tests.factories import booking, dated, problem, series, space
from tests.verify.small import broken, check_lines, every, once, rule

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
HOUSE = [
    space("A", hours="00:00-24:00", floor=1),
    space("B", hours="00:00-24:00", floor=2),
    space("A+B", parts=("A", "B"), floor=1),
    space("C", hours="00:00-24:00", floor=3, site="Y"),
]


class TestClosed:
    @pytest.mark.parametrize(
        ("shut", "place", "when", "falls"),
        [
            ({"spaces": ("A",)}, "A", "2026-09-07 09:00-10:00", True),
            ({"spaces": ("A",)}, "A", "2026-09-08 09:00-10:00", False),
            ({"spaces": ("A",)}, "A+B", "2026-09-07 09:00-10:00", True),
            ({"spaces": ("A+B",)}, "B", "2026-09-07 09:00-10:00", True),
            ({"spaces": ("A",)}, "B", "2026-09-07 09:00-10:00", False),
            ({"floors": (2, 3)}, "B", "2026-09-07 09:00-10:00", True),
            ({"floors": (2, 3)}, "A+B", "2026-09-07 09:00-10:00", True),
            ({"floors": (2, 3)}, "A", "2026-09-07 09:00-10:00", False),
            ({"sites": ("Y",)}, "C", "2026-09-07 09:00-10:00", True),
            ({"sites": ("Y",)}, "A", "2026-09-07 09:00-10:00", False),
            ({"spaces": ("A",), "starts": "12:00", "ends": "14:00"}, "A", "2026-09-07 11:00-12:00", False),
            ({"spaces": ("A",), "starts": "12:00", "ends": "14:00"}, "A", "2026-09-07 11:00-12:01", True),
            ({"spaces": ("A",), "starts": "12:00", "ends": "14:00"}, "A", "2026-09-07 14:00-15:00", False),
            ({"spaces": ("A",), "starts": "12:00"}, "A", "2026-09-07 09:00-10:00", True),
            ({"spaces": ("A",), "ends": "08:00"}, "A", "2026-09-07 09:00-10:00", True),
            ({"spaces": ("A",)}, "A", "2026-09-06 23:00-24:00", False),
            ({"spaces": ("A",)}, "A", "2026-09-06 23:00-24:01", True),
            ({"spaces": ("A",), "starts": "22:00", "ends": "26:00"}, "A", "2026-09-08 01:59-03:00", True),
            ({"spaces": ("A",), "starts": "22:00", "ends": "26:00"}, "A", "2026-09-08 02:00-03:00", False),
            ({"spaces": ("A",), "scope": Scope(uses=("film",))}, "A", "2026-09-07 09:00-10:00", False),
            ({"spaces": ("A",), "scope": Scope(without_tags=("exempt",))}, "A", "2026-09-07 09:00-10:00", False),
            ({"spaces": ("A",), "scope": Scope(tags=("exempt",))}, "A", "2026-09-07 09:00-10:00", True),
            ({"spaces": ("A",), "valid_from": TUESDAY}, "A", "2026-09-07 09:00-10:00", False),
            # Valid dates are those of the booking's own date, not of the closure's.
            ({"spaces": ("A",), "valid_from": MONDAY}, "A", "2026-09-06 23:00-24:01", False),
        ],
    )
    def test_no_moment_of_a_closure_is_used(self, shut: dict[str, Any], place: str, when: str, falls: bool) -> None:
        closure = rule(Closed, dates=(MONDAY,), **shut)
        found = broken(once("D1", when, place, tags=("exempt",)), rules=[closure], spaces=HOUSE)
        assert [line.split()[0] for line in found] == (["closed"] if falls else [])

    def test_on_one_monday_only_the_others_are_held(self) -> None:
        closure = rule(Closed, dates=(MONDAY,), spaces=("S1",))
        assert broken(every("R1", "MO 09:00-10:00", but=["2026-09-07"]), rules=[closure]) == []
        assert broken(every("R1", "MO 09:00-10:00"), rules=[closure]) == ["closed R1 S1 2026-09-07"]
        assert broken(every("R1", "MO 09:00-10:00", but=["2026-09-14"]), rules=[closure]) == [
            "closed R1 S1 2026-09-07",
            "date_loss R1 S1 2026-09-14",
        ]


class TestOpeningHours:
    @pytest.mark.parametrize(
        ("place", "when", "open_then"),
        [
            (space(hours="08:00-12:00 14:00-18:00"), "2026-09-07 08:00-12:00", True),
            (space(hours="08:00-12:00 14:00-18:00"), "2026-09-07 07:59-09:00", False),
            (space(hours="08:00-12:00 14:00-18:00"), "2026-09-07 11:00-12:01", False),
            (space(hours="08:00-12:00 14:00-18:00"), "2026-09-07 12:30-13:30", False),
            (space(hours="08:00-12:00 14:00-18:00"), "2026-09-07 11:00-15:00", False),
            (space(hours="08:00-12:00 14:00-18:00"), "2026-09-07 14:00-18:00", True),
            (space(hours="08:00-12:00 12:00-18:00"), "2026-09-07 11:00-15:00", True),
            (space(hours="12:00-18:00 08:00-13:00"), "2026-09-07 11:00-15:00", True),
            (space(hours="00:00-24:00"), "2026-09-07 22:00-26:00", True),
            (space(hours="18:00-26:00"), "2026-09-08 00:00-02:00", True),
            (space(hours="18:00-26:00"), "2026-09-08 00:00-02:01", False),
            (space(hours="18:00-26:00"), "2026-09-07 24:30-25:30", True),
            (space(hours=""), "2026-09-07 09:00-10:00", False),
            (space(shut=["2026-09-07"]), "2026-09-07 09:00-10:00", False),
            (space(shut=["2026-09-07"]), "2026-09-08 09:00-10:00", True),
            (space(dated_hours={"2026-09-07": "10:00-11:00 13:00-23:00"}), "2026-09-07 09:00-10:00", False),
            (space(dated_hours={"2026-09-07": "10:00-11:00 13:00-23:00"}), "2026-09-07 10:00-11:00", True),
            (space(dated_hours={"2026-09-07": "10:00-11:00 13:00-23:00"}), "2026-09-07 22:00-23:00", True),
            # The evening before runs on into a date that has hours of its own.
            (space(hours="18:00-26:00", shut=["2026-09-08"]), "2026-09-08 00:00-02:00", True),
            (space(hours="18:00-26:00", shut=["2026-09-08"]), "2026-09-09 00:00-02:00", False),
        ],
    )
    def test_a_booking_lies_within_the_joined_intervals(self, place: Space, when: str, open_then: bool) -> None:
        found = broken(once("D1", when), spaces=[place])
        assert [line.split()[0] for line in found] == ([] if open_then else ["opening_hours"])

    def test_each_weekday_has_its_own(self) -> None:
        place = space(hours=[Hours(days=("MO",), starts="08:00", ends="12:00")])
        assert broken(once("D1", "2026-09-07 08:00-12:00"), spaces=[place]) == []
        assert broken(once("D1", "2026-09-08 08:00-12:00"), spaces=[place]) == ["opening_hours D1 S1 2026-09-08"]

    @pytest.mark.parametrize(
        ("own", "when", "open_then"),
        [
            ({}, "09:00-12:00", True),
            ({}, "08:00-12:00", False),
            ({}, "09:00-12:30", False),
            ({"hours": "10:00-20:00"}, "09:00-12:00", False),
            ({"hours": "10:00-20:00"}, "10:00-12:00", True),
            ({"shut": ["2026-09-07"]}, "09:00-12:00", False),
            ({"shut": ["2026-09-08"]}, "09:00-12:00", True),
        ],
    )
    def test_a_combination_is_open_when_all_its_parts_are_and_itself(
        self, own: dict[str, Any], when: str, open_then: bool
    ) -> None:
        parts = [space("A", hours="08:00-12:00"), space("B", hours="09:00-13:00")]
        whole = space("A+B", parts=("A", "B"), **own)
        found = broken(once("D1", f"2026-09-07 {when}", "A+B"), spaces=[*parts, whole])
        assert found == ([] if open_then else ["opening_hours D1 A+B 2026-09-07"])


class TestTypedWindow:
    @pytest.mark.parametrize(
        ("window", "when", "use", "falls"),
        [
            ({"days": ("MO",)}, "2026-09-07 10:00-11:00", "talk", False),
            ({"days": ("MO",)}, "2026-09-07 10:00-11:01", "talk", True),
            ({"days": ("MO",)}, "2026-09-07 10:00-11:01", "meal", False),
            ({"days": ("TU",)}, "2026-09-07 11:00-12:00", "talk", False),
            ({"dates": (MONDAY,)}, "2026-09-07 11:00-12:00", "talk", True),
            ({"dates": (MONDAY,)}, "2026-09-14 11:00-12:00", "talk", False),
            ({"days": ("MO",), "scope": Scope(uses=("film",))}, "2026-09-07 11:00-12:00", "talk", False),
            ({"days": ("MO",), "valid_until": MONDAY}, "2026-09-14 11:00-12:00", "talk", False),
            ({"days": ("MO",), "valid_until": MONDAY}, "2026-09-07 11:00-12:00", "talk", True),
        ],
    )
    def test_it_is_for_those_it_allows(self, window: dict[str, Any], when: str, use: str, falls: bool) -> None:
        meals = rule(TypedWindow, spaces=("A",), starts="11:00", ends="13:00", allows=Scope(uses=("meal",)), **window)
        found = broken(once("D1", when, "A+B", use=use), rules=[meals], spaces=HOUSE)
        assert [line.split()[0] for line in found] == (["typed_window"] if falls else [])

    def test_it_may_run_past_midnight(self) -> None:
        night = rule(
            TypedWindow, spaces=("A",), days=("MO",), starts="22:00", ends="25:00", allows=Scope(uses=("meal",))
        )
        found = [
            broken(once("D1", when, "A"), rules=[night], spaces=HOUSE)
            for when in ("2026-09-08 00:30-02:00", "2026-09-08 01:00-02:00", "2026-09-08 22:00-23:00")
        ]
        assert found == [["typed_window D1 A 2026-09-08"], [], []]


class TestHorizon:
    @pytest.mark.parametrize(
        ("when", "inside"),
        [
            ("2026-09-06 09:00-10:00", False),
            ("2026-09-07 09:00-10:00", True),
            ("2026-09-20 09:00-10:00", True),
            ("2026-09-21 09:00-10:00", False),
            ("2026-09-20 24:30-25:30", True),
            ("2026-09-06 24:30-25:30", False),
        ],
    )
    def test_the_own_date_of_a_booking_lies_within_it(self, when: str, inside: bool) -> None:
        season = rule(Horizon, first_date=MONDAY, last_date=date(2026, 9, 20))
        found = broken(once("D1", when, "A"), rules=[season], spaces=HOUSE)
        assert [line.split()[0] for line in found] == ([] if inside else ["horizon"])
        assert broken(once("D1", when, "A"), spaces=HOUSE) == []


class TestNotice:
    @pytest.mark.parametrize(
        ("published", "in_time"),
        [("2026-08-23", True), ("2026-08-24", False), ("2026-09-08", False), (None, False)],
    )
    def test_a_dated_request_was_published_early_enough(self, published: str | None, in_time: bool) -> None:
        fifteen = rule(Notice, days=15, scope=Scope(uses=("assembly",)))
        ask: dict[str, Any] = {"use": "assembly", "published_on": published}
        found = broken(once("D1", "2026-09-07 09:00-10:00", **ask), rules=[fifteen])
        assert found == ([] if in_time else ["notice D1 S1 2026-09-07"])

    def test_others_and_series_need_none(self) -> None:
        fifteen = rule(Notice, days=15, scope=Scope(uses=("assembly",)))
        wishes = [once("D1", "2026-09-07 09:00-10:00"), every("R1", "TU 09:00-10:00", use="assembly")]
        assert broken(*wishes, rules=[fifteen]) == []


class TestClockChange:
    """Helsinki: on 2026-03-29 the clock goes from 03:00 to 04:00, on 2026-10-25 from 04:00 back to 03:00."""

    @pytest.mark.parametrize(
        ("when", "exists"),
        [
            ("2026-03-29 02:00-02:59", True),
            ("2026-03-29 02:00-03:00", False),
            ("2026-03-29 02:30-04:30", True),
            ("2026-03-29 03:30-05:00", False),
            ("2026-03-29 04:00-05:00", True),
            ("2026-03-28 27:30-29:00", False),
            ("2026-10-25 03:30-04:30", True),
        ],
    )
    def test_a_skipped_time_is_nobodys(self, when: str, exists: bool) -> None:
        found = broken(once("D1", when), spaces=[space(hours="00:00-24:00")], zone="Europe/Helsinki")
        assert [line.split()[0] for line in found] == ([] if exists else ["clock_change"])

    def test_a_series_loses_the_night_to_it(self) -> None:
        world = problem(
            [series("R1", "SU 03:00-04:30!")],
            spaces=[space(hours="00:00-24:00")],
            season=("2026-03-16", "2026-04-05"),
            zone="Europe/Helsinki",
        )
        kept = [booking(world, "R1", f"{day} 03:00-04:30") for day in ("2026-03-22", "2026-04-05")]
        assert check_lines(world, kept) == []
        assert check_lines(world, kept[:1]) == ["date_loss R1 S1 2026-04-05"]

    def test_of_a_time_that_comes_twice_the_first_is_meant(self) -> None:
        wish = dated("D1", "2026-10-25", "SU 03:30-04:30!")
        world = problem([wish], spaces=[space(hours="00:00-24:00")], zone="Europe/Helsinki")
        made = booking(world, "D1", "2026-10-25 03:30-04:30")
        second = made.model_copy(update={"starts": made.starts.replace(fold=1)})
        assert check_lines(world, [made]) == []
        assert check_lines(world, [second]) == ["offset D1 S1 2026-10-25"]

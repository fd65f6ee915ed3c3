from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, PrimeTime, Quota
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.problem import Body
from tests.factories import space
from tests.verify.small import Wish, broken, every, once, rule, unmet

PRIME = (
    PrimeTime(days=("MO", "TU", "WE", "TH", "FR"), starts_from="18:00"),
    PrimeTime(days=("SA", "SU"), starts_from="00:00"),
)
DANCERS = (Body(id="B1", applicants=("O2", "O3")),)
PLACES = [space("A", hours="00:00-24:00"), space("B", hours="00:00-24:00"), space("square", outdoor=True)]


class TestQuota:
    @pytest.mark.parametrize(
        ("slots", "at_most", "holds"),
        [
            ("MO 19:00-20:00; TU 19:00-20:00", 2, True),
            ("MO 19:00-20:00; TU 19:00-20:00", 1, False),
            ("MO 17:59-18:59; TU 18:00-19:00", 1, True),
            ("MO 09:00-10:00; SA 09:00-10:00", 1, True),
            ("SA 09:00-10:00; SU 09:00-10:00", 1, False),
            ("TU 18:00-19:00; FR 24:30-25:30", 1, False),
        ],
    )
    def test_sessions_in_prime_time_are_counted_not_dates(self, slots: str, at_most: int, holds: bool) -> None:
        cap = rule(Quota, at_most=at_most, prime=PRIME)
        assert broken(every("R1", slots, "A"), rules=[cap], spaces=PLACES) == ([] if holds else ["quota R1 - -"])

    @pytest.mark.parametrize(
        ("applicants", "holds"),
        [
            (("O2", "O2"), False),
            (("O2", "O3"), False),
            (("O2", "O1"), True),
            (("O1", "O4"), True),
            (("O1", "O1"), False),
        ],
    )
    def test_applicants_of_one_body_are_one(self, applicants: tuple[str, str], holds: bool) -> None:
        wishes = [
            every("R1", "MO 19:00-20:00", "A", applicant=applicants[0]),
            every("R2", "TU 19:00-20:00", "A", applicant=applicants[1]),
        ]
        found = broken(*wishes, rules=[rule(Quota, at_most=1, prime=PRIME)], spaces=PLACES, bodies=DANCERS)
        assert found == ([] if holds else ["quota R1+R2 - -"])

    @pytest.mark.parametrize(
        "second",
        [
            every("R2", "TU 19:00-20:00", "square"),
            every("R2", "TU 19:00-20:00", "A", priority="P5"),
            once("R2", "2026-09-08 19:00-20:00", "A"),
        ],
        ids=["outdoors", "another class", "dated"],
    )
    def test_others_are_not_counted(self, second: Wish) -> None:
        cap = rule(Quota, at_most=1, prime=PRIME, indoor_only=True, scope=Scope(priorities=("P3",)))
        assert broken(every("R1", "MO 19:00-20:00", "A"), second, rules=[cap], spaces=PLACES) == []

    def test_the_square_counts_unless_only_rooms_do(self) -> None:
        both = [every("R1", "MO 19:00-20:00; TU 19:00-20:00", "square")]
        assert broken(*both, rules=[rule(Quota, at_most=1)], spaces=PLACES) == ["quota R1 - -"]
        assert broken(*both, rules=[rule(Quota, at_most=1, indoor_only=True)], spaces=PLACES) == []

    def test_without_prime_times_every_session_counts(self) -> None:
        wish = every("R1", "MO 09:00-10:00; TU 09:00-10:00", "A")
        assert broken(wish, rules=[rule(Quota, at_most=1)], spaces=PLACES) == ["quota R1 - -"]


CHOIR = every("R1", "MO 09:00-11:00", "A", but=["2026-09-07"], priority="P3")
ASSEMBLY = "2026-09-07 10:00-12:00"
TO_DATED = rule(DateLoss, "loss", to=("dated_request",))
LOST_FOR_NOTHING = ["date_loss R1 A 2026-09-07"]


class TestDateLoss:
    @pytest.mark.parametrize(
        ("rules", "series", "rival", "holds"),
        [
            ([TO_DATED], CHOIR, once("D1", ASSEMBLY, "A", priority="P1"), True),
            ([TO_DATED], CHOIR, once("D1", ASSEMBLY, "A", priority="P3"), True),
            ([TO_DATED], CHOIR, once("D1", ASSEMBLY, "A", priority="P4"), False),
            ([TO_DATED], CHOIR, once("D1", ASSEMBLY, "A", priority="fix"), True),
            ([], CHOIR, once("D1", ASSEMBLY, "A", priority="P1"), False),
            ([TO_DATED], CHOIR, once("D1", ASSEMBLY, "B", priority="P1"), False),
            ([TO_DATED], CHOIR, once("D1", "2026-09-07 11:00-12:00", "A", priority="P1"), False),
            ([TO_DATED], CHOIR, once("D1", "2026-09-14 11:00-12:00", "A", priority="P1"), False),
            ([TO_DATED], CHOIR, unmet(once("D1", ASSEMBLY, "A", priority="P1").request), False),
            ([rule(DateLoss, to=("duty",))], CHOIR, once("D1", ASSEMBLY, "A", priority="P1"), False),
            ([rule(DateLoss, to=("duty",))], CHOIR, once("D1", ASSEMBLY, "A", priority="fix"), True),
            ([rule(DateLoss, to=("pin",))], CHOIR, once("D1", ASSEMBLY, "A", priority="P5"), False),
            (
                [rule(DateLoss, to=("pin",)), rule(Pin, "pin", request="D1")],
                CHOIR,
                once("D1", ASSEMBLY, "A", priority="P5"),
                True,
            ),
            (
                [rule(DateLoss, to=("dated_request",)), rule(Pin, "pin", request="D1")],
                CHOIR,
                once("D1", ASSEMBLY, "A", priority="P5"),
                False,
            ),
        ],
    )
    def test_a_date_is_lost_only_to_those_who_may_take_it(
        self, rules: list[ConstraintBase], series: Wish, rival: Wish, holds: bool
    ) -> None:
        assert broken(series, rival, rules=rules, spaces=PLACES) == ([] if holds else LOST_FOR_NOTHING)

    @pytest.mark.parametrize("held", [None, PinnedSlot(weekday="MO")], ids=["wholly", "one session"])
    def test_a_pinned_series_loses_none(self, held: PinnedSlot | None) -> None:
        rules = [TO_DATED, rule(Pin, "pin", request="R1", slot=held)]
        assert broken(CHOIR, once("D1", ASSEMBLY, "A", priority="P1"), rules=rules, spaces=PLACES) == LOST_FOR_NOTHING

    def test_a_duty_loses_none(self) -> None:
        duty = every("R1", "MO 09:00-11:00", "A", but=["2026-09-07"], priority="fix")
        rival = once("D1", ASSEMBLY, "A", priority="fix")
        assert broken(duty, rival, rules=[TO_DATED], spaces=PLACES) == LOST_FOR_NOTHING

    def test_both_on_the_date_is_a_clash_whoever_may_take_it(self) -> None:
        both = every("R1", "MO 09:00-11:00", "A"), once("D1", ASSEMBLY, "A", priority="P1")
        assert broken(*both, rules=[TO_DATED], spaces=PLACES) == ["overlap D1+R1 A 2026-09-07"]

    @pytest.mark.parametrize(
        ("rules", "rival", "more"),
        [
            ([rule(Changeover, "turn")], once("D1", "2026-09-07 11:10-12:00", "T", priority="P1"), {}),
            ([rule(Changeover, "turn")], once("D1", "2026-09-07 08:00-08:50", "T", priority="P1"), {}),
            (
                [rule(SameAttendees, "people")],
                once("D1", ASSEMBLY, "B", priority="P1", people=("T1",)),
                {"people": ("T1",)},
            ),
            (
                [rule(Sharing, "sharing", space="T", uses=("U1",), layout="room", seats=30)],
                once("D1", ASSEMBLY, "T", priority="P1", headcount=21),
                {},
            ),
            (
                [rule(PooledResource, "pool", resource="space_in_session", at_once=1)],
                once("D1", ASSEMBLY, "B", priority="P1"),
                {},
            ),
        ],
        ids=["changeover after", "changeover before", "attendees", "sharing", "rooms in session"],
    )
    @pytest.mark.parametrize("with_rule", [True, False])
    def test_every_kind_of_clash_can_take_a_date(
        self, rules: list[ConstraintBase], rival: Wish, more: dict[str, Any], with_rule: bool
    ) -> None:
        table = (ChangeoverRow(minutes=15),)
        places = [*PLACES, space("T", changeover=table)]
        series = every("R1", "MO 09:00-11:00", "T", but=["2026-09-07"], **more)
        found = broken(series, rival, rules=[TO_DATED, *(rules if with_rule else ())], spaces=places)
        without_any = rival.booked[0][2] != "T" or rival.booked[0][1] != ASSEMBLY
        assert found == ([] if with_rule or not without_any else ["date_loss R1 T 2026-09-07"])

    @pytest.mark.parametrize(("starts", "expected"), [("11:10", []), ("11:20", ["date_loss R1 A 2026-09-07"])])
    def test_a_date_is_lost_to_a_way(self, starts: str, expected: list[str]) -> None:
        places = [*PLACES, space("far", site="Y")]
        wishes = [
            every("R1", "MO 09:00-11:00", "A", but=["2026-09-07"], people=("T1",)),
            once("D1", f"2026-09-07 {starts}-12:00", "far", people=("T1",)),
        ]
        rules = [TO_DATED, rule(SameAttendees, "people")]
        assert broken(*wishes, rules=rules, spaces=places, travel={("X", "Y"): 20}) == expected

    def test_no_date_is_lost_for_want_of_a_crew(self) -> None:
        table = (ChangeoverRow(minutes=30, crew=True),)
        places = [space(x, changeover=table) for x in "AB"]
        rules = [TO_DATED, rule(Changeover, "turn"), rule(PooledResource, "p", resource="conversion_crew", at_once=1)]
        wishes = [
            every("R0", "MO 08:00-09:00", "A"),
            every("R1", "MO 10:00-11:00", "A", but=["2026-09-07"]),
            once("D0", "2026-09-07 08:00-09:00", "B"),
            once("D1", "2026-09-07 10:00-11:00", "B", priority="P1"),
        ]
        assert broken(*wishes, rules=rules, spaces=places) == LOST_FOR_NOTHING

    def test_a_pool_that_would_hold_without_the_rival_is_no_reason(self) -> None:
        """Two rooms may be open: the series could stand beside the one booking that is there."""
        pool = rule(PooledResource, "pool", resource="space_in_session", at_once=2)
        wishes = [CHOIR, once("D1", ASSEMBLY, "B", priority="P1")]
        assert broken(*wishes, rules=[TO_DATED, pool], spaces=PLACES) == LOST_FOR_NOTHING

    def test_each_missing_date_is_put_back_alone(self) -> None:
        """Either series could stand beside the rival; that both cannot is no reason for either."""
        pool = rule(PooledResource, "pool", resource="space_in_session", at_once=2)
        wishes = [
            CHOIR,
            every("R2", "MO 09:00-11:00", "square", but=["2026-09-07"]),
            once("D1", ASSEMBLY, "B", priority="P1"),
        ]
        assert broken(*wishes, rules=[TO_DATED, pool], spaces=PLACES) == [
            "date_loss R1 A 2026-09-07",
            "date_loss R2 square 2026-09-07",
        ]

    def test_a_date_is_lost_across_midnight(self) -> None:
        late = every("R1", "MO 22:00-25:30", "A", but=["2026-09-07"])
        assert broken(late, once("D1", "2026-09-08 00:30-02:00", "A"), rules=[TO_DATED], spaces=PLACES) == []
        assert (
            broken(late, once("D1", "2026-09-08 01:30-02:00", "A"), rules=[TO_DATED], spaces=PLACES) == LOST_FOR_NOTHING
        )

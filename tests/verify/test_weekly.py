"""Two series never hold clashing slots, whether or not the dates on which they would meet fell or were lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.availability import Closed
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.verify import check
from tests.factories import space
from tests.verify.small import broken, every, made, once, rule

FIRST, SECOND = "2026-09-07", "2026-09-14"
ROOMS = [space(x, hours="00:00-24:00", changeover=(ChangeoverRow(minutes=15),)) for x in ("S1", "S2")]


def closed_to(request: str, day: str) -> Closed:
    """The house is shut to one request on one date."""
    return rule(
        Closed, request, spaces=("S1", "S2"), dates=(date.fromisoformat(day),), scope=Scope(requests=(request,))
    )


def taking_turns(
    one: str, other: str, *rules: ConstraintBase, places: str = "S1 S1", skipped: str = SECOND, **more: Any
) -> list[str]:
    """What is found in two series of which never both run: R1 not in the first week, R2 not in the second."""
    first, second = places.split()
    return broken(
        every("R1", one, first, but=[FIRST], **more),
        every("R2", other, second, but=[skipped], **more),
        rules=[*rules, closed_to("R1", FIRST), closed_to("R2", skipped)],
        spaces=ROOMS,
    )


SEATS = rule(Sharing, space="S1", uses=("U1",), layout="room", seats=30)
ONE_ROOM = rule(PooledResource, resource="space_in_session", at_once=1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (taking_turns("MO 09:00-10:00", "MO 09:30-10:30"), ["overlap R1+R2 S1 2026-09-07"]),
        (taking_turns("MO 09:00-10:00", "MO 10:00-11:00"), []),
        (taking_turns("MO 09:00-10:00", "MO 10:00-11:00", rule(Changeover)), ["changeover R1+R2 S1 2026-09-07"]),
        (taking_turns("MO 09:00-10:00", "MO 10:15-11:00", rule(Changeover)), []),
        (taking_turns("MO 09:00-10:00", "MO 09:30-10:30", SEATS, headcount=15), []),
        (
            taking_turns("MO 09:00-10:00", "MO 09:30-10:30", SEATS, headcount=16),
            ["sharing R1+R2 S1 2026-09-07"],
        ),
        (taking_turns("MO 09:00-10:00", "MO 09:30-10:30", places="S1 S2", people=("T1",)), []),
        (
            taking_turns("MO 09:00-10:00", "MO 09:30-10:30", rule(SameAttendees), places="S1 S2", people=("T1",)),
            ["same_attendees R1+R2 S2 2026-09-07"],
        ),
        (
            taking_turns("MO 09:00-10:00", "MO 09:30-10:30", ONE_ROOM, places="S1 S2"),
            ["pooled_resource R1+R2 S2 2026-09-07"],
        ),
        (taking_turns("MO 09:00-10:00", "MO 10:00-11:00", ONE_ROOM, places="S1 S2"), []),
    ],
)
def test_slots_clash_though_no_two_bookings_do(found: list[str], expected: list[str]) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("one", "other", "skipped", "clash"),
    [
        ("MO 22:00-25:30", "TU 00:30-01:30", "2026-09-15", True),
        ("MO 22:00-25:30", "TU 01:30-02:30", "2026-09-15", False),
        ("MO 22:00-25:30", "MO 00:30-01:30", SECOND, False),
        ("MO 20:00-24:00", "MO 21:00-22:00", SECOND, True),
        ("MO 20:00-24:00", "TU 00:00-01:00", "2026-09-15", False),
    ],
)
def test_slots_clash_past_midnight(one: str, other: str, skipped: str, clash: bool) -> None:
    found = taking_turns(one, other, skipped=skipped)
    assert [line.split()[:2] for line in found] == ([["overlap", "R1+R2"]] if clash else [])


def test_slots_clash_over_the_end_of_a_week() -> None:
    found = broken(every("R1", "SU 22:00-25:30"), every("R2", "MO 00:30-01:30"), spaces=ROOMS)
    assert found == ["overlap R1+R2 S1 2026-09-14"]


def test_slots_clash_only_on_nominal_dates_that_both_have() -> None:
    first_only = every("R1", "MO 09:00-10:00", last_date=FIRST)
    assert broken(first_only, every("R2", "MO 09:00-10:00", first_date=SECOND)) == []
    assert broken(first_only, every("R2", "MO 09:00-10:00")) == ["overlap R1+R2 S1 2026-09-07"]


def test_a_lost_date_makes_no_room_for_another_series() -> None:
    wishes = [
        every("R1", "MO 09:00-11:00", but=[FIRST]),
        every("R2", "MO 10:00-12:00", last_date=FIRST),
        once("D1", f"{FIRST} 09:00-09:30"),
    ]
    loss = rule(DateLoss, "loss", to=("dated_request",))
    assert broken(*wishes, rules=[loss]) == ["overlap R1+R2 S1 2026-09-07"]


def test_two_sessions_of_one_request_clash_too() -> None:
    found = broken(
        every("R1", "MO 09:00-10:00; MO 09:30-10:30", but=[FIRST]),
        rules=[closed_to("R1", FIRST)],
        spaces=ROOMS,
    )
    assert found == ["overlap R1 S1 2026-09-14"]


def test_what_is_told_of_dates_is_not_told_again_of_slots() -> None:
    found = broken(every("R1", "MO 09:00-10:00"), every("R2", "MO 09:30-10:30"))
    assert found == ["overlap R1+R2 S1 2026-09-07", "overlap R1+R2 S1 2026-09-14"]


def test_the_sentence_names_the_slots() -> None:
    world, bookings = made(
        every("R1", "MO 09:00-10:00", "S1", but=[FIRST], people=("T1",)),
        every("R2", "MO 09:30-10:30", "S2", but=[SECOND], people=("T1",)),
        rules=[rule(SameAttendees), closed_to("R1", FIRST), closed_to("R2", SECOND)],
        spaces=ROOMS,
    )
    (found,) = check(world, bookings)
    assert found.sentence.zh == (
        "每周时段互相冲突（R1（U1）周一09:00、R2（U1）周一09:30）："
        "R1（U1）9月7日周一09:00至10:00在S1，R2（U1）9月7日周一09:30至10:30在S2，都要T1到场，时间重叠"
    )
    assert found.sentence.en == (
        "weekly slots clash (R1 (U1) Mon 09:00, R2 (U1) Mon 09:30): R1 (U1) (S1, Mon 2026-09-07 09:00 to 10:00) "
        "and R2 (U1) (S2, Mon 2026-09-07 09:30 to 10:30) both need T1, and they overlap"
    )

"""The sentences, as people read them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduler.constraints.availability import Closed, Notice, TypedWindow
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.noise import Curfew, Noise
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.problem import Use
from scheduler.verify import check
from tests.factories import series, space
from tests.verify.small import Wish, every, made, once, rule, unmet

USES = tuple(
    Use(id=i, name=zh, name_en=en, noise=0, calendar="always")
    for i, zh, en in (("choir", "合唱排练", "Choir"), ("talk", "法律讲座", "Law talk"), ("U1", "杂项", "Other"))
)
PLACES = [
    space(
        "S1", title="多功能厅", name_en="Hall", hours="06:00-28:00", changeover=(ChangeoverRow(minutes=15, crew=True),)
    ),
    space("S2", title="书画室", name_en="Studio", layouts={"room": 30, "craft": 8}),
    space("S3"),
]
CHOIR = once("R1", "2026-09-07 20:00-22:00", use="choir", noise=3)
SHUT: dict[str, Any] = {"spaces": ("S1",), "dates": (date(2026, 9, 7),)}


@pytest.mark.parametrize(
    ("wishes", "rules", "zh", "en"),
    [
        (
            [CHOIR, once("R2", "2026-09-07 21:30-25:30", use="talk")],
            [],
            "多功能厅（S1）撞场：R1（合唱排练）9月7日周一20:00至22:00用多功能厅（S1），"
            "R2（法律讲座）9月7日周一21:30至次日01:30用多功能厅（S1），时间重叠",
            "Hall (S1) is taken twice: R1 (Choir) in Hall (S1) (Mon 2026-09-07 20:00 to 22:00) and "
            "R2 (Law talk) in Hall (S1) (Mon 2026-09-07 21:30 to 01:30 (next day))",
        ),
        (
            [CHOIR, once("R2", "2026-09-07 22:10-24:00", use="talk")],
            [rule(Changeover)],
            "多功能厅（S1）：R1（合唱排练）9月7日周一20:00至22:00，结束后须隔15分钟；"
            "R2（法律讲座）9月7日周一22:10至24:00，只隔了10分钟",
            "Hall (S1): after R1 (Choir) (Mon 2026-09-07 20:00 to 22:00) 15 minutes are owed; "
            "R2 (Law talk) (Mon 2026-09-07 22:10 to 24:00) leaves 10",
        ),
        (
            [CHOIR],
            [rule(Closed, **SHUT)],
            "9月7日周一全天多功能厅（S1）停用，R1（合唱排练）却安排在9月7日周一20:00至22:00",
            "Hall (S1) is closed all day Mon 2026-09-07, but R1 (Choir) is there Mon 2026-09-07 20:00 to 22:00",
        ),
        (
            [CHOIR],
            [
                rule(
                    TypedWindow,
                    spaces=("S1",),
                    days=("MO",),
                    starts="19:00",
                    ends="21:00",
                    allows=Scope(uses=("talk",)),
                )
            ],
            "9月7日周一19:00至21:00多功能厅（S1）专供他用，R1（合唱排练）不得安排在9月7日周一20:00至22:00",
            "Hall (S1) is kept for others Mon 2026-09-07 19:00 to 21:00; R1 (Choir) may not be there "
            "Mon 2026-09-07 20:00 to 22:00",
        ),
        (
            [once("R1", "2026-09-07 05:00-07:00", use="choir")],
            [],
            "R1（合唱排练）9月7日周一05:00至07:00安排在多功能厅（S1），但多功能厅（S1）此时并非全程开放",
            "R1 (Choir) is in Hall (S1) Mon 2026-09-07 05:00 to 07:00, but Hall (S1) is not open all that time",
        ),
        (
            [CHOIR],
            [rule(Notice, days=15)],
            "R1（合唱排练）9月7日周一20:00至22:00用多功能厅（S1），须提前15天公告，却没有公告日期",
            "R1 (Choir) in Hall (S1) Mon 2026-09-07 20:00 to 22:00 must be published 15 days ahead; it was not",
        ),
        (
            [CHOIR],
            [
                rule(
                    Noise,
                    quiet_space="S2",
                    days=("MO",),
                    starts="19:00",
                    ends="21:30",
                    neighbours=("S1",),
                    max_noise=1,
                )
            ],
            "9月7日周一19:00至21:30书画室（S2）须安静，R1（合唱排练）9月7日周一20:00至22:00"
            "在相邻的多功能厅（S1），音量3级，高于1级",
            "Studio (S2) is quiet Mon 2026-09-07 19:00 to 21:30; R1 (Choir) next to it in Hall (S1) "
            "(Mon 2026-09-07 20:00 to 22:00) has noise 3, at most 1 allowed",
        ),
        (
            [CHOIR],
            [rule(Curfew, spaces=("S1",), amplified_from_noise=2, amplified_ends="21:30", cleared_by="22:00")],
            "多功能厅（S1）扩音须在21:30前结束，R1（合唱排练）9月7日周一20:00至22:00，结束得太晚",
            "Hall (S1): amplified sound ends by 21:30; R1 (Choir) ends too late Mon 2026-09-07 20:00 to 22:00",
        ),
        (
            [CHOIR],
            [rule(Sharing, space="S1", uses=("choir",), layout="room", seats=9)],
            "9月7日周一20:00多功能厅（S1）同时有10人（R1（合唱排练）），超过9座",
            "Hall (S1) on Mon 2026-09-07 20:00: 10 people at once (R1 (Choir)), 9 seats",
        ),
        (
            [CHOIR],
            [rule(PooledResource, resource="space_in_session", at_once=0)],
            "9月7日周一20:00同时开放1个空间（多功能厅（S1）：R1（合唱排练）），至多0个",
            "Mon 2026-09-07 20:00: 1 space in session at once (Hall (S1): R1 (Choir)), at most 0 allowed",
        ),
        (
            [once("R1", "2026-09-07 08:00-09:00", use="choir"), once("R2", "2026-09-07 10:00-11:00", use="talk")],
            [
                rule(Changeover),
                rule(PooledResource, "crews", resource="conversion_crew", at_once=0, starts="09:50", ends="12:00"),
            ],
            "9月7日周一09:50同时有1处换场（多功能厅（S1）：R2（法律讲座）），只有0个班组",
            "Mon 2026-09-07 09:50: 1 conversion at once (Hall (S1): R2 (Law talk)), crews for 0",
        ),
        (
            [every("R1", "MO 20:00-22:00", use="choir", but=["2026-09-14"])],
            [rule(DateLoss, to=("dated_request",))],
            "R1（合唱排练）缺了9月14日周一20:00至22:00在多功能厅（S1）的这一场：没有任何安排与它冲突",
            "R1 (Choir) in Hall (S1) is missing Mon 2026-09-14 20:00 to 22:00: nothing stands in its way",
        ),
        (
            [every("R1", "MO 20:00-22:00; SA 24:30-26:30", use="choir")],
            [rule(Quota, at_most=1)],
            "主体O1每周黄金时段有2场（R1（合唱排练）周一20:00、R1（合唱排练）周六次日00:30），至多1场",
            "body O1 has 2 sessions a week in prime time (R1 (Choir) Mon 20:00, R1 (Choir) Sat 00:30 (next day)), "
            "at most 1",
        ),
        (
            [every("R1", "MO 09:00-10:00; MO 20:00-21:00", use="choir")],
            [rule(DifferentDays)],
            "R1（合唱排练）有2场排在同一天：周一09:00、周一20:00（多功能厅（S1））",
            "R1 (Choir) has 2 sessions on one weekday: Mon 09:00, Mon 20:00 (Hall (S1))",
        ),
        (
            [unmet(series("R1", "MO 20:00-22:00", use="choir"))],
            [rule(Pin, request="R1")],
            "合唱排练（O1） 整体锁定，却没有照此安排（R1（合唱排练）现有0场）",
            "Choir (O1) is pinned in full, but it is not placed so (R1 (Choir) has 0 sessions)",
        ),
        (
            [once("R1", "2026-09-07 09:00-10:00", "S2", use="choir", layouts=("craft",))],
            [],
            "书画室（S2）没有坐得下10人的所需布置，R1（合唱排练）不能安排在9月7日周一09:00至10:00",
            "Studio (S2) has no layout asked for with places for 10; R1 (Choir) cannot be there "
            "Mon 2026-09-07 09:00 to 10:00",
        ),
        (
            [every("R1", "MO 20:00-22:00", use="choir", per_week=2)],
            [],
            "R1（合唱排练）排了1场（周一20:00），须为2场，或者不排",
            "R1 (Choir) has 1 session (Mon 20:00); 2 are asked for, or none",
        ),
    ],
)
def test_a_sentence_names_request_space_date_and_times(
    wishes: list[Wish], rules: list[ConstraintBase], zh: str, en: str
) -> None:
    world, bookings = made(*wishes, rules=rules, spaces=PLACES, uses=USES)
    sentence = check(world, bookings)[0].sentence
    assert (sentence.zh, sentence.en) == (zh, en)


def test_violations_are_in_a_fixed_order_whatever_the_order_of_the_bookings() -> None:
    world, bookings = made(
        every("R1", "MO 20:00-22:00; TU 20:00-22:00", "S3"),
        every("R2", "MO 21:00-22:00; TU 21:00-22:00", "S3"),
        spaces=PLACES,
    )
    found: Any = check(world, bookings)
    assert [(v.rule, v.date) for v in found] == [("overlap", date(2026, 9, day)) for day in (7, 8, 14, 15)]
    assert check(world, bookings[::-1]) == found

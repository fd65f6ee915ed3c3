"""Rules that hold on some dates only. docs/semantics.md, "Validity"; every kind but `pin`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.constraints import KINDS
from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.changeover import ChangeoverRow
from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.loads import Load
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin
from scheduler.constraints.relations import Relation
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import Quota
from scheduler.constraints.terms import DatedRule, Scope
from scheduler.problem import Problem
from scheduler.solve import Solved, solve
from scheduler.timetable import Booking
from scheduler.verify import verify
from tests.constraints.cases import (
    Price,
    Truth,
    World,
    assert_both_ways,
    assert_costs_agree,
    assert_price,
    assert_truth,
    row,
)
from tests.factories import booking, dated, patterns, problem, series, space, weekly
from tests.properties.dates import (
    CASES,
    CREWS,
    DATED,
    DATES,
    HALF,
    LOSS,
    NINE,
    OWED,
    ROOMS,
    TEN,
    TO_ROWS,
    TWICE,
    TWO_MONDAYS,
    VALID,
    WATCHED,
    Case,
    both,
    on,
    two,
)

TRUTH = [found for case in CASES for found in case.rows()]


def crews_where_minutes_are_owed() -> Iterator[Truth]:
    """No crew where the changeover rule does not hold, be the pool what it may."""
    pool = PooledResource(id="p", source="s", resource="conversion_crew", at_once=0)
    made = [("R1", NINE), ("R2", "MO 10:30-11:30")]
    for told, (first, last, left) in VALID.items():
        case = Case("no minutes owed, no crew", pool, TO_ROWS, made, spaces=CREWS, beside=(on(WATCHED, first, last),))
        world = case.world(pool)
        yield row("pooled_resource", f"{case.name}: {told}", world, case.made(world), holds=not left)


SHARED = Sharing(id="s", source="s", space="A", uses=("U1",), layout="room", seats=20)


def shared(heads: int, name: str) -> Iterator[Truth]:
    """Two share a room: they may where the rule holds on all of their dates, and are at most its seats."""
    asks = two(NINE, HALF, "AA", headcount=heads)
    for told, (first, last, left) in VALID.items():
        world = Case(name, SHARED, asks, ()).world(on(SHARED, first, last))
        made = [weekly(world, "R1", NINE), weekly(world, "R2", HALF)]
        if left == (7, 14):
            yield row("sharing", f"{name}: {told}", world, made, holds=heads <= 10)
        elif heads <= 10:
            yield row("overlap", f"{name}: {told}", world, made, holds=False)


def one_alone() -> Iterator[Truth]:
    """Seats bind one alone too, on the dates on which the rule holds."""
    asks = [series("R1", f"{NINE}!", spaces=("A",), headcount=21)]
    yield from Case("one alone on too few seats", SHARED, asks, both(asks)).rows()


def sharers_owe_nothing() -> Iterator[Truth]:
    """Where two share, neither owes the other minutes."""
    asks, made = two(NINE, TEN, "AA"), both(two(), NINE, TEN)
    for told, (first, last, left) in VALID.items():
        case = Case("sharers owe nothing", WATCHED, asks, made, spaces=OWED, beside=(on(SHARED, first, last),))
        world = case.world(WATCHED)
        yield row("changeover", f"{case.name}: {told}", world, case.made(world), holds=left == (7, 14))


def lost() -> Iterator[Truth]:
    """The 14th is lost to a dated request, where the rule holds on it."""
    asks = [series("R1", f"{NINE}!", spaces=("A",)), dated("D1", "2026-09-14", f"{HALF}!", spaces=("A",))]
    for told, (first, last, left) in VALID.items():
        world = problem(asks, [on(LOSS, first, last)], ROOMS, season=TWO_MONDAYS)
        made = [booking(world, "R1", "2026-09-07 09:00-10:00"), booking(world, "D1", "2026-09-14 09:30-10:30")]
        yield row("date_loss", f"lost on the 14th: {told}", world, made, holds=14 in left)


def lost_only_where_it_clashes() -> Iterator[Truth]:
    """A date is lost for a teacher's sake only where the rule about teachers holds."""
    asks = [DATED[0].model_copy(update={"people": ("T1",)}), DATED[1]]
    for told, (first, last, left) in VALID.items():
        world = problem(asks, [LOSS, on(SameAttendees(id="i", source="s"), first, last)], ROOMS, season=TWO_MONDAYS)
        made = [booking(world, "R1", "2026-09-07 09:00-10:00"), booking(world, "D1", "2026-09-14 09:30-10:30", "B")]
        yield row("date_loss", f"lost for a teacher: {told}", world, made, holds=14 in left)


def over_by_then(rule: DatedRule, name: str, *granted: str, holds: bool) -> Truth:
    """R3 and its body ask for the first Monday alone: a rule for the second speaks of the other two."""
    asks = [
        series("R1", f"{NINE}!;{TEN}!", per_week=2, min_sessions=1, spaces=("A",), applicant="O1"),
        series("R2", f"{NINE}!", spaces=("B",), applicant="O2"),
        series("R3", f"{NINE}!", spaces=("C",), applicant="O3", last_date="2026-09-07"),
    ]
    world = problem(asks, [on(rule, 14, None)], ROOMS, season=TWO_MONDAYS)
    made = [weekly(world, *told.split(" ", 1), session=1 + ("10:00-" in told)) for told in granted]
    return row(rule.kind, f"{name}, {', '.join(granted)}", world, made, holds=holds)


LINKED, GROWING = Choice(id="c", source="s", linked=True), Growth(id="g", source="s")
FIRST, SECOND, OTHER, GONE = f"R1 {NINE}", f"R1 {TEN}", f"R2 {NINE}", f"R3 {NINE}"
ASKED_BEFORE = [
    over_by_then(LINKED, "linked", FIRST, OTHER, holds=True),
    over_by_then(LINKED, "linked", FIRST, holds=False),
    over_by_then(LINKED, "linked", GONE, holds=True),
    over_by_then(GROWING, "growth", FIRST, SECOND, OTHER, holds=True),
    over_by_then(GROWING, "growth", FIRST, SECOND, GONE, holds=False),
    over_by_then(
        Load(id="l", source="s", measure="min_minutes", minutes=60, each="request"), "minutes", FIRST, OTHER, holds=True
    ),
]


def half_a_request() -> Iterator[Truth]:
    """Only sessions on Tuesday count; but who has its Monday and its Tuesday has all that it asked for."""
    slots = ("TU 09:00-10:00", "TU 10:00-11:00", "TU 11:00-12:00")
    asks = [
        series("R1", "MO,TU 09:00-10:00!", per_week=2, min_sessions=1, spaces=("A",), applicant="O1"),
        series("R2", ";".join(f"{s}!" for s in slots), per_week=3, min_sessions=1, spaces=("B",), applicant="O2"),
    ]
    world = problem(asks, [on(GROWING, 8, 8)], ROOMS, season=("2026-09-07", "2026-09-08"))
    monday, tuesday = weekly(world, "R1", NINE), weekly(world, "R1", slots[0], session=2)
    others = [weekly(world, "R2", slot, session=number) for number, slot in enumerate(slots, start=1)]
    yield row("growth", "two against a Monday", world, [monday, *others[:2]], holds=False)
    yield row("growth", "one against a Monday", world, [monday, *others[:1]], holds=True)
    yield row("growth", "three against all, of which one counts", world, [monday, tuesday, *others], holds=True)


def on_either_day() -> Iterator[Truth]:
    """R1 may be on Monday or Tuesday: on Monday a rule for Tuesday does not see it, be it its hours or its space."""
    one = Scope(requests=("R1",))
    rules: list[DatedRule] = [
        Load(id="l", source="s", measure="min_working_days", at_least=2, scope=one),
        Load(id="l", source="s", measure="space_stability"),
        Load(id="l", source="s", measure="spaces_open", at_most=1),
        Load(id="l", source="s", measure="max_days", at_most=0, scope=one),
        *(Relation.model_validate({"id": "r", "source": "s", "relation": name}) for name in LEFT_ALONE),
        Choice(id="c", source="s", at_most=1),
        Quota(id="q", source="s", at_most=1),
    ]
    asks = [
        series("R1", "MO,TU 09:00-10:00!", spaces=("B", "C")),
        series("R2", "TU 10:00-11:00!", spaces=("A",)),
    ]
    for rule in rules:
        world = problem(asks, [on(rule, 8, 8)], ROOMS, season=("2026-09-07", "2026-09-08"), travel={("X", "Y"): 30})
        said = getattr(rule, "relation", getattr(rule, "measure", rule.kind))
        other = weekly(world, "R2", "TU 10:00-11:00")
        seen = [weekly(world, "R1", "TU 09:00-10:00", "C"), other]
        yield row(rule.kind, f"{said}, on Monday", world, [weekly(world, "R1", NINE, "C"), other], holds=True)
        yield row(rule.kind, f"{said}, on Tuesday", world, seen, holds=False)


LEFT_ALONE = ("same_start", "same_time", "overlap", "same_space", "adjacent_spaces", "same_attendees", "different_days")


def pair(relation: str, first: str, second: str, valid: tuple[int | None, int | None], *, holds: bool) -> Truth:
    """Two patterns in weeks 1 and 2, of which only some dates count."""
    asks = [patterns("R1", first, spaces=("A",)), patterns("R2", second, spaces=("B",))]
    rule = on(Relation.model_validate({"id": "r", "source": "s", "relation": relation}), *valid)
    world = problem(asks, [rule], ROOMS, season=("2026-09-07", "2026-09-20"))
    made = [*_option(world, "R1", first, "A"), *_option(world, "R2", second, "B")]
    return row("relation", f"{relation} {first} | {second} on {valid}", world, made, holds=holds)


def _option(world: Problem, request: str, text: str, place: str) -> Iterator[Booking]:
    days, starts, *weeks = text.split()
    for week in (int(week) for part in weeks or ["1,2"] for week in part.split(",")):
        for day in days.split(","):
            number = 7 + (week - 1) * 7 + ("MO", "TU", "WE", "TH", "FR").index(day)
            clocks = f"{starts}-{int(starts[:2]) + 1:02d}{starts[2:]}"
            yield booking(world, request, f"2026-09-{number:02d} {clocks}", place)


CUT = [
    pair("same_days", "MO,WE 09:00", "WE,FR 09:00", (None, None), holds=False),
    pair("same_days", "MO,WE 09:00", "WE,FR 09:00", (8, 10), holds=True),
    pair("same_days", "MO,WE 09:00", "WE,FR 09:00", (7, 9), holds=True),
    pair("same_days", "MO,WE 09:00", "WE,FR 09:00", (7, 11), holds=False),
    pair("same_weeks", "MO 09:00 1", "MO 11:00 2", (7, 14), holds=False),
    pair("same_weeks", "MO 09:00 1", "MO 11:00 2", (8, 14), holds=True),
    pair("different_weeks", "MO 09:00 1,2", "TU 09:00 2", (15, None), holds=True),
    pair("different_weeks", "MO 09:00 1,2", "TU 09:00 2", (14, None), holds=False),
    pair("different_weeks", "MO,WE 09:00 1,2", "TU 09:00 2", (9, 15), holds=False),
    pair("different_weeks", "MO,WE 09:00 1", "TU 09:00 1,2", (9, 15), holds=True),
    pair("precedence", "MO 09:00 2", "TU 09:00 1,2", (None, None), holds=False),
    pair("precedence", "MO 09:00 2", "TU 09:00 1,2", (9, None), holds=True),
    pair("not_overlap", "MO,WE 09:00", "WE 09:30 2", (None, 15), holds=True),
    pair("not_overlap", "MO,WE 09:00", "WE 09:30 2", (None, 16), holds=False),
    pair("not_overlap", "MO,WE 09:00", "TU,WE 09:30", (7, 8), holds=True),
    pair("not_overlap", "MO,WE 09:00", "TU,WE 09:30", (7, 9), holds=False),
    pair("not_overlap", "MO,WE 09:00", "TU,WE 09:30", (10, 15), holds=True),
    pair("not_overlap", "MO,WE 09:00", "TU,WE 09:30", (9, 15), holds=False),
]
"""Weekdays and weeks are those that still have a date."""

TRUTH += [
    *crews_where_minutes_are_owed(),
    *shared(10, "ten and ten"),
    *shared(11, "eleven and eleven"),
    *one_alone(),
    *sharers_owe_nothing(),
    *lost(),
    *lost_only_where_it_clashes(),
    *ASKED_BEFORE,
    *half_a_request(),
    *on_either_day(),
    *CUT,
]


def in_the_night(rule: DatedRule, spaces: Sequence[Any], where: str = "AB") -> Problem:
    """Mondays past midnight beside Tuesdays: the own date of a booking is that on which it begins."""
    asks = [
        series("R1", "MO 23:00-24:30!", spaces=(where[0],), people=("T1",)),
        series("R2", "TU 00:00-01:00", minutes=30, spaces=(where[1],), people=("T1",)),
        dated("D1", "2026-09-15", "TU 00:15-00:45!", spaces=(where[1],), people=("T1",)),
    ]
    return problem(asks, [LOSS, rule], spaces, season=("2026-09-07", "2026-09-15"))


NIGHT = ("2026-09-07", "2026-09-08", "2026-09-14", "2026-09-15")
OPEN = tuple(space(name, hours="00:00-30:00", changeover=(ChangeoverRow(minutes=15),)) for name in "AB")
ROOM = PooledResource(id="p", source="s", resource="space_in_session", at_once=1)
BESIDE = (
    ("same_attendees", SameAttendees(id="i", source="s"), "AB"),
    ("pooled_resource", ROOM, "AB"),
    ("changeover", WATCHED, "AA"),
    ("sharing", SHARED, "AA"),
)


def twice_at_once() -> Problem:
    """Two sessions of one request may be at one time where the rule that would keep them apart does not hold."""
    asks = [
        series("R1", f"{NINE}!", per_week=2, min_sessions=1, spaces=("A", "B")),
        series("R2", f"{NINE}!;{TEN}!", minutes=60, spaces=("C",)),
    ]
    apart = Relation(id="r", source="s", relation="not_overlap", each="request")
    least = Load(id="l", source="s", measure="max_day_load", minutes=150)
    return problem(asks, [on(apart, 8, 13), least], ROOMS, season=TWO_MONDAYS)


def differing(valid: tuple[int | None, int | None]) -> Iterator[World]:
    """Every rule of the table that leaves something to choose under any dates."""
    for case in CASES:
        if len(case.asks) > 1 or case.asks is TWICE:
            asked = case.world(on(case.rule, *valid))
            yield World(case.rule.kind, f"{case.name} on {valid}", asked, ("09:00", "11:00"), DATES)


WORLDS = [
    World("relation", "twice at once", twice_at_once(), ("09:00", "10:00"), DATES),
    *(
        World(kind, f"at night on {valid}", in_the_night(on(rule, *valid), OPEN, where), ("23:00", "24:30"), NIGHT)
        for kind, rule, where in BESIDE
        for valid in ((8, 14), (None, 7))
    ),
]


MORE = [*differing((8, None)), *differing((None, 13))]
"""Worlds of which the seeded faults need none: of every fault in their kinds a row of the table tells."""


def priced(name: str, measure: str, valid: tuple[int | None, int | None], points: int, **more: Any) -> Price:
    """Two sessions, on three Mondays and Tuesdays of three weeks, of which only some count."""
    rule = Load(**{"id": "l", "source": "s", "measure": measure, "strength": "should", "weight": 5, **more})
    asks = [series(f"R{n}", f"{day} 09:00-10:30!", spaces=("A",)) for n, day in enumerate(("MO", "TU"))]
    world = problem(asks, [on(rule, *valid)], ROOMS, season=("2026-09-07", "2026-09-27"))
    made = [*weekly(world, "R0", "MO 09:00-10:30"), *weekly(world, "R1", "TU 09:00-10:30")]
    return Price(f"{name} on {valid}", world, tuple(made), points)


PRICES = [
    priced("6 dates of 30 above, in 3 weeks", "max_day_load", (None, None), 5 * 6 * 30 // 3, minutes=60),
    priced("3 dates of 30 above, in 2 weeks", "max_day_load", (8, 15), 5 * 3 * 30 // 2, minutes=60),
    priced("1 date of 30 above, in 1 week", "max_day_load", (15, 18), 5 * 30, minutes=60),
    priced("none, in 1 week", "max_day_load", (16, 20), 0, minutes=60),
    priced("one above in each of 2 weeks of 3", "max_sessions", (None, 15), 5 * 2, at_most=1),
    priced("nobody asks for anything on these dates", "min_minutes", (16, 20), 0, minutes=120),
    priced("half an hour lacks in one of two weeks", "min_minutes", (8, 15), 5, minutes=120, unit_minutes=60),
    priced("nothing lacks on no date", "min_minutes", (28, None), 0, minutes=120),
]


def test_a_lost_date_is_told_with_the_rule_of_its_date() -> None:
    asks = [
        series("R1", f"{NINE}!", spaces=("A",)),
        *(dated(f"D{day}", f"2026-09-{day:02d}", f"{NINE}!", spaces=("A",)) for day in (7, 14)),
        dated("D21", "2026-09-21", f"{NINE}!", spaces=("A",), priority="P4"),
    ]
    early, late = (on(LOSS.model_copy(update={"id": name}), *valid) for name, valid in (("e", (7, 7)), ("l", (8, 14))))
    world = problem(asks, [early, late], ROOMS, season=("2026-09-07", "2026-09-28"))
    outcome = solve(world, time_limit=30, audit=True)
    assert isinstance(outcome, Solved)
    assert verify(world, outcome.timetable).holds
    told = [(each.date.day, each.constraint, each.to) for each in outcome.timetable.missing]
    assert told == [(7, "e", ("D7",)), (14, "l", ("D14",))]
    (refused,) = outcome.timetable.refusals
    assert (refused.request, refused.code) == ("D21", "overlap")


@pytest.mark.parametrize("kind", [kind for kind, schema in KINDS.items() if schema is not None])
def test_every_rule_but_a_pin_can_have_dates(kind: str) -> None:
    assert issubclass(KINDS[kind] or Pin, DatedRule) is (kind != "pin")


def test_a_pin_is_of_the_whole() -> None:
    with pytest.raises(ValidationError, match="valid_from"):
        Pin.model_validate({"id": "p", "source": "s", "request": "R1", "valid_from": date(2026, 9, 7)})


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        (None, None, "", ""),
        (7, 14, "（自 2026-09-07 至 2026-09-14）", " (from 2026-09-07 until 2026-09-14)"),
        (7, None, "（自 2026-09-07）", " (from 2026-09-07)"),
        (None, 14, "（至 2026-09-14）", " (until 2026-09-14)"),
    ],
)
@pytest.mark.parametrize("rule", [case.rule for case in CASES], ids=lambda rule: rule.kind)
def test_a_sentence_says_the_dates(rule: DatedRule, first: int | None, last: int | None, zh: str, en: str) -> None:
    words, said = rule.sentence(), on(rule, first, last).sentence()
    assert (said.zh, said.en) == (f"{words.zh}{zh}", f"{words.en}{en}")


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_truth(case: Truth) -> None:
    assert_truth(case)


@pytest.mark.parametrize("world", [*WORLDS, *MORE], ids=str)
def test_both_ways(world: World) -> None:
    assert_both_ways(world)


@pytest.mark.parametrize("case", PRICES, ids=str)
def test_price(case: Price) -> None:
    assert_price(case)


@pytest.mark.parametrize("case", [case for case in PRICES if case.points], ids=str)
def test_costs_agree(case: Price) -> None:
    assert_costs_agree(World("load", case.name, case.problem, ("09:00", "10:30")))

"""When spaces are counted instead of named, condition by condition (`equal_spaces`); how they are named again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.availability import Closed, TypedWindow
from scheduler.constraints.changeover import ChangeoverRow
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.loads import Load
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.relations import Beside, Relation
from scheduler.constraints.resources import PooledResource, UseAmount
from scheduler.constraints.rights import DateLoss
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.model.build import build, candidates_of
from scheduler.model.equal import Rooms, counted, equal_spaces, named
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import Facts
from scheduler.problem import Calendar, Problem, Request, Space
from scheduler.search.every import all_solutions
from tests.factories import dated, patterns, problem, series, space

ROOMS = ("A", "B", "C")
FREE: dict[str, Any] = {"spaces": ROOMS, "space_costs": (0, 0, 0)}
"""Any of the three rooms is as good as another."""
BY_LAW: dict[str, Any] = {"id": "r", "source": "by-law"}
WISH: dict[str, Any] = {**BY_LAW, "strength": "should", "weight": 1}
TWICE = series("R3", "MO,TU 09:00-12:00", minutes=60, per_week=2, **FREE)


def world(
    *more: Request,
    rules: Sequence[ConstraintBase] = (),
    spaces: Sequence[Space] | None = None,
    **fields: Any,
) -> Problem:
    """Two requests for any of three equal rooms, and what a test adds to it."""
    asks = [series("R1", "MO 09:00-12:00", minutes=60, **FREE), series("R2", "MO 09:00-10:00!", **FREE)]
    return problem([*asks, *more], rules, spaces or [space(room) for room in ROOMS], **fields)


def groups(asked: Problem) -> list[Rooms]:
    facts = Facts(asked)
    return equal_spaces(facts, candidates_of(facts))


def test_rooms_that_nothing_tells_apart_are_a_group() -> None:
    assert groups(world()) == [ROOMS]


def test_names_and_notes_do_not_tell_them_apart() -> None:
    rooms = [space("A", title="大厅", note="bright"), space("B", title="小厅"), space("C", name_en="Hall")]
    assert groups(world(spaces=rooms)) == [ROOMS]


@pytest.mark.parametrize(
    "odd",
    [
        space("C", floor=2),
        space("C", outdoor=True),
        space("C", site="Y"),
        space("C", features=("piano",)),
        space("C", layouts={"room": 40}),
        space("C", hours="08:00-21:00"),
        space("C", shut=("2026-09-09",)),
        space("C", area_m2=30),
    ],
)
def test_a_room_that_is_other_than_the_rest_is_left_out(odd: Space) -> None:
    assert groups(world(spaces=[space("A"), space("B"), odd])) == [("A", "B")]


@pytest.mark.parametrize(
    "rooms",
    [
        [space(room, changeover=(ChangeoverRow(minutes=15),)) for room in ROOMS],
        [space(room, unlimited=True) for room in ROOMS],
        [*map(space, ROOMS), space("ALL", parts=ROOMS)],
    ],
    ids=["changeover", "unlimited", "parts"],
)
def test_rooms_that_are_more_than_rooms_are_named(rooms: list[Space]) -> None:
    assert groups(world(spaces=rooms)) == []


def test_a_part_of_another_room_is_named() -> None:
    rooms = [*map(space, ROOMS), space("D"), space("C+D", parts=("C", "D"))]
    assert groups(world(spaces=rooms)) == [("A", "B")]


def test_two_names_for_one_whole_are_no_group() -> None:
    rooms = [space("A"), space("B"), space("W1", parts=("A", "B")), space("W2", parts=("A", "B"))]
    whole = series("R1", "MO 09:00-10:00!", spaces=("W1", "W2"), space_costs=(0, 0))
    assert groups(problem([whole], spaces=rooms)) == []


def test_series_that_are_all_made_up_on_a_date_are_named() -> None:
    school = Calendar(id="school", counts_as={"2026-09-12": "MO"})
    asks = [series(f"R{n}", "MO 09:00-10:00!", calendar="school", **FREE) for n in range(3)]
    rooms = [space(room) for room in ROOMS]
    assert groups(problem(asks, spaces=rooms, calendars=(Calendar(id="always"), school))) == []


def test_a_request_that_lists_some_of_them_tells_them_apart() -> None:
    some = series("R3", "TU 09:00-10:00!", spaces=("A", "B"), space_costs=(0, 0))
    assert groups(world(some)) == [("A", "B")]


def test_the_order_of_wish_tells_them_apart_unless_it_costs_nothing() -> None:
    ranked = series("R3", "TU 09:00-10:00!", spaces=ROOMS)
    assert groups(world(ranked)) == []
    assert groups(world(ranked, policy={"wishes": {"space_rank": 0}})) == [ROOMS]
    dear = series("R3", "TU 09:00-10:00!", spaces=ROOMS, space_costs=(7, 7, 8))
    assert groups(world(dear)) == [("A", "B")]


def test_a_rule_about_single_sessions_tells_them_apart_when_it_does() -> None:
    """A closure that drops a date, one that drops a wish, and one of all rooms alike; a curfew names them all."""
    monday = {**BY_LAW, "dates": (date(2026, 9, 7),)}
    assert groups(world(rules=[Closed(**monday, spaces=("C",))])) == [("A", "B")]
    both = {**BY_LAW, "dates": (date(2026, 9, 7), date(2026, 9, 14))}
    assert groups(world(rules=[Closed(**both, spaces=("C",))])) == [("A", "B")]
    assert groups(world(rules=[Closed(**monday, spaces=ROOMS)])) == [ROOMS]
    assert groups(world(rules=[Closed(**monday, sites=("X",))])) == [ROOMS]


WINDOW: dict[str, Any] = {"days": ("TU",), "starts": "09:00", "ends": "10:00"}


@pytest.mark.parametrize(
    "rule",
    [
        Pin(**BY_LAW, request="R2", slot=PinnedSlot(space="C")),
        Sharing(**BY_LAW, space="C", uses=("U1",), layout="room", seats=20),
        Load(**BY_LAW, measure="max_days", at_most=1, scope=Scope(spaces=("C",))),
        Load(**BY_LAW, measure="max_days", at_most=1, scope=Scope(none_of=(Scope(spaces=("C",)),))),
        TypedWindow(**WISH, **WINDOW, spaces=("C",), allows=Scope()),
        PooledResource(
            **BY_LAW,
            resource="amount",
            at_once=3,
            amounts=(UseAmount(use="U1", amount=1),),
            scope=Scope(spaces=("C",)),
            days=("MO",),
        ),
    ],
    ids=lambda rule: f"{rule.kind} {rule.strength}",
)
def test_a_room_that_a_rule_names_is_left_out(rule: ConstraintBase) -> None:
    assert groups(world(rules=[rule])) == [("A", "B")]


@pytest.mark.parametrize(
    "rule",
    [
        Relation(**BY_LAW, relation="same_space", each="applicant"),
        Relation(**BY_LAW, relation="different_space"),
        Relation(**WISH, relation="adjacent_spaces", beside=(Beside(spaces=("X1", "X2")),)),
        Relation(**WISH, relation="not_adjacent", beside=(Beside(spaces=("X1", "X2")),)),
        Relation(**BY_LAW, relation="min_gap", minutes=30, each="space"),
        Load(**WISH, measure="space_stability", each="applicant"),
        Load(**BY_LAW, measure="spaces_open", at_most=2),
        Load(**BY_LAW, measure="max_minutes", minutes=600, each="space"),
        PooledResource(**BY_LAW, resource="space_in_session", at_once=2),
        PooledResource(**BY_LAW, resource="conversion_crew", at_once=1),
    ],
    ids=lambda rule: " ".join(
        str(getattr(rule, part)) for part in ("relation", "measure", "resource", "each") if hasattr(rule, part)
    ),
)
def test_rules_that_look_at_spaces_leave_no_group(rule: ConstraintBase) -> None:
    assert groups(world(rules=[rule])) == []


@pytest.mark.parametrize(
    "rule",
    [
        Pin(**BY_LAW, request="R1", slot=PinnedSlot(starts="10:00")),
        Relation(**BY_LAW, relation="not_overlap", each="applicant"),
        Load(**BY_LAW, measure="max_sessions", at_most=3, scope=Scope(sites=("X",))),
        Load(**BY_LAW, measure="sites_open", at_most=1),
        SameAttendees(**BY_LAW),
        DateLoss(**BY_LAW, to=("dated_request",)),
    ],
    ids=lambda rule: rule.kind,
)
def test_rules_about_times_and_people_do_not_matter(rule: ConstraintBase) -> None:
    assert groups(world(rules=[rule])) == [ROOMS]


def test_idle_rooms_that_cost_points_are_named() -> None:
    assert groups(world(policy={"wishes": {"idle_space": 1}})) == []


@pytest.mark.parametrize(
    "ask",
    [
        dated("R3", "2026-09-08", "TU 09:00-10:00!", **FREE),
        patterns("R3", "TU 09:00", **FREE),
        series("R3", "MO 12:00-13:00!", first_date="2026-09-14", **FREE),
        series("R3", "MO 12:00-13:00!", last_date="2026-09-13", **FREE),
        series("R3", "MO 12:00-13:00!", calendar="school", **FREE),
        series("R3", "TU 23:30-24:30!", **FREE),
    ],
    ids=["dated", "patterns", "begins later", "ends sooner", "made up", "past midnight"],
)
def test_rooms_are_named_where_conflicts_are_not_those_of_one_weekday(ask: Request) -> None:
    school = Calendar(id="school", counts_as={"2026-09-12": "MO"})
    rooms = [space(room, hours="08:00-26:00") for room in ROOMS]
    assert groups(world(ask, spaces=rooms, calendars=(Calendar(id="always"), school))) == []


def test_the_same_requests_elsewhere_do_no_harm() -> None:
    elsewhere = dated("R3", "2026-09-08", "TU 09:00-10:00!", spaces=("D",))
    assert groups(world(elsewhere, spaces=[*map(space, ROOMS), space("D")])) == [ROOMS]


def test_all_dates_of_a_weekday_may_be_others_than_those_of_another() -> None:
    early = series("R3", "TU 12:00-13:00!", last_date="2026-09-13", **FREE)
    assert groups(world(early)) == [ROOMS]


def test_an_end_at_midnight_is_of_its_own_day() -> None:
    late = series("R3", "TU 23:00-24:00!", **FREE)
    assert groups(world(late, spaces=[space(room, hours="08:00-24:00") for room in ROOMS])) == [ROOMS]


def test_a_request_that_could_have_two_rooms_at_once_leaves_no_group() -> None:
    assert groups(world(TWICE)) == []
    assert groups(world(TWICE, rules=[DifferentDays(**BY_LAW)])) == [ROOMS]
    assert groups(world(TWICE, rules=[DifferentDays(**BY_LAW, scope=Scope(requests=("R1",)))])) == []


def test_in_the_model_at_most_so_many_are_there_at_once() -> None:
    """Four wishes for one hour: of the sixteen sets the four of three and all smaller ones, but not all four."""
    asked = problem(
        [series(f"R{n}", "MO 09:00-10:00!", **FREE) for n in range(4)], spaces=[space(room) for room in ROOMS]
    )
    facts = Facts(asked)
    candidates = candidates_of(facts)
    few = counted(candidates, equal_spaces(facts, candidates))
    assert {(p.space, p.rooms) for p in few.placements} == {("A", 3)}
    assert [p.index for p in few.placements] == [0, 1, 2, 3]
    assert sorted(len(taken) for taken, _ in all_solutions(build(facts, few))) == [0, *[1] * 4, *[2] * 6, *[3] * 4]


def test_rooms_are_named_by_who_is_free_and_no_two_meet() -> None:
    """Five sessions of a Monday and one of a Tuesday in three rooms; the fifth starts when the first ends."""
    times = ["MO 09:00-10:00!", "MO 09:30-11:00!", "MO 09:45-10:30!", "MO 10:00-12:00!", "MO 10:30-11:00!"]
    asked = problem(
        [series(f"R{n}", when, **FREE) for n, when in enumerate([*times, "TU 09:00-10:00!"])],
        spaces=[space(room) for room in ROOMS],
    )
    facts = Facts(asked)
    candidates = candidates_of(facts)
    few = counted(candidates, [ROOMS])
    found = [candidates.placements[index] for index in named(candidates, [ROOMS], few.placements)]
    assert {p.request.id for p in found} == {r.id for r in asked.requests}
    assert not any(_meet(a, b) for a in found for b in found if a is not b)


def test_more_at_once_than_there_are_rooms_is_a_fault_of_ours() -> None:
    asked = problem(
        [series(f"R{n}", "MO 09:00-10:00!", **FREE) for n in range(4)], spaces=[space(room) for room in ROOMS]
    )
    candidates = candidates_of(Facts(asked))
    with pytest.raises(RuntimeError, match="more sessions at once than there are rooms like A"):
        named(candidates, [ROOMS], counted(candidates, [ROOMS]).placements)


def _meet(a: Placement, b: Placement) -> bool:
    return (a.weekday, a.space) == (b.weekday, b.space) and a.start < b.end and b.start < a.end

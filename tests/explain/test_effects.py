"""What a rule would do before it takes force, in worlds so small that the answer is known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.availability import TypedWindow
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.terms import Scope
from scheduler.explain import check_rules
from scheduler.explain.collision import infeasible, only
from scheduler.explain.dead import with_rules
from scheduler.explain.repair import repair
from scheduler.problem import Problem
from scheduler.solve import Infeasible, solve
from scheduler.verify import check
from tests.explain.small import MONDAYS, closed, effects, solved, two_rooms
from tests.factories import dated, problem, series, space
from tests.journeys.centre import centre, season


def test_a_session_without_a_date_left_moves_to_its_other_room() -> None:
    found = effects(two_rooms(), closed())
    (move,) = found.moves
    assert (move.request, move.session, move.date, move.rules) == ("R1", 1, None, ("new",))
    assert (move.was.space, move.to and move.to.space, move.dates) == ("S1", "S2", MONDAYS)
    assert (found.lost, found.impossible, found.contradictions, found.proved, found.complete) == (
        (),
        (),
        (),
        True,
        True,
    )
    (rule,) = found.rules
    assert [(each.constraint, each.requests, each.date) for each in rule.violated_by] == [
        ("new", ("R1",), day) for day in MONDAYS
    ]
    assert (rule.dead, rule.duplicate_of, rule.sentence) == ("no", None, closed().sentence(two_rooms().names()))
    assert (
        move.sentence.zh
        == "U1（O1）[R1]：S1 2026-09-07 … 2026-09-14 停用：由S1 每周一 19:00-20:30 改到S2 每周一 19:00-20:30"
    )
    assert move.sentence.en == (
        "U1 (O1) [R1]: S1 closed 2026-09-07 … 2026-09-14: from S1 every Mon 19:00-20:30 to S2 every Mon 19:00-20:30"
    )


def test_one_date_that_falls_is_proposed_elsewhere_and_the_session_stays() -> None:
    found = effects(two_rooms(), closed(dates=MONDAYS[:1]))
    (move,) = found.moves
    assert (move.request, move.date, move.dates, move.rules) == ("R1", MONDAYS[0], MONDAYS[:1], ("new",))
    assert move.to is not None
    assert (move.to.space, move.to.date, move.to.starts, move.wished) == ("S2", MONDAYS[0], "19:00", True)
    assert found.lost == ()


def test_a_place_that_is_taken_that_day_is_not_proposed() -> None:
    """S2 has a booking on the first Monday only: the next best is the room that was not asked for."""
    world = problem(
        [
            series("R1", "MO 19:00-20:30!", spaces=("S1", "S2")),
            dated("D1", "2026-09-07", "MO 19:00-20:30!", spaces=("S2",)),
        ],
        spaces=[space("S1"), space("S2"), space("S3")],
    )
    (move,) = effects(world, closed(dates=MONDAYS[:1])).moves
    assert move.to is not None
    assert (move.to.space, move.wished) == ("S3", False)
    full = world.model_copy(update={"spaces": world.spaces[:2]})
    (move,) = effects(full, closed(dates=MONDAYS[:1])).moves
    assert (move.to, move.wished) == (None, True)
    assert move.sentence.zh.endswith("当周没有找到可改的地方")


def test_two_dates_are_not_proposed_for_one_place() -> None:
    """Both rooms shut, one left: the first has it, and the second nothing."""
    asked = [series(f"R{n}", "MO 19:00-20:30!", spaces=(f"S{n}",)) for n in (1, 2)]
    world = problem(asked, spaces=[space("S1"), space("S2"), space("S3")])
    found = effects(world, closed(spaces=("S1", "S2"), dates=MONDAYS[:1]))
    assert [(each.request, each.to and each.to.space) for each in found.moves] == [("R1", "S3"), ("R2", None)]


def test_a_room_that_was_asked_for_comes_before_the_same_hour_in_another() -> None:
    """S3 is asked for and shuts at 20:00; S2 is free at the same hour and nobody asked for it."""
    asked = [series("R1", "MO 19:00-20:30*;MO 18:30-20:00", minutes=90, spaces=("S1", "S3"))]
    world = problem(asked, spaces=[space("S1"), space("S2"), space("S3", hours="08:00-20:00")])
    (move,) = effects(world, closed(dates=MONDAYS[:1])).moves
    assert move.to is not None
    assert (move.to.space, move.to.starts, move.wished) == ("S3", "18:30", True)


def test_a_request_is_not_put_twice_on_one_day() -> None:
    world = problem([series("R1", "MO 19:00-20:00!;WE 17:00-20:00*", minutes=60, per_week=2)])
    apart = world.model_copy(update={"constraints": (DifferentDays(id="old", source="s"),)})
    (move,) = effects(apart, closed(dates=MONDAYS[:1])).moves
    assert (move.was.weekday, move.to) == ("MO", None)


def test_who_is_not_concerned_stays_though_a_better_hour_is_free() -> None:
    """R1 was put on Tuesday and likes Monday, which is free: a closure that concerns R2 is no reason to move it."""
    asked = [series("R1", "MO 19:00-20:00*;TU 19:00-20:00"), series("R2", "WE 09:00-10:00*;TH 09:00-10:00")]
    held = Pin(id="pin", source="s", request="R1", slot=PinnedSlot(weekday="TU"))
    wednesdays = (date(2026, 9, 9), date(2026, 9, 16))
    found = check_rules(problem(asked), [closed(dates=wednesdays)], solved(problem(asked, [held])))
    assert [(move.request, move.to and move.to.weekday) for move in found.moves] == [("R2", "TH")]


def test_another_day_of_the_week_is_proposed_where_the_request_has_a_window() -> None:
    world = problem([series("R1", "MO 19:00-20:30*;WE 18:00-20:30", minutes=90)])
    (move,) = effects(world, closed(dates=MONDAYS[:1])).moves
    assert move.to is not None
    assert (move.to.date, move.to.starts) == (date(2026, 9, 9), "19:00")


def test_who_makes_room_is_told_so() -> None:
    """R1 (P1) has only Monday and its room shuts; it goes to S2, where R2 was, who has Tuesday too."""
    world = problem(
        [
            series("R1", "MO 19:00-20:30!", spaces=("S1", "S2"), priority="P1"),
            series("R2", "MO 19:00-20:30*;TU 19:00-20:30", spaces=("S2",)),
        ],
        spaces=[space("S1"), space("S2")],
    )
    found = effects(world, closed())
    told = {move.request: (move.rules, move.to and (move.to.weekday, move.to.space)) for move in found.moves}
    assert told == {"R1": (("new",), ("MO", "S2")), "R2": ((), ("TU", "S2"))}
    assert "为别的场次让位" in next(move for move in found.moves if move.request == "R2").sentence.zh


def test_what_no_timetable_grants_is_impossible_and_what_the_repair_refuses_is_lost() -> None:
    """R1 has S1 alone. R2 would have S2 too, where R3 of a higher class is."""
    world = problem(
        [
            series("R1", "MO 10:00-11:00!"),
            series("R2", "MO 19:00-20:30!", spaces=("S1", "S2")),
            series("R3", "MO 19:00-20:30!", spaces=("S2",), priority="P1"),
        ],
        spaces=[space("S1"), space("S2")],
    )
    found = effects(world, closed())
    assert [(each.request, each.had, each.has) for each in found.impossible] == [("R1", 1, 0)]
    assert [(each.request, each.had, each.has) for each in found.lost] == [("R2", 1, 0)]
    assert found.lost[0].sentence.zh == "S1 2026-09-07 不能使用：S1 2026-09-07 … 2026-09-14 停用"
    assert {move.request: move.to for move in found.moves} == {"R1": None, "R2": None}


def test_without_a_plan_only_what_becomes_impossible_is_told() -> None:
    found = check_rules(problem([series("R1", "MO 10:00-11:00!"), series("R2", "TU 10:00-11:00!")]), [closed()], None)
    assert ([each.request for each in found.impossible], found.moves, found.timetable) == (["R1"], (), None)


def needed(world: Problem, rules: Sequence[str], requests: Sequence[str]) -> bool:
    """Whether these collide and would not without any single one of them, each time on a fresh model."""

    def collide(ids: Sequence[str], names: Sequence[str]) -> bool:
        kept = [rule for rule in world.constraints if rule.id in ids]
        return infeasible(only(world, [each for each in world.requests if each.id in names], kept))

    return (
        collide(rules, requests)
        and not any(collide([id for id in rules if id != left], requests) for left in rules)
        and not any(collide(rules, [name for name in requests if name != left]) for left in requests)
    )


def test_a_duty_whose_only_place_is_shut_is_a_contradiction() -> None:
    world = problem([series("F1", "MO 12:00-13:00!", priority="fix"), series("R1", "TU 09:00-10:00!")])
    found = effects(world, closed())
    (one,) = found.contradictions
    assert (one.rules, one.requests, one.kinds) == (("new",), ("F1",), ("closed",))
    assert found.set_aside == ("new",)
    assert isinstance(solve(with_rules(world, [closed()])), Infeasible)
    assert needed(with_rules(world, [closed()]), one.rules, one.requests)
    assert "必须安排" in one.sentence.zh


def test_a_pin_against_a_closure_needs_no_duty() -> None:
    pin = Pin(id="pin", source="s", request="R1", slot=PinnedSlot(space="S1"))
    found = effects(two_rooms(), closed(), pin)
    (one,) = found.contradictions
    assert (set(one.rules), one.requests) == ({"new", "pin"}, ("R1",))
    assert needed(with_rules(two_rooms(), [closed(), pin]), one.rules, one.requests)
    assert set(found.set_aside) == {"new", "pin"}


def test_each_contradiction_of_a_batch_is_told_and_the_rest_is_looked_at_without_them() -> None:
    asked = [series(f"F{n}", f"{day} 12:00-13:00!", priority="fix") for n, day in ((1, "MO"), (2, "TU"))]
    world = problem([*asked, *two_rooms().requests], spaces=two_rooms().spaces)
    tuesdays = [date(2026, 9, 8), date(2026, 9, 15)]
    evening = closed("evening", starts="18:00", ends="22:00")
    noon: dict[str, Any] = {"starts": "11:00", "ends": "14:00"}
    found = effects(world, closed("mo", **noon), evening, closed("tu", dates=tuesdays, **noon))
    assert {(each.rules, each.requests) for each in found.contradictions} == {(("mo",), ("F1",)), (("tu",), ("F2",))}
    assert found.set_aside == ("mo", "tu")
    assert [(each.request, each.rules) for each in found.moves] == [("R1", ("evening",))]


def test_the_smallest_set_names_nobody_who_is_not_needed() -> None:
    """Four duties of one teacher; only two of them at one hour."""
    asked = [
        series(f"F{n}", windows, spaces=(f"S{n}",), people=("T1",), priority="fix")
        for n, windows in enumerate(("MO 09:00-10:00!", "MO 14:00-15:00!", "MO 09:30-10:30!", "TU 09:00-10:00!"), 1)
    ]
    world = problem(asked, [DifferentDays(id="old", source="s")], [space(f"S{n}") for n in (1, 2, 3, 4)])
    rule = SameAttendees(id="new", source="s")
    (one,) = effects(world, rule).contradictions
    assert (one.rules, set(one.requests)) == (("new",), {"F1", "F3"})
    assert needed(with_rules(world, [rule]), one.rules, one.requests)


def test_what_a_sharing_rule_permits_is_no_part_of_a_contradiction() -> None:
    """F1 and F2 share S1; without the rule that lets them they would collide too, and that is not what is wrong."""
    asked = [series("F3", "MO 12:00-13:00!", priority="fix")]
    asked += [series(f"F{n}", "MO 09:00-10:00!", headcount=9, priority="fix") for n in (1, 2)]
    shared = Sharing(id="old", source="s", space="S1", uses=("U1",), layout="room", seats=30)
    found = effects(problem(asked, [shared]), closed(starts="12:00", ends="13:00"))
    assert [(each.rules, each.requests) for each in found.contradictions] == [(("new",), ("F3",))]


def test_duties_that_collide_already_are_told_and_nothing_is_repaired() -> None:
    world = problem([series("R1", "MO 09:00-10:00!", priority="fix"), series("R2", "TU 09:00-10:00!")])
    plan = solved(world)
    both = problem([*world.requests, series("R3", "MO 09:00-10:00!", priority="fix")])
    found = check_rules(both, [closed(dates=[date(2026, 9, 8), date(2026, 9, 15)])], plan)
    assert [(each.rules, set(each.requests)) for each in found.contradictions] == [((), {"R1", "R3"})]
    assert (found.complete, found.not_looked_at, found.set_aside) == (False, ("repair",), ())


def test_a_rule_with_a_known_id_is_changed_into_the_new_one() -> None:
    """The closure is put off to another day: R1 may have its room, and nothing is twice in force."""
    before = two_rooms(closed("old"))
    found = effects(before, closed("old", dates=[date(2026, 9, 8)]))
    assert found.problem == two_rooms(closed("old", dates=[date(2026, 9, 8)])).fingerprint()
    assert [each.dead for each in found.rules] == ["matches_nothing"]


def test_who_gains_by_a_changed_rule_is_told() -> None:
    world = problem([series("R1", "MO 09:00-10:00!")], [closed("old")])
    found = effects(world, closed("old", dates=[date(2026, 9, 8)]))
    assert (found.gained, found.lost) == (("R1",), ())


def test_what_there_was_no_time_for_is_said() -> None:
    found = effects(two_rooms(), closed(), limit=1e-6)
    assert not found.complete
    assert {"dead", "contradictions", "repair"} <= set(found.not_looked_at)
    assert [each.dead for each in found.rules] == ["not_examined"]
    assert len(found.rules[0].violated_by) == 2


def test_the_steps_are_told() -> None:
    steps: list[str] = []
    check_rules(two_rooms(), [closed()], solved(two_rooms()), progress=lambda at: steps.append(at.stage))
    firsts = list(dict.fromkeys(steps))
    assert firsts[:4] == ["violations", "dead", "contradictions", "repair"]
    assert firsts[-1] == "other_places"


WEEK = tuple(date(2026, 10, day) for day in range(12, 19))
WEDNESDAYS = tuple(date(2026, 9, 9) + timedelta(weeks=week) for week in range(12))
"""Of the centre's season."""


def test_the_canteen_shut_at_noon_contradicts_the_lunch() -> None:
    shut = closed("noon", ["S01"], WEDNESDAYS, starts="11:30", ends="13:00")
    (one,) = check_rules(centre(), [shut], season()).contradictions
    assert one.rules == ("noon",)
    assert needed(with_rules(centre(), [shut]), one.rules, one.requests)


def test_a_classroom_shut_for_a_week_takes_dates_and_no_session() -> None:
    """Every booking of that week in the classroom is told, and what is proposed stands beside everything."""
    there = [b for b in season().bookings if b.space in {"S04", "S03+S04"} and b.starts.date() in WEEK]
    found = check_rules(centre(), [closed("week", ["S04"], WEEK)], season())
    moves = [move for move in found.moves if move.date is not None]
    assert sorted((m.request, m.date) for m in moves) == sorted((b.request, b.starts.date()) for b in there)
    assert [move for move in found.moves if move.date is None] == []
    assert any(move.to is not None for move in moves)
    assert (found.lost, found.contradictions, found.complete) == ((), (), True)


def test_an_evening_reserved_every_week_moves_the_session_and_the_repair_holds() -> None:
    rule = TypedWindow(
        id="new", source="s", spaces=("S03",), days=("TU",), starts="18:00", ends="21:00", allows=Scope(uses=("meal",))
    )
    found = check_rules(centre(), [rule], season())
    assert ("R027", ("new",)) in {(move.request, move.rules) for move in found.moves}
    assert found.proved
    repaired = repair(with_rules(centre(), [rule]), season(), 30)
    assert repaired is not None
    assert check(with_rules(centre(), [rule]), repaired.bookings) == ()

"""What rules cost: in worlds so small that what would be had without a rule is known by hand."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.constraints.availability import Closed, TypedWindow
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.noise import Curfew, Noise
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin
from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.effects import RuleCost
from scheduler.explain import rule_costs
from scheduler.explain.dead import without_rules
from scheduler.problem import Body, Problem, Request
from scheduler.solve import Solved, solve
from scheduler.timetable import Kept, Timetable
from tests.explain.small import MONDAYS, closed, solved
from tests.factories import problem, series, space
from tests.journeys.centre import centre, season

MONDAY = MONDAYS[:1]


def cost(world: Problem, rule: str = "new", plan: Timetable | None = None) -> RuleCost:
    return next(each for each in rule_costs(world, plan or solved(world), time_limit=30) if each.rule == rule)


def told(found: RuleCost) -> tuple[bool | None, str, list[tuple[str, str | None, int, int, bool]]]:
    differences = [(each.stage, each.of, each.value, each.without, each.proved) for each in found.differences]
    return found.bound, found.told, differences


def kept_free(*, spaces: tuple[str, ...] = ("S1",)) -> TypedWindow:
    """Mondays from 19:00 to 21:00 are for nobody."""
    return TypedWindow(
        id="new", source="s", spaces=spaces, days=("MO",), starts="19:00", ends="21:00", allows=Scope(tags=("x",))
    )


def test_a_session_that_a_closure_takes_is_what_it_cost() -> None:
    found = cost(problem([series("R1", "MO 19:00-20:30!", priority="P2")], [closed()]))
    assert told(found) == (True, "solved", [("classes", "P2", 0, 1, True), ("fairness", "5", 1, 0, True)])
    assert (found.kind, found.sentence.en) == ("closed", "S1 closed 2026-09-07 … 2026-09-14")


def test_a_worse_hour_is_what_it_cost() -> None:
    """R1 has Tuesday, which it only accepts: 25 points on each of two dates."""
    found = cost(problem([series("R1", "MO 19:00-20:30*;TU 19:00-20:30")], [kept_free()]))
    assert told(found) == (True, "solved", [("wishes", None, 50, 0, True)])


def test_the_first_stage_that_differs_comes_first_and_the_later_ones_go_with_it() -> None:
    """Without the closure R1 (P1) has its hour, and R2 (P3), who had it on Tuesdays, loses: not the other way round."""
    asked = [series("R1", "MO 19:00-20:30!", priority="P1"), series("R2", "MO 19:00-20:30!", priority="P3")]
    found = cost(problem(asked, [closed(scope=Scope(requests=("R1",)))]))
    assert told(found) == (True, "solved", [("classes", "P1", 0, 1, True), ("classes", "P3", 1, 0, True)])


def test_a_rule_without_which_nobody_has_more_did_not_bind() -> None:
    """One body, two requests for one hour of one room: the quota lets one of them in, and the room no more."""
    asked = [series("R1", "MO 19:00-20:30!"), series("R2", "MO 19:00-20:30!")]
    assert told(cost(problem(asked, [Quota(id="new", source="s", at_most=1)]))) == (False, "solved", [])


def test_a_rule_that_matches_nothing_changes_nothing() -> None:
    curfew = Curfew(
        id="new", source="s", spaces=("S1",), amplified_from_noise=2, amplified_ends="21:30", cleared_by="22:00"
    )
    assert told(cost(problem([series("R1", "MO 19:00-20:30!")], [curfew]))) == (False, "changes_nothing", [])


def test_where_all_have_all_there_is_nothing_to_gain() -> None:
    asked = [series("R1", "MO,TU,WE 09:00-10:00!", per_week=2)]
    assert told(cost(problem(asked, [kept_free(), DifferentDays(id="d", source="s")]), "d"))[:2] == (
        False,
        "changes_nothing",
    )
    twice = problem([series("R1", "MO,TU 09:00-11:00*", minutes=60, per_week=2)], [DifferentDays(id="d", source="s")])
    assert told(cost(twice, "d")) == (False, "nothing_to_gain", [])


def test_a_permission_costs_nothing() -> None:
    """Two duties share the room: without the rule they could not."""
    asked = [series(f"F{n}", "MO 09:00-10:00!", headcount=9, priority="fix") for n in (1, 2)]
    asked.append(series("R1", "MO 09:00-10:00!", use="U2"))
    shared = Sharing(id="new", source="s", space="S1", uses=("U1",), layout="room", seats=30)
    loses = DateLoss(id="j", source="s", to=("dated_request",))
    world = problem(asked, [shared, loses])
    assert told(cost(world)) == (False, "only_permits", [])
    assert told(cost(world, "j")) == (False, "only_permits", [])


def test_a_pin_costs_what_a_higher_class_would_have() -> None:
    asked = [series("R1", "MO 19:00-20:30!", priority="P1"), series("R2", "MO 19:00-20:30!", priority="P3")]
    found = cost(problem(asked, [Pin(id="new", source="s", request="R2")]))
    assert told(found) == (True, "solved", [("classes", "P1", 0, 1, True), ("classes", "P3", 1, 0, True)])


def test_a_pin_of_what_would_be_placed_anyway_costs_nothing() -> None:
    asked = [series("R1", "MO 19:00-20:30!", priority="P1"), series("R2", "MO 19:00-20:30!", priority="P3")]
    assert told(cost(problem(asked, [Pin(id="new", source="s", request="R1")]))) == (False, "solved", [])


def test_dates_that_fall_are_counted_by_themselves() -> None:
    found = cost(problem([series("R1", "MO 19:00-20:30!")], [closed(dates=MONDAY)]))
    assert (found.fallen_dates, found.bound) == (1, False)


def ranked() -> list[Request]:
    """Two bodies and one hour; R2 ranks it fifth, R1 first."""
    return [
        series("R1", "MO 19:00-20:30!", applicant="O1", own_rank=1),
        series("R2", "MO 19:00-20:30!", applicant="O2", own_rank=5),
    ]


def test_who_of_two_bodies_has_it_is_for_the_lot_and_no_cost() -> None:
    """With the closure only R2 can have the hour. Without it the ranking of R1 would look better: for another body."""
    bodies = (Body(id="B1", applicants=("O1",)), Body(id="B2", applicants=("O2",)))
    for seed in range(4):
        rule = closed(scope=Scope(requests=("R1",)))
        world = problem(ranked(), [rule], bodies=bodies, policy={"seed": seed})
        assert told(cost(world)) == (False, "solved", [])


def test_a_body_that_would_have_its_first_choice_instead_is_a_cost() -> None:
    """Of one body R1 (ranked first) is shut out, and R2 (fifth) stands in its stead."""
    asked = [each.model_copy(update={"applicant": "O1"}) for each in ranked()]
    found = cost(problem(asked, [closed(scope=Scope(requests=("R1",)))]))
    assert told(found) == (True, "solved", [("own_rank", None, 5, 1, True)])


def test_what_is_not_reached_says_so() -> None:
    world = problem([series("R1", "MO 19:00-20:30!")], [closed(), kept_free().model_copy(update={"id": "b"})])
    found = rule_costs(world, solved(world), time_limit=0)
    assert [told(each) for each in found] == [(None, "not_examined", [])] * 2
    stopped = rule_costs(world, solved(world), stop=lambda: True)
    assert [each.told for each in stopped] == ["not_examined"] * 2


def test_of_a_timetable_that_keeps_to_another_that_is_not_given_nothing_is_proved() -> None:
    """It may stand where it stands for the sake of the one before, not of a rule: with that one at hand it is seen."""
    world = problem([series("R1", "MO 19:00-20:30*;TU 19:00-20:30")], [kept_free()])
    before = solved(world)
    outcome = solve(world, previous=before)
    assert isinstance(outcome, Solved)
    assert told(cost(world, plan=outcome.timetable))[:2] == (None, "not_proved")
    [found] = rule_costs(world, outcome.timetable, kept=Kept(before))
    assert told(found) == (False, "solved", [])
    [found] = rule_costs(world, outcome.timetable, kept=Kept(outcome.timetable))
    assert found.told == "not_proved"


def test_a_rule_for_which_somebody_had_to_move_cost_that() -> None:
    """R1 had Monday, and ten people knew: four times ten points of stability, and a worse hour."""
    free = problem([series("R1", "MO 19:00-20:30*;TU 19:00-20:30")])
    world = problem(free.requests, [kept_free()])
    before = solved(free)
    outcome = solve(world, previous=Kept(before, before))
    assert isinstance(outcome, Solved)
    [found] = rule_costs(world, outcome.timetable, kept=Kept(before, before))
    assert told(found) == (True, "solved", [("stability", None, 40, 0, True), ("wishes", None, 50, 0, True)])


WORLDS: dict[str, tuple[list[Request], list[ConstraintBase]]] = {
    "a room shut": (
        [series("R1", "MO 09:00-10:00!", spaces=("S1", "S2")), series("R2", "MO 09:00-10:00!")],
        [closed()],
    ),
    "an evening": (
        [series("R1", "MO 19:00-20:00*;TU 19:00-20:00"), series("R2", "TU 19:00-20:00!", priority="P2")],
        [kept_free(), Quota(id="q", source="s", at_most=1)],
    ),
    "two of a body": (
        [series("R1", "MO,WE 09:00-10:00!", per_week=2, min_sessions=1), series("R2", "WE 09:00-10:00!")],
        [DifferentDays(id="d", source="s"), Quota(id="q", source="s", at_most=1), closed()],
    ),
    "dates": (
        [series("R1", "MO 09:00-10:00!"), series("R2", "MO,TU 09:00-10:00*", spaces=("S2", "S1"))],
        [closed(dates=MONDAY), Closed(id="c", source="s", spaces=("S2",), dates=(date(2026, 9, 8),))],
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_rule_whose_removal_gives_the_same_values_did_not_bind(name: str) -> None:
    asked, rules = WORLDS[name]
    world = problem(asked, rules, [space("S1"), space("S2")])
    plan = solved(world)

    def values(found: Timetable) -> list[int]:
        return [each.value for each in found.stages if each.stage != "lot"]

    found = {each.rule: each.bound for each in rule_costs(world, plan)}
    same = {rule.id: values(solved(without_rules(world, [rule.id]))) == values(plan) for rule in rules}
    assert {id: bound for id, bound in found.items() if same[id]} == {id: False for id in found if same[id]}
    more = {rule.id: values(solved(without_rules(world, [rule.id])))[:6] > values(plan)[:6] for rule in rules}
    assert {id for id, bound in found.items() if bound} >= {id for id in more if more[id]}


@pytest.mark.long
def test_the_rules_of_the_centre() -> None:
    """Quiet hours cost three sessions of P2; crews never bind, and nobody comes near the curfew."""
    found = {each.rule: told(each) for each in rule_costs(centre(), season(), time_limit=600)}
    assert found["b"] == (True, "solved", [("classes", "P2", 42, 45, True)])
    assert found["g"] == (True, "solved", [("classes", "P1", 18, 19, True)])
    assert found["c"] == (False, "changes_nothing", [])
    assert found["e"] == (False, "solved", [])
    assert all(bound is not None for bound, _, _ in found.values())


def test_a_rule_that_should_hold_costs_what_is_given_up_for_it() -> None:
    """R1 wants nine o'clock, where it would be too loud: half past eleven costs 25 points a date, the noise 30."""
    quiet = Noise(
        id="quiet", source="by-law", strength="should", weight=30, quiet_space="B", neighbours=("A",), max_noise=1,
        days=("MO",), starts="09:00", ends="10:00",
    )  # fmt: skip
    asks = [series("R1", "MO 09:00-10:00*;MO 11:30-12:30", spaces=("A",), noise=3)]
    asked = problem(asks, [quiet], [space("A"), space("B")])
    [found] = rule_costs(asked, solved(asked))
    assert (found.rule, found.bound, found.told) == ("quiet", True, "solved")
    assert [(each.stage, each.value, each.without) for each in found.differences[:1]] == [("wishes", 50, 0)]

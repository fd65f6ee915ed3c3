"""Rules that change nothing, and rules that say the same."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.availability import Horizon, Notice, TypedWindow
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.days import DifferentDays
from scheduler.constraints.loads import Load
from scheduler.constraints.noise import Noise
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.relations import Relation
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.explain import check_rules
from scheduler.problem import Problem
from tests.explain.small import MONDAYS, closed, solved, two_rooms
from tests.factories import dated, problem, series, space

DEAD = {
    "another day": (closed(dates=[date(2026, 9, 8)]), "matches_nothing"),
    "another season": (closed(dates=[date(2027, 9, 6)]), "matches_nothing"),
    "nobody in scope": (closed(scope=Scope(tags=("choir",))), "matches_nothing"),
    "nobody so loud": (
        Noise(
            id="new",
            source="s",
            quiet_space="S1",
            days=("MO",),
            starts="18:00",
            ends="22:00",
            neighbours=("S2",),
            max_noise=1,
        ),
        "matches_nothing",
    ),
    "no dated request": (Notice(id="new", source="s", days=15), "matches_nothing"),
    "the season itself": (
        Horizon(id="new", source="s", first_date=date(2026, 9, 1), last_date=date(2026, 9, 30)),
        "matches_nothing",
    ),
    "shut already": (closed(spaces=["S3"]), "adds_nothing"),
    "one session only": (DifferentDays(id="new", source="s"), "matches_nothing"),
    "nobody has so many": (Quota(id="new", source="s", at_most=2), "matches_nothing"),
    "nobody twice": (SameAttendees(id="new", source="s"), "matches_nothing"),
    "rooms enough": (PooledResource(id="new", source="s", resource="space_in_session", at_once=2), "matches_nothing"),
    "nothing is owed": (Changeover(id="new", source="s"), "matches_nothing"),
    "nobody shares": (
        Sharing(id="new", source="s", space="S1", uses=("U9",), layout="room", seats=9),
        "matches_nothing",
    ),
    "nobody takes a date": (DateLoss(id="new", source="s", to=("dated_request",)), "matches_nothing"),
    "a duty anyway": (Pin(id="new", source="s", request="F1"), "adds_nothing"),
    "a duty there anyway": (Pin(id="new", source="s", request="F1", slot=PinnedSlot(weekday="WE")), "adds_nothing"),
}


NEVER = (
    Changeover(id="new", source="s"),
    DifferentDays(id="new", source="s"),
    Quota(id="new", source="s", at_most=0),
    SameAttendees(id="new", source="s"),
    PooledResource(id="new", source="s", resource="space_in_session", at_once=0),
    PooledResource(id="new", source="s", resource="amount", at_once=0),
    Sharing(id="new", source="s", space="S1", uses=("U1",), layout="room", seats=30),
    DateLoss(id="new", source="s", to=("duty",)),
    Choice(id="new", source="s", at_most=0),
    Growth(id="new", source="s"),
    Relation(id="new", source="s", relation="overlap"),
    Load(id="new", source="s", measure="max_sessions"),
    Load(id="new", source="s", measure="min_minutes", minutes=60),
    Noise(
        id="new",
        source="s",
        quiet_space="S1",
        days=("MO",),
        starts="00:00",
        ends="24:00",
        neighbours=("S2",),
        max_noise=0,
    ),
)


@pytest.mark.parametrize("rule", NEVER, ids=lambda rule: f"{rule.kind} {getattr(rule, 'measure', '')}")
@pytest.mark.parametrize("valid", [{"valid_until": date(2026, 9, 6)}, {"valid_from": date(2026, 10, 1)}])
def test_a_rule_that_is_valid_on_no_date_of_the_season_is_dead(rule: ConstraintBase, valid: dict[str, date]) -> None:
    found = check_rules(village(), [rule.model_copy(update=valid)], solved(village()))
    assert [each.dead for each in found.rules] == ["matches_nothing"]


@pytest.mark.parametrize("case", DEAD)
def test_a_rule_that_changes_nothing_is_dead(case: str) -> None:
    rule, expected = DEAD[case]
    found = check_rules(village(), [rule], solved(village()))
    assert [each.dead for each in found.rules] == [expected]
    assert (found.moves, found.lost, found.impossible) == ((), (), ())


def village() -> Problem:
    """R1 in S1 or S2 on Mondays, a duty on Wednesdays, and S3 that is shut on Mondays and asked for all the same."""
    return problem(
        [
            series("R1", "MO 19:00-20:30!", spaces=("S1", "S2", "S3")),
            series("F1", "WE 09:00-10:00!", priority="fix"),
        ],
        [closed("old", ["S3"])],
        [space("S1"), space("S2"), space("S3")],
    )


LIVE = {
    "different_days": (DifferentDays(id="new", source="s"), [series("R1", "MO 09:00-12:00", minutes=60, per_week=2)]),
    "quota": (Quota(id="new", source="s", at_most=1), [series("R1", "MO,TU 09:00-10:00!", per_week=2)]),
    "same_attendees": (
        SameAttendees(id="new", source="s"),
        [series(f"R{n}", "MO 09:00-10:00!", spaces=(f"S{n}",), people=("T1",)) for n in (1, 2)],
    ),
    "pooled_resource": (
        PooledResource(id="new", source="s", resource="space_in_session", at_once=1),
        [series(f"R{n}", "MO 09:00-10:00!", spaces=(f"S{n}",)) for n in (1, 2)],
    ),
    "changeover": (
        Changeover(id="new", source="s"),
        [series(f"R{n}", f"MO {8 + n:02d}:00-{9 + n:02d}:00!", spaces=("S2",)) for n in (1, 2)],
    ),
    "sharing": (
        Sharing(id="new", source="s", space="S1", uses=("U1",), layout="room", seats=30),
        [series(f"R{n}", "MO 09:00-10:00!", headcount=9) for n in (1, 2)],
    ),
    "date_loss": (
        DateLoss(id="new", source="s", to=("dated_request",)),
        [series("R1", "MO 09:00-10:00!"), dated("R2", "2026-09-07", "MO 09:00-10:00!")],
    ),
    "pin": (Pin(id="new", source="s", request="R1"), [series("R1", "MO 09:00-10:00!")]),
    "pin with a slot": (
        Pin(id="new", source="s", request="R1", slot=PinnedSlot(weekday="TU")),
        [series("R1", "MO,TU 09:00-10:00!")],
    ),
}


@pytest.mark.parametrize("case", LIVE)
def test_a_rule_that_changes_something_is_not_dead(case: str) -> None:
    rule, asked = LIVE[case]
    world = problem(asked, spaces=[space("S1"), space("S2", changeover=(ChangeoverRow(minutes=15),))])
    assert [each.dead for each in check_rules(world, [rule], None).rules] == ["no"]


def test_what_is_said_twice_is_told_whoever_wrote_it() -> None:
    old = closed("old", ["S1", "S2"])
    again = closed("new", ["S2", "S1"], MONDAYS[::-1]).model_copy(update={"author": "somebody", "source": "else"})
    other = closed("other", ["S1", "S2"], MONDAYS[:1])
    found = check_rules(two_rooms(old), [again, other, other.model_copy(update={"id": "third"})], None)
    assert [(each.rule, each.duplicate_of, each.dead) for each in found.rules] == [
        ("new", "old", "adds_nothing"),
        ("other", None, "adds_nothing"),
        ("third", "other", "adds_nothing"),
    ]


def test_the_second_of_two_that_do_the_same_adds_nothing() -> None:
    shut = closed("one")
    window = TypedWindow(
        id="two", source="s", spaces=("S1",), days=("MO",), starts="19:00", ends="21:00", allows=Scope(tags=("x",))
    )
    assert [each.dead for each in check_rules(two_rooms(), [shut, window], None).rules] == ["no", "adds_nothing"]
    assert [each.dead for each in check_rules(two_rooms(), [window, shut], None).rules] == ["no", "adds_nothing"]

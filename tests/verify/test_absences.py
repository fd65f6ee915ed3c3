"""Dates that are missing because they fell, or were replaced. Those that are lost: `checks/test_rights.py`."""

from __future__ import annotations

from datetime import date

from scheduler.constraints.availability import Closed, Horizon
from scheduler.constraints.noise import Noise
from scheduler.constraints.rights import DateLoss
from scheduler.verify.core import examine
from scheduler.verify.world import World
from tests.factories import space
from tests.verify.small import Wish, broken, every, made, once, rule, unmet

LUNCH = every("R1", "TH 11:00-13:00", but=["2026-09-10"])
FEAST = once("D1", "2026-09-10 10:30-13:30", replaces="R1")


def kinds(*wishes: Wish, **more: object) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Date, kind and rules of every absence."""
    world, bookings = made(*wishes, **more)  # type: ignore[arg-type] # rules and spaces
    plan, _ = examine(World(world), bookings)
    return [(str(a.thought.date), a.kind, tuple(f.rule for f in a.fallen)) for a in plan.absences]


def test_a_granted_replacement_takes_its_date_out() -> None:
    assert broken(LUNCH, FEAST) == []
    assert kinds(LUNCH, FEAST) == [("2026-09-10", "replaced", ())]


def test_it_takes_it_out_of_a_duty_too_and_whatever_the_hour() -> None:
    duty = every("R1", "TH 11:00-13:00", but=["2026-09-10"], priority="fix")
    assert broken(duty, once("D1", "2026-09-10 18:00-19:00", replaces="R1")) == []


def test_the_date_may_not_be_booked_as_well() -> None:
    both = every("R1", "TH 11:00-13:00"), once("D1", "2026-09-10 18:00-19:00", replaces="R1")
    assert broken(*both) == ["replaces R1 S1 2026-09-10"]


def test_a_refused_replacement_takes_nothing() -> None:
    assert broken(LUNCH, unmet(FEAST.request)) == ["date_loss R1 S1 2026-09-10"]


def test_only_its_own_date_and_series() -> None:
    other = every("R2", "TH 15:00-16:00", but=["2026-09-10"])
    assert broken(LUNCH, FEAST, other) == ["date_loss R2 S1 2026-09-10"]
    wrong_week = every("R1", "TH 11:00-13:00", but=["2026-09-17"])
    assert broken(wrong_week, once("D1", "2026-09-10 18:00-19:00", replaces="R1")) == [
        "date_loss R1 S1 2026-09-17",
        "replaces R1 S1 2026-09-10",
    ]


def test_what_fell_fell_even_if_it_would_also_be_replaced_or_lost() -> None:
    shut = rule(Closed, "shut", spaces=("S1",), dates=(date(2026, 9, 10),))
    elsewhere = once("D1", "2026-09-10 11:00-12:00", "S2", replaces="R1")
    places = [space("S1"), space("S2")]
    assert kinds(LUNCH, elsewhere, rules=[shut], spaces=places) == [("2026-09-10", "fallen", ("closed",))]


def test_every_rule_that_takes_a_date_is_known() -> None:
    rules = [
        rule(Closed, "shut", spaces=("S1",), dates=(date(2026, 9, 10),)),
        rule(Horizon, "season", first_date=date(2026, 9, 11), last_date=date(2026, 9, 30)),
        rule(
            Noise,
            "quiet",
            quiet_space="S2",
            days=("TH",),
            starts="12:00",
            ends="14:00",
            neighbours=("S1",),
            max_noise=1,
            valid_until=date(2026, 9, 10),
        ),
    ]
    places = [space("S1", shut=["2026-09-10"]), space("S2")]
    loud = every("R1", "TH 11:00-13:00", but=["2026-09-10"], noise=2)
    assert kinds(loud, rules=rules, spaces=places) == [
        ("2026-09-10", "fallen", ("closed", "opening_hours", "horizon", "noise"))
    ]
    assert broken(loud, rules=rules, spaces=places) == []


def test_a_session_whose_dates_all_fell_cannot_be_seen_and_is_not_granted() -> None:
    """One of two sessions would have no date at all: the request is then short of a session."""
    two = every("R1", "MO 09:00-11:00; TH 11:00-13:00", but=["2026-09-10", "2026-09-17"])
    shut = rule(Closed, "shut", spaces=("S1",), dates=(date(2026, 9, 10), date(2026, 9, 17)))
    found = broken(two, rules=[shut])
    assert found == ["per_week R1 S1 -"]


def test_a_lost_date_is_told_apart() -> None:
    loss = rule(DateLoss, "loss", to=("dated_request",))
    rival = once("D1", "2026-09-10 11:00-12:00")
    assert kinds(LUNCH, rival, rules=[loss]) == [("2026-09-10", "lost", ())]
    assert kinds(LUNCH, rival) == [("2026-09-10", None, ())]

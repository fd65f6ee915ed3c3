"""C2: four requests want the canteen after lunch, which is cleared until 13:45; two want the same rare stretch."""

from __future__ import annotations

import pytest

from tests.journeys.centre import (
    best_without,
    booked,
    centre,
    collision,
    in_vain,
    pinned,
    refused,
    season,
    slots,
    values,
)

PLACES = {
    "R015": ("TH", "13:15", "S03"),
    "R016": ("TU", "13:15", "S07"),
    "R061": ("WE", "13:45", "S01"),
    "R050": ("FR", "13:45", "S01"),
}


def test_all_four_are_granted_where_the_wishes_are_met_best() -> None:
    """R015 stays at 13:15 in S03, R016 at 13:15 in S07, R061 WE and R050 FR are in S01."""
    assert {name: slots(season(), name) for name in PLACES} == {name: [slot] for name, slot in PLACES.items()}
    assert not PLACES.keys() & refused(season()).keys()


@pytest.mark.parametrize("name", PLACES)
def test_so_it_is_in_every_optimum_of_the_wishes(name: str) -> None:
    """Anywhere else, every class keeps its sessions, and the wishes cost more."""
    best, other = values(season()), best_without(centre(), name, PLACES[name])
    assert other["wishes", None] > best["wishes", None]
    assert other == {stage: value for stage, value in best.items() if stage[0] != "lot"} | {
        ("wishes", None): other["wishes", None]
    }


@pytest.mark.parametrize("name", ["R015", "R016"])
def test_the_reason_for_the_canteen_at_1315_is_lunch(name: str) -> None:
    """The reason for S01 at 13:15 is shown: rule a, lunch is cleared until 13:45."""
    told = in_vain(name, "S01", "13:15")
    assert {(kind, rule, rivals) for kind, rule, rivals, _ in told} == {("changeover", "a", ("R002",))}
    assert all("助老午餐，清场后 13:45 起可用" in zh for *_, zh in told)


def test_nobody_else_is_in_the_canteen_from_1030_to_1345_on_any_date() -> None:
    """No booking of others in S01 in 10:30-13:45 on any date."""
    assert booked(season(), "S01", "10:30", "13:45", but=["R002"]) == []
    assert len(booked(season(), "S01", "10:30", "13:45")) == 84


def test_only_one_of_them_can_have_the_canteen_on_wednesday() -> None:
    """R061 and R050 cannot both have S01 on WE."""
    both = pinned(pinned(centre(), "R061", weekday="WE", space="S01"), "R050", weekday="WE", space="S01")
    outcome = collision(both)
    assert outcome.requests == ("R050", "R061")
    assert outcome.rules[:2] == ("overlap", "pin")

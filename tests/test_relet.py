"""Story 9: a vendor who reports absence by noon frees the stall, and the next in turn is asked."""

from __future__ import annotations

from scheduler.problem import MarketRule
from scheduler.relet import NotRelet, Relet, demoted, relet
from scheduler.timetable import MarketDraw, Pitch
from scheduler.verify.market import check_market
from tests.test_draw import FIX, HOT, market, september, tiny, vendor

NOON = 12 * 60


def drawn(*places: tuple[str, tuple[int, ...]]) -> MarketDraw:
    pitches = tuple(Pitch(vendor=name, night="FR", stalls=stalls) for name, stalls in places)
    return MarketDraw(month="2026-09", seed=1, goals=(), pitches=pitches, refused=())


def test_the_next_is_who_has_fewest_nights_then_who_is_senior() -> None:
    waiting = [vendor("B", seniority_rank=3), vendor("C", seniority_rank=2)]
    world = tiny(FIX, vendor("A"), *waiting, blocked=(2, 3, 4))
    found = relet(world, drawn(("F", (1,)), ("A", (5,))), "A", "FR", NOON)
    assert found == Relet(
        freed=(5,), offers=(Pitch(vendor="C", night="FR", stalls=(5,)), Pitch(vendor="B", night="FR", stalls=(5,)))
    )


def test_nobody_is_asked_whom_a_rule_keeps_from_the_stall() -> None:
    """A hot-food vendor does not come to stand beside another."""
    world = tiny(FIX, vendor("A"), vendor("B"), rules=(HOT,), blocked=(3, 4, 5))
    assert relet(world, drawn(("A", (1,)), ("F", (2,))), "F", "FR", 0) == Relet(freed=(2,), offers=())


def test_kept_stalls_that_fall_short_do_not_leave_the_stall_empty() -> None:
    kept = MarketRule(
        id="mb", kind="category_reserved", strength="must", parameters={"category": "便民修补", "stalls": 1}, source="n"
    )
    world = tiny(FIX, vendor("A"), rules=(kept,), blocked=(2, 3, 4, 5))
    assert relet(world, drawn(("F", (1,))), "F", "FR", 0) == Relet(
        freed=(1,), offers=(Pitch(vendor="A", night="FR", stalls=(1,)),)
    )


def test_a_minute_after_noon_is_a_no_show() -> None:
    world = tiny(FIX, vendor("A"))
    late = relet(world, drawn(("A", (5,))), "A", "FR", NOON + 1)
    assert isinstance(late, NotRelet)
    assert late.no_show
    none = relet(world, drawn(("A", (5,))), "F", "FR", 0)
    assert isinstance(none, NotRelet)
    assert not none.no_show


def test_who_stood_the_market_up_twice_stands_last() -> None:
    world = tiny(vendor("A", seniority_rank=1), vendor("B", seniority_rank=2), vendor("C", seniority_rank=5))
    ranks = {each.id: each.seniority_rank for each in demoted(world, {"B", "A"}).vendors}
    assert ranks == {"C": 5, "A": 6, "B": 7}
    assert demoted(world, ()) == world


def test_the_shoe_repairer_stays_away_on_a_saturday() -> None:
    """V26: the stalls of the others do not move, each offer is to somebody who got no Saturday, and the rules hold."""
    found = relet(market(), september(), "V26", "SA", 9 * 60)
    assert isinstance(found, Relet)
    staying = tuple(p for p in september().pitches if (p.vendor, p.night) != ("V26", "SA"))
    there = {p.vendor for p in staying if p.night == "SA"}
    assert found.offers
    for offer in found.offers:
        assert offer.vendor not in there
        assert set(offer.stalls) <= set(found.freed)
        assert check_market(market(), (*staying, offer)) == ()

"""C8: the square between the pinned night market, the square dance and two films. Calendars have no part in it yet."""

from __future__ import annotations

import pytest

from tests.journeys.centre import (
    GRANTS,
    WISHES,
    by_class,
    centre,
    dates,
    edit,
    gains,
    gains_freely,
    lost,
    reason,
    refusal,
    season,
    slots,
    timetable,
    value_of,
    without,
)


def test_the_dance_has_four_of_six_evenings_and_the_market_the_others() -> None:
    """R037 gets MO-TH (4 of 6)."""
    assert slots(season(), "R037") == [(day, "19:00", "S14") for day in ("MO", "TU", "WE", "TH")]
    told = refusal(season(), "R037")
    assert (told.asked, told.granted, told.before_solving) == (6, 4, False)
    for day, zh in (("SA", "六"), ("SU", "日")):
        why = reason(season(), "R037", day, "19:00", "S14")
        assert (why.code, why.rivals) == ("overlap", ("R080",))
        assert why.sentence.zh == f"室外小广场周{zh} 18:00-21:30 固定安排便民夜市"


def test_the_film_on_a_market_night_is_refused_by_the_market() -> None:
    """R100 refused."""
    told = refusal(season(), "R100")
    assert (told.code, told.reasons[0].rivals, told.before_solving) == ("overlap", ("R080",), True)
    assert "便民夜市" in told.sentence.zh


def test_the_film_on_wednesday_displaces_the_dance_once() -> None:
    """R101 granted, R037 loses 21 Oct and nothing else."""
    assert dates(season(), "R101") == ["2026-10-21"]
    assert {key: to for key, to in lost(season()).items() if key[0] == "R037"} == {("R037", "2026-10-21"): ("R101",)}


def test_the_film_on_a_tuesday_displaces_one_dance_evening() -> None:
    """Offer Tue 15 Sep 19:30, displacing one dance evening."""
    found = gains(edit(centre(), "R100", day="2026-09-15", windows="TU 19:30-21:30!"), "R100", WISHES)
    assert lost(found)["R037", "2026-09-15"] == ("R100",)
    assert value_of(found, "wishes") == value_of(season(), "wishes") + 100


def test_the_film_after_the_markets_season_displaces_nobody() -> None:
    """Offer Sat 7 Nov, displacing nobody."""
    found = gains_freely(edit(centre(), "R100", day="2026-11-07"), "R100")
    assert slots(found, "R100") == [("SA", "19:30", "S14")]


@pytest.mark.parametrize("pinned", [True, False])
def test_without_its_duty_and_pin_the_classes_cancel_the_market(pinned: bool) -> None:
    """With R080 as P4 and not pinned it has 0 of 3 and the dance 6: so the manager must be able to pin."""
    market = edit(centre(), "R080", priority="P4")
    found = timetable(market if pinned else without(market, "pin-R080"), GRANTS)
    if pinned:
        assert by_class(found) == by_class(season())
        assert (len(slots(found, "R080")), len(slots(found, "R037"))) == (3, 4)
    else:
        assert (slots(found, "R080"), len(slots(found, "R037"))) == ([], 6)
        assert refusal(found, "R080").reasons[0].rivals == ("R037",)

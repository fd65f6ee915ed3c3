"""C4: the owners' assembly, P1 by law, on a Saturday morning of the weekly choir."""

from __future__ import annotations

from scheduler.problem import Problem
from tests.factories import dated
from tests.journeys.centre import (
    WISHES,
    asking,
    by_class,
    centre,
    dates,
    in_vain,
    lost,
    pinned,
    refused,
    request_of,
    season,
    slots,
    timetable,
    value_of,
)


def choir_also_asks(day: str, window: str) -> Problem:
    """The choir asks for one more date, of its own choice."""
    choir = request_of(centre(), "R030")
    fields = {name: getattr(choir, name) for name in ("applicant", "use", "headcount", "minutes", "spaces", "layouts")}
    more = {name: getattr(choir, name) for name in ("features", "noise", "priority")}
    return asking(centre(), dated("R030-instead", day, window, **fields, **more))


def test_the_assembly_has_the_hall() -> None:
    """R097 in S07."""
    assert slots(season(), "R097") == [("SA", "09:00", "S07")]


def test_the_choir_keeps_its_series_and_loses_exactly_two_dates() -> None:
    """R030 keeps SA 09:00 and loses exactly 19 Sep (R097) and 24 Oct (R105)."""
    assert slots(season(), "R030") == [("SA", "09:00", "S07")]
    assert {key: to for key, to in lost(season()).items() if key[0] == "R030"} == {
        ("R030", "2026-09-19"): ("R097",),
        ("R030", "2026-10-24"): ("R105",),
    }
    assert not {"2026-09-19", "2026-10-24"} & set(dates(season(), "R030"))
    assert len(dates(season(), "R030")) == 8  # 26 Sep and 3 Oct are days off


def test_the_joined_canteen_is_refused_by_lunch_which_is_set_from_1030() -> None:
    """S01+S02 refused: lunch from 10:30 (30 minutes with the wall)."""
    told = in_vain("R097", "S01+S02")
    assert {(kind, rule) for kind, rule, *_ in told} == {("overlap", None)}
    assert {rivals for _, _, rivals, _ in told} <= {("R002",), ("R004",)}
    assert all("助老午餐" in zh for *_, zh in told)


def test_the_choir_is_granted_the_same_saturday_from_1230_at_no_cost_to_others() -> None:
    """Offered Sat 19 Sep from 12:30, chairs away in 30 minutes, in S07."""
    found = timetable(choir_also_asks("2026-09-19", "SA 12:30-14:30!"), WISHES)
    assert slots(found, "R030-instead") == [("SA", "12:30", "S07")]
    assert by_class(found) == by_class(season()) | {"P3": by_class(season())["P3"] + 1}
    assert value_of(found, "wishes") == value_of(season(), "wishes")
    assert "R030-instead" not in {rival for to in lost(found).values() for rival in to}


def test_a_quarter_of_an_hour_earlier_the_chairs_are_still_there() -> None:
    """12:15 is refused by rule a: the assembly ends at 12:00, and 30 minutes are owed."""
    found = timetable(choir_also_asks("2026-09-19", "SA 12:15-14:15!"), WISHES)
    assert refused(found)["R030-instead"] == ("changeover", "a")


def test_the_choir_is_granted_the_working_sunday_from_1100_at_no_cost_to_others() -> None:
    """Offered Sun 20 Sep from 11:00 in S07, whose Sunday dance has lost the date to the party already."""
    found = timetable(choir_also_asks("2026-09-20", "SU 11:00-13:00!"), WISHES)
    assert slots(found, "R030-instead") == [("SU", "11:00", "S07")]
    assert value_of(found, "wishes") == value_of(season(), "wishes")
    assert [key for key in lost(found) if key[1] == "2026-09-20"] == [
        key for key in lost(season()) if key[1] == "2026-09-20"
    ]


def test_not_on_the_working_sunday_at_0900_when_the_party_meets_as_on_a_friday() -> None:
    """R054 (P1) runs on 20 Sep as on a Friday, 09:00-10:30 in S07: a request of P3 does not take its date."""
    kept = pinned(choir_also_asks("2026-09-20", "SU 09:00-11:00!"), "R054", weekday="FR", starts="09:00", space="S07")
    found = timetable(kept, WISHES)
    assert "2026-09-20" in dates(found, "R054")
    assert refused(found)["R030-instead"][0] in ("overlap", "changeover")

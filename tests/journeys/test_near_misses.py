"""Near misses, each proved: what is refused by minutes is granted with the minutes, and what just fits is granted."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.model.build import candidates_of
from scheduler.placements.facts import Facts, hhmm
from tests.journeys.centre import (
    GRANTS,
    by_class,
    centre,
    collision,
    edit,
    gains_freely,
    in_vain,
    pinned,
    reason,
    refusal,
    refused,
    season,
    slots,
    timetable,
)


def possible(name: str, **change: Any) -> list[tuple[str, str]]:
    """Start and space of every placement of a request, asked differently, that no duty forbids."""
    return [(hhmm(each.start), each.space) for each in candidates_of(Facts(edit(centre(), name, **change))).of(name)]


def test_r057_needs_90_minutes_and_has_80() -> None:
    """S10 is held until 10:30 or later on WE and TH, plus 10; S02 is set for lunch from 10:35."""
    told = refusal(season(), "R057")
    assert (told.granted, told.before_solving) == (0, False)
    wednesday = reason(season(), "R057", "WE", "10:30", "S10")
    assert "清场后" in wednesday.sentence.zh
    thursday = reason(season(), "R057", "TH", "10:30", "S10")
    assert (thursday.code, thursday.constraint, thursday.rivals) == ("changeover", "a", ("R059",))
    assert "清场后 10:40 起可用" in thursday.sentence.zh
    for weekday in ("WE", "TH"):
        lunch = reason(season(), "R057", weekday, "10:30", "S02")
        assert (lunch.code, lunch.rivals) == ("overlap", ("R004",))
        assert "10:35 起备场" in lunch.sentence.zh


@pytest.mark.parametrize(
    "change", [{"windows": "TH 10:45-12:15!"}, {"windows": "TH 10:40-12:00!", "minutes": 80}], ids=["later", "shorter"]
)
def test_r057_is_granted_a_quarter_later_or_ten_minutes_shorter(change: dict[str, Any]) -> None:
    """TH 10:45-12:15, or with 80 min from 10:40."""
    found = gains_freely(edit(centre(), "R057", **change), "R057")
    assert [(day, space) for day, _, space in slots(found, "R057")] == [("TH", "S10")]


def test_r057_with_80_minutes_is_still_too_early_at_1030() -> None:
    """The ten minutes after R059 are owed."""
    found = timetable(edit(centre(), "R057", windows="TH 10:30-11:50!;WE 10:30-11:50!", minutes=80), GRANTS)
    assert "R057" in refused(found)


def test_r065_must_leave_by_1620_for_the_duty_and_p1_does_not_outrank_it() -> None:
    """180 minutes from 13:45 end at 16:45; both rooms are needed at 16:30 by R010 and R011."""
    told = refusal(season(), "R065")
    assert (told.code, told.granted) == ("overlap", 0)
    assert {(each.space, each.rivals) for each in told.reasons} in (
        {("S03", ("R010",)), ("S04", ("R011",))},
        {("S03", ("R011",)), ("S04", ("R010",))},
    )
    assert "16:20 起备场，此前须结束" in told.sentence.zh
    assert {"R010", "R011", "R065"} <= set(collision(pinned(centre(), "R065")).requests)


@pytest.mark.parametrize(
    "change", [{"minutes": 150}, {"windows": "TU 13:15-16:45*;WE 13:15-16:45"}], ids=["shorter", "earlier"]
)
def test_r065_is_granted_with_150_minutes_or_from_1315(change: dict[str, Any]) -> None:
    """Then it is out at 16:15."""
    found = gains_freely(edit(centre(), "R065", **change), "R065")
    assert {"16:15"} == {s.ends for s in found.sessions if s.request == "R065"}


def test_r119_is_refused_by_the_half_day_care_of_a_higher_class() -> None:
    """R068 (P2) holds the room until 11:30 and gives no date to P4: rule j."""
    told = refusal(season(), "R119")
    assert (told.code, told.constraint, told.reasons[0].rivals) == ("date_loss", "j", ("R068",))
    assert "清场后 12:00 起可用" in told.sentence.zh


def test_r119_is_granted_at_1200_after_the_disinfecting() -> None:
    """12:00-13:30 is granted: 11:30 + 30 minutes."""
    found = gains_freely(edit(centre(), "R119", windows="WE 12:00-13:30!"), "R119")
    assert slots(found, "R119") == [("WE", "12:00", "S13")]


def test_r119_is_refused_at_1145() -> None:
    """11:45 is within the 30 minutes."""
    found = timetable(edit(centre(), "R119", windows="WE 11:45-13:15!"), GRANTS)
    assert refused(found)["R119"] == ("date_loss", "j")
    assert by_class(found) == by_class(season())


def test_r091_fits_exactly_between_breakfast_and_lunch() -> None:
    """Breakfast ends 08:30 + 30, lunch tables are set from 10:30; a minute more on either side is refused."""
    assert slots(season(), "R091") == [("SA", "09:00", "S01")]
    assert possible("R091", spaces=("S01",), windows="SA 09:00-10:30!") == [("09:00", "S01")]
    assert possible("R091", spaces=("S01",), windows="SA 09:00-10:31!", minutes=91) == []
    assert possible("R091", spaces=("S01",), windows="SA 08:59-10:30!", minutes=91) == []


def test_r085_is_refused_the_small_dining_room_and_granted_the_council_room() -> None:
    """R085 is refused S02 (lunch) but granted in S10."""
    assert {space for *_, space in slots(season(), "R085")} == {"S10"}
    told = in_vain("R085", "S02")
    assert {(kind, rivals) for kind, _, rivals, _ in told} == {("overlap", ("R004",))}
    assert all("10:35 起备场，此前须结束" in zh for *_, zh in told)
    assert possible("R085", spaces=("S02",)) == []


def test_r029_is_in_the_canteen_from_1915_or_in_the_joined_classrooms_from_1900() -> None:
    """Those are its only places: at 19:00 the canteen is not yet cleared; either can be held at no class's cost."""
    [(_, starts, space)] = slots(season(), "R029")
    assert (starts, space) in {("19:15", "S01"), ("19:00", "S03+S04")}
    assert {(kind, rule, rivals) for kind, rule, rivals, _ in in_vain("R029", "S01", "19:00")} == {
        ("changeover", "a", ("R003",))
    }
    for held in ({"starts": "19:15", "space": "S01"}, {"starts": "19:00", "space": "S03+S04"}):
        assert by_class(timetable(pinned(centre(), "R029", **held), GRANTS)) == by_class(season())


def test_r076_of_the_lowest_class_has_its_saturday_morning() -> None:
    """R076 (P5) is granted: Saturday 09:00 in one classroom, because R048 and R096 can use others."""
    assert [(day, starts) for day, starts, _ in slots(season(), "R076")] == [("SA", "09:00")]
    assert not {"R076", "R048", "R096"} & refused(season()).keys()
    assert {space for *_, space in slots(season(), "R076")} <= {"S03", "S04"}

"""C6: the job fair on Friday 16 October, when the lift is out of order."""

from __future__ import annotations

from itertools import product

import pytest

from scheduler.model.build import candidates_of
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from tests.journeys.centre import (
    GRANTS,
    by_class,
    centre,
    dropped,
    edit,
    gains_freely,
    refusal,
    refused,
    season,
    slots,
    timetable,
    without,
)


def possible(problem: Problem) -> list[tuple[str, int]]:
    """Space and start of every placement of R098 that no rule by itself and no duty forbids."""
    return [(each.space, each.start) for each in candidates_of(Facts(problem)).of("R098")]


def test_it_is_refused_before_solving_each_wish_with_rule_g() -> None:
    """No candidate; morning and afternoon, S03+S04 and S07, each with its reason."""
    told = refusal(season(), "R098")
    assert (told.code, told.constraint, told.before_solving) == ("closed", "g", True)
    assert {(each.code, each.constraint) for each in told.reasons} == {("closed", "g")}
    wishes = {(each.space, each.start) for each in dropped("R098")}
    assert wishes == set(product(("S03+S04", "S07"), (8 * 60 + 30, 13 * 60)))
    assert "lift out of order" in told.sentence.zh


def test_it_is_granted_when_g_is_dropped() -> None:
    """Nothing but the lift refuses it."""
    found = timetable(without(centre(), "g"), GRANTS)
    assert "R098" not in refused(found)
    assert by_class(found) == by_class(season()) | {"P1": by_class(season())["P1"] + 1}


@pytest.mark.parametrize("day", ["2026-10-09", "2026-10-23"])
def test_a_week_earlier_or_later_it_is_granted_and_displaces_nobody(day: str) -> None:
    """Offers: Fri 9 or 23 Oct, same hours, S03+S04."""
    found = gains_freely(edit(centre(), "R098", day=day), "R098")
    assert slots(found, "R098") == [("FR", "08:30", "S03+S04")]


def test_the_ground_floor_has_no_240_minutes_either() -> None:
    """S01+S02: the longest stretch between the meals is 13:45-16:10, 145 minutes."""
    everywhere = "FR 06:30-21:30*;" + ";".join(f"FR {7 + i // 4:02d}:{i % 4 * 15:02d}-21:30*" for i in range(40))
    assert possible(edit(centre(), "R098", spaces=("S01+S02",), windows=everywhere)) == []
    short = edit(centre(), "R098", spaces=("S01+S02",), windows="FR 13:45-16:10!", minutes=145)
    assert possible(short) == [("S01+S02", 13 * 60 + 45)]
    for window, minutes in (("FR 13:45-16:11!", 146), ("FR 13:44-16:10!", 146)):
        assert possible(edit(centre(), "R098", spaces=("S01+S02",), windows=window, minutes=minutes)) == []

"""Facts looked up once: scopes, validity, nominal dates, windows, ways."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.constraints.availability import Horizon
from scheduler.constraints.terms import Scope
from scheduler.problem import Body
from scheduler.verify.world import World
from tests.factories import dated, problem, series, space
from tests.verify.small import rule

BODIES = (Body(id="B1", applicants=("O2", "O3")), Body(id="B2", applicants=("O3",)))
ASKED = series("R1", "MO 09:00-10:00", applicant="O3", priority="P2", use="talk", tags=("lift", "quiet"))


@pytest.mark.parametrize(
    ("scope", "meant"),
    [
        ({}, True),
        ({"requests": ("R1",)}, True),
        ({"requests": ("R2",)}, False),
        ({"requests": ("R2", "R1")}, True),
        ({"applicants": ("O3",)}, True),
        ({"applicants": ("O2",)}, False),
        ({"bodies": ("B1",)}, True),
        ({"bodies": ("B2",)}, True),
        ({"bodies": ("O3",)}, False),
        ({"priorities": ("P2",)}, True),
        ({"priorities": ("P3",)}, False),
        ({"uses": ("talk",)}, True),
        ({"uses": ("film",)}, False),
        ({"tags": ("lift", "loud")}, True),
        ({"tags": ("loud",)}, False),
        ({"without_tags": ("loud",)}, True),
        ({"without_tags": ("loud", "lift")}, False),
        ({"uses": ("talk",), "priorities": ("P3",)}, False),
        ({"uses": ("talk",), "without_tags": ("lift",)}, False),
    ],
)
def test_a_scope_is_and_between_fields_and_or_within(scope: dict[str, Any], meant: bool) -> None:
    world = World(problem([ASKED], bodies=BODIES))
    assert world.matches(Scope(**scope), ASKED, world.spaces["S1"]) == meant


@pytest.mark.parametrize(
    ("valid", "day", "judged"),
    [
        ({}, 7, True),
        ({"valid_from": date(2026, 9, 7)}, 7, True),
        ({"valid_from": date(2026, 9, 8)}, 7, False),
        ({"valid_until": date(2026, 9, 7)}, 7, True),
        ({"valid_until": date(2026, 9, 6)}, 7, False),
        ({"scope": Scope(uses=("film",))}, 7, False),
    ],
)
def test_a_rule_holds_from_its_first_date_to_its_last(valid: dict[str, Any], day: int, judged: bool) -> None:
    horizon = rule(Horizon, first_date=date(2026, 1, 1), last_date=date(2026, 12, 31), **valid)
    world = World(problem([ASKED]))
    assert world.judges(horizon, ASKED, world.spaces["S1"], date(2026, 9, day)) == judged


def test_nominal_dates_are_those_of_season_and_request() -> None:
    short = series("R1", "MO 09:00-10:00", first_date="2026-09-14")
    one = dated("D1", "2026-12-24", "TH 09:00-10:00")
    world = World(problem([short, one]))
    assert world.nominal_dates(short, "MO") == (date(2026, 9, 14),)
    assert world.nominal_dates(one, "TH") == (date(2026, 12, 24),)
    assert world.nominal_dates(one, "FR") == ()


def test_a_series_that_ends_before_it_begins_has_no_dates() -> None:
    none = series("R1", "MO 09:00-10:00", first_date="2026-09-20", last_date="2026-09-01")
    assert World(problem([none])).nominal_dates(none, "MO") == ()


@pytest.mark.parametrize(
    ("windows", "hours", "liking"),
    [
        ("MO 09:00-11:00!", 9, "liked"),
        ("MO 09:00-11:00!", 10, None),
        ("MO 09:00-11:00*", 10, "liked"),
        ("MO 09:00-11:00", 10, "acceptable"),
        ("MO 09:00-11:00; MO 08:00-12:00*", 10, "liked"),
        ("MO 09:00-11:00; MO 10:00-11:00!", 10, "liked"),
        ("MO 09:00-11:00; TU 10:00-11:00!", 10, "acceptable"),
        ("MO 09:00-11:00*", 11, None),
    ],
)
def test_of_several_windows_the_best_counts(windows: str, hours: int, liking: str | None) -> None:
    asked = series("R1", windows, minutes=60)
    assert World(problem([asked])).liking(asked, "MO", timedelta(hours=hours)) == liking


def test_ways_are_symmetric_and_none_where_none_is_stated() -> None:
    places = [space("A", site="X"), space("B", site="Y"), space("C", site="Z")]
    world = World(problem(spaces=places, travel={("X", "Y"): 20, ("X", "X"): 5}))
    minutes = [world.travel(*pair) // timedelta(minutes=1) for pair in (("X", "Y"), ("Y", "X"), ("X", "Z"), ("X", "X"))]
    assert minutes == [20, 20, 0, 0]


def test_atoms_are_the_leaves() -> None:
    places = [space("A"), space("B"), space("C"), space("AB", parts=("A", "B")), space("ABC", parts=("AB", "C"))]
    atoms = World(problem(spaces=places)).atoms
    assert {name: sorted(atoms[name]) for name in atoms} == {
        "A": ["A"],
        "B": ["B"],
        "C": ["C"],
        "AB": ["A", "B"],
        "ABC": ["A", "B", "C"],
    }

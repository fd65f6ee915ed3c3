"""The reference problem is the scenario, whole: nothing lost, nothing added but names in English and a seed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import fixtures.badahu
from fixtures.badahu.make import main, text_of
from fixtures.badahu.taking import take
from scheduler.constraints.availability import Closed, Notice
from scheduler.constraints.changeover import Changeover
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import Quota
from scheduler.problem import Dated, Problem, Series
from scheduler.wellformed import faults_of, read_problem

HERE = Path(fixtures.badahu.__file__).parent
TEXT = (HERE / "problem.json").read_text(encoding="utf-8")
SCENARIO: dict[str, Any] = json.loads((HERE / "scenario.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def problem() -> Problem:
    return read_problem(TEXT)


def test_the_committed_problem_is_what_the_script_makes() -> None:
    assert text_of() == TEXT


def test_it_is_well_formed(problem: Problem) -> None:
    assert faults_of(problem) == ()


def test_every_entity_is_there(problem: Problem) -> None:
    assert len(problem.spaces) == 14 + 2
    assert [space.id for space in problem.spaces if space.parts] == ["S01+S02", "S03+S04"]
    assert len(problem.uses) == 25
    assert len(problem.applicants) == 40
    assert len(problem.calendars) == 4
    assert len(problem.priorities) == 6
    assert len(problem.bodies) == 1
    assert len(problem.people) == 1
    assert len(problem.requests) == 121


def test_every_session_is_there(problem: Problem) -> None:
    series = [request.when for request in problem.requests if isinstance(request.when, Series)]
    dated = [request.when for request in problem.requests if isinstance(request.when, Dated)]
    assert (len(series), sum(each.per_week for each in series), len(dated)) == (97, 177, 24)


def test_every_rule_is_there_and_the_pin_is_one_more(problem: Problem) -> None:
    assert [rule.id for rule in problem.constraints] == [*"abcdefghijklm", "pin-R080"]
    assert [rule.source for rule in problem.constraints][:13] == [rule["source"] for rule in SCENARIO["rules"]]


def test_the_market_is_carried_whole(problem: Problem) -> None:
    assert problem.market is not None
    assert (len(problem.market.vendors), len(problem.market.stalls)) == (30, 24)
    assert len(problem.market.rules) == 6
    assert sum(len(vendor.nights) for vendor in problem.market.vendors) == 72


@pytest.mark.parametrize("part", ["calendars", "classes", "uses", "applicants", "bodies", "people", "market"])
def test_every_value_of_the_scenario_is_found_again(part: str) -> None:
    """Every text and number, as often as it stands there at least; only the names of fields may differ."""
    ours = Counter(map(repr, _leaves(json.loads(TEXT))))
    theirs = Counter(map(repr, _leaves(SCENARIO[part])))
    assert theirs - ours == Counter()


@pytest.mark.parametrize("wish", SCENARIO["requests"], ids=lambda wish: str(wish["id"]))
def test_a_request_says_what_the_scenario_says(wish: dict[str, Any], problem: Problem) -> None:
    request = next(each for each in problem.requests if each.id == wish["id"])
    when = request.when
    assert request.applicant == wish["applicant"]
    assert request.use == wish["use"]
    assert (request.headcount, request.minutes, request.noise) == (wish["headcount"], wish["minutes"], wish["noise"])
    assert (list(request.spaces), list(request.layouts)) == (wish["spaces"], wish["layouts"])
    assert (list(request.features), list(request.people)) == (wish["features"], wish["people"])
    assert (request.priority, request.priority_reason) == (wish["cls"], wish.get("class_reason", ""))
    assert (request.note, request.own_rank, request.hosts) == (
        wish["note"],
        wish.get("own_rank"),
        wish.get("hosts"),
    )
    assert ("lift_exempt" in request.tags) == wish["lift_exempt"]
    assert [(list(w.days), w.starts, w.ends, w.kind) for w in request.windows] == [
        (w["days"], w["start"], w["end"], w["kind"]) for w in wish["windows"]
    ]
    if isinstance(when, Series):
        assert wish["recurring"]
        assert (when.per_week, when.min_sessions, when.calendar) == (
            wish["per_week"],
            wish.get("min_sessions"),
            wish["calendar"],
        )
        dates = [str(each) for each in (when.first_date, when.last_date) if each]
        assert dates == wish.get("valid", [])
    else:
        assert not wish["recurring"]
        assert isinstance(when, Dated)
        assert str(when.date) == wish["date"]
        assert (str(when.published_on) if when.published_on else None) == wish.get("date_published")
        assert (when.replaces.request if when.replaces else None) == wish.get("replaces", {}).get("request")


@pytest.mark.parametrize("atom", SCENARIO["spaces"], ids=lambda atom: str(atom["id"]))
def test_a_space_says_what_the_scenario_says(atom: dict[str, Any], problem: Problem) -> None:
    space = next(each for each in problem.spaces if each.id == atom["id"])
    assert (space.name, space.floor, space.outdoor) == (atom["name"], atom["floor"], atom["outdoor"])
    assert space.area_m2 == atom["area_m2"]
    assert {layout.id: layout.capacity for layout in space.layouts} == atom["layouts"]
    assert list(space.features) == atom["features"]
    assert [[each.starts, each.ends] for each in space.hours] == atom["open"]
    assert len(space.changeover) == len(atom["changeover"])
    for row, theirs in zip(space.changeover, atom["changeover"], strict=True):
        assert (row.minutes, row.crew, row.why) == (theirs["minutes"], theirs["crew"], theirs["why"])
        assert row.layout_changes == theirs.get("layout_changes", False)
        for ours, side in ((row.before, theirs["from"]), (row.after, theirs["to"])):
            assert {name: list(each) for name, each in ours if each} == side


def test_a_combination_has_what_its_parts_have(problem: Problem) -> None:
    hall = next(each for each in problem.spaces if each.id == "S01+S02")
    assert hall.parts == ("S01", "S02")
    assert hall.features == ("kitchen_hatch", "projector", "sink")
    assert (hall.floor, hall.area_m2, hall.hours, hall.changeover) == (1, 220, (), ())
    assert [(each.id, each.capacity) for each in hall.layouts] == [("theatre", 130)]


def test_the_house_rules_keep_their_numbers(problem: Problem) -> None:
    rules = {rule.id: rule for rule in problem.constraints}
    a, e, f, g, h, k, seats, pin = (rules[each] for each in ("a", "e", "f", "g", "h", "k", "l", "pin-R080"))
    assert isinstance(a, Changeover)
    assert a.nothing_owed_after_minutes == 360
    assert isinstance(e, PooledResource)
    assert (e.resource, e.at_once, e.starts, e.ends) == ("conversion_crew", 2, "00:00", "24:00")
    assert isinstance(f, PooledResource)
    assert (f.resource, f.at_once, f.starts, f.ends) == ("space_in_session", 6, "18:30", "24:00")
    assert f.spaces == tuple(f"S{number:02d}" for number in range(1, 14))
    assert isinstance(g, Closed)
    assert (g.floors, g.scope.without_tags) == ((2, 3), ("lift_exempt",))
    assert [each.day for each in g.dates] == [12, 13, 14, 15, 16]
    assert isinstance(h, Quota)
    assert (h.at_most, h.indoor_only, h.scope.priorities) == (2, True, ("P3",))
    assert [(each.days, each.starts_from) for each in h.prime] == [
        (("MO", "TU", "WE", "TH", "FR"), "18:00"),
        (("SA", "SU"), "00:00"),
    ]
    assert isinstance(k, Notice)
    assert (k.days, k.scope.uses) == (15, ("U17",))
    assert isinstance(seats, Sharing)
    assert (seats.space, seats.uses, seats.layout, seats.seats) == ("S05", ("U08", "U09"), "reading", 48)
    assert isinstance(pin, Pin)
    assert (pin.request, pin.slot) == ("R080", None)


def test_the_policy_is_in_whole_points(problem: Problem) -> None:
    wishes = problem.policy.wishes
    assert problem.policy.start_step_minutes == 15
    assert (wishes.points_per_occurrence, wishes.lost_date) == (100, 100)
    assert (wishes.acceptable_window, wishes.space_rank) == (25, 10)
    assert [each.id for each in problem.priorities if each.duty] == ["fix"]


def test_everything_that_pages_show_has_an_english_name(problem: Problem) -> None:
    parts = (problem.spaces, problem.uses, problem.applicants, problem.sites, (problem.community,))
    names = [each.name_en for part in parts for each in part]
    assert len(names) == 16 + 25 + 40 + 1 + 1
    assert [name for name in names if not name or not name.isascii()] == []


def test_every_layout_feature_and_tag_has_a_name_in_both_languages(problem: Problem) -> None:
    used = {layout.id for space in problem.spaces for layout in space.layouts}
    used |= {feature for space in problem.spaces for feature in space.features}
    used |= {tag for request in problem.requests for tag in request.tags}
    assert {label.id for label in problem.labels} == used
    assert all(label.en.isascii() and not label.zh.isascii() for label in problem.labels)


def test_a_field_that_is_not_translated_stops_the_script() -> None:
    with pytest.raises(ValueError, match=r"not translated \['colour'\]"):
        take({"id": "S01", "colour": "blue"}, "id")


def test_the_script_finds_its_way_from_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "problem.json"
    monkeypatch.setattr("sys.argv", ["make", str(HERE / "scenario.json"), "-o", str(output)])
    main()
    assert output.read_text(encoding="utf-8") == TEXT


def _leaves(value: Any) -> list[Any]:
    """The values within, and no keys."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if inner is None else [leaf for each in inner for leaf in _leaves(each)]

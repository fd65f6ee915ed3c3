"""The page of all rules is what the code makes, and has every name that people must be able to say."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from pydantic import BaseModel

from docs.rules import make as page
from scheduler.constraints import KINDS
from scheduler.constraints.loads import Measure
from scheduler.constraints.presets import CALLED, GROUPS, ITC2019, PRESETS, Preset
from scheduler.constraints.relations import RelationName
from scheduler.constraints.resources import PooledResource
from scheduler.problem import Applicant, Body, Market, Person, Policy, Problem, Stage, Use
from scheduler.wellformed import faults_of
from tests.factories import problem, series, space
from tests.test_house_rules import ROOT, text_of

VOCABULARY = """
must should closed opening_hours typed_window capacity min_occupancy suitability features horizon notice
booking_horizon start_grid duration_limits offer sharing changeover split_attendance pooled_resource noise curfew
blocking same_start same_time different_time same_days different_days same_weeks different_weeks overlap
not_overlap precedence consecutive days_between min_gap work_day linked at_most_k_of mutually_exclusive
same_space different_space space_stability adjacent_spaces not_adjacent same_attendees max_days max_day_load
max_breaks max_block max_hours min_working_days compactness quota entitlement share_of_supply category_cap
category_reserved date_loss priority_class standing_claim seniority newcomer_floor round_robin_growth fair_share
pin stability spaces_open oversized_room useless_gap
"""
"""What operators and managers can say."""

OF_ITC2019 = """
SameStart SameTime DifferentTime SameDays DifferentDays SameWeeks DifferentWeeks Overlap NotOverlap SameRoom
DifferentRoom SameAttendees Precedence WorkDay MinGap MaxDays MaxDayLoad MaxBreaks MaxBlock
"""

FROM = {
    "O": "offer sharing changeover pooled_resource blocking",
    "O M": "closed opening_hours notice booking_horizon start_grid duration_limits pin",
    "O R": "typed_window noise quota",
    "M": "horizon split_attendance stability",
    "R": "curfew entitlement share_of_supply priority_class round_robin_growth fair_share",
    "M R": "date_loss category_cap category_reserved seniority newcomer_floor",
}
"""Who may submit a name, where not everybody may."""

RULES = [preset for preset in PRESETS if preset.way == "rule"]
OTHERS = [preset for preset in PRESETS if preset.way != "rule"]
NAMES = {preset.name for preset in PRESETS}


def called(preset: Preset) -> str:
    return f"{preset.name} by {preset.kind}"


def rows() -> list[list[str]]:
    """The cells of every row of every table of the page."""
    lines = page.PAGE.read_text(encoding="utf-8").splitlines()
    return [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in lines if line.startswith("| ")]


def test_the_page_is_what_the_code_makes() -> None:
    """If not: python -m docs.rules.make."""
    assert page.PAGE.read_text(encoding="utf-8") == page.page()


@pytest.mark.parametrize("name", [*VOCABULARY.split(), *OF_ITC2019.split()])
def test_every_name_has_a_row(name: str) -> None:
    assert f"`{name}`" in {row[0] for row in rows()}


def test_every_kind_says_a_name() -> None:
    assert KINDS.keys() - {preset.kind for preset in PRESETS} <= NAMES


def test_no_cell_of_a_name_is_empty() -> None:
    named = [row for row in rows() if len(row) == 9]
    assert len(named) == len(PRESETS) + len(GROUPS)
    assert [row[0] for row in named if not all(cell.strip() for cell in row)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_section(kind: str) -> None:
    assert f"\n### {kind}\n" in page.PAGE.read_text(encoding="utf-8")


def test_every_relation_measure_and_resource_has_a_name() -> None:
    said = {(preset.kind, page._choice(preset)) for preset in RULES}
    resources = get_args(PooledResource.model_fields["resource"].annotation)
    assert {("relation", each) for each in get_args(RelationName)} <= said
    assert {("load", each) for each in get_args(Measure)} <= said
    assert {("pooled_resource", each) for each in resources} <= said


def test_every_line_of_a_docstring_is_told_with_its_opposite() -> None:
    for preset in RULES:
        if preset.kind in {"relation", "load"}:
            assert page._line(preset)
            own = page._parted(page._prose(page.SCHEMAS[preset.kind]))[1][page._choice(preset)]
            assert page._told("Opposite", own)


def test_the_opposite_of_a_name_is_a_name() -> None:
    words = {called(preset): page._rest(preset)[0].split()[0].rstrip(",").strip("`") for preset in PRESETS}
    prose = {"closed by closed"}
    assert {
        who: word
        for who, word in words.items()
        if word not in NAMES | {*get_args(Measure), "none"} and who not in prose
    } == {}


@pytest.mark.parametrize(("theirs", "ours"), [(theirs, ours) for theirs, (ours, _) in ITC2019.items()])
def test_a_distribution_type_is_a_relation_or_a_load(theirs: str, ours: str) -> None:
    assert theirs in OF_ITC2019.split()
    assert ours in {*get_args(RelationName), *get_args(Measure)}
    assert page._parted(page._prose(page.SCHEMAS["relation" if ours in get_args(RelationName) else "load"]))[1][ours]


def test_the_parameters_of_a_distribution_type_are_its_own() -> None:
    for ours, told in ITC2019.values():
        kind = "relation" if ours in get_args(RelationName) else "load"
        assert set(re.findall(r"`(\w+)`", told)) <= page.SCHEMAS[kind].model_fields.keys()


# Presets


def world() -> Problem:
    """A problem that has everything that the examples name."""
    rooms = (
        space("hall", layouts={"room": 100}),
        space("library", layouts={"desks": 40, "room": 40}),
        *(space(name) for name in ("room1", "room2", "square")),
    )
    asked = [
        series(name, "TU 19:00-20:30!", spaces=("hall", "room1", "room2"), people=("teacher",), tags=("newcomer",))
        for name in ("R1", "R2", "R3")
    ]
    uses = ("U1", "meal", "class", "study", "reading", "chess", "assembly")
    return problem(
        asked,
        (),
        rooms,
        season=("2026-09-07", "2027-01-17"),
        uses=tuple(Use(id=u, name=u, noise=0, calendar="always") for u in uses),
        applicants=tuple(Applicant(id=a, name=a, priority="P3") for a in ("O1", "choir")),
        bodies=(Body(id="elders", applicants=("choir",)),),
        people=(Person(id="teacher"),),
    )


@pytest.mark.parametrize("preset", RULES, ids=called)
def test_a_preset_is_a_rule_that_means_something(preset: Preset) -> None:
    rule = page.instance(preset)
    assert rule.strength in rule.strengths
    assert faults_of(world().model_copy(update={"constraints": (rule,)})) == ()


@pytest.mark.parametrize("preset", RULES, ids=called)
def test_what_a_preset_fixes_is_not_left_open(preset: Preset) -> None:
    assert not preset.parameters.keys() & preset.example.keys()


@pytest.mark.parametrize("preset", RULES, ids=called)
def test_an_example_speaks_both_languages(preset: Preset) -> None:
    said = page.instance(preset).sentence(CALLED)
    assert re.search(r"[\u4e00-\u9fff]", said.zh)
    assert not re.search(r"[\u4e00-\u9fff]", said.en)


@pytest.mark.parametrize("preset", RULES, ids=called)
def test_a_sentence_says_whether_it_is_a_wish(preset: Preset) -> None:
    rule = page.instance(preset)
    for strength in rule.strengths:
        said = rule.model_copy(update={"strength": strength}).sentence(CALLED)
        assert said.en.startswith("(wish) ") is (strength == "should")
        assert ("尽量" in said.zh) is (strength == "should")


@pytest.mark.parametrize("preset", PRESETS, ids=called)
def test_a_note_speaks_both_languages(preset: Preset) -> None:
    assert re.search(r"[\u4e00-\u9fff]", preset.note_zh)
    assert not re.search(r"[\u4e00-\u9fff]", preset.note_en)


def test_every_name_is_said_in_one_way_by_one_kind() -> None:
    said = [(p.name, p.kind, str(p.parameters), str(sorted(p.example))) for p in PRESETS]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("preset", OTHERS, ids=called)
def test_what_is_no_rule_stands_where_it_says(preset: Preset) -> None:
    schemas: list[type[BaseModel]] = [Problem, Policy, Market, *page.SCHEMAS.values()]
    assert preset.way != "stage" or preset.kind in get_args(Stage)
    assert preset.way != "built in" or KINDS[preset.kind] is None
    fields = set().union(*(_properties(schema) for schema in schemas))
    named = re.findall(r"`([\w.]+)`", preset.kind.removeprefix("rule ")) if preset.way == "data" else []
    assert [name for name in named if not set(name.split(".")) <= fields] == []


def _properties(schema: type[BaseModel]) -> set[str]:
    """The names of all fields of a schema and of what is in it."""
    whole = schema.model_json_schema()
    return set().union(*(node.get("properties", {}) for node in (whole, *whole.get("$defs", {}).values())))


# Who may submit, and where the tests are


def test_who_may_submit_a_name() -> None:
    stated = {name: who for who, names in FROM.items() for name in names.split()}
    for preset in PRESETS:
        ours = page._who(preset)
        assert set(ours.split()) <= {"O", "M", "R", "—"}
        assert (preset.name, ours) == (preset.name, stated.get(preset.name, ours))
        if preset.way == "rule":
            assert set(ours.split()) <= set(page.SCHEMAS[preset.kind].only_from.split())


@pytest.mark.parametrize("preset", PRESETS, ids=called)
def test_the_tests_of_a_name_are_there(preset: Preset) -> None:
    path = page._tests(preset.kind) if preset.way == "rule" else preset.tests
    assert (ROOT / path).is_file()
    sought = preset.kind if preset.way == "rule" else re.findall(r"\w+", preset.kind.partition("` ")[0])[-1]
    assert sought in text_of(path)

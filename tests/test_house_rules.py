"""The rules of CONTRIBUTING.md that a test can guard."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import scheduler
from scheduler.constraints import FAMILIES, KINDS
from scheduler.constraints.terms import ConstraintBase
from tests.house import FOLDERS, complaints

ROOT = Path(scheduler.__file__).parent.parent
LONGEST = 400

SPOKEN = (
    "space, site, layout, changeover, conversion, use, applicant, body, round, request, session, occurrence, window, "
    "constraint, rule, placement, booking, host, refusal, proposal, release, feed, pin, repair, duty, class, ledger, "
    "slot, timetable, series, dated request, pattern, offer, relation, load, quota, sharing, curfew, source, stage, "
    "lot, crew, atom, combination"
)
"""The words of the domain (section 3 of the design), and those that the rules and pages use most."""


@cache
def committed() -> tuple[str, ...]:
    """Every file that git knows; without git, every file of the folders that it would know."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return tuple(name for name in listed.splitlines() if (ROOT / name).is_file())
    folders = ("api", "benchmarks", "deploy", "docs", "fixtures", "scheduler", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*")]
    kept = (path for path in [*files, *ROOT.glob("*.*")] if path.is_file() and "__pycache__" not in path.parts)
    return tuple(path.relative_to(ROOT).as_posix() for path in kept)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def test_every_family_and_kind_is_in_its_four_places() -> None:
    assert complaints(ROOT) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files of the families, to be spoiled."""
    for folder in [*FOLDERS, "tests/constraints"]:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_family_of_one_file_hears_what_else_it_needs(copy: Path) -> None:
    (copy / "scheduler/constraints/shade.py").write_text('KINDS = {"parasol": None}\n', encoding="utf-8")
    assert complaints(copy) == [
        "family `shade` is not in FAMILIES of scheduler/constraints/__init__.py",
        "family `shade` has no scheduler/model/posts/shade.py",
        "family `shade` is not in FAMILIES of scheduler/model/posts/__init__.py",
        "family `shade` has no scheduler/verify/checks/shade.py",
        "family `shade` is not in FAMILIES of scheduler/verify/checks/__init__.py",
        "family `shade` has no tests/constraints/test_shade.py",
    ]


def test_a_new_family_without_tests_hears_so(copy: Path) -> None:
    for folder, names in FOLDERS.items():
        (copy / folder / "shade.py").write_text(f'{names[0]} = {{"parasol": None}}\n', encoding="utf-8")
        replace(copy / folder / "__init__.py", '    "pin",\n)', '    "pin",\n    "shade",\n)')
    assert complaints(copy) == ["family `shade` has no tests/constraints/test_shade.py"]


def test_a_family_that_is_registered_without_a_file_hears_so(copy: Path) -> None:
    (copy / "scheduler/model/posts/noise.py").unlink()
    assert complaints(copy) == ["family `noise` has no scheduler/model/posts/noise.py"]


def test_a_new_kind_hears_where_it_is_missing(copy: Path) -> None:
    replace(copy / "scheduler/constraints/noise.py", '{"noise": Noise,', '{"echo": None, "noise": Noise,')
    assert complaints(copy) == [
        "kind `echo` of family `noise` is not in POSTS or ONCE or DATE_JUDGES or SPACE_JUDGES of "
        "scheduler/model/posts/noise.py",
        "kind `echo` of family `noise` is not in CHECKS of scheduler/verify/checks/noise.py",
        "kind `echo` of family `noise` has no Truth in tests/constraints/test_noise.py",
        "kind `echo` of family `noise` has no World in tests/constraints/test_noise.py",
    ]


def test_a_check_without_a_schema_hears_so(copy: Path) -> None:
    replace(
        copy / "scheduler/verify/checks/days.py",
        '{"different_days":',
        '{"same_days": different_days, "different_days":',
    )
    assert complaints(copy)[0] == ("kind `same_days` of family `days` is not in KINDS of scheduler/constraints/days.py")


def test_a_kind_without_a_world_hears_so(copy: Path) -> None:
    with (copy / "tests/constraints/test_noise.py").open("a", encoding="utf-8") as more:
        more.write('\nWORLDS = [world for world in WORLDS if world.kind != "curfew"]\n')
    assert complaints(copy) == ["kind `curfew` of family `noise` has no World in tests/constraints/test_noise.py"]


def test_a_kind_that_only_permits_is_posted_where_it_is_said() -> None:
    from scheduler.model.posts import PERMITS

    for kind, file in PERMITS.items():
        assert kind in text_of(file)


@cache
def instances() -> dict[str, ConstraintBase]:
    """One instance of every kind that has a schema, from the worlds of its tests."""
    worlds = [world for family in FAMILIES for world in import_module(f"tests.constraints.test_{family}").WORLDS]
    return {rule.kind: rule for world in worlds for rule in world.problem.constraints}


SCHEMAS = {kind: schema for kind, schema in KINDS.items() if schema is not None}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_names_its_source_and_its_opposite(kind: str) -> None:
    doc = SCHEMAS[kind].__doc__ or ""
    assert re.search(r"\bSource: \S", doc), "the docstring names no `Source: ...`"
    assert re.search(r"\bOpposite: \S", doc), "the docstring names no `Opposite: ...`, or `Opposite: none`"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_rule_speaks_both_languages(kind: str) -> None:
    said = instances()[kind].sentence()
    assert re.search(r"[\u4e00-\u9fff]", said.zh)
    assert re.search(r"[A-Za-z]", said.en)
    assert not re.search(r"[\u4e00-\u9fff]", said.en)


def test_no_file_is_too_long_to_read() -> None:
    long = {name for name in committed() if name.endswith(".py") and len(text_of(name).splitlines()) > LONGEST}
    assert sorted(long) == []


def test_no_path_of_a_machine_is_committed() -> None:
    machine = re.compile(r"(?<![\w.>}/])/(?:" + "|".join(("work", "root", "home", "Users")) + r")/\w")
    ours = [name for name in committed() if not name.endswith((".png", ".ico", ".woff2", ".xlsx"))]
    assert [name for name in ours if machine.search(text_of(name))] == []


def test_lock_files_name_no_host() -> None:
    locks = [n for n in committed() if re.fullmatch(r"(.*/)?(requirements.*\.txt|.*lock.*\.json|.*\.lock)", n)]
    assert {"requirements.txt", "requirements-dev.txt"} <= set(locks)
    assert [name for name in locks if re.search(r"https?://|--(extra-)?index-url|--find-links", text_of(name))] == []


def test_a_folder_of_tests_mirrors_a_folder_of_the_source() -> None:
    of_their_own = {"constraints", "journeys", "mutations", "properties", "browser"}
    folders = {Path(name).parent.relative_to("tests").as_posix() for name in committed() if name.startswith("tests/")}
    elsewhere = {name for name in folders if name.partition("/")[0] not in of_their_own | {"."}}
    assert [
        name for name in sorted(elsewhere) if not any((ROOT / top / name).is_dir() for top in (".", "scheduler"))
    ] == []


def test_a_test_of_a_check_lies_where_the_check_does() -> None:
    for family in FAMILIES:
        assert (ROOT / f"tests/verify/checks/test_{family}.py").is_file()


@pytest.mark.parametrize("word", SPOKEN.split(", "))
def test_the_glossary_has_the_word(word: str) -> None:
    rows = [line.split("|")[1:3] for line in text_of("docs/glossary.md").splitlines() if line.startswith("| ")]
    found = {part.strip(): zh.strip() for en, zh in rows for part in en.split(",")}
    assert found.get(word)

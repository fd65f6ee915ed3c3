"""`gongshi import`, `gongshi template`, `gongshi export`: shown, confirmed, stored once; and all of it out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from api import cli
from api.settings import Settings
from api.store import Store
from api.store.tables import entity, log
from api.workbook.read import read_workbook
from api.workbook.write import write_workbook
from scheduler.problem import Problem
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from scheduler.wellformed import read_problem
from tests.api.test_cli import BADAHU
from tests.factories import problem, series


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GONGSHI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path / "home"


def run(*arguments: str, answer: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, list(arguments), input=answer)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def world() -> Problem:
    return problem([series("R1", "MO 19:00-20:30!"), series("R2", "TU 19:00-20:30!")])


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "centre.xlsx"
    path.write_bytes(write_workbook(world()))
    return path


def rows(home: Path) -> int:
    store = Store(Settings(home=home).database)
    with store.reading() as tx:
        count = len(tx.execute(entity.select()).all()) + 1000 * len(tx.execute(log.select()).all())
    store.close()
    return count


def test_shown_then_stored_when_confirmed(workbook: Path, home: Path) -> None:
    code, said = run("import", str(workbook), answer="n\n")
    assert (code, "requests: 2 added, 0 changed, 0 removed" in said, "nothing was stored" in said) == (1, True, True)
    assert rows(home) == 0
    code, said = run("import", str(workbook), answer="y\n")
    assert (code, "stored, round 2026-09-07" in said) == (0, True)


def test_the_same_file_twice_changes_nothing(workbook: Path, home: Path) -> None:
    run("import", str(workbook), "--yes")
    before = rows(home)
    code, said = run("import", str(workbook), "--yes")
    assert (code, "nothing is changed" in said) == (0, True)
    assert rows(home) == before


def test_a_changed_file_says_what_it_changes(workbook: Path) -> None:
    run("import", str(workbook), "--yes")
    book = load_workbook(workbook)
    book["申请"]["D2"] = 25
    book["组织"].append(["O9", "新单位", None, "P3"])
    book.save(workbook)
    code, said = run("import", str(workbook), "--yes")
    assert code == 0
    assert "requests: 0 added, 1 changed, 0 removed" in said
    assert "applicants: 1 added, 0 changed, 0 removed" in said


def test_faulty_cells_are_named_and_nothing_is_stored(workbook: Path, home: Path) -> None:
    book = load_workbook(workbook)
    book["申请"]["D2"], book["申请"]["M3"] = "许多", None
    book.save(workbook)
    code, said = run("import", str(workbook), "--yes")
    assert code == 2
    assert "申请!D2: '许多'; expected a whole number, such as 30" in said
    assert "申请!M3: not empty" in said
    assert not home.exists() or rows(home) == 0
    assert run("import", str(workbook.with_name("none.xlsx")))[0] == 2


def test_the_template_is_written(tmp_path: Path) -> None:
    assert run("template", str(tmp_path / "t.xlsx"))[0] == 0
    assert load_workbook(tmp_path / "t.xlsx").sheetnames == ["中心", "空间", "组织", "用途", "申请", "规则", "上期课表"]
    assert run("template", str(tmp_path / "no" / "t.xlsx"))[0] == 2


def test_a_centre_is_rebuilt_from_its_export_alone_with_the_same_timetable(tmp_path: Path) -> None:
    """The reference: exported after its release, rebuilt from the workbook, and from JSON; solved to the same bytes."""
    run("demo", "--once")
    out = tmp_path / "open"
    code, said = run("export", "--open", str(out))
    assert code == 0, said
    from_workbook = read_workbook((out / "centre.xlsx").read_bytes()).problem
    from_json = read_problem((out / "problem.json").read_bytes())
    assert from_workbook == from_json == read_problem(BADAHU.read_bytes())
    released = Timetable.model_validate_json((out / "timetable.json").read_bytes())
    again = solve(from_workbook, time_limit=120, audit=True)
    assert isinstance(again, Solved)
    assert again.timetable == released
    assert (out / "calendars" / "spaces" / "S05.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")
    assert len((out / "bookings.csv").read_text("utf-8-sig").splitlines()) == 1 + len(released.bookings)
    assert (out / "dictionary.csv").exists()


def test_export_of_what_is_not_there(tmp_path: Path) -> None:
    code, said = run("export", "--open", str(tmp_path / "open"))
    assert (code, "name the community" in said) == (1, True)
    assert run("export", "--open", str(tmp_path / "open"), "--community", "nowhere")[0] == 1
    assert not (tmp_path / "open").exists()

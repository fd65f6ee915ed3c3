"""The commands: a contract that scripts rely on."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api import cli
from api.errors import refused
from api.settings import Settings
from scheduler.problem import Problem
from scheduler.timetable import Timetable
from tests.factories import problem, series

BADAHU = Path(__file__).parents[2] / "fixtures" / "badahu" / "problem.json"


def gongshi(*arguments: str | Path, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, arguments)],
        env={**os.environ, "GONGSHI_HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """A problem in a file."""
    return written(
        tmp_path / "problem.json", problem([series("R1", "MO 19:00-20:30!"), series("R2", "MO 19:00-20:30!")])
    )


def written(path: Path, document: Problem) -> Path:
    path.write_text(document.model_dump_json())
    return path


def test_solve_writes_a_timetable_that_verify_passes(asked: Path, tmp_path: Path) -> None:
    answer = tmp_path / "timetable.json"
    done = gongshi("solve", asked, "-o", answer, "--seed", "5", "--audit", home=tmp_path)
    assert (done.returncode, "2 requests: 1 granted in full, 0 in part, 1 not; 2 dates (optimal)" in done.stdout) == (
        0,
        True,
    ), done.stderr
    timetable = Timetable.model_validate_json(answer.read_bytes())
    assert (timetable.seed, timetable.audit) == (5, True)
    checked = gongshi("verify", asked, answer, home=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "it holds: 2 dates\n")
    again = tmp_path / "again.json"
    gongshi("solve", asked, "-o", again, "--seed", "5", "--audit", "--previous", answer, home=tmp_path)
    assert gongshi("verify", asked, again, home=tmp_path).returncode == 0


def test_verify_says_each_violation_on_a_line(asked: Path, tmp_path: Path) -> None:
    answer = tmp_path / "timetable.json"
    gongshi("solve", asked, "-o", answer, home=tmp_path)
    document = json.loads(answer.read_text())
    document["bookings"][0]["space"] = "S9"
    answer.write_text(json.dumps(document))
    checked = gongshi("verify", asked, answer, home=tmp_path)
    assert checked.returncode == 1
    assert "S9" in checked.stdout
    assert all(": " in line for line in checked.stdout.splitlines())
    assert "：" in gongshi("verify", asked, answer, home=tmp_path, LANG="zh_CN.UTF-8").stdout


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "gongshi.problem/1"}', "\ufeff\x00", "{" * 9999])
def test_unreadable_input_ends_with_two_and_says_where(asked: Path, tmp_path: Path, text: str) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(text)
    for arguments in (("solve", bad, "-o", tmp_path / "t.json"), ("verify", bad, bad), ("verify", asked, bad)):
        done = gongshi(*arguments, home=tmp_path)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert str(bad) in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "t.json").exists()


def test_a_timetable_that_is_none_is_told_in_our_own_words(asked: Path, tmp_path: Path) -> None:
    answer = tmp_path / "timetable.json"
    gongshi("solve", asked, "-o", answer, home=tmp_path)
    document = json.loads(answer.read_text())
    document["bookings"][0] |= {"starts": "2026-09-07T19:00:00", "rom": "S1"}
    answer.write_text(json.dumps(document))
    checked = gongshi("verify", asked, answer, home=tmp_path)
    assert (checked.returncode, checked.stdout) == (2, "")
    assert checked.stderr.splitlines() == [
        f"{answer}: bookings[0].starts: found 2026-09-07T19:00:00; "
        "expected a moment with its offset from UTC, such as 2026-09-01T08:00:00+08:00 (wrong_form)",
        f"{answer}: bookings[0].rom: found rom; "
        "expected a field that is known, such as request, session, starts, ends, space, layout (unknown_field)",
    ]


def test_a_file_that_is_not_there_is_said(asked: Path, tmp_path: Path) -> None:
    done = gongshi("verify", asked, tmp_path / "none.json", home=tmp_path)
    assert (done.returncode, "No such file" in done.stderr) == (2, True)
    done = gongshi("solve", asked, "-o", tmp_path / "none" / "t.json", home=tmp_path)
    assert (done.returncode, "cannot write" in done.stderr) == (2, True)


def test_a_place_that_cannot_be_written_is_said_before_the_work(asked: Path, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere" / "timetable.json"):
        done = gongshi("solve", asked, "-o", place, home=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"cannot write {place}\n")


def test_a_terminal_that_lacks_the_letters_ends_nothing(asked: Path, tmp_path: Path) -> None:
    chinese = {"LANG": "zh_CN.UTF-8", "PYTHONIOENCODING": "ascii"}
    done = gongshi("solve", asked, "-o", tmp_path / "timetable.json", home=tmp_path, **chinese)
    assert (done.returncode, done.stderr) == (0, "")


def test_duties_that_collide_end_with_three_and_are_named(tmp_path: Path) -> None:
    both = [series(f"R{n}", "MO 19:00-20:30!", priority="fix") for n in (1, 2)]
    done = gongshi("solve", written(tmp_path / "p.json", problem(both)), "-o", tmp_path / "t.json", home=tmp_path)
    assert done.returncode == 3
    assert "R1" in done.stderr
    assert not (tmp_path / "t.json").exists()


def test_migrate_can_be_run_again(tmp_path: Path) -> None:
    assert gongshi("migrate", home=tmp_path).stdout == "migrated\n"
    assert gongshi("migrate", home=tmp_path).stdout == "nothing to migrate\n"


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = gongshi("serve", "--port", port, home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"cannot listen on 127.0.0.1:{port}")
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_said_in_a_sentence(tmp_path: Path) -> None:
    done = gongshi("serve", home=tmp_path, GONGSHI_PORT="many")
    assert (done.returncode, done.stderr.startswith("a setting is wrong: GONGSHI_PORT:")) == (2, True)
    (tmp_path / "file").touch()
    done = gongshi("migrate", home=tmp_path / "file" / "home")
    assert (done.returncode, done.stderr.startswith("the directory cannot be used:")) == (2, True)


def test_demo_releases_once_and_goes_on_with_what_is_stored(tmp_path: Path) -> None:
    first = gongshi("demo", "--once", home=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "121 requests: 104 granted in full, 1 in part, 16 not; 1810 dates (optimal)" in first.stdout
    assert re.search(r"^ *class P3 +40 +sessions +proved +.*R037 \(4/6\)", first.stdout, re.MULTILINE)
    assert "release 1 is in force" in first.stdout
    assert "/c/badahu/calendars/spaces/S05.ics" in first.stdout
    second = gongshi("demo", "--once", home=tmp_path)
    assert second.stdout.startswith("release 1 is in force; going on with it")


def test_of_two_demos_at_once_the_later_goes_on_with_the_release_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(_settings: Settings) -> None:
        raise refused("release_moved_on", "现行的是第 1 版", "release 1 is in force")

    monkeypatch.setenv("GONGSHI_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(cli, "_demo", late)
    done = CliRunner().invoke(cli.app, ["demo", "--once"])
    assert done.exit_code == 0
    assert done.stdout.startswith("another one was first: release 1 is in force\n  the week: http://")


def until_it_catches(pid: int, number: signal.Signals) -> None:
    """Before that, it is Python that is interrupted: on a busy machine half a second is not enough to start."""
    limit = time.monotonic() + 20
    status = Path(f"/proc/{pid}/status")
    while not int(re.findall(r"^SigCgt:\s+(\w+)$", status.read_text(), re.MULTILINE)[0], 16) >> (number - 1) & 1:
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.mark.parametrize("after_seconds", [0.0, 0.5, 2.5])
def test_demo_is_interrupted_at_any_moment_and_goes_on(tmp_path: Path, after_seconds: float) -> None:
    command = [sys.executable, "-m", "api.cli", "demo", "--once"]
    environment = {**os.environ, "GONGSHI_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        until_it_catches(demo.pid, signal.SIGTERM)  # which is caught last
        time.sleep(after_seconds)
        demo.send_signal(signal.SIGINT)
        told, _ = demo.communicate(timeout=30)
    assert demo.returncode in {130, 0}, told
    assert "Traceback" not in told
    assert gongshi("demo", "--once", home=tmp_path).returncode == 0


@pytest.mark.parametrize("ends", ["raise KeyboardInterrupt", "exec('raise KeyboardInterrupt')"])
def test_an_interrupt_while_python_ends_or_makes_a_class_does_not_kill_it(ends: str) -> None:
    program = f"""
import os
from api import cli
class Late:
    def __del__(self, kill=os.kill, pid=os.getpid()):
        kill(pid, 2)
late = Late()
def app():
    {ends}
cli.app = app
cli.main()
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 130


def test_commands_that_need_no_solver_do_not_load_it() -> None:
    program = "import sys, api.cli; sys.exit('ortools' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

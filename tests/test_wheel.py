"""What a user installs has all that it needs, without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PROBLEM = TOP / "fixtures" / "badahu" / "problem.json"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=TOP, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_the_sources_and_what_they_read(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read("api/data/badahu.json") == PROBLEM.read_bytes()
    files = {each for top in ("api", "scheduler") for each in (TOP / top).rglob("*.*") if each.is_file()}
    wanted = {each.relative_to(TOP).as_posix() for each in files if "__pycache__" not in each.parts}
    assert wanted - names == set()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"api", "scheduler"}


def test_an_installed_demo_finds_the_reference_centre(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = "from api.cli import demo_problem\nprint(demo_problem().resolve(strict=True))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == tmp_path / "api" / "data" / "badahu.json"

"""The clock: zones come with the program, so that the same input means the same moments on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

STARTS: dict[str, str] = {
    "the web process": "from api.app import create_app\ncreate_app()\n",
    "the worker": "import sys\nfrom api.worker import main\nsys.argv[1:] = ['--help']\n"
    "try:\n    main()\nexcept SystemExit:\n    pass\n",
    "the commands": "import sys\nfrom api.cli import main\nsys.argv[1:] = ['--help']\n"
    "try:\n    main()\nexcept SystemExit:\n    pass\n",
}
OFFSET = (
    "from datetime import datetime\nfrom zoneinfo import ZoneInfo\n"
    "print(datetime(2026, 9, 7, 19, 0, tzinfo=ZoneInfo('Asia/Shanghai')).isoformat())\n"
)


def answered(program: str, home: Path) -> str:
    """The last line of a program, on a machine on which Shanghai goes by the clock of Greenwich."""
    forged = home / "zones" / "Asia" / "Shanghai"
    forged.parent.mkdir(parents=True)
    forged.write_bytes(files("tzdata.zoneinfo").joinpath("UTC").read_bytes())
    environment = {**os.environ, "PYTHONTZPATH": str(home / "zones"), "GONGSHI_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_python_itself_prefers_the_zones_of_the_machine(tmp_path: Path) -> None:
    assert answered(OFFSET, tmp_path) == "2026-09-07T19:00:00+00:00"


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_every_process_takes_its_zones_from_the_package(tmp_path: Path, start: str) -> None:
    assert answered(start + OFFSET, tmp_path) == "2026-09-07T19:00:00+08:00"

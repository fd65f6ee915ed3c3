"""The docs run: what the README says can be done is done here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
READMES = [TOP / "README.md", TOP / "README.zh-CN.md"]


def test_the_python_of_the_readme_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", READMES[0].read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    done = subprocess.run([sys.executable, "-c", blocks[0]], cwd=TOP, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 17


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_file_that_a_readme_names_is_there(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    folders = re.findall(r"(?:^|\s)((?:scheduler|api|tests|fixtures|benchmarks|docs)/[\w./-]*)", text)
    named = [*links, *folders]
    assert len(named) >= 10
    missing = [name for name in named if not (TOP / name).exists()]
    invented = ["lights.py", "test_lights.py", "x.py", "test_x.py"]
    assert [name for name in missing if Path(name).name not in invented] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_of_a_readme_exists(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    commands = set(re.findall(r"gongshi (demo|serve|worker|migrate|solve|verify|\w+) ?[\[A-Z]?", text)) - {"Gongshi"}
    targets = set(re.findall(r"make (run|test)\b", text))
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "api.cli", "--help"], capture_output=True, text=True, check=True)
    assert targets == {"run", "test"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    assert [command for command in commands if command not in done.stdout] == []

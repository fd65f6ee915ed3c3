"""What a benchmark found, kept: one small dated JSON file with the machine, the versions, the arguments and the rows.

No host name, no path of a user: a file named in the arguments is kept by its name alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
ROOT = Path(__file__).parent.parent
HIDDEN = ("results", "only")
"""Arguments that say nothing about what was measured."""


def machine() -> dict[str, Any]:
    """The processors that this process may use, their model, and the memory in GiB."""
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {"cores": cores(), "cpu": _cpu(), "memory_gib": round(pages * page / 2**30, 1), "system": platform.system()}


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_mib() -> float:
    """Peak resident memory of this process, MiB."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def versions() -> dict[str, str | None]:
    """Of Python, OR-Tools and this project; `commit` is None outside a checkout, and ends in + where it is changed."""
    from scheduler import __version__

    return {
        "python": platform.python_version(),
        "ortools": version("ortools"),
        "gongshi": __version__,
        "commit": _commit(),
    }


def _commit() -> str | None:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    try:
        # Files that git does not know (results of today, say) change nothing that was measured.
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def option(parser: argparse.ArgumentParser) -> None:
    """The option that says where results are kept."""
    text = "folder for the dated result file (benchmarks/results)"
    parser.add_argument("--results", type=Path, default=FOLDER, metavar="FOLDER", help=text)


def keep(
    name: str, asked: argparse.Namespace, rows: Sequence[Mapping[str, Any]], *, on: date | None = None, **more: Any
) -> Path:
    """Write DATE-name.json, or DATE-name-2.json where there is one already; nothing is written over.

    Args:
        name: of the benchmark.
        asked: its arguments, `results` the folder among them.
        rows: what was measured, a dictionary each.
        on: the date, today's when None.
        more: other facts beside the rows, a summary for instance.
    """
    from api import clock

    day = on or clock.now().date()
    document = {
        "benchmark": name,
        "date": day.isoformat(),
        "machine": machine(),
        "versions": versions(),
        "arguments": {key: _plain(value) for key, value in sorted(vars(asked).items()) if key not in HIDDEN},
        **more,
        "rows": list(rows),
    }
    folder: Path = asked.results
    folder.mkdir(parents=True, exist_ok=True)
    # One row a line: small files, in which a changed row is a changed line.
    lines = [f"  {_json(key)}: {_json(value)}" for key, value in document.items() if key != "rows"]
    listed = ",\n".join(f"    {_json(row)}" for row in document["rows"])
    text = "{\n" + ",\n".join([*lines, f'  "rows": [\n{listed}\n  ]' if rows else '  "rows": []']) + "\n}\n"
    number = 1
    while True:
        path = folder / f"{day.isoformat()}-{name}{f'-{number}' if number > 1 else ''}.json"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            number += 1
        else:
            print(f"kept in {path.name}", file=sys.stderr)
            return path


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.name
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _json(value: Any) -> str:
    return json.dumps(_rounded(value), ensure_ascii=False)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value

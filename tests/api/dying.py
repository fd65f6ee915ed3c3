"""Runs the web process or a worker that kills itself (SIGKILL) at a named step, the first time it comes there.

    python tests/api/dying.py web|worker [MODULE:FUNCTION MARKER]

The function is called, and when it has returned the process dies, before its caller hears of it. That it died there
is told by the file MARKER, which is made just before, and keeps the next process from dying once more.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any


def die_behind(step: str, marker: Path) -> None:
    module_name, _, name = step.partition(":")
    holder: Any = importlib.import_module(module_name)
    *path, last = name.split(".")
    for part in path:
        holder = getattr(holder, part)
    function = getattr(holder, last)

    @functools.wraps(function)
    def dying(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        if (result is not None or last in {"end_with", "conclude", "add_occupancy"}) and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, last, dying)


def main() -> None:
    kind, *more = sys.argv[1:]
    if more:
        die_behind(more[0], Path(more[1]))
    sys.argv[1:] = []
    if kind == "worker":
        from api.worker import main as work

        work()
    else:
        import uvicorn

        port = int(os.environ["GONGSHI_PORT"])
        uvicorn.run("api.app:create_app", factory=True, port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()

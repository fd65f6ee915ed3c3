"""Workers: one executor id per process, taken again after it, and nothing left behind by one that is gone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from api.flow.jobs import SILENT_SECONDS, Vigil
from api.queue import Queue
from api.worker import Slot


def test_a_slot_is_taken_by_one_process_at_a_time(tmp_path: Path) -> None:
    first, second = Slot.take(tmp_path), Slot.take(tmp_path)
    assert first.path != second.path
    assert first.executor != second.executor
    assert list(first.abandoned()) == []
    second.close()
    assert [slot.executor for slot in first.abandoned()] == [second.executor]
    again = Slot.take(tmp_path)
    assert (again.path, again.executor) == (second.path, second.executor)
    first.close()
    again.close()


def test_the_queue_without_a_database_tells_and_goes_on(tmp_path: Path) -> None:
    queue = Queue(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    assert queue.enqueue("solve-1") is False
    queue.cancel("solve-1")
    queue.close()


def test_a_worker_that_says_nothing_is_missed_within_half_a_minute() -> None:
    vigil = Vigil()
    found = {second: vigil.silent({"dead": 7, "alive": second}, 1000.0 + second) for second in range(30)}
    assert SILENT_SECONDS == 15
    assert found[14] == []
    assert found[15] == ["dead"]
    assert vigil.silent({"dead": 8, "alive": 30}, 1030.0) == [], "it was heard of again"
    assert vigil.silent({"alive": 30}, 1031.0) == [], "it is known no more"


def test_nobody_is_missed_for_the_time_in_which_nobody_could_look() -> None:
    """The database was away for a minute: then the others could not say that they live either."""
    vigil = Vigil()
    vigil.silent({"other": 7}, 1000.0)
    assert vigil.silent({"other": 7}, 1060.0) == []
    found = [vigil.silent({"other": 7}, 1060.0 + second) for second in range(1, 16)]
    assert found == [[]] * 14 + [["other"]]


def test_a_worker_whose_server_is_gone_goes_too(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys, os, time\n"
        "worker = subprocess.Popen([sys.executable, '-m', 'api.worker', '--parent', str(os.getpid())],"
        " stderr=subprocess.DEVNULL)\n"
        "print(worker.pid, flush=True)\ntime.sleep(3)\n"
    )
    environment = {"GONGSHI_HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    status = Path(f"/proc/{done.stdout.strip()}")
    limit = time.monotonic() + 10
    while status.exists():
        assert time.monotonic() < limit
        time.sleep(0.1)
    free = Slot.take(tmp_path)
    assert free.path.name == "0.slot"
    free.close()

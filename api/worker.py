"""Does the work that `api.queue` enqueues: a process of its own, beside the web process or on another machine.

Crash-only: to stop is to be killed. A solve that was under way when the process ended is begun again by the next
process (DBOS recovers it), and what it comes to is kept once (`api.flow.solves` compares and sets its state).
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fcntl
import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from api import clock, logs
from api.flow import rule_checks, solves, trail, webhooks
from api.queue import CHECK, JUDGE, PROTOCOL, QUEUES, SOLVE, Queue
from api.settings import Settings
from api.store import Store, migrate
from api.store.checks import CONTRADICTION, waiting_checks
from api.store.work import waiting_solves
from scheduler.constraints.terms import Sentence

POLL_SECONDS = 0.5
SWEEP_SECONDS = 2.0
WEBHOOK_SECONDS = 1.0
TRIM_SECONDS = 3600.0
CHECK_POLL_SECONDS = 0.1
PROGRESS_SECONDS = 0.5
CHECK_SECONDS = 30.0
"""So long a check of rules may take; what there was no time for it tells."""
log = logging.getLogger(__name__)


class Slot:
    """A place for one worker of this machine: a file that holds its executor id, locked as long as it lives.

    DBOS runs a job twice when two processes have one executor id, and recovers the jobs of its own id only. So an
    id is taken by one process at a time, and taken again by the next.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        file.seek(0)
        self.executor = file.read().decode()
        if not self.executor:
            self.executor = f"worker-{uuid.uuid4().hex}"
            file.write(self.executor.encode())
            file.flush()

    @classmethod
    def try_take(cls, path: Path) -> Slot | None:
        """The slot, or None when another process has it."""
        file = path.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return cls(path, file)

    @classmethod
    def take(cls, home: Path) -> Slot:
        """The first free slot."""
        folder = home / "workers"
        folder.mkdir(parents=True, exist_ok=True)
        number = 0
        while (slot := cls.try_take(folder / f"{number}.slot")) is None:
            number += 1
        return slot

    def close(self) -> None:
        """Leave the slot to others, as the end of the process does."""
        self._file.close()

    def abandoned(self) -> Iterator[Slot]:
        """Slots of this machine whose workers are gone, each held while it is looked at."""
        for path in sorted(self.path.parent.glob("*.slot")):
            if path != self.path and (slot := Slot.try_take(path)) is not None:
                with contextlib.closing(slot):
                    yield slot


def run_solve(store: Store, id: str, default_time_limit: float) -> None:
    """Do one solve, from its stored problem to its stored end. May be called again after any interruption."""
    job = solves.begin(store, id)
    if job is None:
        return
    try:
        _solve(store, id, job, default_time_limit)
    except Exception:
        # What the solver meets is a fault of ours; the job ends, and says so, instead of being tried for ever.
        log.exception("solve %s failed", id)
        why = Sentence(zh="排期程序出错，已记录", en="the solver failed; the error was logged")
        solves.end_without(store, id, "failed", why)


def _solve(store: Store, id: str, job: solves.Job, default_time_limit: float) -> None:
    from scheduler.solve import Infeasible, Solved, Undecided, solve

    with _watched(store, id) as unwanted:
        outcome = solve(
            job.problem,
            time_limit=job.options.time_limit_seconds or default_time_limit,
            seed=job.options.seed,
            audit=job.options.audit,
            previous=job.kept,
            progress=_Shown(store, id),
            stop=unwanted.is_set,
        )
    match outcome:
        case Solved(timetable=timetable):
            solves.end_with(store, id, timetable)
        case Infeasible():
            colliding = {"rules": list(outcome.rules), "requests": list(outcome.requests)}
            solves.end_without(store, id, "infeasible", outcome.sentence, **colliding)
        case Undecided(sentence=sentence):
            solves.end_without(store, id, "undecided", sentence)


def run_check(store: Store, id: str, time_limit: float = CHECK_SECONDS) -> None:
    """Do one check of rules, from its stored question to its stored answer. May be called again."""
    job = rule_checks.begin(store, id)
    if job is None:
        return
    try:
        answer = _answer(job, time_limit, lambda progress: rule_checks.report_progress(store, id, progress))
    except Exception:
        log.exception("check %s failed", id)
        rule_checks.end_failed(store, id)
    else:
        rule_checks.end_with(store, id, answer)


def _answer(job: rule_checks.Job, time_limit: float, show: Callable[[dict[str, Any]], None]) -> Any:
    from scheduler.explain import check_rules, judge_rules, rule_costs

    def progress(how_far: Any) -> None:
        show(dataclasses.asdict(how_far))

    if job.asks == "costs" and job.timetable is not None:
        return rule_costs(job.problem, job.timetable, kept=job.kept, time_limit=time_limit, progress=progress)
    if job.asks == CONTRADICTION:
        return judge_rules(job.problem, job.rules, time_limit=time_limit)
    return check_rules(job.problem, job.rules, job.timetable, time_limit=time_limit, progress=progress)


@contextlib.contextmanager
def _watched(store: Store, id: str) -> Iterator[threading.Event]:
    """An event that is set when the solve is cancelled: DBOS does not interrupt a step that runs."""
    unwanted, over = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            if not solves.is_live(store, id):
                unwanted.set()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield unwanted
    finally:
        over.set()
        thread.join()


class _Shown:
    """Keeps what is shown of a solve: every new stage at once, else now and then."""

    def __init__(self, store: Store, id: str) -> None:
        self._store, self._id = store, id
        self._stage: tuple[str, str | None, int] | None = None
        self._next = 0.0

    def __call__(self, progress: Any) -> None:
        stage = (progress.stage, progress.of, progress.done)
        proved = progress.incumbent is not None and progress.incumbent == progress.bound
        if stage == self._stage and not proved and time.monotonic() < self._next:
            return
        self._stage, self._next = stage, time.monotonic() + PROGRESS_SECONDS
        solves.report_progress(self._store, self._id, dataclasses.asdict(progress))


def run(settings: Settings, *, parent: int | None = None) -> None:
    """Work until stopped by SIGTERM or SIGINT, or until the parent process is gone."""
    from dbos import DBOS

    settings.prepare()
    store = Store(settings.database)
    migrate(store)
    slot = Slot.take(settings.home)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())

    DBOS(
        config={
            "name": "gongshi",
            "system_database_url": settings.jobs,
            "executor_id": slot.executor,
            "application_version": PROTOCOL,
            "log_level": "WARNING",
        }
    )

    @DBOS.step(name="decide")
    def decide(id: str) -> None:
        run_solve(store, id, settings.time_limit_seconds)

    @DBOS.workflow(name=SOLVE)
    def solve_workflow(id: str) -> None:
        decide(id)

    @DBOS.step(name="look_ahead")
    def look_ahead(id: str) -> None:
        run_check(store, id)

    @DBOS.workflow(name=CHECK)
    def check_workflow(id: str) -> None:
        look_ahead(id)

    @DBOS.workflow(name=JUDGE)
    def judge_workflow(id: str) -> None:
        look_ahead(id)

    DBOS.launch()
    DBOS.register_queue(QUEUES[JUDGE], worker_concurrency=1, polling_interval_sec=CHECK_POLL_SECONDS)
    DBOS.register_queue(QUEUES[CHECK], worker_concurrency=1, polling_interval_sec=CHECK_POLL_SECONDS)
    DBOS.register_queue(QUEUES[SOLVE], worker_concurrency=1, polling_interval_sec=POLL_SECONDS)
    log.info("worker %s is ready", slot.executor)
    # An address that hangs holds up other webhooks for a while, and no solve.
    _always(stopped, lambda: webhooks.deliver_due(store, clock.now()), WEBHOOK_SECONDS, "telling webhooks")
    _always(stopped, lambda: trail.trim(store, settings.trail_days), TRIM_SECONDS, "trimming the trail")
    queue = Queue(settings.jobs)
    swept = 0.0
    while not stopped.wait(POLL_SECONDS) and parent in {None, os.getppid()}:
        if time.monotonic() >= swept:
            _sweep(store, queue, slot)
            swept = time.monotonic() + SWEEP_SECONDS
    # Nothing is asked to finish: whatever runs is begun again by the next worker.
    logging.shutdown()
    os._exit(0)


def _always(stopped: threading.Event, act: Callable[[], object], seconds: float, what: str) -> None:
    """Do something again and again, in a thread of its own."""

    def loop() -> None:
        while not stopped.wait(seconds):
            try:
                act()
            except Exception:
                log.exception("%s failed; it is tried again", what)

    threading.Thread(target=loop, daemon=True, name=what).start()


def _sweep(store: Store, queue: Queue, slot: Slot) -> None:
    """Take up what nobody would do: solves that never reached the queue, jobs of workers that are gone."""
    try:
        with store.reading() as tx:
            waiting, asked = waiting_solves(tx), waiting_checks(tx)
        for id in waiting:
            queue.enqueue(id)
        for id, asks in asked:
            queue.enqueue(id, JUDGE if asks == CONTRADICTION else CHECK)
        for gone in slot.abandoned():
            queue.take_over(gone.executor)
    except Exception:
        log.exception("sweeping failed; it is tried again")


def main() -> None:
    """Entry of the worker process that `gongshi serve` starts."""
    clock.use_own_zones()
    parser = argparse.ArgumentParser(prog="python -m api.worker")
    parser.add_argument("--parent", type=int, default=None, help="stop when this process is gone")
    settings = Settings()
    logs.configure(settings.log_form, settings.log_level, hide=settings.secrets())
    run(settings, parent=parser.parse_args().parent)


if __name__ == "__main__":
    main()

"""Does the work that `api.queue` enqueues: a process of its own, beside the web process or on another machine.

Crash-only: to stop is to be killed. A solve that was under way when the process ended is begun again by the next
process (DBOS recovers it), and what it comes to is kept once (`api.store.jobs` compares and sets its state).

A worker that is gone is noticed by the others: on its machine at once, since its slot is free; elsewhere since its
heart beats no more. Its jobs are given on.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fcntl
import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import sqlalchemy as sa

from api import clock, logs
from api.flow import jobs, rule_checks, solves, trail, webhooks
from api.queue import CHECK, JUDGE, PROTOCOL, QUEUES, SOLVE, Queue
from api.settings import Settings
from api.store import Store, migrate
from api.store import jobs as stored
from api.store.checks import CONTRADICTION
from api.store.jobs import Turn
from scheduler.constraints.terms import Sentence

POLL_SECONDS = 0.5
WATCH_SECONDS = 0.3
SWEEP_SECONDS = 1.0
BEAT_SECONDS = 3.0
RETRY_SECONDS = 1.0
WEBHOOK_SECONDS = 1.0
TRIM_SECONDS = 3600.0
CHECK_POLL_SECONDS = 0.1
PROGRESS_SECONDS = 0.5
CHECK_SECONDS = 30.0
"""So long a check of rules may take; what there was no time for it tells."""
log = logging.getLogger(__name__)
T = TypeVar("T")


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


def run_solve(store: Store, id: str, default_time_limit: float, worker: str = "") -> bool:
    """Do one solve, from its stored problem to its stored end. False: it did not wait, or others of its round run."""
    job = _patiently(partial(solves.begin, store, id, worker))
    if job is None:
        return False
    try:
        keep = _solved(store, job, default_time_limit)
    except Exception:
        # What the solver meets is a fault of ours; the job ends, and says so, instead of being tried for ever.
        log.exception("solve %s failed", id)
        why = Sentence(zh="排期程序出错，已记录", en="the solver failed; the error was logged")
        keep = partial(solves.end_without, store, job.turn, "failed", why)
    _patiently(keep)
    return True


def _patiently(act: Callable[[], T]) -> T:
    """Begin a job, or keep what it came to; a database that is away is waited for: DBOS would not try again."""
    while True:
        try:
            return act()
        except sa.exc.OperationalError as error:
            log.warning("the database is away: %s", error.orig)
            time.sleep(RETRY_SECONDS)


def _solved(store: Store, job: solves.Job, default_time_limit: float) -> Callable[[], None]:
    """What is to be kept of a solve."""
    from scheduler.solve import Infeasible, Solved, solve

    with _watched(store, job.turn) as unwanted:
        outcome = solve(
            job.problem,
            time_limit=job.options.time_limit_seconds or default_time_limit,
            seed=job.options.seed,
            audit=job.options.audit,
            previous=job.kept,
            progress=_Shown(store, job.turn),
            stop=unwanted.is_set,
        )
    if isinstance(outcome, Solved):
        return partial(solves.end_with, store, job.turn, outcome.timetable)
    if isinstance(outcome, Infeasible):
        colliding = {"rules": list(outcome.rules), "requests": list(outcome.requests)}
        return partial(solves.end_without, store, job.turn, "infeasible", outcome.sentence, **colliding)
    return partial(solves.end_without, store, job.turn, "undecided", outcome.sentence)


def run_check(store: Store, id: str, time_limit: float = CHECK_SECONDS, worker: str = "") -> bool:
    """Do one check of rules, from its stored question to its stored answer. False: it did not wait."""
    job = _patiently(partial(rule_checks.begin, store, id, worker))
    if job is None:
        return False
    try:
        answer = _answer(job, time_limit, lambda progress: rule_checks.report_progress(store, job.turn, progress))
        keep = partial(rule_checks.end_with, store, job.turn, answer)
    except Exception:
        log.exception("check %s failed", id)
        keep = partial(rule_checks.end_failed, store, job.turn)
    _patiently(keep)
    return True


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
def _watched(store: Store, turn: Turn) -> Iterator[threading.Event]:
    """An event that is set when the solve is cancelled, or given to another worker since this one seemed lost."""
    unwanted, over = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            with contextlib.suppress(sa.exc.OperationalError):  # Away: then nobody can cancel either.
                if not solves.is_live(store, turn):
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

    def __init__(self, store: Store, turn: Turn) -> None:
        self._store, self._turn = store, turn
        self._stage: tuple[str, str | None, int] | None = None
        self._next = 0.0

    def __call__(self, progress: Any) -> None:
        stage = (progress.stage, progress.of, progress.done)
        proved = progress.incumbent is not None and progress.incumbent == progress.bound
        if stage == self._stage and not proved and time.monotonic() < self._next:
            return
        self._stage, self._next = stage, time.monotonic() + PROGRESS_SECONDS
        with contextlib.suppress(sa.exc.OperationalError):  # It is only shown; the solve goes on.
            solves.report_progress(self._store, self._turn, dataclasses.asdict(progress))


def _tell_webhooks(store: Store) -> None:
    webhooks.deliver_due(store, clock.now())


def _always(stopped: threading.Event, act: Callable[[], object], seconds: float, what: str) -> None:
    """Do something again and again, in a thread of its own."""

    def loop() -> None:
        while not stopped.wait(seconds):
            try:
                act()
            except Exception:
                log.exception("%s failed; it is tried again", what)

    threading.Thread(target=loop, daemon=True, name=what).start()


class Working:
    """What this worker does, and what it sees of the others."""

    def __init__(self, store: Store, slot: Slot, settings: Settings) -> None:
        self.store, self.slot, self.settings = store, slot, settings
        self.queue = Queue(settings.jobs)
        self.stopped = threading.Event()
        self._doing: set[str] = set()
        self._vigil = jobs.Vigil()

    def start(self) -> None:
        """Let what the process before left wait again, and say that this one lives. DBOS has not begun yet."""
        jobs.give_back(self.store, self.slot.executor)
        self._beat()

    def keep_on(self) -> None:
        """Begin what is done beside the jobs."""
        _always(self.stopped, self._beat, BEAT_SECONDS, "saying that we live")
        # An address that hangs holds up other webhooks for a while, and no job.
        _always(
            self.stopped, lambda: webhooks.deliver_due(self.store, clock.now()), WEBHOOK_SECONDS, "telling webhooks"
        )
        keep = partial(trail.trim, self.store, self.settings.trail_days)
        _always(self.stopped, keep, TRIM_SECONDS, "trimming the trail")

    def _beat(self) -> None:
        jobs.beat(self.store, self.slot.executor, socket.gethostname())

    def solve(self, id: str) -> None:
        """Do a solve that the queue gave us."""
        with self._said(id):
            run_solve(self.store, id, self.settings.time_limit_seconds, self.slot.executor)

    def check(self, id: str) -> None:
        """The same for a check of rules."""
        with self._said(id):
            run_check(self.store, id, worker=self.slot.executor)

    @contextlib.contextmanager
    def _said(self, id: str) -> Iterator[None]:
        if self.stopped.is_set():
            threading.Event().wait()  # The process ends in this moment; the job is another's.
        self._doing.add(id)  # Said before it is begun: whatever we have and do not do is given back.
        try:
            yield
        finally:
            self._doing.discard(id)

    def sweep(self) -> None:
        """Give on what nobody does: jobs that never reached the queue or came back, and those of workers gone."""
        with self.store.reading() as tx:
            waiting, beats = stored.waiting(tx), stored.beats(tx)
        for each in waiting:
            self.queue.enqueue(each.id, each.job, handed=each.handed, priority=each.priority)
        for silent in set(self._vigil.silent(beats, time.monotonic())) - {self.slot.executor}:
            log.warning("worker %s is heard of no more; its jobs are given on", silent)
            self._give_on(silent)
        for slot in self.slot.abandoned():
            self._give_on(slot.executor)
        jobs.give_back(self.store, self.slot.executor, but=tuple(self._doing))

    def _give_on(self, executor: str) -> None:
        # Ours first, struck from the list last: whoever is killed in between is followed by another who does it all.
        jobs.give_back(self.store, executor)
        self.queue.take_over(executor)
        jobs.forget(self.store, executor)

    def stop(self) -> None:
        """Nothing is asked to finish: whatever runs is begun again by another, and is none the worse for it."""
        self.stopped.set()
        try:
            jobs.give_back(self.store, self.slot.executor, stopped=True)
        except Exception:
            log.exception("the jobs could not be given back; they are missed soon")


def run(settings: Settings, *, parent: int | None = None) -> None:
    """Work until stopped by SIGTERM or SIGINT, or until the parent process is gone."""
    from dbos import DBOS

    settings.prepare()
    store = Store(settings.database)
    migrate(store)
    working = Working(store, Slot.take(settings.home), settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: working.stopped.set())
    working.start()

    DBOS(
        config={
            "name": "gongshi",
            "system_database_url": settings.jobs,
            "executor_id": working.slot.executor,
            "application_version": PROTOCOL,
            "log_level": "WARNING",
        }
    )

    @DBOS.step(name="decide")
    def decide(id: str) -> None:
        working.solve(id)

    @DBOS.workflow(name=SOLVE)
    def solve_workflow(id: str) -> None:
        decide(id)

    @DBOS.step(name="look_ahead")
    def look_ahead(id: str) -> None:
        working.check(id)

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
    log.info("worker %s is ready", working.slot.executor)
    working.keep_on()
    swept = 0.0
    while not working.stopped.wait(POLL_SECONDS) and parent in {None, os.getppid()}:
        if time.monotonic() >= swept:
            try:
                working.sweep()
            except Exception:
                log.exception("sweeping failed; it is tried again")
            swept = time.monotonic() + SWEEP_SECONDS
    working.stop()
    logging.shutdown()
    os._exit(0)


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

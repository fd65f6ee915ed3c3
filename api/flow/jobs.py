"""Jobs whose worker is gone: they wait for another, or are given up when it was not the first."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from api import clock
from api.flow import rule_checks, solves
from api.store import Store, jobs
from api.store.jobs import SOLVE
from scheduler.constraints.terms import Sentence

SILENT_SECONDS = 15.0
"""So long a worker says nothing until its jobs are given on: five beats, and noticed within 20 seconds."""
MOST_ATTEMPTS = 3
"""A job under which so many workers have died is given up: it would kill the next one too."""
GIVEN_UP = Sentence(
    zh=f"执行它的工作进程连续 {MOST_ATTEMPTS} 次意外中断，已停止重试",
    en=f"{MOST_ATTEMPTS} workers died under it, and it is given up",
)
LOST, STOPPED = "worker_lost", "worker_stopped"


def give_back(store: Store, worker: str, *, stopped: bool = False, but: Collection[str] = ()) -> int:
    """Let the jobs of a worker wait for another.

    Args:
        store: where the jobs are.
        worker: the one that is gone.
        stopped: it was asked to stop, so that its attempts do not count against its jobs.
        but: ids of jobs that it does still, looked at after what is stored: whoever begins says it there first.

    Returns:
        How many jobs are moved or given up.
    """
    with store.reading() as tx:
        if not any(turn.id not in but for _, turn in jobs.held(tx, worker)):
            return 0
    moved = 0
    with store.writing() as tx:
        for job, turn in jobs.held(tx, worker):
            if turn.id in but:
                continue
            moved += 1
            if not stopped and turn.attempt >= MOST_ATTEMPTS:
                if job != SOLVE:
                    rule_checks.give_up(tx, turn, GIVEN_UP)
                elif jobs.change(tx, job, turn):
                    solves.give_up(tx, turn.id, "failed", GIVEN_UP)
                continue
            counted = turn.attempt - 1 if stopped else turn.attempt
            if jobs.give_back(tx, job, turn, counted) and job == SOLVE:
                solves.wait_again(tx, turn.id, STOPPED if stopped else LOST)
    return moved


def beat(store: Store, worker: str, host: str) -> None:
    """Say that a worker lives."""
    with store.writing() as tx:
        jobs.beat(tx, worker, host, clock.now())


def forget(store: Store, worker: str) -> None:
    """Strike a worker whose jobs were moved from the list. One that was not gone comes back by itself."""
    with store.writing() as tx:
        jobs.forget(tx, worker)


class Vigil:
    """Which workers are heard of no more, by this process's own steady clock: others' clocks differ, and are set."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[int, float]] = {}
        self._looked = 0.0

    def silent(self, beats: Mapping[str, int], now: float) -> list[str]:
        """Workers whose beats have not grown for long, as far as this process has looked.

        Args:
            beats: how often each was heard of.
            now: seconds of a steady clock.
        """
        if now - self._looked > SILENT_SECONDS / 3:
            self._heard.clear()  # We could not look, for whatever reason: they may have been unable to write.
        self._looked = now
        for worker, count in beats.items():
            if self._heard.get(worker, (None, 0.0))[0] != count:
                self._heard[worker] = (count, now)
        self._heard = {worker: heard for worker, heard in self._heard.items() if worker in beats}
        return [worker for worker, (_, since) in self._heard.items() if now - since >= SILENT_SECONDS]

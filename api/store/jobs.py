"""Jobs: who has which, how often it was begun, and who is still heard of.

DBOS gives jobs to workers (`api.queue`); who may do one is said here, in the transaction that begins it: compare and
set, in one statement. What a worker says of its job holds only while it has it, in the attempt that it began
(`Turn`); whoever was thought lost and comes back says nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from api.store.check_tables import rule_check
from api.store.checks import CONTRADICTION
from api.store.tables import solve
from api.store.worker_tables import worker

# The words of `api.queue`, which the store does not know, as the queue does not know the store.
JobName = Literal["solve", "check", "judge"]
SOLVE: Final = "solve"
CHECK: Final = "check"
JUDGE: Final = "judge"
TABLES: dict[JobName, sa.Table] = {SOLVE: solve, CHECK: rule_check, JUDGE: rule_check}


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt of one worker at a job."""

    id: str
    worker: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that nobody has: what the queue is to be told of it."""

    id: str
    job: JobName
    handed: int
    priority: int = 0


def waiting(tx: sa.Connection) -> Sequence[Waiting]:
    """All that could be begun now.

    Solves of rounds of which none runs, the most urgent first, then the oldest; and checks, the oldest first.
    """
    other = solve.alias()
    busy = sa.exists().where(
        other.c.state == "running", other.c.community == solve.c.community, other.c.round == solve.c.round
    )
    query = sa.select(solve.c.id, solve.c.handed, solve.c.priority).where(solve.c.state == "queued", ~busy)
    urgent = query.order_by(solve.c.priority.desc(), solve.c.created, solve.c.id)
    found = [Waiting(row.id, SOLVE, row.handed, row.priority) for row in tx.execute(urgent)]
    asked = sa.select(rule_check.c.id, rule_check.c.asks, rule_check.c.handed).where(rule_check.c.state == "queued")
    for row in tx.execute(asked.order_by(rule_check.c.created, rule_check.c.id)):
        found.append(Waiting(row.id, JUDGE if row.asks == CONTRADICTION else CHECK, row.handed))
    return found


def hand_again(tx: sa.Connection, id: str) -> None:
    """A solve could not be begun since its round is busy: the queue is to be given it once more, later."""
    waits = (solve.c.id == id) & (solve.c.state == "queued")
    tx.execute(solve.update().where(waits).values(handed=solve.c.handed + 1))


def give_back(tx: sa.Connection, job: JobName, turn: Turn, attempts: int) -> bool:
    """Let a job wait for another worker, with so many attempts counted; False when this turn has it no more."""
    again = TABLES[job].c.handed + 1
    return change(tx, job, turn, state="queued", worker=None, attempts=attempts, handed=again)


def claim(tx: sa.Connection, job: JobName, id: str, by: str, **values: object) -> Turn | None:
    """Take a job that waits; None when it does not wait (any more).

    Raises:
        sqlalchemy.exc.IntegrityError: a solve of the same round runs; the database allows one.
    """
    table = TABLES[job]
    waits = (table.c.id == id) & (table.c.state == "queued")
    values = {"state": "running", "worker": by, "attempts": table.c.attempts + 1, **values}
    if tx.execute(table.update().where(waits).values(values)).rowcount != 1:
        return None
    return Turn(id, by, tx.execute(sa.select(table.c.attempts).where(table.c.id == id)).scalar_one())


def change(tx: sa.Connection, job: JobName, turn: Turn, **values: object) -> bool:
    """Set columns of a job that this turn has; False when it has it no more. Its row is locked until the end."""
    table = TABLES[job]
    mine = (table.c.id == turn.id) & (table.c.state == "running")
    mine &= (table.c.worker == turn.worker) & (table.c.attempts == turn.attempt)
    return bool(tx.execute(table.update().where(mine).values(values or {"state": "running"})).rowcount == 1)


def has(tx: sa.Connection, job: JobName, turn: Turn) -> bool:
    """Whether the job is this turn's still: not cancelled, and not given to another."""
    table = TABLES[job]
    row = tx.execute(sa.select(table).where(table.c.id == turn.id)).one_or_none()
    return row is not None and (row.state, row.worker, row.attempts) == ("running", turn.worker, turn.attempt)


def held(tx: sa.Connection, by: str) -> Sequence[tuple[JobName, Turn]]:
    """The jobs that a worker has begun and not ended."""
    found: list[tuple[JobName, Turn]] = []
    for job in (SOLVE, CHECK):
        table = TABLES[job]
        query = sa.select(table).where(table.c.state == "running", table.c.worker == by).order_by(table.c.id)
        found += [(job, Turn(row.id, by, row.attempts)) for row in tx.execute(query)]
    return found


def busy(tx: sa.Connection) -> set[str]:
    """Workers that have jobs, whether they live or not."""
    found: set[str] = set()
    for table in (solve, rule_check):
        query = sa.select(table.c.worker).where(table.c.state == "running").distinct()
        found |= {str(name) for name in tx.execute(query).scalars()}
    return found


def beat(tx: sa.Connection, id: str, host: str, now: datetime) -> None:
    """Say that a worker lives."""
    mine = worker.c.id == id
    if tx.execute(worker.update().where(mine).values(beats=worker.c.beats + 1, host=host, seen=now)).rowcount == 0:
        tx.execute(worker.insert().values(id=id, host=host, beats=1, started=now, seen=now))


def beats(tx: sa.Connection) -> dict[str, int]:
    """How often each worker was heard of; those that have jobs and never said that they live, -1."""
    found = dict.fromkeys(busy(tx), -1)
    return found | {row.id: int(row.beats) for row in tx.execute(sa.select(worker.c.id, worker.c.beats))}


def forget(tx: sa.Connection, id: str) -> None:
    """Strike a worker that is gone from the list."""
    tx.execute(worker.delete().where(worker.c.id == id))

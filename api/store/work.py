"""Solves and what is shown of them while they run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.tables import problem, solve, solve_event

Row = sa.Row[Any]

LIVE = ("queued", "running")


def keep_problem(tx: sa.Connection, fingerprint: str, document: str, now: datetime) -> None:
    """Keep a full input; one that is known already is not written twice."""
    known = tx.execute(sa.select(problem.c.fingerprint).where(problem.c.fingerprint == fingerprint))
    if known.one_or_none() is None:
        tx.execute(problem.insert().values(fingerprint=fingerprint, document=document, created=now))


def problem_text(tx: sa.Connection, fingerprint: str) -> str:
    """A kept input, byte for byte."""
    return str(tx.execute(sa.select(problem.c.document).where(problem.c.fingerprint == fingerprint)).scalar_one())


def add_solve(tx: sa.Connection, now: datetime, **values: object) -> None:
    """A new solve, waiting for a worker."""
    tx.execute(solve.insert().values(state="queued", attempts=0, created=now, **values))


def find_solve(tx: sa.Connection, id: str) -> Row | None:
    """One solve."""
    return tx.execute(sa.select(solve).where(solve.c.id == id)).one_or_none()


def solves(tx: sa.Connection, community: str, limit: int = 100) -> Sequence[Row]:
    """The latest solves of a community, newest first."""
    query = sa.select(solve).where(solve.c.community == community)
    return tx.execute(query.order_by(solve.c.created.desc(), solve.c.id.desc()).limit(limit)).all()


def change_solve(tx: sa.Connection, id: str, *, only_if: Sequence[str] = LIVE, **values: object) -> bool:
    """Set columns of a solve that is in one of these states; False when it is not."""
    done = tx.execute(solve.update().where(solve.c.id == id, solve.c.state.in_(only_if)).values(**values))
    return bool(done.rowcount == 1)


def add_event(tx: sa.Connection, id: str, kind: str, document: str, now: datetime) -> int:
    """The next event of a solve; its number counts from 1, and two who count at once wait for each other."""
    tx.execute(sa.select(solve.c.id).where(solve.c.id == id).with_for_update())
    last = tx.execute(
        sa.select(sa.func.coalesce(sa.func.max(solve_event.c.seq), 0)).where(solve_event.c.solve == id)
    ).scalar_one()
    tx.execute(solve_event.insert().values(solve=id, seq=last + 1, kind=kind, document=document, at=now))
    return int(last) + 1


def latest_event(tx: sa.Connection, id: str, kind: str) -> Row | None:
    """The last event of a kind, if there was one."""
    query = sa.select(solve_event).where(solve_event.c.solve == id, solve_event.c.kind == kind)
    return tx.execute(query.order_by(solve_event.c.seq.desc()).limit(1)).one_or_none()


def events(tx: sa.Connection, id: str, after: int, limit: int = 500) -> Sequence[Row]:
    """Events with a number greater than `after`, in order."""
    query = sa.select(solve_event).where(solve_event.c.solve == id, solve_event.c.seq > after)
    return tx.execute(query.order_by(solve_event.c.seq).limit(limit)).all()

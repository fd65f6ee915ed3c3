"""Solves: asked for, begun, watched, ended. Each of these is done at most once, whoever is killed in between."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from api import clock
from api.errors import refused
from api.flow.problems import assemble
from api.flow.releases import propose
from api.flow.rounds import Deed, known_community
from api.store import Store, jobs, plans, work
from api.store.jobs import SOLVE, Turn
from api.store.parts import Row
from scheduler.constraints.terms import Entity, Id, Sentence
from scheduler.problem import Problem
from scheduler.timetable import Kept, Timetable

ENDED = frozenset({"done", "infeasible", "undecided", "failed", "cancelled"})


class SolveOptions(Entity):
    """What a solve may be told."""

    round: Id
    time_limit_seconds: Annotated[float, Field(gt=0, le=86_400)] | None = Field(
        default=None, description="None: the service's own limit."
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(
        default=None, description="Of the lot; None: the policy's published seed."
    )
    audit: bool = Field(default=False, description="One worker, deterministic: replayable to the byte.")
    start_from: Id | None = Field(
        default=None,
        description="A proposal to keep to: as few people as can be are moved. None: the round's release, if any.",
    )
    afresh: bool = Field(default=False, description="Keep to nothing, not even to what is released.")
    priority: Annotated[int, Field(ge=-9, le=9)] = Field(
        default=0, description="Of the solves that wait, the one with the highest is begun first."
    )


@dataclass(frozen=True)
class Job:
    """What a worker needs to do a solve."""

    turn: Turn
    problem: Problem
    options: SolveOptions
    kept: Kept | None


def new_id(prefix: str) -> str:
    """An id that nobody else has."""
    return f"{prefix}-{secrets.token_hex(8)}"


def ask(tx: sa.Connection, community: str, options: SolveOptions, *, deed: Deed) -> str:
    """Keep the problem of the round as it stands now, and a solve of it that waits for a worker.

    Returns:
        The solve's id, which is to be given to the queue after the transaction.
    """
    known_community(tx, community, lock=True)
    problem = assemble(tx, community, options.round)
    if options.start_from is not None and options.afresh:
        raise refused("conflict", "start_from 与 afresh 只能选一个", "start_from and afresh exclude each other")
    if options.start_from is not None:
        start = plans.find_proposal(tx, options.start_from)
        if start is None or start.community != community:
            raise refused("not_found", f"没有方案“{options.start_from}”", f"no proposal {options.start_from!r}")
    fingerprint = problem.fingerprint()
    work.keep_problem(tx, fingerprint, problem.model_dump_json(), deed.now)
    id = new_id("solve")
    work.add_solve(
        tx,
        deed.now,
        id=id,
        community=community,
        round=options.round,
        problem=fingerprint,
        options=options.model_dump_json(),
        priority=options.priority,
    )
    work.add_event(tx, id, "state", json.dumps({"state": "queued"}), deed.now)
    deed.note(tx, community, "solve", id, after=problem.model_dump_json())
    return id


def known_solve(tx: sa.Connection, community: str, id: str) -> Row:
    """The solve, or the refusal that there is none."""
    row = work.find_solve(tx, id)
    if row is None or row.community != community:
        raise refused("not_found", f"没有排期任务“{id}”", f"there is no solve {id!r}")
    return row


def cancel(tx: sa.Connection, community: str, id: str, *, deed: Deed) -> None:
    """End a solve that has not ended; the worker sees it and stops."""
    known_solve(tx, community, id)
    if not _end(tx, id, "cancelled"):
        raise refused("solve_finished", f"排期任务“{id}”已经结束", f"solve {id!r} has ended already")
    deed.note(tx, community, "cancel_solve", id)


def begin(store: Store, id: str, worker: str = "") -> Job | None:
    """Begin a solve that waits; None when it does not, or when another of its round runs."""
    try:
        return _begun(store, id, worker)
    except sa.exc.IntegrityError as error:
        if "one_at_a_time" not in str(error.orig) and "solve.community" not in str(error.orig):
            raise
    with store.writing() as tx:
        jobs.hand_again(tx, id)
    return None


def _begun(store: Store, id: str, worker: str) -> Job | None:
    now = clock.now()
    with store.writing() as tx:
        turn = jobs.claim(tx, SOLVE, id, worker, started=sa.func.coalesce(sa.column("started"), now))
        if turn is None:
            return None
        row = work.find_solve(tx, id)
        assert row is not None
        state = {"state": "running", "attempt": row.attempts}
        work.add_event(tx, id, "state", json.dumps(state), now)
        options = SolveOptions.model_validate_json(row.options)
        problem = Problem.model_validate_json(work.problem_text(tx, row.problem))
        if options.afresh:
            return Job(turn, problem, options, None)
        released = _released(tx, row.community, row.round)
        start = plans.find_proposal(tx, options.start_from) if options.start_from else None
        previous = Timetable.model_validate_json(start.timetable) if start is not None else released
        return Job(turn, problem, options, Kept(previous, released) if previous is not None else None)


def _released(tx: sa.Connection, community: str, round: str) -> Timetable | None:
    """What people know of a round: the timetable of its latest release."""
    number = next((row.number for row in plans.releases(tx, community) if row.round == round), None)
    release = plans.find_release(tx, community, number) if number is not None else None
    proposal = plans.find_proposal(tx, release.proposal) if release is not None else None
    return Timetable.model_validate_json(proposal.timetable) if proposal is not None else None


def is_live(store: Store, turn: Turn) -> bool:
    """Whether a solve is still wanted, of this worker."""
    with store.reading() as tx:
        return jobs.has(tx, SOLVE, turn)


def report_progress(store: Store, turn: Turn, progress: dict[str, Any]) -> None:
    """Show how far a solve is."""
    with store.writing() as tx:
        if jobs.change(tx, SOLVE, turn):
            work.add_event(tx, turn.id, "progress", json.dumps(progress), clock.now())


def end_with(store: Store, turn: Turn, timetable: Timetable) -> None:
    """The solve found a timetable: verify it, and keep it as a proposal. Whoever has lost the job keeps nothing."""
    with store.writing() as tx:
        if not jobs.change(tx, SOLVE, turn):
            return
        row = work.find_solve(tx, turn.id)
        assert row is not None
        proposal = propose(tx, row.community, row.round, row.problem, timetable, now=clock.now())
        _end(tx, turn.id, "done", proposal=proposal)


def end_without(store: Store, turn: Turn, state: str, sentence: Sentence, **more: Any) -> None:
    """The solve ended without a timetable: `infeasible`, `undecided` or `failed`, and why."""
    with store.writing() as tx:
        if jobs.change(tx, SOLVE, turn):
            give_up(tx, turn.id, state, sentence, **more)


def give_up(tx: sa.Connection, id: str, state: str, sentence: Sentence, **more: Any) -> None:
    """End a solve without a timetable, whoever has it."""
    _end(tx, id, state, outcome=json.dumps({"sentence": sentence.model_dump(), **more}, ensure_ascii=False))


def wait_again(tx: sa.Connection, id: str, why: str) -> None:
    """Tell that a solve waits for another worker."""
    work.add_event(tx, id, "state", json.dumps({"state": "queued", "why": why}), clock.now())


def _end(tx: sa.Connection, id: str, state: str, **values: Any) -> bool:
    now = clock.now()
    if not work.change_solve(tx, id, state=state, finished=now, **values):
        return False
    document = {"state": state, "proposal": values.get("proposal")}
    if "outcome" in values:
        document |= json.loads(values["outcome"])
    work.add_event(tx, id, "state", json.dumps(document, ensure_ascii=False), now)
    return True

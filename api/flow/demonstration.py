"""The reference centre, from its document to its release, in steps that are each done once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from api.errors import Refused
from api.flow import releases
from api.flow.problems import assemble, put_problem
from api.flow.rounds import Deed, stage_of
from api.store import parts, plans, work
from scheduler.problem import Problem
from scheduler.timetable import Timetable


def released(tx: sa.Connection, community: str) -> int:
    """Number of the release in force, 0 for none."""
    row = parts.find_community(tx, community)
    return row.in_force if row is not None else 0


def loaded(tx: sa.Connection, community: str, document: bytes, deed: Deed) -> tuple[str, Problem, str | None]:
    """The round with its problem, imported and closed if it was not; and a proposal for it that holds, if there is."""
    rounds = parts.rounds(tx, community) if parts.find_community(tx, community) else ()
    round = rounds[-1] if rounds else put_problem(tx, community, document, round=None, deed=deed)[0]
    if stage_of(round, deed.now) in {"draft", "open"}:
        opened = round.opens_at or deed.now - timedelta(minutes=1)
        parts.change_round(tx, community, round.id, deed.now, opens_at=opened, closes_at=deed.now)
    problem = assemble(tx, community, round.id)
    fingerprint = problem.fingerprint()
    holding = (row.id for row in plans.proposals(tx, community) if row.holds and row.problem == fingerprint)
    return round.id, problem, next(holding, None)


def proposed(tx: sa.Connection, community: str, round: str, timetable: Timetable, deed: Deed) -> str:
    """Keep a timetable that was made beside the queue, verified."""
    problem = assemble(tx, community, round)
    work.keep_problem(tx, problem.fingerprint(), problem.model_dump_json(), deed.now)
    id = releases.propose(tx, community, round, problem.fingerprint(), timetable, now=deed.now)
    row = releases.known_proposal(tx, community, id)
    if not row.holds:
        raise Refused("does_not_hold", more={"report": row.report})
    return id


def publish(tx: sa.Connection, community: str, proposal: str, *, base_url: str, deed: Deed) -> int:
    """The first release, number 1."""
    return releases.release(tx, community, releases.Order(proposal, 0, base_url), deed=deed)

"""A release, solved once more from its kept input: the same bytes, or why they cannot be compared."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from api.errors import refused
from api.flow.published import known_release
from api.flow.releases import kept_to
from api.store import parts, plans, work
from scheduler.problem import Problem
from scheduler.timetable import Kept, Timetable


@dataclass(frozen=True)
class Material:
    """All that a release was made from, and what came of it.

    Attributes:
        problem: the full input.
        kept: what it kept to.
        text: the timetable, byte for byte.
        timetable: the same, read.
        time_limit: seconds that its solve was given; None: the service's own limit.
    """

    problem: Problem
    kept: Kept | None
    text: str
    timetable: Timetable
    time_limit: float | None


def material(tx: sa.Connection, name: str) -> Material:
    """What is kept of a release `COMMUNITY/NUMBER`, or `NUMBER` where there is one community.

    Raises:
        Refused: there is no such release.
    """
    community, _, number = name.rpartition("/")
    known = [row.id for row in parts.communities(tx)]
    if not community and len(known) == 1:
        community = known[0]
    if community not in known or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise refused("not_found", f"没有“{name}”这一版；写作 社区/版本号", f"no release {name!r}: COMMUNITY/NUMBER")
    row = known_release(tx, community, int(number))
    proposal = plans.find_proposal(tx, row.proposal)
    assert proposal is not None
    timetable = Timetable.model_validate_json(proposal.timetable)
    made = next((each for each in work.solves(tx, community, 100_000) if each.proposal == row.proposal), None)
    return Material(
        Problem.model_validate_json(work.problem_text(tx, row.problem)),
        kept_to(tx, community, timetable),
        proposal.timetable,
        timetable,
        json.loads(made.options)["time_limit_seconds"] if made is not None else None,
    )


def why_not(timetable: Timetable, engine: str) -> tuple[str, str] | None:
    """Why this engine cannot come to the same bytes, in Chinese and English; None: it can."""
    if not timetable.audit:
        return "它不是按可复算方式排的（audit）", "it is not from an audit solve"
    if timetable.engine != engine:
        return f"它由另一版本排出：{timetable.engine}；现在是 {engine}", f"made by {timetable.engine}; this is {engine}"
    return None

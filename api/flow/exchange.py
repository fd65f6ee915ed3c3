"""A whole centre brought in: what that would change, whether it changes anything, and that it is stored whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from api.errors import Refused
from api.flow.kinds import KINDS
from api.flow.problems import assemble, put_problem
from api.flow.rounds import Deed
from api.store import parts
from scheduler.problem import Problem


def round_of(problem: Problem) -> str:
    """The round that an import makes or replaces: named after the first date of its season."""
    return problem.season.first_date.isoformat()


def same_as_stored(tx: sa.Connection, problem: Problem) -> bool:
    """Whether the community has this very problem already."""
    id = problem.community.id
    if parts.find_community(tx, id) is None or parts.find_round(tx, id, round_of(problem)) is None:
        return False
    try:
        return assemble(tx, id, round_of(problem)).fingerprint() == problem.fingerprint()
    except Refused:
        return False


def changed_parts(tx: sa.Connection, problem: Problem) -> Iterator[tuple[str, str]]:
    """What an import would add, change and take away, kind by kind, in Chinese and English."""
    id = problem.community.id
    for kind in KINDS.values():
        round = round_of(problem) if kind.name == "request" else None
        before = {row.id: json.loads(row.document) for row in parts.parts(tx, id, kind.name, round=round)}
        after = {each.id: each.model_dump(mode="json") for each in getattr(problem, kind.plural)}
        added, gone = len(after.keys() - before.keys()), len(before.keys() - after.keys())
        changed = sum(before[each] != after[each] for each in before.keys() & after.keys())
        if added or changed or gone:
            yield (
                f"{kind.zh}：新增 {added}，修改 {changed}，移除 {gone}",
                f"{kind.plural}: {added} added, {changed} changed, {gone} removed",
            )


def stored(tx: sa.Connection, problem: Problem, *, deed: Deed) -> str:
    """Store a problem, all or nothing; the round's id.

    Raises:
        Refused: it cannot take the place of what is stored (a closed round, ids of another round).
    """
    body = problem.model_dump_json().encode()
    row, _ = put_problem(tx, problem.community.id, body, round=round_of(problem), deed=deed)
    return str(row.id)

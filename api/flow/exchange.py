"""A whole centre in and out: what an import would change, whether it changes anything, everything in open formats."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from api.errors import Refused, refused
from api.flow.kinds import KINDS
from api.flow.problems import assemble, put_problem
from api.flow.rounds import Deed, known_community
from api.store import feeds, parts, plans, work
from api.workbook.tables import bookings_csv, dictionary, tables
from api.workbook.write import write_workbook
from scheduler.problem import Problem
from scheduler.timetable import Timetable


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


def open_data(tx: sa.Connection, community: str | None) -> dict[str, bytes]:
    """Everything of a community as files: name -> bytes.

    problem.json and centre.xlsx rebuild it; CSV files are the same tables; timetable.json, bookings.csv and calendars
    are those of the release in force, where there is one; dictionary.csv says what each column means.

    Raises:
        Refused: there is no such community, several to choose from, or no whole problem.
    """
    id = _chosen(tx, community)
    row = known_community(tx, id)
    rounds = parts.rounds(tx, id)
    if not rounds:
        raise refused("not_found", "还没有申请轮次", "there is no round yet")
    problem = assemble(tx, id, rounds[-1].id)
    workbook = write_workbook(problem)
    files = {
        "problem.json": problem.model_dump_json(indent=1).encode() + b"\n",
        "centre.xlsx": workbook,
        "dictionary.csv": dictionary(),
        **tables(workbook),
    }
    release = plans.find_release(tx, id, row.in_force) if row.in_force else None
    proposal = plans.find_proposal(tx, release.proposal) if release is not None else None
    if release is not None and proposal is not None:
        timetable = Timetable.model_validate_json(proposal.timetable)
        files["released-problem.json"] = work.problem_text(tx, release.problem).encode()
        files["timetable.json"] = proposal.timetable.encode()
        files["bookings.csv"] = bookings_csv(timetable)
        for scope, name, body in feeds.all_feeds(tx, id):
            files[f"calendars/{scope}/{name}.ics"] = body
    return files


def _chosen(tx: sa.Connection, community: str | None) -> str:
    if community is not None:
        return community
    known = [row.id for row in parts.communities(tx)]
    if len(known) != 1:
        names = "、".join(known) or "无"
        raise refused(
            "not_found", f"请注明社区 --community（现有：{names}）", f"name the community (there are: {names})"
        )
    return str(known[0])

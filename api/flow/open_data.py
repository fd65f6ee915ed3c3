"""Everything of a community in open formats: files from which it can be rebuilt, and a dictionary of what they say."""

from __future__ import annotations

import sqlalchemy as sa

from api.errors import refused
from api.flow.problems import assemble
from api.flow.rounds import known_community
from api.store import feeds, parts, plans, work
from api.workbook.tables import bookings_csv, dictionary, tables
from api.workbook.write import write_workbook
from scheduler.timetable import Timetable


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

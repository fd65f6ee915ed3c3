"""The ledger from round to round: a round begins with what the last release before it left owing."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from api.store import parts, plans
from scheduler.ledger import carried_over, ledger_after
from scheduler.problem import LedgerEntry, Problem
from scheduler.timetable import Timetable

LEDGER = TypeAdapter(tuple[LedgerEntry, ...])


def with_ledger(tx: sa.Connection, problem: Problem, round: str) -> Problem:
    """The problem of a round with what the last release of the round before it left owing.

    The round before is the one whose season begins latest of those that begin earlier and have been released. Where
    there is none, or its release is from before there were ledgers, nobody is owed anything and nobody is new.
    """
    community = problem.community.id
    begins = {row.id: json.loads(row.document)["season"]["first_date"] for row in parts.rounds(tx, community)}
    first = problem.season.first_date.isoformat()
    latest: dict[str, int] = {}
    for row in plans.releases(tx, community):
        latest.setdefault(row.round, row.number)
    before = [each for each in latest if each != round and each in begins and begins[each] < first]
    if not before:
        return problem
    release = plans.find_release(tx, community, latest[max(before, key=lambda each: (begins[each], each))])
    if release is None or release.ledger is None:
        return problem
    return problem.model_copy(update={"ledger": carried_over(LEDGER.validate_json(release.ledger), problem)})


def told(problem: Problem) -> list[dict[str, Any]]:
    """Each body that asks or is owed something: what it asked and got in earlier rounds, and whether it is new.

    A body is called by its applicants' names; lists of members are not kept anywhere.
    """
    names = problem.names()
    of_body = {body.id: body.applicants for body in problem.bodies}
    body_of = {applicant: body for body, applicants in of_body.items() for applicant in applicants}
    asking = dict.fromkeys(body_of.get(r.applicant, r.applicant) for r in problem.requests)
    entries = {entry.body: entry for entry in problem.ledger or ()}
    rows = []
    for body in (*asking, *(each for each in entries if each not in asking)):
        called = of_body.get(body, (body,))
        entry = entries.get(body)
        numbers = entry.model_dump(exclude={"body"}) if entry else dict.fromkeys(_NUMBERS, 0)
        new = problem.ledger is not None and entry is None
        rows.append({"body": body, "name": names.zh(*called), "name_en": names.en(*called), **numbers, "new": new})
    return rows


def shares(problem: Problem, timetable: Timetable) -> list[dict[str, Any]]:
    """What each body asks and gets in a plan, beside what it is owed from before: who is shortest first.

    Counted as in the ledger: duties, pins in full and what nobody could be given are not in it.
    """
    this_round = problem.model_copy(update={"ledger": None})
    now = {entry.body: entry for entry in ledger_after(this_round, timetable)}
    rows = [
        {**each, "asked": now[each["body"]].asked, "granted": now[each["body"]].granted}
        for each in told(problem)
        if each["body"] in now
    ]
    return sorted(rows, key=lambda each: (each["granted"] / each["asked"], -each["asked"]))


_NUMBERS = ("asked", "granted", "owed", "rounds", "since")

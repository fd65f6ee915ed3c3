"""A yearly notice becomes the next version of a community's calendars: first shown, then confirmed."""

from __future__ import annotations

import json
from typing import Any, get_args

import sqlalchemy as sa

from api.errors import Refused
from api.flow.changes import change_part
from api.flow.kinds import KINDS
from api.flow.problems import assemble
from api.flow.rounds import Deed, known_community
from api.store import parts
from scheduler.calendars.apply import Follows, apply
from scheduler.calendars.changes import changes
from scheduler.calendars.notice import BadNoticeError, Notice, propose, read_document, unsaid
from scheduler.constraints.terms import Sentence
from scheduler.problem import Calendar
from scheduler.wellformed import Fault


def take_notice(tx: sa.Connection, community: str, document: dict[str, Any], *, deed: Deed) -> dict[str, Any]:
    """What a notice changes, per use and request; with `confirm` true the calendars are changed.

    Args:
        tx: the transaction.
        community: its id.
        document: year, days, papers, source; `takes`: calendar -> nothing, days_off or working_days, where it is not
            what it took before; `confirm`.
        deed: who, when.

    Returns:
        confirmed, the notice's days (weekdays that it does not say are proposed), the calendars' versions, the dates.

    Raises:
        Refused: the notice cannot be read, or is confirmed without saying as what a working weekend counts.
    """
    known_community(tx, community, lock=True)
    kind, confirmed = KINDS["calendar"], document.get("confirm") is True
    rows = parts.parts(tx, community, "calendar")
    old = tuple(Calendar.model_validate_json(row.document) for row in rows)
    try:
        said = read_document(document, source=str(document.get("source") or ""))
        notice = propose(said)
        new = apply(old, said if confirmed else notice, _takes(document, old))
    except BadNoticeError as error:
        faults = tuple(Fault("wrong_value", _place(each.position), "", each.sentence) for each in error.faults)
        raise Refused("invalid_document", faults=faults) from None
    told = {each.id: _dates(tx, community, each.id, (old, new), notice) for each in parts.rounds(tx, community)}
    if confirmed:
        for row, was, now in zip(rows, old, new, strict=True):
            if now != was:
                change_part(tx, community, kind, row, json.loads(now.model_dump_json()), deed=deed)
    return {
        "confirmed": confirmed,
        "unsaid": [day.isoformat() for day in unsaid(said)],
        "days": [
            {
                "date": day.date.isoformat(),
                "name": day.name,
                "isOffDay": day.off,
                "counts_as": day.counts_as,
                "proposed": day.proposed,
            }
            for day in notice.days
        ],
        "calendars": [
            {"id": was.id, "version_before": was.version, "version": now.version}
            for was, now in zip(old, new, strict=True)
        ],
        "changes": [{"round": round, **each} for round, found in told.items() for each in found],
    }


def _dates(
    tx: sa.Connection,
    community: str,
    round: str,
    versions: tuple[tuple[Calendar, ...], tuple[Calendar, ...]],
    notice: Notice,
) -> list[dict[str, Any]]:
    problem = assemble(tx, community, round)
    return [
        {
            "use": each.use,
            "request": each.request,
            "weekday": each.weekday,
            "date": each.date.isoformat(),
            "kind": each.kind,
            "reason": each.reason,
            "sentence": each.sentence.model_dump(),
        }
        for each in changes(problem, *versions, notice=notice)
    ]


def _takes(document: dict[str, Any], calendars: tuple[Calendar, ...]) -> dict[str, Follows]:
    takes = document.get("takes") or {}
    known, allowed = {each.id for each in calendars}, get_args(Follows)
    good = isinstance(takes, dict) and all(id in known and kind in allowed for id, kind in takes.items())
    if not good:
        expected = Sentence(
            zh=f"已有日历的编号 -> {'、'.join(allowed)}", en=f"ids of calendars -> {', '.join(allowed)}"
        )
        raise Refused("invalid_document", faults=(Fault("wrong_value", ("takes",), str(takes)[:80], expected),))
    return dict(takes)


def _place(position: int) -> tuple[str | int, ...]:
    """Entries are counted from 1 for people, from 0 in places of documents."""
    return ("days", position - 1) if position else ()

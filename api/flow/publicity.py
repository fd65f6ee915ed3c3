"""A plan is publicised for some days before it is released, so that people can object."""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.errors import Refused, refused
from api.flow.problems import assemble
from api.flow.releases import known_proposal
from api.flow.rounds import Deed, known_community, known_round, stage_of
from api.store import parts, publicity

MOST_DAYS = 60


def publicise(tx: sa.Connection, community: str, proposal: str, days: int, *, zone: ZoneInfo, deed: Deed) -> str:
    """Show a proposal to everybody for so many whole days, not counting the one on which it begins.

    Returns:
        The publicity's id.

    Raises:
        Refused: there is no such proposal, it does not hold, the data has changed since, the round is open, the same
            proposal is being publicised, or the number of days is none.
    """
    known_community(tx, community, lock=True)
    row = known_proposal(tx, community, proposal)
    round = known_round(tx, community, row.round)
    if not 1 <= days <= MOST_DAYS:
        raise refused("bad_request", f"公示天数为 1 至 {MOST_DAYS} 天", f"it is publicised for 1 to {MOST_DAYS} days")
    if stage_of(round, deed.now) in {"draft", "open"}:
        raise refused("round_still_open", "申请尚未截止，截止后才能公示", "the round is open; publicise after closing")
    if not row.holds:
        raise Refused("does_not_hold")
    if assemble(tx, community, row.round).fingerprint() != row.problem:
        raise Refused("outdated_proposal")
    before = publicity.publicities(tx, community, round=row.round)
    if before and before[0].proposal == proposal and deed.now < before[0].ends_at:
        raise refused("conflict", "这一版正在公示", "this plan is being publicised already")
    id = f"publicity-{secrets.token_hex(8)}"
    ends_at = end_of(deed.now, days, zone)
    publicity.add_publicity(
        tx, community, row.round, id=id, proposal=proposal, starts_at=deed.now, ends_at=ends_at, caller=deed.caller
    )
    if round.published_at is None:
        parts.change_round(tx, community, round.id, deed.now, published_at=deed.now)
    deed.note(tx, community, "publicise", f"{proposal} {days}")
    return id


def end_of(starts: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The midnight that ends the last of so many days, of which the one of `starts` is not counted."""
    first = starts.astimezone(zone).date()
    return datetime.combine(first + timedelta(days=days + 1), time(0), zone)

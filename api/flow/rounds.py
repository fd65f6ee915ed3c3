"""Rounds: their stage follows from moments, and guards what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from api.errors import refused
from api.store import deeds, parts
from api.store.parts import Row

Stage = Literal["draft", "open", "closed", "published", "released"]


@dataclass(frozen=True)
class Deed:
    """Who does something, and when.

    Attributes:
        caller: the name for the log.
        now: the moment.
        owner: the owner that an operator acts for; empty: a manager, who needs nobody's leave.
        communities: those that the operator may write to; None: all.
        reason: why, as they say; it is kept in the trail.
    """

    caller: str
    now: datetime
    owner: str = ""
    communities: frozenset[str] | None = None
    reason: str = ""

    @property
    def author(self) -> str:
        """Who is named beside what they wrote."""
        return self.owner or self.caller

    def note(
        self,
        tx: sa.Connection,
        community: str,
        action: str,
        subject: str,
        *,
        reason: str | None = None,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        """Its line in the trail (see `deeds.Line`), in the transaction that does it; `reason`: another than its own."""
        why = self.reason if reason is None else reason
        deeds.note(tx, deeds.Line(self.now, community, self.caller, action, subject, why, before, after))


def refuse_elsewhere(deed: Deed, community: str) -> None:
    """An operator writes only where their key says."""
    if deed.communities is not None and community not in deed.communities:
        raise refused("forbidden", f"此密钥不能写入社区“{community}”", f"this key is not for {community!r}")


def known_community(tx: sa.Connection, id: str, *, lock: bool = False) -> Row:
    """The community, or the refusal that there is none."""
    row = parts.find_community(tx, id, lock=lock)
    if row is None:
        raise refused("not_found", f"没有社区“{id}”", f"there is no community {id!r}")
    return row


def known_round(tx: sa.Connection, community: str, id: str) -> Row:
    """The round, or the refusal that there is none."""
    row = parts.find_round(tx, community, id)
    if row is None:
        raise refused("not_found", f"没有申请轮次“{id}”", f"there is no round {id!r}")
    return row


def stage_of(round: Row, now: datetime) -> Stage:
    """What a round is at: it is not stored, so it cannot be wrong."""
    if round.released_at is not None:
        return "released"
    if round.published_at is not None and round.published_at <= now:
        return "published"
    if round.closes_at is not None and round.closes_at <= now:
        return "closed"
    if round.opens_at is not None and round.opens_at <= now:
        return "open"
    return "draft"


def refuse_unless_open(round: Row, now: datetime) -> None:
    """Requests come and change while the round is open, neither before nor after."""
    stage = stage_of(round, now)
    if stage == "draft":
        raise refused("round_not_open", f"轮次“{round.id}”尚未开始受理", f"round {round.id!r} is not open yet")
    if stage != "open":
        raise refused("round_closed", f"轮次“{round.id}”已截止受理", f"round {round.id!r} is closed")


def refuse_while_open(round: Row, now: datetime) -> None:
    """Nothing is released that further requests could still change."""
    if stage_of(round, now) in {"draft", "open"}:
        raise refused(
            "round_still_open",
            f"轮次“{round.id}”尚未截止，截止后才能发布",
            f"round {round.id!r} is not closed yet; it is released after closing",
        )


def refuse_disorder(opens_at: datetime | None, closes_at: datetime | None, published_at: datetime | None) -> None:
    """A round opens, then closes, then is published."""
    if closes_at is not None and (opens_at is None or closes_at <= opens_at):
        raise refused("conflict", "截止时间须晚于开始时间", "a round closes after it opens")
    if published_at is not None and (closes_at is None or published_at < closes_at):
        raise refused("conflict", "公示时间不得早于截止时间", "a round is published after it closes")


def chosen_round(tx: sa.Connection, community: str, id: str | None) -> Row:
    """The round that is named; without a name, the only one.

    Raises:
        Refused: there is none of the name, none at all, or several to choose from.
    """
    if id is not None:
        return known_round(tx, community, id)
    known_community(tx, community)
    rounds = parts.rounds(tx, community)
    if len(rounds) != 1:
        names = ", ".join(row.id for row in rounds)
        raise refused(
            "not_found", f"请注明轮次 round（现有：{names or '无'}）", f"name the round (there are: {names or 'none'})"
        )
    return rounds[0]

"""Publicities, objections and their answers: written once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.tables import objection, objection_answer, publicity

Row = sa.Row[Any]


def add_publicity(tx: sa.Connection, community: str, round: str, **values: object) -> None:
    """A new publicity, the round's next."""
    mine = (publicity.c.community == community) & (publicity.c.round == round)
    last = tx.execute(sa.select(sa.func.coalesce(sa.func.max(publicity.c.number), 0)).where(mine)).scalar_one()
    tx.execute(publicity.insert().values(community=community, round=round, number=last + 1, **values))


def find_publicity(tx: sa.Connection, community: str, id: str) -> Row | None:
    """One publicity of the community."""
    query = sa.select(publicity).where(publicity.c.community == community, publicity.c.id == id)
    return tx.execute(query).one_or_none()


def publicities(tx: sa.Connection, community: str, *, round: str | None = None) -> Sequence[Row]:
    """The publicities of a community or of one round, newest first."""
    query = sa.select(publicity).where(publicity.c.community == community)
    if round is not None:
        return tx.execute(query.where(publicity.c.round == round).order_by(publicity.c.number.desc())).all()
    return tx.execute(query.order_by(publicity.c.starts_at.desc(), publicity.c.number.desc())).all()


def add_objection(tx: sa.Connection, publicity: str, now: datetime, **values: object) -> int:
    """A new objection; its number within the publicity."""
    last = tx.execute(
        sa.select(sa.func.coalesce(sa.func.max(objection.c.number), 0)).where(objection.c.publicity == publicity)
    ).scalar_one()
    tx.execute(objection.insert().values(publicity=publicity, number=last + 1, at=now, **values))
    return int(last) + 1


def objections(tx: sa.Connection, community: str, round: str) -> Sequence[Row]:
    """All objections of a round's publicities in order, each with `answer`, `answered_by`, `answered_at` (or none)."""
    query = (
        sa.select(
            objection,
            objection_answer.c.text.label("answer"),
            objection_answer.c.caller.label("answered_by"),
            objection_answer.c.at.label("answered_at"),
        )
        .join(publicity, publicity.c.id == objection.c.publicity)
        .outerjoin(objection_answer, objection_answer.c.objection == objection.c.id)
        .where(publicity.c.community == community, publicity.c.round == round)
        .order_by(publicity.c.number, objection.c.number)
    )
    return tx.execute(query).all()


def round_of_objection(tx: sa.Connection, community: str, id: str) -> str | None:
    """The round that an objection of this community is about."""
    query = (
        sa.select(publicity.c.round)
        .join(objection, objection.c.publicity == publicity.c.id)
        .where(publicity.c.community == community, objection.c.id == id)
    )
    return tx.execute(query).scalar_one_or_none()


def add_answer(tx: sa.Connection, objection: str, text: str, caller: str, now: datetime) -> None:
    """The answer to an objection."""
    tx.execute(objection_answer.insert().values(objection=objection, text=text, caller=caller, at=now))

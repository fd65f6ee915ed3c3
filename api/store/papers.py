"""Papers that applicants owe."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.tables import paper

Row = sa.Row[Any]


def add_paper(tx: sa.Connection, community: str, now: datetime, **values: object) -> None:
    """The state of a paper from now on: `applicant`, `name`, `status`, `caller`."""
    tx.execute(paper.insert().values(community=community, at=now, **values))


def papers(tx: sa.Connection, community: str) -> dict[str, dict[str, str]]:
    """Applicant -> name of the paper -> present, missing or waived."""
    found: dict[str, dict[str, str]] = {}
    for row in tx.execute(sa.select(paper).where(paper.c.community == community).order_by(paper.c.id)):
        found.setdefault(row.applicant, {})[row.name] = row.status
    return found

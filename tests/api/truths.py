"""What must be true of a database whatever was done to it, asked of it past the service."""

from __future__ import annotations

import sqlalchemy as sa

from api.store import Store


def questions(database: str, *queries: str) -> list[int]:
    """Numbers that the database gives."""
    store = Store(database)
    with store.reading() as tx:
        found = [int(tx.execute(sa.text(query)).scalar_one()) for query in queries]
    store.close()
    return found


OVERLAPS = """SELECT COUNT(*) FROM occupancy a JOIN occupancy b ON a.release = b.release AND a.atom = b.atom
    AND a.booking < b.booking AND a."from" < b."until" AND b."from" < a."until"
    WHERE a.mode = 'exclusive' AND b.mode = 'exclusive'"""
UNPROVED = r"""SELECT COUNT(*) FROM release r JOIN proposal p ON p.id = r.proposal
    WHERE NOT p.holds OR r.report NOT LIKE '{"violations"\:[],%'"""
ENDED_TWICE = """SELECT COUNT(*) FROM (SELECT solve FROM solve_event WHERE kind = 'state'
    AND (document LIKE '%"done"%' OR document LIKE '%"failed"%') GROUP BY solve HAVING COUNT(*) > 1) twice"""
STRAY_PROPOSALS = (
    "SELECT COUNT(*) FROM proposal WHERE id NOT IN (SELECT proposal FROM solve WHERE proposal IS NOT NULL)"
)
UNTOLD = "SELECT COUNT(*) FROM webhook_delivery WHERE state <> 'delivered'"

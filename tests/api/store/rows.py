"""Rows by raw SQL that both databases take, for tests of what the database itself refuses."""

# ruff: noqa: S608 - raw SQL, made of constants of this file
from __future__ import annotations

from api.store import Store

OPENED, CLOSED, NOW = "2026-08-01 08:00:00", "2026-08-20 08:00:00", "2026-09-01 08:00:00"

ROWS = {
    "community": f"INSERT INTO community VALUES ('c', 1, '{{}}', 0, '{NOW}', '{NOW}')",
    "problem": f"INSERT INTO problem VALUES ('f', '{{}}', '{NOW}')",
    "round": "INSERT INTO round (community, id, revision, document, opens_at, closes_at, created, modified)"
    f" VALUES ('c', 'r', 1, '{{}}', '{OPENED}', '{CLOSED}', '{NOW}', '{NOW}')",
    "proposal": f"INSERT INTO proposal VALUES ('p', 'c', 'r', 'f', '{{}}', '{{}}', true, '{NOW}')",
    "release": "INSERT INTO release (community, number, round, proposal, problem, engine, seed, audit, report,"
    f" catalogue, note, released_at) VALUES ('c', 1, 'r', 'p', 'f', '', 0, false, '', '', '', '{NOW}')",
}


def begin_release(store: Store, **instead: str) -> None:
    """A community `c` with a closed round `r`, a proposal `p` that holds, and release 1 of it, not in force.

    Args:
        store: where.
        instead: other statements for a table; empty: none.
    """
    with store.writing() as tx:
        for statement in (ROWS | instead).values():
            if statement:
                tx.exec_driver_sql(statement)

"""The history of rules: whatever becomes of one is a new version, with author, time and reason."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from api.flow.rounds import Deed
from api.store import parts
from api.store.news import tell
from api.store.rules import Row, Version, add_version, effective, find_rule, rules


def write(tx: sa.Connection, community: str, new: Version, *, deed: Deed) -> Row:
    """The next version of a rule, a line of the log, and a change that its owner's programs are told."""
    before = find_rule(tx, community, new.id)
    row = add_version(tx, community, new, author=deed.author, at=deed.now)
    _tell(tx, row)
    action = "constraint_safety" if new.safety and new.state == "accepted" else f"constraint_{new.state}"
    deed.note(
        tx,
        community,
        action,
        new.id,
        reason=row.reason or deed.reason,
        before=before.document if before is not None else None,
        after=None if new.state == "withdrawn" else row.document,
    )
    return row


def _tell(tx: sa.Connection, row: Row) -> None:
    """Let the owner's programs know where their rule stands."""
    told = {
        "state": row.state,
        "revision": row.version,
        "external_ref": row.external_ref or "",
        "author": row.author,
        "reason": row.reason,
        "safety": row.safety,
        "withdraws": row.withdraws,
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "in_force_from": row.in_force_from_release,
    }
    tell(tx, row.community, "constraint", row.id, at=row.at, owner=row.owner, **told)


def write_again(tx: sa.Connection, community: str, row: Row, *, deed: Deed) -> Row:
    """An earlier version that goes on to hold, or to wait, after another was written behind it: no news to anybody."""
    kept = ("reason", "safety", "withdraws", "why", "deadline", "in_force_from_release")
    again = Version.of(row, row.state, **{name: getattr(row, name) for name in kept})
    return add_version(tx, community, again, author=row.author, at=deed.now)


def replaced(tx: sa.Connection, community: str, before: Iterable[Row], *, deed: Deed) -> None:
    """Write what an import of the whole problem did to the rules that were there before it."""
    old = {row.id: row for row in before}
    new = {row.id: row for row in parts.parts(tx, community, "constraint")}
    for id, row in new.items():
        if id not in old or old[id].document != row.document:
            write(tx, community, Version.of(row, "accepted"), deed=deed)
    for id in sorted(old.keys() - new.keys()):
        write(tx, community, Version.of(old[id], "withdrawn"), deed=deed)


def put_in_force(tx: sa.Connection, community: str, number: int, *, deed: Deed) -> None:
    """Every rule that was accepted is obeyed from this release on."""
    for row in rules(tx, community=community, states=("accepted", "submitted", "draft", "checked")):
        held = row if row.state == "accepted" else effective(tx, community, row.id)
        if held is None or held.state != "accepted":
            continue
        kept = {"safety": held.safety, "reason": held.reason, "in_force_from_release": number}
        write(tx, community, Version.of(held, "in_force", **kept), deed=deed)
        if row is not held:
            write_again(tx, community, row, deed=deed)

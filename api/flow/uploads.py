"""Rules from a table: what it would do, row by row, and then done; the same table twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import ValidationError

from api.flow.references import with_our_ids
from api.flow.rounds import Deed, known_community
from api.flow.rules import KIND, Line, take
from api.store import parts
from api.store import rules as store
from api.store.rules import GONE, Row
from scheduler.constraints.terms import Names


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a table: its number, the document, why it is sent, whether it is a safety closure."""

    number: int
    document: dict[str, Any]
    reason: str = ""
    safety: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a row; `before` is the version that it replaced."""

    number: int
    what: Literal["added", "replaced", "unchanged"]
    row: Row
    before: Row | None = None


def take_entries(
    tx: sa.Connection, community: str, entries: Sequence[Entry], *, deed: Deed, only_in_thought: bool = False
) -> list[Done]:
    """Take the rows that say something new, all or nothing, in the order of the table.

    A row is of a rule that is there, if it has its id or its owner's code. `only_in_thought` is that of `take`.

    Raises:
        Refused: with faults whose places begin with `rows` and the number of the row.
    """
    known_community(tx, community, lock=True)
    lines: list[Line] = []
    done: list[Done | None] = []
    for entry in entries:
        before = _there(tx, community, entry, deed)
        if before is not None and _same(tx, community, entry, before, deed):
            done.append(Done(entry.number, "unchanged", before, before))
            continue
        loc = ("rows", entry.number)
        lines.append(Line(entry.document, loc, entry.reason, entry.safety, replaces=before))
        done.append(None)
    rows = take(tx, community, lines, deed=deed, only_in_thought=only_in_thought) if lines else []
    new = iter(zip(lines, rows, strict=True))
    found: list[Done] = []
    for entry, unchanged in zip(entries, done, strict=True):
        if unchanged is not None:
            found.append(unchanged)
            continue
        line, row = next(new)
        found.append(Done(entry.number, "added" if line.replaces is None else "replaced", row, line.replaces))
    return found


def names_in(tx: sa.Connection, community: str) -> Names:
    """What the sites, spaces, uses and applicants of a community are called."""
    rows = (row for kind in ("site", "space", "use", "applicant") for row in parts.parts(tx, community, kind))
    documents = (json.loads(row.document) for row in rows)
    return Names({each["id"]: (each["name"], each["name_en"]) for each in documents})


def _there(tx: sa.Connection, community: str, entry: Entry, deed: Deed) -> Row | None:
    id, ref = entry.document.get("id"), entry.document.get("external_ref")
    if id is not None:
        row = store.find_rule(tx, community, str(id))
        return row if row is not None and row.state not in GONE else None
    owner = deed.owner or str(entry.document.get("owner") or "")
    coded = store.rules(tx, community=community, owner=owner, ref=str(ref)) if ref else ()
    return next((row for row in coded if row.state not in GONE), None)


def _same(tx: sa.Connection, community: str, entry: Entry, before: Row, deed: Deed) -> bool:
    document = {"id": before.id, **entry.document}
    owner = document.pop("owner", None) or deed.owner
    ref = document.pop("external_ref", None)
    try:
        text = json.dumps(with_our_ids(tx, community, document, owner))
        read = KIND.form.validate_json(text).model_dump_json()
    except ValidationError:
        return False
    return bool(read == before.document and (ref, owner) == (before.external_ref, before.owner))

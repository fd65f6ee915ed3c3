"""Changes of single parts: each is judged in the problem that it would make, and kept or refused whole."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from api.errors import Refused, refused
from api.flow.kinds import Kind
from api.flow.problems import Loc, judge, part_of
from api.flow.references import with_our_ids
from api.flow.rounds import Deed, known_community, known_round, refuse_unless_open
from api.flow.versions import write
from api.store import parts
from api.store.parts import Part, Row
from api.store.rules import Version
from scheduler.constraints.terms import Sentence
from scheduler.wellformed import Fault

NOT_VALID = "not valid "


def add_parts(
    tx: sa.Connection, community: str, kind: Kind, documents: Sequence[dict[str, Any]], *, deed: Deed, round: str | None
) -> list[Row]:
    """Add parts, all or nothing, if the community's problems are still well formed with them.

    Args:
        tx: the transaction, which is to be rolled back when this refuses.
        community: its id.
        kind: what they are.
        documents: as sent; beside the fields of the kind, `owner` and `external_ref` (a request has its own).
        deed: who, when.
        round: the round of requests, none for other kinds.

    Raises:
        Refused: with one fault at least for each line that is bad; places start with the line's number, unless there
            is one document only.
    """
    known_community(tx, community, lock=True)
    if round is not None:
        refuse_unless_open(known_round(tx, community, round), deed.now)
    places: dict[tuple[str, str], Loc] = {}
    faults: list[Fault] = []
    for line, document in enumerate(documents):
        loc: Loc = () if len(documents) == 1 else ("items", line)
        try:
            part = read_part(tx, community, kind, document, round)
            if parts.find_part(tx, community, kind.name, part.id) is not None:
                raise refused("already_exists", f"{kind.zh}“{part.id}”已存在", f"{part.id!r} exists already")
        except Refused as refusal:
            if len(documents) == 1:
                raise
            faults += of_line(refusal, loc, str(document.get("id", "")))
            continue
        parts.add_part(tx, community, part, deed.now)
        places[kind.name, part.id] = loc
    try:
        judge(tx, community, changed=places, only=round)
    except Refused as refusal:
        raise Refused(refusal.code, faults=(*faults, *refusal.faults)) from None
    if faults:
        raise Refused("invalid_document", faults=tuple(faults))
    rows = [row for _, id in places if (row := parts.find_part(tx, community, kind.name, id)) is not None]
    for row in rows:
        _told(tx, "add", row, deed)
    return rows


def _told(tx: sa.Connection, verb: str, row: Row, deed: Deed, old: Row | None = None) -> None:
    """What was done goes into the trail; of a rule, into its history too."""
    if row.kind == "constraint":
        write(tx, row.community, Version.of(row, "withdrawn" if verb == "remove" else "accepted"), deed=deed)
    else:
        before = row.document if verb == "remove" else old.document if old is not None else None
        after = None if verb == "remove" else row.document
        deed.note(tx, row.community, f"{verb}_{row.kind}", row.id, before=before, after=after)


def of_line(refusal: Refused, loc: Loc, found: str) -> list[Fault]:
    """Why one line of several is refused, at its place."""
    if refusal.faults:
        return [Fault(each.code, (*loc, *each.loc), each.found, each.expected) for each in refusal.faults]
    return [Fault(refusal.code, loc, found[:80], refusal.sentence)]


def change_part(
    tx: sa.Connection, community: str, kind: Kind, old: Row, document: dict[str, Any], *, deed: Deed
) -> Row:
    """Put another document in the place of a part, if the community's problems are still well formed with it."""
    known_community(tx, community, lock=True)
    if old.round is not None:
        refuse_unless_open(known_round(tx, community, old.round), deed.now)
    part = read_part(tx, community, kind, document, old.round)
    if part.id.startswith(NOT_VALID):
        part = replace(part, id=old.id)
    if part.id != old.id:
        raise refused("conflict", f"编号不能更改：{old.id}", f"the id {old.id!r} cannot be changed")
    parts.change_part(tx, community, part, deed.now)
    judge(tx, community, changed={(kind.name, part.id): ()}, only=old.round)
    row = parts.find_part(tx, community, kind.name, part.id)
    assert row is not None
    _told(tx, "change", row, deed, old)
    return row


def read_part(tx: sa.Connection, community: str, kind: Kind, document: dict[str, Any], round: str | None) -> Part:
    """The part that a document states.

    One that is not valid gets an id that no part has: it is written all the same, the judge says what is wrong with it
    in its place in the whole, and everything is rolled back.
    """
    owner, ref = _taken_out(kind, document)
    text = json.dumps(with_our_ids(tx, community, document, owner or str(document.get("applicant", ""))))
    try:
        text = kind.form.validate_json(text).model_dump_json()
    except ValidationError:
        return Part(kind.name, f"{NOT_VALID}{secrets.token_hex(8)}", text, round=round)
    part = part_of(kind, json.loads(text), text, round)
    if kind.name != "request":
        part = replace(part, owner=owner, external_ref=ref)
    _refuse_known_ref(tx, community, part)
    return part


def find(tx: sa.Connection, community: str, kind: Kind, id: str, owner: str | None = None) -> Row:
    """A part by our id, or by its owner's own code.

    Raises:
        Refused: there is none, or several owners use this code.
    """
    known_community(tx, community)
    row = parts.find_part(tx, community, kind.name, id)
    if row is not None:
        return row
    rows = parts.find_by_ref(tx, community, kind.name, id, owner)
    if len(rows) > 1:
        owners = ", ".join(row.owner for row in rows)
        raise refused("ambiguous_reference", f"“{id}”属于：{owners}", f"{id!r} is a code of: {owners}")
    if not rows:
        raise refused("not_found", f"没有{kind.zh}“{id}”", f"there is no {kind.name} {id!r}")
    return rows[0]


def remove_part(tx: sa.Connection, community: str, kind: Kind, row: Row, *, deed: Deed) -> None:
    """Take a part away, unless others refer to it."""
    known_community(tx, community, lock=True)
    if row.round is not None:
        refuse_unless_open(known_round(tx, community, row.round), deed.now)
    parts.remove_part(tx, community, kind.name, row.id)
    try:
        judge(tx, community, only=row.round)
    except Refused as refusal:
        raise Refused("in_use", faults=refusal.faults) from None
    _told(tx, "remove", row, deed)


def _taken_out(kind: Kind, document: dict[str, Any]) -> tuple[str, str | None]:
    """`owner` and `external_ref`, which no document but a request's has; they are taken out of it."""
    if kind.name == "request":
        return "", None
    owner, ref = document.pop("owner", ""), document.pop("external_ref", None) or None
    for name, value, most in (("owner", owner, 64), ("external_ref", ref or "", 2000)):
        if not isinstance(value, str) or len(value) > most or not value.isprintable():
            expected = Sentence(zh=f"文字，{most} 字以内", en=f"text of at most {most} letters")
            shown = json.dumps(value)[:80]
            raise Refused("invalid_document", faults=(Fault("wrong_type", (name,), shown, expected),))
    return owner, ref


def _refuse_known_ref(tx: sa.Connection, community: str, part: Part) -> None:
    if part.external_ref is None:
        return
    for row in parts.find_by_ref(tx, community, part.kind, part.external_ref, part.owner):
        if row.id != part.id:
            raise refused(
                "already_exists",
                f"“{part.external_ref}”已是 {row.id} 的外部编号",
                f"{part.external_ref!r} is the code of {row.id} already",
            )

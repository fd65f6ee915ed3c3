"""Constraints as a table: the template, what a filled-in one would do, and then done."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Query, Response

from api.errors import Refused
from api.flow.rounds import known_community
from api.flow.rules import KIND
from api.flow.uploads import Done, Entry, names_in, take_entries
from api.rights import Permission
from api.routes.http import CSV, XLSX, Answer, Here, WritingTable, needs
from api.routes.rules import JUDGED, shown, tag
from scheduler.constraints.terms import ConstraintBase, Names, Sentence
from scheduler.wellformed import Fault

routes = APIRouter(prefix="/communities/{community}", tags=["constraints"])

FILES: dict[str, dict[str, Any]] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, XLSX)}
UPLOAD: dict[str, Any] = {"requestBody": {"required": True, "content": FILES}}


class CsvFile(Response):
    """How OpenAPI speaks of a CSV file."""

    media_type = CSV


class XlsxFile(Response):
    """How OpenAPI speaks of a workbook."""

    media_type = XLSX


# The library for workbooks loads numpy where it is installed: it is imported where it is used.


@routes.get(
    "/constraints/template.csv",
    dependencies=[needs(Permission.PUBLIC)],
    summary="An empty table of constraints",
    response_class=CsvFile,
)
def template_csv(here: Here, community: str) -> Response:
    """As CSV, in UTF-8."""
    from api.workbook.rules import template_csv as make  # noqa: PLC0415

    return _file(here, community, make(), CSV, "constraints.csv")


@routes.get(
    "/constraints/template.xlsx",
    dependencies=[needs(Permission.PUBLIC)],
    summary="An empty table of constraints, as a workbook",
    response_class=XlsxFile,
)
def template_xlsx(here: Here, community: str) -> Response:
    """With what is said about each column."""
    from api.workbook.rules import template_xlsx as make  # noqa: PLC0415

    return _file(here, community, make(), XLSX, "constraints.xlsx")


def _file(here: Here, community: str, data: bytes, kind: str, name: str) -> Response:
    with here.store.reading() as tx:
        known_community(tx, community)
    return Response(data, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=kind)


@routes.post(
    "/constraints:upload",
    dependencies=[needs(Permission.SEND_RULES)],
    summary="What a table of constraints would do; with confirm, do it",
    responses=JUDGED,
    openapi_extra=UPLOAD,
)
async def upload(write: WritingTable, community: str, confirm: bool = Query(default=False)) -> Response:
    """Row by row: added, replaced or unchanged, the state, the sentence as it will be published, why it would wait.

    Nothing is stored until `confirm=true`, with the preview's `ETag` as `If-Match`: what was shown is what is done.
    """

    def act(tx: Any) -> Answer:
        table, entries = _read(write.body)
        with tx.begin_nested() as point:
            try:
                done = take_entries(tx, community, entries, deed=write.deed, only_in_thought=not confirm)
            except Refused as refusal:
                raise _at_cells(refusal, table) from None
            names = names_in(tx, community)
            body = {"confirmed": confirm, "items": [_row(tx, each, names) for each in done]}
            etag = _etag(write.body, done)
            if not confirm:
                point.rollback()
        if confirm:
            write.refuse_unless_current(etag)
        return Answer(body, headers={"ETag": etag})

    return await write.done_when_judged(act)


def _read(data: bytes) -> tuple[Any, list[Entry]]:
    from api.workbook.opened import WorkbookError  # noqa: PLC0415
    from api.workbook.rules import read_rules  # noqa: PLC0415

    try:
        table = read_rules(data)
    except WorkbookError as error:
        faults = tuple(Fault("wrong_cell", (each.sheet, each.cell), each.found, each.expected) for each in error.faults)
        raise Refused("invalid_document", faults=faults) from None
    entries = []
    for number, document in table.entries:
        reason, safety = document.pop("why", ""), document.pop("safety", False)
        entries.append(Entry(number, document, reason, safety))
    if not entries:
        expected = Sentence(zh="至少一行；示例行不读", en="one row at least; examples are not read")
        raise Refused("invalid_document", faults=(Fault("wrong_length", (), "0", expected),))
    return table, entries


def _at_cells(refusal: Refused, table: Any) -> Refused:
    """The faults of rows at their cells; others as they are."""
    from api.workbook.rules import SHEET  # noqa: PLC0415

    def at(fault: Fault) -> Fault:
        match fault.loc:
            case ("rows", int(number), *inner):
                place = (SHEET.name, table.place(number, inner))
                return Fault(fault.code, place, fault.found, fault.expected)
        return fault

    return Refused(refusal.code, refusal.detail, tuple(map(at, refusal.faults)), refusal.headers, refusal.more)


def _row(tx: Any, done: Done, names: Names) -> dict[str, Any]:
    rule = KIND.form.validate_json(done.row.document)
    assert isinstance(rule, ConstraintBase)
    told = shown(tx, done.row)
    return {
        "row": done.number,
        "what": done.what,
        **{
            name: told[name]
            for name in ("id", "external_ref", "owner", "state", "revision", "deadline", "safety", "why")
        },
        "sentence": rule.sentence(names).model_dump(),
    }


def _etag(data: bytes, done: list[Done]) -> str:
    """What was shown: the file, and where each of its rules stood before."""
    stood = [[each.what, tag(each.before) if each.before is not None else "", each.row.state] for each in done]
    digest = hashlib.sha256(data + json.dumps(stood).encode()).hexdigest()
    return f'"{digest[:32]}"'

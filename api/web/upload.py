"""A centre from Excel at the desk: a template to download, a workbook to upload, what was understood, then stored."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.errors import Refused, refused
from api.flow.calendars import calendars_of
from api.flow.exchange import changed_parts, same_as_stored, stored
from api.flow.interest import refuse_own
from api.flow.rounds import Deed
from api.rights import Permission
from api.store import parts
from api.web.desk import Desk, Pages
from api.web.gate import public
from api.web.posts import HEADERS, Form, html_page
from api.web.session import Session, is_ours
from scheduler.constraints.pin import Pin
from scheduler.problem import Problem
from scheduler.wellformed import ProblemError, read_problem

if TYPE_CHECKING:
    from api.workbook.read import Understood

MOST_BYTES = 10_000_000
MOST_UNPACKED = 30_000_000
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def upload_router(desk: Desk) -> APIRouter:
    """Routes under `/c/{community}/desk/workbook`."""
    pages = _Upload(desk)
    router = APIRouter()
    root = "/c/{community}/desk/workbook"
    router.add_route(root, pages.guarded(Permission.EDIT_CENTRE, pages.form), ["GET"], include_in_schema=False)
    router.add_route(f"{root}/template.xlsx", public(pages.template), ["GET"], include_in_schema=False)
    router.add_route(root, pages.guarded(Permission.EDIT_CENTRE, pages.preview), ["POST"], include_in_schema=False)
    confirm = pages.done(Permission.EDIT_CENTRE, pages.confirm, MOST_BYTES)
    router.add_route(f"{root}/confirm", confirm, ["POST"], include_in_schema=False)
    return router


class _Upload(Pages):
    def form(self, request: Request) -> Response:
        """Where a workbook is chosen. It does not need the community to be there yet: the first one brings it."""
        session = self._session(request) or self._sessions.begin(self._desk.now())
        page = self._page(request, "workbook.html", form_token=session.form_token, faults=None)
        return self._with_cookie(request, html_page(page, 200), session)

    def template(self, _request: Request) -> Response:
        """The empty workbook; it tells nothing of anybody."""
        year = self._desk.now().year
        name = "inline; filename=\"centre.xlsx\"; filename*=UTF-8''" + quote("共室模板.xlsx")
        headers = {**HEADERS, "Content-Disposition": name.replace("inline", "attachment")}
        # The library for workbooks loads numpy where it is installed: 50 MB that no other page needs.
        from api.workbook.template import write_template  # noqa: PLC0415

        return Response(write_template(calendars_of((year, year + 1))), headers=headers, media_type=SHEET)

    async def preview(self, request: Request) -> Response:
        """What was understood of a file, or each faulty cell. Nothing is stored."""
        session = self._session(request)
        if session is None:
            return self._sign_in_form(request, 401, "登录已过期，请重新登录；文件没有读入。")
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES + 10_000:
            return self._refusal(request, Refused("too_large"))
        try:
            form = await request.form(max_files=1, max_fields=5)
        except HTTPException:
            return self._refusal(request, Refused("bad_request"))
        token, file = form.get("form_token"), form.get("workbook")
        data = await file.read() if isinstance(file, UploadFile) else b""
        await form.close()
        host = request.headers.get("host", "")
        if not is_ours(session, str(token or ""), request.headers.get("origin"), host):
            told = ["这次提交不是从本页面发出的。请回到工作台再试。"]
            return html_page(self._page(request, "message.html", heading="没有读入", sentences=told), 403)
        return await run_in_threadpool(self._preview, request, session, data)

    def _preview(self, request: Request, session: Session, data: bytes) -> Response:
        from api.workbook.opened import WorkbookError  # noqa: PLC0415 - see `template`
        from api.workbook.read import read_workbook  # noqa: PLC0415

        try:
            understood = read_workbook(data)
            self._refuse_another(request, understood.problem)
        except WorkbookError as error:
            told = [(each.place, each.found, each.expected.zh) for each in error.faults]
            page = self._page(request, "workbook.html", form_token=session.form_token, faults=told)
            return html_page(page, 422)
        except Refused as refusal:
            return self._refusal(request, refusal)
        return html_page(self._understood(request, session, understood), 200)

    def _understood(self, request: Request, session: Session, understood: Understood) -> str:
        problem = understood.problem
        with self._desk.store.reading() as tx:
            same = same_as_stored(tx, problem)
            changes = [] if same else [zh for zh, _ in changed_parts(tx, problem)]
        return self._page(
            request,
            "understood.html",
            form_token=session.form_token,
            name=problem.community.name,
            season=f"{problem.season.first_date} 至 {problem.season.last_date}",
            counts=list(understood.counts.items()),
            some=[(each.id, problem.names().zh(each.id), each.headcount) for each in problem.requests[:10]],
            same=same,
            changes=changes,
            packed=base64.b64encode(zlib.compress(problem.model_dump_json().encode())).decode(),
        )

    def confirm(self, request: Request, form: Form, deed: Deed) -> str:
        """Store what was shown."""
        problem = _unpacked(form.get("problem", ""))
        self._refuse_another(request, problem)
        with self._desk.store.writing() as tx:
            if not same_as_stored(tx, problem):
                _refuse_own_pins(tx, request.state.caller, problem)
                stored(tx, problem, deed=deed)
        return ""

    def _refuse_another(self, request: Request, problem: Problem) -> None:
        here = request.path_params["community"]
        if problem.community.id != here:
            raise refused(
                "conflict",
                f"表里的社区编号是“{problem.community.id}”，这里是“{here}”",
                f"the workbook is of {problem.community.id!r}, this is {here!r}",
            )


def _refuse_own_pins(tx: sa.Connection, caller: Caller, problem: Problem) -> None:
    """A workbook is no way around the conflict of interest: pins that it brings are judged like those of the desk."""
    known = {row.id for row in parts.parts(tx, problem.community.id, "constraint")}
    pins = [rule for rule in problem.constraints if isinstance(rule, Pin) and rule.id not in known]
    applicants = {each.id: each.applicant for each in problem.requests}
    pinned = {rule.request: applicants[rule.request] for rule in pins if rule.request in applicants}
    refuse_own(tx, problem.community.id, caller.person, pinned)


def _unpacked(text: str) -> Problem:
    try:
        machine = zlib.decompressobj()
        data = machine.decompress(base64.b64decode(text, validate=True), MOST_UNPACKED)
        return read_problem(data)
    except ProblemError as error:
        raise Refused("invalid_document", faults=error.faults) from None
    except (binascii.Error, zlib.error, ValueError):
        raise refused("bad_request", "内容不完整，请重新上传", "it is not whole; upload it again") from None

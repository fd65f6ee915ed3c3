"""The yearly notice of holidays at the desk: pasted, seeded, looked at with every date that it changes, confirmed."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.errors import refused
from api.flow.calendars import seed
from api.flow.notices import take_notice
from api.flow.rounds import Deed
from api.rights import Permission
from api.web.desk import Desk, Pages
from api.web.posts import Form, html_page, read_form
from api.web.session import Session
from scheduler.calendars.notice import BadNoticeError, Notice, read_csv, read_json
from scheduler.constraints.terms import DAY_ZH, WEEKDAYS

MOST_BYTES = 300_000
FIRST_YEAR, LAST_YEAR = 2001, 2100


def notice_router(desk: Desk) -> APIRouter:
    """Routes under `/c/{community}/desk/notice`."""
    pages = _Notices(desk)
    router = APIRouter()
    root = "/c/{community}/desk/notice"
    router.add_route(root, pages.guarded(Permission.EDIT_CENTRE, pages.form), ["GET"], include_in_schema=False)
    router.add_route(root, pages.guarded(Permission.EDIT_CENTRE, pages.preview), ["POST"], include_in_schema=False)
    confirm = pages.done(Permission.EDIT_CENTRE, pages.confirm, MOST_BYTES)
    router.add_route(f"{root}/confirm", confirm, ["POST"], include_in_schema=False)
    return router


class _Notices(Pages):
    def form(self, request: Request) -> Response:
        """Where a notice is pasted, or a year is chosen."""
        session = self._session(request) or self._sessions.begin(self._desk.now())
        return self._with_cookie(request, self._form(request, session, [], ""), session)

    def _form(self, request: Request, session: Session, faults: list[str], text: str) -> Response:
        page = self._page(
            request,
            "notice.html",
            form_token=session.form_token,
            faults=faults,
            text=text,
            year=self._desk.now().year + 1,
        )
        return html_page(page, 422 if faults else 200)

    async def preview(self, request: Request) -> Response:
        """What a notice changes. Nothing is stored."""
        form = await read_form(request, MOST_BYTES)
        shown: list[Response] = []

        def act(request: Request, form: Form, deed: Deed) -> str:
            shown.append(self._preview(request, form, deed))
            return ""

        answer = self._act(request, form, act)
        return shown[0] if shown else answer

    def _preview(self, request: Request, form: Form, deed: Deed) -> Response:
        session = self._session(request)
        assert session is not None, "`_act` has looked"
        year = form.get("year", "")
        number = int(year) if year.isdecimal() and len(year) == 4 else 0
        if not FIRST_YEAR <= number <= LAST_YEAR:
            return self._form(request, session, [f"年份应为 {FIRST_YEAR} 至 {LAST_YEAR}"], form.get("text", ""))
        try:
            document = _document(form, number)
        except BadNoticeError as error:
            wrong = [(f"第 {each.position} 项：" if each.position else "") + each.sentence.zh for each in error.faults]
            return self._form(request, session, wrong, form.get("text", ""))
        with self._desk.store.reading() as tx:
            told = take_notice(tx, request.path_params["community"], document | {"confirm": False}, deed=deed)
        counts = Counter((each["request"], each["kind"]) for each in told["changes"])
        page = self._page(
            request,
            "notice_changes.html",
            form_token=session.form_token,
            year=number,
            told=told,
            counts=sorted(counts.items()),
            weekdays=[(day, f"周{DAY_ZH[day]}") for day in WEEKDAYS],
            packed=base64.b64encode(json.dumps(document).encode()).decode(),
        )
        return html_page(page, 200)

    def confirm(self, request: Request, form: Form, deed: Deed) -> str:
        """Change the calendars, with the weekdays that were chosen."""
        try:
            document = json.loads(base64.b64decode(form.get("document", ""), validate=True))
            days = [dict(each) for each in document["days"]]
        except (ValueError, KeyError, TypeError):
            raise refused("bad_request", "内容不完整，请重新填写", "it is not whole; fill it in again") from None
        for day in days:
            chosen = form.get(f"counts_as:{day.get('date', '')}")
            if chosen:
                day["counts_as"] = chosen
        with self._desk.store.writing() as tx:
            told = document | {"days": days, "confirm": True}
            take_notice(tx, request.path_params["community"], told, deed=deed)
        return ""


def _document(form: Form, year: int) -> dict[str, Any]:
    """What the form says, as the document of a notice."""
    if form.get("seed"):
        return seed(year)
    text = form.get("text", "").strip()
    notice = read_json(text) if text.startswith("{") else read_csv(text, year)
    return _of(notice)


def _of(notice: Notice) -> dict[str, Any]:
    return {
        "year": notice.year,
        "papers": list(notice.papers),
        "provisional": notice.provisional,
        "days": [
            {"date": day.date.isoformat(), "name": day.name, "isOffDay": day.off, "counts_as": day.counts_as}
            for day in notice.days
        ],
    }

"""Wishes: an applicant's own link, the office filling in for a caller (代录), who has not answered, papers."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.errors import Refused, refused
from api.flow import wishes
from api.flow.rounds import Deed, known_round, stage_of
from api.rights import Permission
from api.web.desk import Desk, Pages
from api.web.gate import public
from api.web.posts import Form, html_page, read_form, to
from api.web.session import Session
from scheduler.constraints.terms import DAY_ZH, WEEKDAYS

STATUS_ZH = {"present": "已交", "missing": "缺", "waived": "免交"}


def wishes_router(desk: Desk) -> APIRouter:
    """`/c/{community}/wish/...` for applicants with a link, `/c/{community}/desk/wishes` for the office."""
    pages = _Wishes(desk)
    router = APIRouter()
    root = "/c/{community}"
    link = f"{root}/wish/{{round}}/{{applicant}}"
    router.add_route(link, public(pages.own), ["GET"], include_in_schema=False)
    router.add_route(link, public(pages.own_wish), ["POST"], include_in_schema=False)
    # It shows everybody's link, and with a link one may ask: who only reads does not see it.
    office = pages.shown(Permission.EDIT_CENTRE, pages.office)
    router.add_route(f"{root}/desk/wishes/{{round}}", office, ["GET"], include_in_schema=False)
    taken = f"{root}/desk/wishes/{{round}}/{{applicant}}"
    asks, edits = Permission.SEND_WISHES, Permission.EDIT_CENTRE
    router.add_route(taken, pages.shown(asks, pages.for_a_caller), ["GET"], include_in_schema=False)
    router.add_route(taken, pages.done(asks, pages.of_a_caller), ["POST"], include_in_schema=False)
    router.add_route(f"{root}/desk/papers", pages.done(edits, pages.paper), ["POST"], include_in_schema=False)
    return router


class _Wishes(Pages):
    def own(self, request: Request) -> Response:
        """The form behind an applicant's link."""
        try:
            self._refuse_unknown_link(request)
            with self._desk.store.reading() as tx:
                return html_page(self._form(request, tx, action="", form_token=""), 200)
        except Refused as refusal:
            return self._refusal(request, refusal)

    async def own_wish(self, request: Request) -> Response:
        """Keep what was filled in."""
        form = await read_form(request)
        return await run_in_threadpool(self._own_wish, request, form)

    def _own_wish(self, request: Request, form: Form) -> Response:
        try:
            self._refuse_unknown_link(request)
            id = self._keep(request, form, Deed("link", self._desk.now()))
        except Refused as refusal:
            return self._refusal(request, refusal)
        query = urlencode({"k": request.query_params.get("k", ""), "kept": id})
        return to(f"{self._link(request, request.path_params['applicant'])}?{query}")

    def office(self, request: Request, tx: sa.Connection, session: Session) -> str:
        """Everybody who could ask: links, wishes so far, papers."""
        community, round = request.path_params["community"], request.path_params["round"]
        rows = wishes.answered(tx, community, round)
        silent = sum(not each.wishes for each in rows)
        return self._render(
            request,
            "wishes.html",
            session,
            round=round,
            rows=[(each, self._signed(request, each.applicant)) for each in rows],
            silent=silent,
            status_zh=STATUS_ZH,
            taking=stage_of(known_round(tx, community, round), self._desk.now()) == "open",
        )

    def for_a_caller(self, request: Request, tx: sa.Connection, session: Session) -> str:
        """The same form, filled in by the office."""
        _refuse_others(request)
        path = f"{self._here(request)}/wishes/{self._quoted(request, 'round')}/{self._quoted(request, 'applicant')}"
        return self._form(request, tx, action=path, form_token=session.form_token)

    def of_a_caller(self, request: Request, form: Form, deed: Deed) -> str:
        """Keep a caller's wish; the log says that the office filled it in."""
        _refuse_others(request)
        caller: Caller = request.state.caller
        self._keep(request, form, deed if caller.person else Deed("office", deed.now))
        return f"/wishes/{self._quoted(request, 'round')}"

    def paper(self, request: Request, form: Form, deed: Deed) -> str:
        """Say of a paper that it is there, missing, or not asked for."""
        with self._desk.store.writing() as tx:
            wishes.set_paper(
                tx,
                request.path_params["community"],
                form.get("applicant", ""),
                form.get("name", ""),
                form.get("status", ""),
                deed=deed,
            )
        return f"/wishes/{quote(form.get('round', ''), safe='')}"

    def _keep(self, request: Request, form: Form, deed: Deed) -> str:
        community, round, applicant = (request.path_params[name] for name in ("community", "round", "applicant"))
        with self._desk.store.writing() as tx:
            return wishes.wish(tx, community, round, applicant, form, deed=deed)

    def _form(self, request: Request, tx: sa.Connection, *, action: str, form_token: str) -> str:
        community, round = request.path_params["community"], request.path_params["round"]
        problem = wishes.choices(tx, community, round)
        asking = next((each for each in problem.applicants if each.id == request.path_params["applicant"]), None)
        if asking is None:
            raise refused("not_found", "没有这个单位", "there is no such applicant")
        names = problem.names()
        layouts = sorted({layout.id for space in problem.spaces for layout in space.layouts})
        return self._page(
            request,
            "wish.html",
            action=action,
            form_token=form_token,
            name=asking.name,
            community_name=problem.community.name,
            season=f"{problem.season.first_date} 至 {problem.season.last_date}",
            open=stage_of(known_round(tx, community, round), self._desk.now()) == "open",
            kept=request.query_params.get("kept", "")[:20],
            uses=[(each.id, each.name) for each in problem.uses],
            spaces=[(each.id, each.name) for each in problem.spaces],
            layouts=[(each, names.zh(each)) for each in layouts],
            weekdays=[(day, f"周{DAY_ZH[day]}") for day in WEEKDAYS],
            windows=range(1, wishes.MOST_WINDOWS + 1),
            choices=range(1, wishes.MOST_CHOICES + 1),
            mine=[
                (each.id, names.zh(each.use), json.dumps([w.starts for w in each.windows]))
                for each in problem.requests
                if each.applicant == asking.id
            ],
        )

    def _refuse_unknown_link(self, request: Request) -> None:
        """A wrong link and one that never was are answered alike."""
        path = [request.path_params[name] for name in ("community", "round", "applicant")]
        if not wishes.is_key(self._desk.settings.secret(), request.query_params.get("k", ""), *path):
            raise refused("not_found", "链接不对，请向社区索取", "this link is not right; ask the office for yours")

    def _signed(self, request: Request, applicant: str) -> str:
        community, round = request.path_params["community"], request.path_params["round"]
        key = wishes.key_of(self._desk.settings.secret(), community, round, applicant)
        return f"{self._desk.settings.public}/c/{community}/wish/{quote(round)}/{quote(applicant)}?k={key}"

    def _link(self, request: Request, applicant: str) -> str:
        base = self._here(request).removesuffix("desk")
        return f"{base}wish/{self._quoted(request, 'round')}/{quote(applicant, safe='')}"

    def _quoted(self, request: Request, name: str) -> str:
        return quote(request.path_params[name], safe="")


def _refuse_others(request: Request) -> None:
    """A delegate asks for their own applicant only."""
    caller: Caller = request.state.caller
    if caller.applicants is not None and request.path_params["applicant"] not in caller.applicants:
        raise refused("forbidden", "只能代表自己的单位", "a delegate asks for their own applicant only")

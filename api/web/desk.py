"""The manager's desk: solve, look, pin, solve again, release. Server-rendered, works without scripts.

Each address is thin: what is shown is worked out in `api.web.proposal`, what is done in `api.flow`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.auth import EVERYTHING, Caller, Place, judged, person_caller
from api.errors import CODES, Refused, refused
from api.flow import interest, releases, rules, solves
from api.flow.changes import find, remove_part
from api.flow.judging import when_judged
from api.flow.kinds import KINDS
from api.flow.rounds import Deed, known_community, known_round, stage_of
from api.queue import Queue
from api.rights import Permission
from api.settings import Settings
from api.store import Store, parts, people, plans, work
from api.web.gate import Endpoint, gated
from api.web.names import root_of
from api.web.pages import render_desk
from api.web.posts import MOST_FORM_BYTES, Form, html_page, read_form, to
from api.web.proposal import STAGES, moved, proposal_of
from api.web.session import COOKIE, LASTS, OPEN, TOKEN, Session, Sessions, is_ours
from api.web.shown import shown_at_the_desk
from scheduler.problem import Problem
from scheduler.timetable import Timetable

STAGE_ZH = {"draft": "未开始", "open": "受理中", "closed": "已截止", "published": "公示中", "released": "已发布"}
STATE_ZH = {
    "queued": "等待中",
    "running": "正在排",
    "done": "已排好",
    "infeasible": "无解",
    "undecided": "时限内没有找到",
    "failed": "出错",
    "cancelled": "已取消",
}


@dataclass(frozen=True)
class Desk:
    """What the desk works with."""

    settings: Settings
    store: Store
    queue: Queue
    now: Callable[[], datetime]
    sessions: Sessions


def desk_router(desk: Desk) -> APIRouter:
    """Routes under `/c/{community}/desk`; to be included before the residents' pages."""
    pages = Pages(desk)
    router = APIRouter()
    root = "/c/{community}/desk"
    for path, view in (
        ("", pages.overview),
        ("/solves/{id}", pages.solve),
        ("/proposals/{id}", pages.proposal),
    ):
        router.add_route(root + path, pages.shown(Permission.READ_INSIDE, view), ["GET"], include_in_schema=False)
    for path, permission, act in (
        ("/close", Permission.EDIT_CENTRE, pages.close),
        ("/solves", Permission.SOLVE, pages.ask),
        ("/solves/{id}/cancel", Permission.SOLVE, pages.cancel),
        ("/pins", Permission.DECIDE, pages.pin),
        ("/unpin", Permission.DECIDE, pages.unpin),
        ("/releases", Permission.DECIDE, pages.release),
    ):
        router.add_route(root + path, pages.done(permission, act), ["POST"], include_in_schema=False)
    return router


class Pages:
    """What the pages of the desk have in common, and the steps from a solve to a release."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sessions = desk.sessions

    def guarded(self, permission: Permission, endpoint: Endpoint) -> Endpoint:
        """A page for whoever has the permission in its community; for who has not signed in, the form for that."""
        return gated(permission, partial(self._keep_out, permission), endpoint)

    def _keep_out(self, permission: Permission, request: Request) -> Response | None:
        session = self._session(request)
        if session is None and self._sessions.needed:
            again = "" if request.method == "GET" else "登录已过期，请重新登录；刚才的操作没有执行。"
            return self._sign_in_form(request, 401, again)
        try:
            place = Place(request.path_params["community"])
            request.state.caller = judged(self._caller(session), permission, place)
        except Refused as refusal:
            return self._refusal(request, refusal)
        return None

    def _caller(self, session: Session | None) -> Caller:
        """Who is at the desk, with their rights as they are now."""
        if session is None or session.who == OPEN:
            return Caller("anyone", EVERYTHING)
        if session.who == TOKEN:
            return Caller("desk", EVERYTHING)
        with self._desk.store.reading() as tx:
            row = people.find_person(tx, session.who)
            assert row is not None, "`_session` has looked"
            return person_caller(tx, row)

    def shown(self, permission: Permission, view: Callable[[Request, sa.Connection, Session], str]) -> Endpoint:
        """A page that reads the store."""

        def answer(request: Request) -> Response:
            session = self._session(request) or self._sessions.begin(self._desk.now())
            try:
                with self._desk.store.reading() as tx:
                    html = view(request, tx, session)
            except Refused as refusal:
                return self._refusal(request, refusal)
            return self._with_cookie(request, html_page(html, 200), session)

        return self.guarded(permission, answer)

    def done(
        self, permission: Permission, act: Callable[[Request, Form, Deed], str], most_bytes: int = MOST_FORM_BYTES
    ) -> Endpoint:
        """A post of one of our own forms; then the page to look at next."""

        async def answer(request: Request) -> Response:
            form = await read_form(request, most_bytes)
            desk = self._desk
            within = desk.settings.verdict_within_seconds
            try:
                return await when_judged(desk.store, desk.queue, lambda: self._act(request, form, act), within=within)
            except Refused as refusal:
                return self._refusal(request, refusal)

        return self.guarded(permission, answer)

    def _act(self, request: Request, form: Form, act: Callable[[Request, Form, Deed], str]) -> Response:
        session = self._session(request)
        if session is None:
            return self._sign_in_form(request, 401, "登录已过期，请重新登录；刚才的操作没有执行。")
        host = request.headers.get("host", "")
        if not is_ours(session, form.get("form_token", ""), request.headers.get("origin"), host):
            told = ["这次提交不是从本页面发出的。请回到工作台再试。"]
            return html_page(self._page(request, "message.html", heading="操作没有执行", sentences=told), 403)
        try:
            path = act(request, form, Deed(request.state.caller.name, self._desk.now()))
        except Refused as refusal:
            return self._refusal(request, refusal)
        except sa.exc.OperationalError:
            return self._refusal(request, Refused("busy"))
        return to(self._here(request) + path)

    def overview(self, request: Request, tx: sa.Connection, session: Session) -> str:
        """Rounds, the latest solves and proposals, the release in force."""
        community = request.path_params["community"]
        row = known_community(tx, community)
        rounds = [
            {
                "id": each.id,
                "stage": STAGE_ZH[stage_of(each, self._desk.now())],
                "taking": stage_of(each, self._desk.now()) in {"draft", "open"},
                "requests": len(parts.parts(tx, community, "request", round=each.id)),
            }
            for each in parts.rounds(tx, community)
        ]
        runs = [
            {"id": each.id, "state": STATE_ZH[each.state], "proposal": each.proposal, "at": self._time(each.created)}
            for each in work.solves(tx, community, 10)
        ]
        signed_in = people.find_person(tx, session.who)
        return self._render(
            request,
            "overview.html",
            session,
            rounds=rounds,
            solves=runs,
            in_force=row.in_force,
            name=_name(row),
            account=signed_in.name if signed_in is not None else "",
        )

    def solve(self, request: Request, tx: sa.Connection, session: Session) -> str:
        """How far a solve is; the page asks again by itself while it runs."""
        row = solves.known_solve(tx, request.path_params["community"], request.path_params["id"])
        latest = work.latest_event(tx, row.id, "progress")
        outcome = json.loads(row.outcome) if row.outcome else {}
        return self._render(
            request,
            "solve.html",
            session,
            solve=row,
            state=STATE_ZH[row.state],
            live=row.state in work.LIVE,
            progress=json.loads(latest.document) if latest is not None else None,
            why=outcome.get("sentence", {}).get("zh", ""),
            stage_names=STAGES,
        )

    def proposal(self, request: Request, tx: sa.Connection, session: Session) -> str:
        """A proposal, and what moved since the one before it of the same round."""
        community = request.path_params["community"]
        row = releases.known_proposal(tx, community, request.path_params["id"])
        problem, timetable = self._document(tx, row)
        before = self._before(tx, row)
        now_pins = {part.id for part in parts.parts(tx, community, "constraint")}
        return self._render(
            request,
            "proposal.html",
            session,
            id=row.id,
            round=row.round,
            holds=row.holds,
            seen=proposal_of(problem, timetable),
            moved=moved(problem, before, timetable) if before is not None else None,
            standing_pins=now_pins,
            in_force=known_community(tx, community).in_force,
            publicity=shown_at_the_desk(tx, community, row.round, self._desk.now(), ZoneInfo(problem.community.zone)),
            taking=stage_of(known_round(tx, community, row.round), self._desk.now()) in {"draft", "open"},
        )

    def close(self, request: Request, form: Form, deed: Deed) -> str:
        """No more requests are taken from now on."""
        community, round = request.path_params["community"], form.get("round", "")
        with self._desk.store.writing() as tx:
            known_community(tx, community, lock=True)
            row = known_round(tx, community, round)
            if stage_of(row, deed.now) not in {"draft", "open"}:
                raise refused("round_closed", f"轮次“{round}”已经截止", f"round {round!r} is closed already")
            opened = min(row.opens_at or deed.now, deed.now - timedelta(minutes=1))
            parts.change_round(tx, community, round, deed.now, opens_at=opened, closes_at=deed.now)
            deed.note(tx, community, "close_round", round)
        return ""

    def ask(self, request: Request, form: Form, deed: Deed) -> str:
        """Ask for a solve; `start_from` names the proposal to go on from."""
        try:
            options = solves.SolveOptions(round=form.get("round", ""), start_from=form.get("start_from") or None)
        except ValidationError:
            raise refused("not_found", "没有这个轮次或方案", "there is no such round or proposal") from None
        with self._desk.store.writing() as tx:
            id = solves.ask(tx, request.path_params["community"], options, deed=deed)
        self._desk.queue.enqueue(id)
        return f"/solves/{id}"

    def cancel(self, request: Request, form: Form, deed: Deed) -> str:
        """Stop a solve."""
        id = request.path_params["id"]
        with self._desk.store.writing() as tx:
            solves.cancel(tx, request.path_params["community"], id, deed=deed)
        self._desk.queue.cancel(id)
        return ""

    def pin(self, request: Request, form: Form, deed: Deed) -> str:
        """Hold a session where it is, or a request where the manager wants it."""
        slot = dict(zip(("request", "day", "starts", "space"), form.get("slot", "").split("|"), strict=False))
        day = slot.get("day", "")
        where = {
            "date" if day[:1].isdigit() else "weekday": day,
            "starts": slot.get("starts"),
            "space": slot.get("space"),
        }
        # Of what it holds: to press twice is to pin once, and the verdict on it names the id.
        id = f"pin-{hashlib.sha256(form.get('slot', '').encode()).hexdigest()[:12]}"
        document = {
            "kind": "pin",
            "id": id,
            "source": "管理员在工作台锁定",
            "request": slot.get("request", ""),
            "slot": {name: value for name, value in where.items() if value},
        }
        community = request.path_params["community"]
        with self._desk.store.writing() as tx:
            interest.refuse_own_request(tx, community, _person(request), slot.get("request", ""))
            if parts.find_part(tx, community, "constraint", id) is None:
                rules.take(tx, community, [rules.Line(document)], deed=deed)
        return _back(form)

    def unpin(self, request: Request, form: Form, deed: Deed) -> str:
        """Let a pinned session go. Only pins are taken away here."""
        community, kind = request.path_params["community"], KINDS["constraint"]
        with self._desk.store.writing() as tx:
            row = find(tx, community, kind, form.get("pin", "") or "?")
            if json.loads(row.document).get("kind") != "pin":
                raise refused("not_found", "这不是一条锁定", "that is not a pin")
            interest.refuse_own_request(tx, community, _person(request), json.loads(row.document)["request"])
            remove_part(tx, community, kind, row, deed=deed)
        return _back(form)

    def release(self, request: Request, form: Form, deed: Deed) -> str:
        """Release a proposal instead of the release that the page showed."""
        number = form.get("instead_of", "")
        order = releases.Order(
            form.get("proposal", ""),
            int(number) if number.isdigit() and len(number) < 10 else -1,
            self._desk.settings.public,
            form.get("note", "")[:500],
            form.get("reason", "").strip()[:500],
        )
        community = request.path_params["community"]
        with self._desk.store.writing() as tx:
            if order.reason:
                round = releases.known_proposal(tx, community, order.proposal).round
                interest.refuse_own_round(tx, community, _person(request), round)
            releases.release(tx, community, order, deed=deed)
        return ""

    def _before(self, tx: sa.Connection, row: Any) -> Timetable | None:
        """The proposal that this one went on from, else the last one of its round before it."""
        made_by = next((each for each in work.solves(tx, row.community) if each.proposal == row.id), None)
        named = json.loads(made_by.options).get("start_from") if made_by is not None else None
        rows = plans.proposals(tx, row.community)
        older = [each.id for each in rows if each.round == row.round and each.created < row.created]
        first = next(iter([named] if named else older), None)
        return self._document(tx, releases.known_proposal(tx, row.community, first))[1] if first else None

    def _document(self, tx: sa.Connection, row: Any) -> tuple[Problem, Timetable]:
        text = work.problem_text(tx, row.problem)
        return Problem.model_validate_json(text), Timetable.model_validate_json(row.timetable)

    def _session(self, request: Request) -> Session | None:
        """The session of the browser, unless it was ended meanwhile."""
        session = self._sessions.read(request.cookies.get(COOKIE), self._desk.now())
        if session is None or session.who in {OPEN, TOKEN}:
            return session
        with self._desk.store.reading() as tx:
            row = people.find_person(tx, session.who)
        return session if row is not None and row.active and row.session == session.number else None

    def _here(self, request: Request) -> str:
        community = quote(request.path_params["community"], safe="")
        return f"{root_of(self._desk.settings.public)}/c/{community}/desk"

    def _render(self, request: Request, template: str, session: Session, **values: Any) -> str:
        return self._page(request, template, form_token=session.form_token, **values)

    def _page(self, request: Request, template: str, **values: Any) -> str:
        community = quote(request.path_params["community"], safe="")
        return render_desk(template, community=community, base_url=self._desk.settings.public, **values)

    def _sign_in_form(self, request: Request, status: int, sentence: str) -> Response:
        settings = self._desk.settings
        ways = {"token": settings.api_token is not None, "codes": settings.codes_by is not None}
        return html_page(self._page(request, "sign_in.html", sentence=sentence, **ways), status)

    def _with_cookie(self, request: Request, response: Response, session: Session) -> Response:
        response.set_cookie(
            COOKIE,
            session.cookie,
            max_age=int(LASTS.total_seconds()),
            path=f"{root_of(self._desk.settings.public)}/c/",
            httponly=True,
            samesite="strict",
            secure=self._desk.settings.public.startswith("https:"),
        )
        return response

    def _refusal(self, request: Request, refusal: Refused) -> Response:
        """What the flow refuses, as a page: what, and each fault on a line."""
        status, title, _ = CODES[refusal.code]
        faults = [f"{each.path}：{each.found}；应为 {each.expected.zh}" for each in refusal.faults]
        told = [refusal.sentence.zh, *faults]
        return html_page(self._page(request, "message.html", heading=title, sentences=told), status)

    def _time(self, at: datetime) -> str:
        return at.strftime("%m-%d %H:%M")


def _person(request: Request) -> str:
    """Who is at the desk, where it is known."""
    caller: Caller = request.state.caller
    return caller.person


def _back(form: Form) -> str:
    proposal = form.get("proposal", "")
    return f"/proposals/{quote(proposal, safe='')}" if proposal else ""


def _name(row: Any) -> str:
    document = json.loads(row.document)
    return str(document.get("community", document).get("name", row.id))

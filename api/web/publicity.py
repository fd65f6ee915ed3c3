"""A plan before everybody's eyes (公示): shown for some days, objected to by anybody, answered at the desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.errors import Refused, refused
from api.flow import objections, releases
from api.flow.ledgers import shares
from api.flow.publicity import publicise
from api.flow.rounds import Deed, known_community
from api.rights import Permission
from api.store import publicity, work
from api.web.desk import Desk, Pages
from api.web.gate import public
from api.web.posts import Form, html_page, read_form, to
from api.web.proposal import proposal_of
from api.web.shown import until
from scheduler.problem import Problem
from scheduler.timetable import Timetable


def publicity_router(desk: Desk) -> APIRouter:
    """Routes under `/c/{community}/publicity`, for everybody, and the two posts of the desk."""
    pages = _Publicity(desk)
    router = APIRouter()
    root = "/c/{community}"
    router.add_route(f"{root}/publicity", public(pages.open(pages.latest)), ["GET"], include_in_schema=False)
    router.add_route(f"{root}/publicity/{{id}}", public(pages.open(pages.show)), ["GET"], include_in_schema=False)
    router.add_route(f"{root}/publicity/{{id}}/objections", public(pages.object_to), ["POST"], include_in_schema=False)
    for path, act in (("publicities", pages.begin), ("answers", pages.answer)):
        done = pages.done(Permission.DECIDE, act)
        router.add_route(f"{root}/desk/{path}", done, ["POST"], include_in_schema=False)
    return router


class _Publicity(Pages):
    def open(self, view: Callable[[Request, sa.Connection], Response]) -> Callable[[Request], Response]:
        """A page that nobody has to sign in for."""

        def answer(request: Request) -> Response:
            try:
                with self._desk.store.reading() as tx:
                    return view(request, tx)
            except Refused as refusal:
                return self._refusal(request, refusal)

        return answer

    def latest(self, request: Request, tx: sa.Connection) -> Response:
        """The way to the newest publicity."""
        community = request.path_params["community"]
        known_community(tx, community)
        rows = publicity.publicities(tx, community)
        if not rows:
            raise refused("not_found", "现在没有公示的方案", "no plan is being publicised")
        return to(f"{self._public(request)}publicity/{rows[0].id}")

    def show(self, request: Request, tx: sa.Connection) -> Response:
        """The plan as it is proposed, until when it is publicised, and the form."""
        community = request.path_params["community"]
        row = objections.known_publicity(tx, community, request.path_params["id"])
        plan = releases.known_proposal(tx, community, row.proposal)
        problem = Problem.model_validate_json(work.problem_text(tx, plan.problem))
        timetable = Timetable.model_validate_json(plan.timetable)
        sent = request.query_params.get("sent", "")
        html = self._page(
            request,
            "publicity.html",
            id=row.id,
            runs=row.starts_at <= self._desk.now() < row.ends_at,
            until=until(row.ends_at, ZoneInfo(problem.community.zone)),
            sent=sent if sent.isdecimal() and len(sent) < 10 else "",
            seen=proposal_of(problem, timetable),
            shares=shares(problem, timetable),
            name=problem.community.name,
            most_letters=objections.MOST_LETTERS,
            most_letters_of_a_name=objections.MOST_LETTERS_OF_A_NAME,
        )
        return html_page(html, 200)

    async def object_to(self, request: Request) -> Response:
        """Keep what somebody says against the plan."""
        form = await read_form(request)
        return await run_in_threadpool(self._object, request, form)

    def _object(self, request: Request, form: Form) -> Response:
        community, id = request.path_params["community"], request.path_params["id"]
        said = form.get("text", ""), form.get("author", "")
        try:
            with self._desk.store.writing() as tx:
                number = objections.object_to(tx, community, id, author=said[1], text=said[0], now=self._desk.now())
        except Refused as refusal:
            return self._refusal(request, refusal)
        return to(f"{self._public(request)}publicity/{quote(id, safe='')}?sent={number}")

    def begin(self, request: Request, form: Form, deed: Deed) -> str:
        """Publicise a proposal for some days."""
        community, days = request.path_params["community"], form.get("days", "")
        with self._desk.store.writing() as tx:
            document = json.loads(known_community(tx, community).document)
            zone = ZoneInfo(document.get("community", document)["zone"])
            number = int(days) if days.isdecimal() and len(days) < 5 else 0
            publicise(tx, community, form.get("proposal", ""), number, zone=zone, deed=deed)
        return f"/proposals/{quote(form.get('proposal', ''), safe='')}"

    def answer(self, request: Request, form: Form, deed: Deed) -> str:
        """Answer an objection."""
        with self._desk.store.writing() as tx:
            objections.answer(
                tx, request.path_params["community"], form.get("objection", ""), form.get("text", ""), deed=deed
            )
        return f"/proposals/{quote(form.get('proposal', ''), safe='')}" if form.get("proposal") else ""

    def _public(self, request: Request) -> str:
        return self._here(request).removesuffix("desk")

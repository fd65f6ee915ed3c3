"""One's own account at the desk: sign in, sign out, change the password."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.errors import Refused, refused
from api.flow.codes import ask_code, sender_of, sign_in_by_code
from api.flow.people import LEAST_LETTERS, change_password, known_person, sign_in
from api.store.people import Row
from api.web.desk import Desk, Pages
from api.web.gate import public
from api.web.names import root_of
from api.web.posts import Form, html_page, read_form, to
from api.web.session import COOKIE, OPEN, TOKEN, is_ours


def account_router(desk: Desk) -> APIRouter:
    """Routes under `/c/{community}/desk`, for whoever has an account, whatever their rights."""
    pages = _Account(desk)
    router = APIRouter()
    root = "/c/{community}/desk"
    router.add_route(f"{root}/sign-in", public(pages.form), ["GET"], include_in_schema=False)
    router.add_route(f"{root}/sign-in", public(pages.sign_in), ["POST"], include_in_schema=False)
    router.add_route(f"{root}/sign-in/code", public(pages.send_code), ["POST"], include_in_schema=False)
    router.add_route(f"{root}/sign-out", public(pages.sign_out), ["POST"], include_in_schema=False)
    router.add_route(f"{root}/password", public(pages.password), ["GET"], include_in_schema=False)
    router.add_route(f"{root}/password", public(pages.change_password), ["POST"], include_in_schema=False)
    return router


class _Account(Pages):
    def form(self, request: Request) -> Response:
        """Where one signs in."""
        return self._sign_in_form(request, 200, "")

    async def sign_in(self, request: Request) -> Response:
        """Take a name and password, or the service's token; the browser keeps a cookie that scripts cannot read."""
        form = await read_form(request)
        return await run_in_threadpool(self._sign_in, request, form)

    def _sign_in(self, request: Request, form: Form) -> Response:
        desk, now = self._desk, self._desk.now()
        name = form.get("name", "").strip()
        try:
            if not name:
                if not self._sessions.knows(form.get("token", "")):
                    return self._sign_in_form(request, 401, "口令不对，请核对后再输入。")
                session = self._sessions.begin(now, TOKEN)
            elif "code" in form:
                row = self._by_code(request, name, form["code"])
                session = self._sessions.begin(now, row.id, row.session)
            else:
                row = sign_in(desk.store, name, form.get("password", ""), address=_address(request), now=now)
                session = self._sessions.begin(now, row.id, row.session)
        except Refused as refusal:
            answer = self._sign_in_form(request, refusal.status, f"{refusal.sentence.zh}。")
            answer.headers.update(refusal.headers)
            return answer
        return self._with_cookie(request, to(self._here(request)), session)

    def _by_code(self, request: Request, name: str, code: str) -> Row:
        desk = self._desk
        digits = code.strip().replace(" ", "")
        secret, address = desk.settings.secret(), _address(request)
        return sign_in_by_code(desk.store, secret, name, digits, address=address, now=desk.now())

    async def send_code(self, request: Request) -> Response:
        """Send a one-time code, if there is such a person; the page is the same when there is not."""
        form = await read_form(request)
        return await run_in_threadpool(self._send_code, request, form)

    def _send_code(self, request: Request, form: Form) -> Response:
        desk, name = self._desk, form.get("name", "").strip()
        sender = sender_of(desk.settings)
        if sender is None:
            return self._refusal(request, refused("not_found", "这里不使用验证码", "there are no one-time codes here"))
        address, secret = _address(request), desk.settings.secret()
        try:
            send = ask_code(desk.store, sender, secret, name, address=address, now=desk.now())
        except Refused as refusal:
            answer = self._sign_in_form(request, refusal.status, f"{refusal.sentence.zh}。")
            answer.headers.update(refusal.headers)
            return answer
        page = html_page(self._page(request, "code.html", name=name), 200)
        page.background = BackgroundTask(send)
        return page

    async def sign_out(self, request: Request) -> Response:
        """Forget the cookie. A forged post does nothing."""
        form = await read_form(request)
        session = await run_in_threadpool(self._session, request)
        ours = session is not None and self._is_ours(request, form)
        answer = to(f"{self._here(request)}/sign-in")
        if ours:
            answer.delete_cookie(COOKIE, path=f"{root_of(self._desk.settings.public)}/c/")
        return answer

    def password(self, request: Request) -> Response:
        """Where one changes the password."""
        return self._password_form(request, 200, "")

    def _password_form(self, request: Request, status: int, sentence: str) -> Response:
        session = self._session(request)
        if session is None or session.who in {OPEN, TOKEN}:
            return self._sign_in_form(request, 401, "请用姓名和密码登录，再修改密码。")
        values = {"form_token": session.form_token, "sentence": sentence, "least": LEAST_LETTERS}
        return html_page(self._page(request, "password.html", **values), status)

    async def change_password(self, request: Request) -> Response:
        """A new password: everybody who is signed in as this person is signed out, and this browser signed in again."""
        form = await read_form(request)
        return await run_in_threadpool(self._change_password, request, form)

    def _change_password(self, request: Request, form: Form) -> Response:
        session = self._session(request)
        if session is None or session.who in {OPEN, TOKEN}:
            return self._password_form(request, 401, "")
        if not self._is_ours(request, form):
            return self._password_form(request, 403, "这次提交不是从本页面发出的，密码没有修改。")
        if form.get("password", "") != form.get("again", ""):
            return self._password_form(request, 422, "两次输入的新密码不一样。")
        who, before, now = session.who, form.get("before", ""), self._desk.now()
        try:
            change_password(self._desk.store, who, before, form.get("password", ""), address=_address(request), now=now)
        except Refused as refusal:
            wrong = "原密码不对" if refusal.code == "sign_in_failed" else refusal.sentence.zh
            return self._password_form(request, refusal.status, f"{wrong}。")
        with self._desk.store.reading() as tx:
            number = known_person(tx, who).session
        return self._with_cookie(request, to(self._here(request)), self._sessions.begin(now, who, number))

    def _is_ours(self, request: Request, form: Form) -> bool:
        session = self._session(request)
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        return session is not None and is_ours(session, form.get("form_token", ""), origin, host)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""

"""What all routes have in common: who asks, the body, the answer, revisions, repeated requests."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Annotated, Any
from urllib.parse import unquote

import sqlalchemy as sa
from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from api import clock
from api.auth import Caller, Place, caller_of, judged, operator
from api.errors import Refused, refused
from api.flow.judging import when_judged
from api.flow.rounds import Deed
from api.flow.sites import site_of
from api.queue import Queue
from api.rights import Permission
from api.settings import Settings
from api.store import Store, deeds

MOST_KEY_LETTERS = 200
MOST_REASON_LETTERS = 500
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON, TABLES = ("application/json",), (CSV, XLSX, "application/octet-stream")


STOPPING = threading.Event()
"""The process is about to end: what streams without end, ends."""


@dataclass(frozen=True)
class Service:
    """What a process of the service works with."""

    settings: Settings
    store: Store
    queue: Queue


def service_of(request: Request) -> Service:
    """The service of the running app."""
    service: Service = request.app.state.service
    return service


Here = Annotated[Service, Depends(service_of)]


@dataclass(frozen=True)
class Answer:
    """What a route has to say."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Write:
    """A request that changes something: who, with what body, under which key."""

    service: Service
    deed: Deed
    body: bytes
    if_match: str | None
    key: str | None
    fingerprint: str
    applicants: frozenset[str] | None = None

    def done(self, act: Callable[[sa.Connection], Answer]) -> Response:
        """Do it, all or nothing; a request that was answered before gets its answer again and does nothing."""
        try:
            return self._once(act)
        except sa.exc.IntegrityError:
            # The same request at the same moment, where the database lets both begin: the other one was first.
            if self.key is None:
                raise
            return self._once(act)

    async def done_when_judged(self, act: Callable[[sa.Connection], Answer]) -> Response:
        """The same for what writes rules: done when a worker has said that they contradict nothing."""
        service = self.service
        within = service.settings.verdict_within_seconds
        return await when_judged(service.store, service.queue, partial(self.done, act), within=within)

    def _once(self, act: Callable[[sa.Connection], Answer]) -> Response:
        with self.service.store.writing() as tx:
            known = deeds.find_answer(tx, self.deed.caller, self.key) if self.key is not None else None
            if known is None:
                response = reply(act(tx))
                if self.key is not None:
                    self._keep(tx, response)
                return response
        if known.fingerprint != self.fingerprint:
            raise Refused("idempotency_key_reused")
        headers = {**json.loads(known.headers), "Idempotency-Replayed": "true"}
        return Response(known.body, known.status, headers, "application/json")

    def _keep(self, tx: sa.Connection, response: Response) -> None:
        headers = {name: response.headers[name] for name in ("location", "etag") if name in response.headers}
        deeds.keep_answer(
            tx,
            self.deed.now,
            caller=self.deed.caller,
            key=self.key,
            fingerprint=self.fingerprint,
            status=response.status_code,
            headers=json.dumps(headers),
            body=bytes(response.body).decode(),
        )

    def refuse_others(self, applicants: Iterable[Any]) -> None:
        """A delegate asks for their own applicant only; that one is named at all is judged elsewhere."""
        if self.applicants is None:
            return
        # What is no name at all is told where documents are read.
        others = sorted(each for each in applicants if isinstance(each, str) and each not in self.applicants)
        if others:
            other = others[0]
            raise refused("forbidden", f"只能代表自己的单位，不能代表“{other}”", f"not a delegate of {other!r}")

    def refuse_unless_current(self, etag: str) -> None:
        """An update names the revision that it was made from."""
        if self.if_match is None:
            raise Refused("if_match_needed", headers={"ETag": etag})
        given = {each.strip() for each in self.if_match.split(",")}
        if "*" not in given and etag not in given:
            raise Refused("revision_changed", headers={"ETag": etag})


def identified(request: Request) -> Caller:
    """Who makes a request, by its headers."""
    # Headers are Latin-1 for the framework; the names of owners are not.
    owner = unquote(request.headers.get("x-gongshi-owner", ""))
    here = service_of(request)
    return caller_of(here.settings, here.store, request.headers.get("authorization"), clock.now(), owner=owner)


@cache
def needs(permission: Permission, *, anywhere: bool = False) -> Any:
    """What a route asks of its caller: the first of its dependencies.

    Rights are judged for the community of the address, and its site. An address without a community asks for rights
    in all of them, or with `anywhere` in any: then the route judges each line.
    """

    async def everybody() -> None:
        pass

    def gate(request: Request) -> None:
        caller = identified(request)
        request.state.caller = judged(caller, permission, _place(request, caller, anywhere))

    chosen = everybody if permission is Permission.PUBLIC else gate
    chosen.__dict__.update(permission=permission, anywhere=anywhere)
    return Depends(chosen)


def addresses(app: FastAPI) -> Iterator[tuple[str, str, Permission | None, bool]]:
    """Every address of the service: method, path, what it says that it takes, whether in any community.

    None: it does not say, or says two things.
    """
    for route in iter_route_contexts(app.routes):
        calls = [route.endpoint, *(each.dependency for each in getattr(route, "dependencies", None) or ())]
        said = [each.__dict__ for each in calls if "permission" in getattr(each, "__dict__", {})]
        asks = (said[0]["permission"], said[0].get("anywhere", False)) if len(said) == 1 else (None, False)
        for method in sorted(set(route.methods or {"GET"}) - {"HEAD"}):
            yield method, str(route.path), *asks


def _place(request: Request, caller: Caller, anywhere: bool) -> Place:
    community = request.path_params.get("community")
    if community is None or not any(each.site for each in caller.rights):
        return Place(community, anywhere=anywhere)
    kind = request.url.path.partition(f"/communities/{community}/")[2].partition("/")[0]
    with service_of(request).store.reading() as tx:
        return Place(community, site_of(tx, community, kind, request.path_params.get("id", "")), anywhere)


def reader(request: Request) -> Caller:
    """Who reads: everybody may, and whoever says who they are may say `owner=me`."""
    owner = unquote(request.headers.get("x-gongshi-owner", ""))
    if "authorization" in request.headers:
        return judged(identified(request), Permission.PUBLIC, Place(anywhere=True))
    return operator(owner) if owner else Caller("anyone")


def caller_here(request: Request) -> Caller:
    """The caller whom the route's `needs` has let in."""
    caller: Caller = request.state.caller
    return caller


def whose(caller: Caller, owner: str | None) -> str | None:
    """The owner that a request names; `me` is the one for whom it is made."""
    if owner == "me" and not caller.owner:
        raise refused(
            "bad_request",
            "owner=me 需要运营方密钥，或请求头 X-Gongshi-Owner",
            "owner=me needs an operator's key, or the header X-Gongshi-Owner",
        )
    return caller.owner if owner == "me" else owner


Reader = Annotated[Caller, Depends(reader)]
LetIn = Annotated[Caller, Depends(caller_here)]


def writing(*, imports: bool = False, tables: bool = False) -> Callable[[Request], Any]:
    """A dependency that reads a request which changes something; with `imports` its body may be large.

    The route's `needs` has let the caller in. The body is JSON, or with `tables` a CSV or XLSX file.
    """

    async def read(request: Request) -> Write:
        caller = caller_here(request)
        settings = service_of(request).settings
        most_bytes = settings.most_import_bytes if imports else settings.most_body_bytes
        body = await _body(request, most_bytes, TABLES if tables else JSON)
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= MOST_KEY_LETTERS:
            raise Refused("bad_request")
        if key is not None:
            # A key is of one community: another may use the same. No id of a community has a line break in it.
            key = hashlib.sha256(f"{request.path_params.get('community', '')}\n{key}".encode()).hexdigest()
        told = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        return Write(
            service_of(request),
            Deed(caller.name, clock.now(), caller.owner, caller.communities, _reason(request)),
            body,
            request.headers.get("if-match"),
            key,
            hashlib.sha256(told + body).hexdigest(),
            caller.applicants,
        )

    return read


Writing = Annotated[Write, Depends(writing())]
Importing = Annotated[Write, Depends(writing(imports=True))]
WritingTable = Annotated[Write, Depends(writing(imports=True, tables=True))]


def _reason(request: Request) -> str:
    """Why something is done, for the trail: `?reason=`, one line of it."""
    told = request.query_params.get("reason", "")[:MOST_REASON_LETTERS]
    return "".join(letter if letter.isprintable() else " " for letter in told)


async def _body(request: Request, most_bytes: int, kinds: tuple[str, ...]) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            # The rest is not read: the connection is closed instead.
            raise Refused("too_large", more={"most_bytes": most_bytes}, headers={"Connection": "close"})
        chunks.append(chunk)
    body = b"".join(chunks)
    kind = request.headers.get("content-type", kinds[0]).partition(";")[0].strip().lower()
    if body and kind not in kinds:
        raise Refused("not_json_type" if kinds == JSON else "not_table_type", headers={"Accept": ", ".join(kinds)})
    return body


def reply(answer: Answer) -> Response:
    """The answer as a response; documents of ours are written as they are."""
    if answer.status == 204:
        return Response(status_code=204, headers=dict(answer.headers))
    body = answer.body.model_dump_json() if isinstance(answer.body, BaseModel) else answer.body
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, answer.status, dict(answer.headers), "application/json")


def etag_of(community: str, revision: int, document: str) -> str:
    """A strong tag: an id that was removed and came back does not get an old one again, nor one of elsewhere."""
    told = f"{community}\n{document}"
    return f'"{revision}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"'


def fresh_or_304(request: Request, answer: Answer) -> Response:
    """The answer, or 304 when the client has it already (RFC 9110 section 13.1.2)."""
    etag = answer.headers["ETag"]
    given = request.headers.get("if-none-match")
    if given is not None:
        known = {each.strip().removeprefix("W/") for each in given.split(",")}
        if "*" in known or etag in known:
            return Response(status_code=304, headers={**answer.headers, "Cache-Control": "no-cache"})
    return reply(Answer(answer.body, answer.status, {**answer.headers, "Cache-Control": "no-cache"}))

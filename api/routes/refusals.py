"""Whatever goes wrong becomes a problem document: refusals of ours, of the framework, and faults of the service."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.errors import MEDIA_TYPE, Refused, document
from api.logs import brief
from scheduler.constraints.terms import Sentence
from scheduler.wellformed import Fault

log = logging.getLogger(__name__)

BY_STATUS = {404: "not_found", 405: "method_not_allowed"}


def install(app: FastAPI) -> None:
    """Have the app answer with problem documents."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _bad_parameters)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(sa.exc.IntegrityError, _conflict)
    app.add_exception_handler(sa.exc.OperationalError, _busy)
    app.add_exception_handler(Exception, _internal)


def say(request: Request, refusal: Refused) -> JSONResponse:
    """The response that tells a refusal, in the language that the client prefers of ours."""
    lang = "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "zh"
    body = document(refusal, instance=request.url.path, lang=lang)
    return JSONResponse(body, refusal.status, dict(refusal.headers), MEDIA_TYPE)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return say(request, error)


def _bad_parameters(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = tuple(
        Fault(
            str(each["type"]),
            tuple(each["loc"]),
            str(each.get("input"))[:80],
            Sentence(zh=f"参数符合要求（{each['msg']}）", en=str(each["msg"])),
        )
        for each in error.errors()
    )
    return say(request, Refused("bad_request", faults=faults))


def _framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
    return say(request, Refused(BY_STATUS.get(error.status_code, "bad_request"), headers=headers))


def _methods(request: Request) -> list[str]:
    """What the address does take. The framework names the methods of its first route only."""
    taken = {"HEAD"}
    for method in ("GET", "POST", "PUT", "DELETE"):
        asked = {**request.scope, "method": method}
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes):
            taken.add(method)
    return sorted(taken if "GET" in taken else taken - {"HEAD"})


def _conflict(request: Request, error: Exception) -> JSONResponse:
    # Two writers at once, where the database lets both begin: the second finds what the first has written.
    log.warning("the database refused: %s", brief(error))
    return say(request, Refused("conflict"))


def _busy(request: Request, error: Exception) -> JSONResponse:
    log.warning("the database did not answer: %s", brief(error))
    return say(request, Refused("busy", headers={"Retry-After": "2"}))


def _internal(request: Request, error: Exception) -> JSONResponse:
    log.error("the request failed", exc_info=error)
    return say(request, Refused("internal"))

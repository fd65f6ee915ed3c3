"""Each page says what it takes to see it, as each route of the API does (`api.routes.http.needs`)."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.rights import Permission

Endpoint = Callable[[Request], Any]
KeepOut = Callable[[Request], Response | None]


def public(endpoint: Endpoint) -> Endpoint:
    """A page for everybody."""
    return gated(Permission.PUBLIC, None, endpoint)


def gated(
    permission: Permission, keep_out: Callable[[Request], Response | None] | None, endpoint: Endpoint
) -> Endpoint:
    """A page behind a gate: `keep_out` gives the answer for whoever may not come in, and runs beside the loop."""

    async def answer(request: Request) -> Response:
        kept_out = await run_in_threadpool(keep_out, request) if keep_out is not None else None
        if kept_out is not None:
            return kept_out
        done: Response = (
            await endpoint(request) if iscoroutinefunction(endpoint) else await run_in_threadpool(endpoint, request)
        )
        return done

    answer.__dict__["permission"] = permission
    return answer

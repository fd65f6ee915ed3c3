"""Pages that change something: their forms, their answers, their headers."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

MOST_FORM_BYTES = 20_000
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Content-Language": "zh",
}
Form = dict[str, str]


async def read_form(request: Request, most_bytes: int = MOST_FORM_BYTES) -> Form:
    """The fields of a form; too much of it counts as an empty one."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=50)) if body.count(b"&") < 50 else {}


def to(location: str) -> Response:
    """The page to look at next (303, so that to load it again sends nothing twice)."""
    return Response(status_code=303, headers={**HEADERS, "Location": location})


def html_page(html: str, status: int) -> Response:
    """A page that is nobody else's to keep."""
    return Response(html, status, dict(HEADERS), media_type="text/html; charset=utf-8")

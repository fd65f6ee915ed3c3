"""The OpenAPI description: every document in JSON's own strict mode, and every answer that a route may give."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from api.errors import CODES, MEDIA_TYPE
from api.routes.documents import SCHEMAS

ALWAYS = (400, 404, 414, 429, 431, 503)
"""Of every address: badly asked, not there, too long, too often, not now."""
OF_METHODS = {
    "get": (401, 403),
    "post": (401, 403, 408, 409, 413, 415, 422),
    "put": (401, 403, 408, 409, 412, 413, 415, 422, 428),
    "delete": (401, 403, 408, 409, 412, 413, 415, 422, 428),
}
PROBLEM = "ProblemDocument"
AS_THEY_ARE = {"Problem", "Timetable"}
"""Documents that are given byte for byte; of others an answer says more: whose they are, where they stand."""
SENTENCE = {
    "type": "object",
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
    "required": ["zh", "en"],
}
FORM = {
    "type": "object",
    "description": "Why not (RFC 9457); `code` is a contract, and `errors` says where and what is allowed.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "titles": SENTENCE,
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "details": SENTENCE,
        "code": {"enum": sorted(CODES)},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["type", "title", "titles", "status", "detail", "details", "code", "instance", "request_id", "errors"],
}


def description(app: FastAPI) -> dict[str, Any]:
    """The description of the API; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        template = "#/components/schemas/{model}"
        named, shared = TypeAdapter.json_schemas(
            [(name, "validation", form) for name, form in SCHEMAS.items()], ref_template=template
        )
        documents = schema.setdefault("components", {}).setdefault("schemas", {})
        documents |= {name: each for (name, _), each in named.items()} | shared.get("$defs", {}) | {PROBLEM: FORM}
        # The framework's own, which none of our answers has.
        for name in ("HTTPValidationError", "ValidationError"):
            documents.pop(name, None)
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _complete(method, operation)
        app.openapi_schema = schema
    return app.openapi_schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Tell of the refusals that the route shares with others, beside those of its own."""
    told: dict[str, Any] = operation["responses"]
    if "HTTPValidationError" in str(told.get("422")):
        del told["422"]
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}}
    for status in (*ALWAYS, *OF_METHODS[method]):
        codes = ", ".join(f"`{code}`" for code, (each, _, _) in CODES.items() if each == status)
        told.setdefault(str(status), {"description": codes})["content"] = content
    for known, each in told.items():
        if known >= "400":
            each["content"] = content
        for body in each.get("content", {}).values():
            name = str(body.get("schema", {}).get("$ref", "")).rpartition("/")[2]
            if known < "300" and name and name not in AS_THEY_ARE:
                body["schema"] = {"type": "object", "description": f"A `{name}`, and beside it what is only shown."}
    if method == "get":
        told.setdefault("304", {"description": "Unchanged since the `ETag` that was named in `If-None-Match`."})

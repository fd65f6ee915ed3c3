"""From the bytes of a body to a document, or to all that is wrong with it; and how OpenAPI speaks of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from api.errors import CODES, MEDIA_TYPE, Refused
from scheduler.constraints.terms import Entity
from scheduler.wellformed import NOTHING, Fault, ProblemError, fault, read_as, read_object

M = TypeVar("M", bound=BaseModel)

_CONTROL = (b"\x00", b"\\u0000")
SCHEMAS: dict[str, TypeAdapter[Any]] = {}
"""Documents that routes take and give, by the name that OpenAPI knows them by."""


def model_in(model: type[M], body: bytes, *, shown_only: Collection[str] = ()) -> M:
    """The body as one of our models, strictly; fields that are only shown may come back with it, and say nothing."""
    _refuse_control(body)
    with _told():
        return read_as(model, body, besides=shown_only)


def object_in(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; what its fields mean is judged by `api.flow`."""
    _refuse_control(body)
    with _told():
        return read_object(body)


def objects_in(body: bytes, most: int) -> list[dict[str, Any]]:
    """The body as `{"items": [...]}`: objects, one at least."""
    document = object_in(body)
    zh, en = f"1 到 {most} 项的列表 […]", f"a list […] of 1 to {most}"
    if "items" not in document:
        raise _refused(fault("missing_field", ("items",), NOTHING, zh, en))
    items = document["items"]
    if not isinstance(items, list):
        raise _refused(fault("wrong_type", ("items",), items, zh, en))
    if not 1 <= len(items) <= most:
        raise _refused(fault("wrong_length", ("items",), str(len(items)) if items else items, zh, en))
    others = [(place, each) for place, each in enumerate(items) if not isinstance(each, dict)]
    if others:
        raise _refused(
            *(fault("wrong_type", ("items", place), each, "一个对象 {…}", "an object {…}") for place, each in others)
        )
    return items


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ProblemError as error:
        raise _refused(*error.faults) from None


def _refused(*faults: Fault) -> Refused:
    return Refused("invalid_document", faults=faults)


def _refuse_control(body: bytes) -> None:
    # No name has a NUL in it, and not every database can keep one.
    if any(each in body for each in _CONTROL):
        raise _refused(fault("not_text", (), "U+0000", "不含空字符的文字", "text without NUL characters"))


def takes(name: str, form: Any) -> dict[str, Any]:
    """`openapi_extra` of a route that takes such a document; a model goes under its own name."""
    SCHEMAS[name] = form if isinstance(form, TypeAdapter) else TypeAdapter(form)
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def gives(name: str, form: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that gives such a document."""
    SCHEMAS[name] = form if isinstance(form, TypeAdapter) else TypeAdapter(form)
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {status: {"description": name, "content": {"application/json": {"schema": schema}}}}


def refuses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that may refuse for reasons of its own; those that every route has are not told."""
    told = {CODES[code][0]: {"description": f"`{code}`: {CODES[code][2]}"} for code in codes}
    return {status: {**each, "content": {MEDIA_TYPE: {}}} for status, each in told.items()}


class Items(Entity):
    """Several documents at once, all or nothing."""

    items: tuple[dict[str, Any], ...]

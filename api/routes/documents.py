"""From the bytes of a body to a document, or to all that is wrong with it; and how OpenAPI speaks of it."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from api.errors import Refused
from scheduler.constraints.terms import Entity, Sentence
from scheduler.wellformed import Fault

M = TypeVar("M", bound=BaseModel)

_CONTROL = (b"\x00", b"\\u0000")
SCHEMAS: dict[str, TypeAdapter[Any]] = {}
"""Documents that routes take and give, by the name that OpenAPI knows them by."""


def model_in(model: type[M], body: bytes, *, shown_only: Collection[str] = ()) -> M:
    """The body as one of our models, strictly; fields that are only shown may come back with it, and say nothing."""
    document = {key: value for key, value in object_in(body).items() if key not in shown_only}
    try:
        return model.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise Refused("invalid_document", faults=tuple(map(_fault, error.errors(include_url=False)))) from None


def object_in(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; what its fields mean is judged by `api.flow`."""
    value = _json(body)
    if not isinstance(value, dict):
        raise _broken("not_an_object", type(value).__name__, "一个 JSON 对象 {…}", "a JSON object {…}")
    return value


def objects_in(body: bytes, most: int) -> list[dict[str, Any]]:
    """The body as `{"items": [...]}`: objects, one at least."""
    items = object_in(body).get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= most or not all(isinstance(i, dict) for i in items):
        raise Refused(
            "invalid_document",
            faults=(
                Fault(
                    "wrong_type",
                    ("items",),
                    type(items).__name__,
                    Sentence(zh=f"1 到 {most} 个 JSON 对象的列表", en=f"a list of 1 to {most} JSON objects"),
                ),
            ),
        )
    return items


def _json(body: bytes) -> Any:
    _refuse_control(body)
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_each_key_once)
    except UnicodeDecodeError as error:
        raise _broken("not_utf8", f"byte {error.start}", "UTF-8 编码的文字", "text in UTF-8") from None
    except RecursionError:
        raise _broken("too_deep", "…", "较浅的嵌套", "less nesting") from None
    except ValueError as error:
        raise _broken("not_json", str(error)[:80], "一份完整的 JSON 文档", "one complete JSON document") from None


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return plain


def _refuse_control(body: bytes) -> None:
    # No name has a NUL in it, and not every database can keep one.
    if any(each in body for each in _CONTROL):
        raise _broken("not_text", "U+0000", "不含空字符的文字", "text without NUL characters")


def _broken(code: str, found: str, zh: str, en: str) -> Refused:
    return Refused("invalid_document", faults=(Fault(code, (), found, Sentence(zh=zh, en=en)),))


def _fault(detail: Any) -> Fault:
    zh = {"missing": "必填的一项", "extra_forbidden": "没有这个字段"}.get(
        detail["type"], f"符合格式（{detail['msg']}）"
    )
    found = json.dumps(detail.get("input"), ensure_ascii=True, default=str)[:80]
    return Fault(detail["type"], tuple(detail["loc"]), found, Sentence(zh=zh, en=detail["msg"]))


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


class Items(Entity):
    """Several documents at once, all or nothing."""

    items: tuple[dict[str, Any], ...]

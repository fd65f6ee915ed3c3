"""The API's documentation as a page of our own: the usual ones load their scripts from far away."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

HEAD = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>共室 API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
code,pre{font-family:ui-monospace,monospace}summary{cursor:pointer;padding:.4rem 0}details{border-top:1px solid #ddd}
b{display:inline-block;min-width:4.5rem}dd{margin:0 0 .4rem 4.5rem}pre{background:#f5f5f5;padding:1rem;overflow:auto}
</style></head><body>"""


def page(openapi: dict[str, Any]) -> str:
    """The OpenAPI description as one plain page; links lead from routes to the documents they take and give."""
    return "".join(_lines(openapi))


def _lines(openapi: dict[str, Any]) -> Iterator[str]:
    yield HEAD
    yield f"<h1>共室 Gongshi · API</h1><p>{escape(openapi['info']['description'])}</p>"
    yield '<p>供程序读取的说明：<a href="/openapi.json">/openapi.json</a></p>'
    sections: dict[str, list[str]] = {}
    for path, methods in openapi["paths"].items():
        for method, route in methods.items():
            sections.setdefault((route.get("tags") or ["service"])[0], []).append(_route(path, method, route))
    for name, routes in sections.items():
        yield f"<h2>{escape(name)}</h2>{''.join(routes)}"
    yield "<h2>Documents</h2>"
    for name, schema in sorted(openapi["components"]["schemas"].items()):
        yield f'<details id="{escape(name)}"><summary><b>{escape(name)}</b> {escape(_first(schema))}</summary>'
        yield f"<dl>{''.join(_field(*each) for each in schema.get('properties', {}).items())}</dl></details>"
    yield "</body></html>"


def _route(path: str, method: str, route: dict[str, Any]) -> str:
    told = escape(route.get("description") or route.get("summary") or "")
    parameters = "".join(map(_parameter, route.get("parameters", [])))
    body = _link(route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}))
    taken = f"<p>Takes {body}</p>" if body else ""
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {told}</summary>"
        f"<dl>{parameters}</dl>{taken}</details>"
    )


def _parameter(each: dict[str, Any]) -> str:
    name, place, told = (escape(each.get(key, "")) for key in ("name", "in", "description"))
    return f"<dt><code>{name}</code> ({place})</dt><dd>{told}</dd>"


def _field(name: str, schema: dict[str, Any]) -> str:
    kind = _link(schema) or escape(str(schema.get("type", "")))
    return f"<dt><code>{escape(name)}</code> {kind}</dt><dd>{escape(schema.get('description', ''))}</dd>"


def _link(schema: dict[str, Any]) -> str:
    inner = schema.get("items", schema)
    names = [each["$ref"].rpartition("/")[2] for each in (inner, *inner.get("anyOf", ())) if "$ref" in each]
    return " | ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)


def _first(schema: dict[str, Any]) -> str:
    return str(schema.get("description", "")).partition("\n")[0]

"""What a model's schema expects at a place of a document, said for people in both languages."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

from scheduler.constraints.terms import Sentence
from scheduler.wellformed.faults import Loc

Node = dict[str, Any]

FORMS = {
    r"^[A-Za-z0-9][A-Za-z0-9_.+@-]{0,63}$": Sentence(
        zh="编号：字母、数字和 _ . + @ -，以字母或数字开头，最多 64 个字符",
        en="an id: letters A-Z, digits and _ . + @ -, a letter or digit first, at most 64 characters",
    ),
    r"^([0-3]\d|4[0-7]):[0-5]\d$": Sentence(
        zh="钟点 HH:MM；过了午夜接着往上数，次日 00:30 写作 24:30",
        en="a clock time HH:MM; past midnight it goes on counting, 00:30 of the next day is 24:30",
    ),
    r"^[a-z0-9][a-z0-9-]{0,39}$": Sentence(
        zh="小写字母、数字和 -，以字母或数字开头，最多 40 个字符",
        en="lower-case letters, digits and -, a letter or digit first, at most 40 characters",
    ),
    r"^[0-9a-f]{64}$": Sentence(
        zh="问题的指纹：64 个十六进制数字 0-9 a-f",
        en="the fingerprint of a problem: 64 hexadecimal digits 0-9 a-f",
    ),
    r"^\d{4}-(0[1-9]|1[0-2])$": Sentence(zh="月份，如 2026-09", en="a month, such as 2026-09"),
}
"""Every pattern of our models in words; a test sees to it that none is missing."""

MOMENT = Sentence(
    zh="时刻，带与世界时的差，如 2026-09-01T08:00:00+08:00",
    en="a moment with its offset from UTC, such as 2026-09-01T08:00:00+08:00",
)


class Form:
    """The form of a model's documents: its JSON Schema, and what that says of single places."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.whole: Node = model.model_json_schema()

    def node_at(self, loc: Loc, document: Any) -> Node | None:
        """The schema's part for a place; where it offers several kinds, the document's own `kind` decides."""
        node: Node | None = self.whole
        value = document
        for step in loc:
            if node is None:
                return None
            node = _inside(self._one(node, value), step)
            value = _value(value, step)
        return node and self._one(node, value)

    def expected_at(self, loc: Loc, document: Any) -> Sentence:
        """What the schema expects at a place, in words."""
        if not loc:
            return self.expected(self.whole)
        around = self.node_at(loc[:-1], document)
        return self.expected(_inside(around, loc[-1]) if around else None)

    def fields_at(self, loc: Loc, document: Any) -> list[str]:
        """The fields that the object at a place has by the schema, in the order of the schema."""
        return list((self.node_at(loc, document) or {}).get("properties", {}))

    def kinds_at(self, loc: Loc, document: Any) -> list[str]:
        """The kinds that may stand at a place where the schema offers several."""
        return _kinds(self.node_at(loc, document) or {})

    def expected(self, node: Node | None) -> Sentence:
        """What a part of the schema expects, in words."""
        node = self._resolved(node or {})
        if "anyOf" in node:
            (some,) = [each for each in node["anyOf"] if each.get("type") != "null"]
            inner = self.expected(some)
            return Sentence(zh=f"{inner.zh}，或不写", en=f"{inner.en}, or nothing")
        if "enum" in node or "const" in node:
            return one_of(node.get("enum", [node.get("const")]))
        if kinds := _kinds(node):
            listed = ", ".join(kinds)
            return Sentence(zh=f"一个对象 {{…}}，kind 为 {listed} 之一", en=f"an object {{…}} with a kind: {listed}")
        return WORDS.get(node.get("type", ""), _anything)(node)

    def _one(self, node: Node, value: Any) -> Node:
        """The node itself, or the one of its kinds that the document names, or its part that is not null."""
        node = self._resolved(node)
        if "anyOf" in node and value is not None:
            node = self._resolved(next(each for each in node["anyOf"] if each.get("type") != "null"))
        if _kinds(node) and isinstance(value, dict):
            kind = value.get("kind")
            mapping = node["discriminator"]["mapping"]
            if isinstance(kind, str) and kind in mapping:
                return self._resolved({"$ref": mapping[kind]})
        return node

    def _resolved(self, node: Node) -> Node:
        while "$ref" in node:
            node = self.whole["$defs"][node["$ref"].rpartition("/")[2]]
        return node


@cache
def form_of(model: type[BaseModel]) -> Form:
    """The form of a model's documents, made once."""
    return Form(model)


def one_of(values: list[str]) -> Sentence:
    """One of some values, or the only one."""
    if len(values) == 1:
        return Sentence(zh=values[0], en=values[0])
    return Sentence(zh=f"{'、'.join(values)} 之一", en=f"one of {', '.join(values)}")


def _kinds(node: Node) -> list[str]:
    return list(node.get("discriminator", {}).get("mapping", {}))


def _inside(node: Node, step: str | int) -> Node | None:
    if isinstance(step, str):
        inside = node.get("properties", {}).get(step)
        others = node.get("additionalProperties")
        return inside or (others if isinstance(others, dict) else None)
    first = node.get("prefixItems", [])
    return first[step] if step < len(first) else node.get("items")


def _value(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _text(node: Node) -> Sentence:
    if node.get("format") == "date":
        return Sentence(zh="日期 YYYY-MM-DD", en="a date YYYY-MM-DD")
    if node.get("format") == "date-time":
        return MOMENT
    if "pattern" in node:
        return FORMS[node["pattern"]]
    least, most = node.get("minLength", 0), node.get("maxLength")
    if most is None:
        return Sentence(zh="文字", en="text")
    if least:
        return Sentence(zh=f"{least} 至 {most} 个字符的文字", en=f"text of {least} to {most} characters")
    return Sentence(zh=f"不超过 {most} 个字符的文字", en=f"text of at most {most} characters")


def _whole_number(node: Node) -> Sentence:
    least, most = node.get("minimum"), node.get("maximum")
    if least is None:
        return Sentence(zh="整数", en="a whole number")
    if most is None:
        return Sentence(zh=f"不小于 {least} 的整数", en=f"a whole number from {least} on")
    return Sentence(zh=f"{least} 至 {most} 的整数", en=f"a whole number from {least} to {most}")


def _number(node: Node) -> Sentence:
    least, above, most = (node.get(key) for key in ("minimum", "exclusiveMinimum", "maximum"))
    limits = [
        (f"不小于 {least}", f"from {least} on") if least is not None else None,
        (f"大于 {above}", f"above {above}") if above is not None else None,
        (f"不超过 {most}", f"at most {most}") if most is not None else None,
    ]
    zh = "、".join(each[0] for each in limits if each)
    en = ", ".join(each[1] for each in limits if each)
    return Sentence(zh=f"{zh} 的数" if zh else "数", en=f"a number {en}" if en else "a number")


def _list(node: Node) -> Sentence:
    least, most = node.get("minItems", 0), node.get("maxItems")
    if most is not None and least == most:
        return Sentence(zh=f"恰好 {most} 项的列表 […]", en=f"a list […] of exactly {most}")
    if least:
        return Sentence(zh=f"至少 {least} 项的列表 […]", en=f"a list […] of at least {least}")
    return Sentence(zh="列表 […]", en="a list […]")


def _yes_or_no(_: Node) -> Sentence:
    return Sentence(zh="true 或 false", en="true or false")


def _object(_: Node) -> Sentence:
    return Sentence(zh="一个对象 {…}", en="an object {…}")


def _anything(_: Node) -> Sentence:
    return Sentence(zh="数据格式允许的值", en="a value that the format allows")


WORDS = {
    "string": _text,
    "integer": _whole_number,
    "number": _number,
    "array": _list,
    "boolean": _yes_or_no,
    "object": _object,
}

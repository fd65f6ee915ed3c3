"""Writes the page of all rules, from the code alone: `python -m docs.rules.make`."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from scheduler.constraints import KINDS
from scheduler.constraints.presets import CALLED, GROUPS, ITC2019, PRESETS, Preset
from scheduler.constraints.terms import Clock, ConstraintBase, Id, Minutes, Name, Text
from scheduler.wellformed.schema import Form

PAGE = Path(__file__).parent.parent / "constraints.md"

Node = dict[str, Any]

INTRO = """\
# Rules 规则

What can be said, under the names of the field (ITC-2019, UniTime, municipal practice). Made from the code by
`python -m docs.rules.make`; what a rule means in full is in [semantics.md](semantics.md).

- *Said by*: a kind of rule, the parameters that make it mean the name, and those that are left to say (…); or data,
  something built in, a rule of the market's own round, a stage of the policy. One kind says many names.
- *Strength*: `must` holds or there is no timetable; `should` costs its weight. *Who* may submit: O operator or owner,
  M manager, R regulator (street, district); `—` where nothing is submitted as a rule.
- *Opposite*: what the name is not. "Not the same time" and "no overlap" are two things.
- *Tests*: truth tables by hand and proofs both ways, in one file for each family.
"""

CHOSEN_BY = ("relation", "measure", "resource")
"""Parameters whose value has its own line in the docstring."""

SCHEMAS = {kind: schema for kind, schema in KINDS.items() if schema is not None}

GENERAL = {TypeAdapter(each).json_schema()["description"] for each in (Id, Clock, Minutes, Text, Name)}
"""Descriptions of types, not of the parameter that has one."""

OF_EVERY_RULE = tuple(name for name in ConstraintBase.model_fields if name != "kind")


def page() -> str:
    """The whole page; the same code gives the same text."""
    return "\n".join([INTRO, *_names(), *_itc2019(), *_kinds(), *_terms()]).rstrip() + "\n"


def instance(preset: Preset) -> ConstraintBase:
    """The rule that the preset's example makes."""
    document = {"id": preset.name, "source": "example", **preset.parameters, **preset.example}
    return SCHEMAS[preset.kind].model_validate_json(json.dumps(document))


def main() -> None:
    """Writes the page beside this file."""
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


# The names


def _names() -> Iterator[str]:
    yield "## Names 名称\n"
    for title, (zh, presets) in GROUPS.items():
        yield f"### {title} {zh}\n"
        yield from _table(
            ("name", "中文", "said by", "strength", "who", "meaning", "opposite", "source", "tests"),
            ((f"`{p.name}`", p.note_zh, _said_by(p), _strength(p), _who(p), _meaning(p), *_rest(p)) for p in presets),
        )


def _said_by(preset: Preset) -> str:
    if preset.way == "rule":
        given = [name for name in preset.example if name not in {"scope", "each", "weight"}]
        parts = [*_fixed(preset), *(f"`{name}` …" for name in given)]
        return f"[`{preset.kind}`](#{preset.kind}) {', '.join(parts)}".rstrip()
    told = preset.kind if "`" in preset.kind else f"`{preset.kind}`"
    return {"data": "data: ", "built in": "built in: ", "market": "market: ", "stage": "stage of the policy: "}[
        preset.way
    ] + told


def _fixed(preset: Preset) -> list[str]:
    return [f"`{name}` {_value(value)}" for name, value in preset.parameters.items()]


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _strength(preset: Preset) -> str:
    if preset.way != "rule":
        return preset.strength
    fixed: str = preset.parameters.get("strength", "")
    return fixed or ", ".join(SCHEMAS[preset.kind].strengths)


def _who(preset: Preset) -> str:
    if preset.only_from:
        return preset.only_from
    return SCHEMAS[preset.kind].only_from if preset.way == "rule" else "—"


def _meaning(preset: Preset) -> str:
    exact = _line(preset)
    return f"{preset.note_en}. Exactly: {exact}" if exact else preset.note_en


def _rest(preset: Preset) -> tuple[str, str, str]:
    """Opposite, source, tests."""
    if preset.way != "rule":
        return preset.opposite, "—", _link(preset.tests)
    prose, lines = _parted(_prose(SCHEMAS[preset.kind]))
    own = lines.get(_choice(preset), "")
    opposite = preset.opposite or _told("Opposite", own) or _told("Opposite", prose) or "none"
    return opposite, _told("Source", own) or _told("Source", prose), _link(_tests(preset.kind))


def _choice(preset: Preset) -> str:
    return next((preset.parameters[name] for name in CHOSEN_BY if name in preset.parameters), "")


def _line(preset: Preset) -> str:
    """What the docstring says of the preset's own relation, measure or resource."""
    if preset.way != "rule":
        return ""
    return re.sub(
        r" ?(?:Opposite|Source): .+?\.(?=\s|$)", "", _parted(_prose(SCHEMAS[preset.kind]))[1].get(_choice(preset), "")
    )


def _tests(kind: str) -> str:
    return f"tests/constraints/test_{SCHEMAS[kind].__module__.rpartition('.')[2]}.py"


def _link(path: str) -> str:
    return f"[{path.rpartition('/')[2]}](../{path})"


def _itc2019() -> Iterator[str]:
    yield "### The nineteen distribution types of ITC-2019\n"
    yield (
        "With the semantics of that competition: a relation is judged pair by pair, a load over the days and weeks of\n"
        "all sessions in scope. `SameAttendees` knows the way between sites; `SameRoom` and `DifferentRoom` speak of\n"
        "spaces. Its slots are minutes here.\n"
    )
    rows = []
    for theirs, (ours, parameters) in ITC2019.items():
        preset = next(p for p in PRESETS if p.name == ours and p.way == "rule" and p.kind in {"relation", "load"})
        rows.append((f"`{theirs}`", f"`{ours}`", _said_by(preset), parameters or "—", _rest(preset)[0]))
    yield from _table(("ITC-2019", "name", "said by", "its numbers", "opposite"), rows)


# The kinds


def _kinds() -> Iterator[str]:
    yield "## Kinds 种类\n"
    yield "Every rule carries, beside the parameters of its kind:\n"
    whole = ConstraintBase.model_json_schema()
    yield from _parameters(Form(ConstraintBase), whole, OF_EVERY_RULE)
    for kind, schema in KINDS.items():
        yield f"### {kind}\n"
        if schema is None:
            yield from _without_schema(kind)
            continue
        yield _prose(schema) + "\n"
        yield f"Strength: {', '.join(schema.strengths)}. Who: {schema.only_from}. Tests: {_link(_tests(kind))}.\n"
        own = schema.model_json_schema()
        names = [name for name in own["properties"] if name not in {*OF_EVERY_RULE, "kind"}]
        yield from _parameters(Form(schema), own, names)
        yield from _examples(kind)


def _without_schema(kind: str) -> Iterator[str]:
    preset = next(p for p in PRESETS if p.name == kind and p.way != "rule")
    yield f"Always in force, without an instance: {preset.note_en}. {preset.note_zh}。\n"
    yield f"Said by {_said_by(preset)}. Tests: {_link(preset.tests)}.\n"


def _examples(kind: str) -> Iterator[str]:
    yield "In words:\n"
    for preset in PRESETS:
        if preset.way == "rule" and preset.kind == kind:
            said = instance(preset).sentence(CALLED)
            yield f"- `{preset.name}`: {said.zh} — {said.en}"
    yield ""


def _prose(entity: type[ConstraintBase]) -> str:
    """A docstring as Markdown: its paragraphs and lists are such already."""
    return inspect.cleandoc(entity.__doc__ or "")


def _parted(doc: str) -> tuple[str, dict[str, str]]:
    """The paragraphs of a docstring, and what its list says of each name."""
    prose: list[str] = []
    lines: dict[str, str] = {}
    name = ""
    for line in doc.splitlines():
        if found := re.match(r"- `(\w+)`:? (.*)", line):
            name = found[1]
            lines[name] = found[2]
        elif name and line.startswith("  "):
            lines[name] += " " + line.strip()
        else:
            name = ""
            prose.append(line)
    return " ".join(prose), lines


def _told(word: str, text: str) -> str:
    """What stands after `Opposite:` or `Source:`, up to the end of the sentence."""
    found = re.search(rf"\b{word}: (.+?)\.(?=\s|$)", text)
    return found[1] if found else ""


# Parameters, as the schema has them


def _parameters(form: Form, whole: Node, names: Iterable[str]) -> Iterator[str]:
    rows = []
    for name in names:
        node = whole["properties"][name]
        default = "required" if name in whole.get("required", ()) else _default(node.get("default"))
        told = node.get("description", "")
        rows.append((f"`{name}`", _type(form, node), default, "" if told in GENERAL else told))
    if not rows:
        yield "No parameters.\n"
        return
    yield from _table(("parameter", "type", "default", ""), rows)


def _default(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, list):
        return "every day" if len(value) == 7 else "none" if not value else json.dumps(value)
    if isinstance(value, dict):
        return "everything" if not any(value.values()) else json.dumps(value, ensure_ascii=False)
    return f"`{json.dumps(value, ensure_ascii=False)}`" if not isinstance(value, str) else f"`{value}`"


def _type(form: Form, node: Node) -> str:
    some = [each for each in node.get("anyOf", [node]) if each.get("type") != "null"]
    if some[0] is not node:
        return f"{_type(form, some[0])}; or none"
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if node.get("type") == "array" and "items" in node:
        least = f", at least {node['minItems']}" if node.get("minItems") else ""
        return f"list{least}: {_type(form, node['items'])}"
    # What a form says after the colon or semicolon is said once, above the terms.
    return re.split("[:;] ", form.expected(node).en)[0]


def _terms() -> Iterator[str]:
    """The entities that parameters are made of."""
    found: dict[str, tuple[type[ConstraintBase], Node]] = {}
    for schema in SCHEMAS.values():
        for name, node in schema.model_json_schema().get("$defs", {}).items():
            found.setdefault(name, (schema, node))
    yield "## Terms of the parameters 参数用语\n"
    yield (
        "An id: letters A-Z, digits and _ . + @ -, a letter or digit first, at most 64 characters. A clock time is\n"
        "HH:MM on the wall clock of the community; past midnight it goes on counting, 00:30 of the next day is 24:30.\n"
    )
    for name, (schema, node) in sorted(found.items()):
        yield f"### {name}\n"
        yield node.get("description", "") + "\n"
        yield from _parameters(Form(schema), node, node["properties"])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(_cell(each) for each in row) + " |"
    yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()

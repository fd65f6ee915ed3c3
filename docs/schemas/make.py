"""Writes the JSON Schemas of what is asked, what is answered and what rules do: `python -m docs.schemas.make`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from scheduler.effects import Effects
from scheduler.problem import Problem
from scheduler.timetable import Timetable

HERE = Path(__file__).parent
SCHEMAS: dict[str, type[BaseModel]] = {
    "problem.schema.json": Problem,
    "timetable.schema.json": Timetable,
    "effects.schema.json": Effects,
}


def text_of(entity: type[BaseModel]) -> str:
    """The JSON Schema of an entity, in the 2020-12 dialect; the same entity gives the same text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **entity.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Writes every schema beside this file."""
    for name, entity in SCHEMAS.items():
        (HERE / name).write_text(text_of(entity), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

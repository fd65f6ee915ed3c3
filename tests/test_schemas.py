"""The published JSON Schemas are those of the code, and another library reads the reference by them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import docs.schemas.make as schemas
import fixtures.badahu

REFERENCE = Path(fixtures.badahu.__file__).parent / "problem.json"


def published(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((schemas.HERE / name).read_text(encoding="utf-8"))
    return schema


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_the_published_schema_is_that_of_the_code(name: str) -> None:
    """If not: python -m docs.schemas.make."""
    assert (schemas.HERE / name).read_text(encoding="utf-8") == schemas.text_of(schemas.SCHEMAS[name])


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_the_published_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(published(name))


def test_the_reference_is_valid_to_another_library() -> None:
    document = json.loads(REFERENCE.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(published("problem.schema.json"))
    assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("requests", 0, "headcount"), 0),
        (("requests", 0, "windows", 0, "kind"), "perhaps"),
        (("requests", 0, "colour"), "blue"),
        (("constraints", 0, "kind"), "changover"),
        (("community", "id"), "Badahu"),
    ],
)
def test_what_our_reader_refuses_by_its_shape_the_other_library_refuses(
    place: tuple[str | int, ...], value: object
) -> None:
    document = json.loads(REFERENCE.read_text(encoding="utf-8"))
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    assert not jsonschema.Draft202012Validator(published("problem.schema.json")).is_valid(document)

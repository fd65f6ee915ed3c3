"""Every field that names another part is known, so that owners' codes are taken in all of them."""

from __future__ import annotations

import json

from api.flow.references import KIND_OF_FIELD
from scheduler.problem import Problem

NAMES_NO_PART = {
    "id": "its own",
    "layouts": "of spaces, not parts by themselves",
    "layout": "the same",
    "features": "labels",
    "tags": "labels",
    "without_tags": "labels",
}


def test_fields_of_ids_are_known_or_named_as_exceptions() -> None:
    schema = Problem.model_json_schema()
    pattern = schema["$defs"]["Site"]["properties"]["id"]["pattern"]
    fields: set[str] = set()
    for name, each in schema["$defs"].items():
        if name.startswith("Market") or name in {"Vendor", "Stall", "PitchFee"}:
            continue  # their round joins later
        fields |= {field for field, about in each.get("properties", {}).items() if pattern in json.dumps(about)}
    assert fields - set(KIND_OF_FIELD) <= set(NAMES_NO_PART), fields - set(KIND_OF_FIELD)
    assert set(KIND_OF_FIELD) <= fields | {"priorities"}

"""Every field that holds an identity is either checked or said to be free."""

from __future__ import annotations

from typing import Any

from scheduler.problem import Problem
from scheduler.wellformed.references import FREE, NAMES, WORDS
from scheduler.wellformed.schema import form_of

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.+@-]{0,63}$"


def test_every_field_with_identities_is_checked_or_free() -> None:
    fields = {
        field
        for entity in form_of(Problem).whole["$defs"].values()
        for field, node in entity.get("properties", {}).items()
        if _holds_identities(node)
    }
    assert fields - set(NAMES) - FREE == set()


def test_every_target_has_its_words() -> None:
    assert set(NAMES.values()) == set(WORDS)


def _holds_identities(node: dict[str, Any]) -> bool:
    inner = [node, *node.get("anyOf", []), *node.get("prefixItems", [])]
    inner += [each["items"] for each in inner if "items" in each]
    return any(each.get("pattern") == ID_PATTERN for each in inner)

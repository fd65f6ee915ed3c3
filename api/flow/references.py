"""Owners' own codes are taken wherever one of our ids is: in a document they are replaced before it is judged."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from api.store import parts

KIND_OF_FIELD = {
    "site": "site",
    "sites": "site",
    "between": "site",
    "space": "space",
    "spaces": "space",
    "parts": "space",
    "quiet_space": "space",
    "neighbours": "space",
    "use": "use",
    "uses": "use",
    "not_uses": "use",
    "applicant": "applicant",
    "applicants": "applicant",
    "bodies": "body",
    "body": "body",
    "calendar": "calendar",
    "people": "person",
    "priority": "priority",
    "priorities": "priority",
    "request": "request",
    "requests": "request",
}
"""Fields of documents that name other parts."""


def with_our_ids(tx: sa.Connection, community: str, document: Any, owner: str = "") -> Any:
    """The document with our ids in the place of owners' codes.

    What is an id of ours stays as it is. A code that several owners use means the part of the document's own owner;
    what is no code, or the code of several others, stays too: the judge will say that it is unknown.
    """
    if isinstance(document, list):
        return [with_our_ids(tx, community, each, owner) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        key: _ours(tx, community, KIND_OF_FIELD[key], value, owner)
        if key in KIND_OF_FIELD and isinstance(value, str | list)
        else with_our_ids(tx, community, value, owner)
        for key, value in document.items()
    }


def _ours(tx: sa.Connection, community: str, kind: str, value: Any, owner: str) -> Any:
    if isinstance(value, list):
        return [_ours(tx, community, kind, each, owner) for each in value]
    if not isinstance(value, str) or not value.isprintable() or parts.find_part(tx, community, kind, value):
        return value
    found = parts.find_by_ref(tx, community, kind, value, None)
    if len(found) > 1:
        found = parts.find_by_ref(tx, community, kind, value, owner)
    return found[0].id if len(found) == 1 else value

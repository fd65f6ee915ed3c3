"""A change as it is told: in the list of changes, and to webhooks."""

from __future__ import annotations

import json
from typing import Any

from api.store.news import Row


def change_shown(row: Row) -> dict[str, Any]:
    """One change; `subject` is the id of a rule, or the number of a release."""
    return {
        "cursor": str(row.cursor),
        "at": row.at.isoformat(),
        "kind": row.kind,
        "community": row.community,
        "owner": row.owner,
        "subject": row.subject,
        **json.loads(row.document),
    }

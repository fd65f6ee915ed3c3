"""At which site something is: rights may be of one site alone."""

from __future__ import annotations

import json

import sqlalchemy as sa

from api.store import parts


def site_of(tx: sa.Connection, community: str, kind: str, id: str) -> str:
    """The site of a space or a site; empty where an address is of the community as a whole, or unknown.

    Args:
        tx: a transaction.
        community: the community's id.
        kind: the part of the address behind the community, such as `spaces`.
        id: our id. An owner's own code is of no site: it may stand for several spaces.
    """
    if kind == "sites":
        return id if parts.find_part(tx, community, "site", id) is not None else ""
    row = parts.find_part(tx, community, "space", id) if kind == "spaces" else None
    return str(json.loads(row.document).get("site", "")) if row is not None else ""

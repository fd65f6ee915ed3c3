"""Conflicts of interest: whose own organisation applies does not decide for it alone (design, section 6)."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa

from api.errors import refused
from api.store import parts, people


def refuse_own_request(tx: sa.Connection, community: str, person: str, request: str) -> None:
    """The same as `refuse_own`, of one request that is stored; one that is not is nobody's."""
    row = parts.find_part(tx, community, "request", request)
    if row is not None:
        refuse_own(tx, community, person, {request: json.loads(row.document)["applicant"]})


def refuse_own(tx: sa.Connection, community: str, person: str, requests: Mapping[str, str]) -> None:
    """Refuse to pin for an applicant that the person belongs to, or that is the same people (a body).

    Args:
        tx: the transaction.
        community: where.
        person: who acts; empty: a program, or whoever holds the service's token, of whom nothing is known.
        requests: the applicant of each request that is decided on.

    Raises:
        Refused: another manager has to do it.
    """
    own = _own(tx, community, person)
    for id, applicant in requests.items():
        if applicant in own:
            raise refused(
                "own_interest",
                f"申请“{id}”来自您所在的单位，须由另一位管理员办理",
                f"request {id!r} is of your own organisation: another manager has to do it",
                request=id,
            )


def refuse_own_round(tx: sa.Connection, community: str, person: str, round: str) -> None:
    """Refuse to set aside publicity and objections in a round in which the person's own organisation applies."""
    own = _own(tx, community, person)
    rows = parts.parts(tx, community, "request", round=round) if own else ()
    if any(json.loads(row.document)["applicant"] in own for row in rows):
        raise refused(
            "own_interest",
            "您所在的单位参加了本轮申请，提前发布须由另一位管理员办理",
            "your own organisation applies in this round: another manager has to release it early",
            round=round,
        )


def _own(tx: sa.Connection, community: str, person: str) -> set[str]:
    """The applicants that a person belongs to, and those that are the same people."""
    if not person:
        return set()
    own = {row.applicant for row in people.applicants_of(tx, person) if row.community == community}
    bodies = [set(json.loads(row.document)["applicants"]) for row in parts.parts(tx, community, "body")]
    return own.union(*(body for body in bodies if body & own))

"""Objections to a plan that is publicised: anybody makes them, the manager answers each, a release waits for it."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa

from api.errors import Refused, refused
from api.flow.rounds import Deed, known_community
from api.store import publicity
from api.store.parts import Row

MOST_LETTERS = 2000
MOST_LETTERS_OF_A_NAME = 100
MOST_OBJECTIONS = 1000
"""To one publicity: the form is open to everybody, and what is written cannot be taken away again."""


def known_publicity(tx: sa.Connection, community: str, id: str) -> Row:
    """The publicity, or the refusal that there is none."""
    row = publicity.find_publicity(tx, community, id)
    if row is None:
        raise refused("not_found", f"没有公示“{id}”", f"there is no publicity {id!r}")
    return row


def object_to(tx: sa.Connection, community: str, id: str, *, author: str, text: str, now: datetime) -> int:
    """Keep what somebody says against a publicised plan; the name may be empty.

    Returns:
        The number of the objection, by which it can be asked after.

    Raises:
        Refused: there is no such publicity, it is over, nothing or too much is said, or too many have objected.
    """
    known_community(tx, community, lock=True)
    row = known_publicity(tx, community, id)
    if not row.starts_at <= now < row.ends_at:
        raise Refused("publicity_over")
    text, author = _said(text, "异议内容", "the objection"), author.strip()
    if len(author) > MOST_LETTERS_OF_A_NAME:
        raise refused("bad_request", f"姓名最多 {MOST_LETTERS_OF_A_NAME} 字", "the name is too long")
    number = publicity.add_objection(tx, row.id, now, id=f"objection-{secrets.token_hex(8)}", author=author, text=text)
    if number > MOST_OBJECTIONS:
        raise refused("busy", "异议过多，请直接联系社区", "too many objections; please speak to the community's office")
    return number


def answer(tx: sa.Connection, community: str, id: str, text: str, *, deed: Deed) -> None:
    """Answer an objection, once.

    Raises:
        Refused: there is no such objection, it has its answer, or nothing is said.
    """
    known_community(tx, community, lock=True)
    round = publicity.round_of_objection(tx, community, id)
    if round is None:
        raise refused("not_found", "没有这条异议", f"there is no objection {id!r}")
    text = _said(text, "答复", "the answer")
    if any(row.id == id and row.answer is not None for row in publicity.objections(tx, community, round)):
        raise refused("conflict", "这条异议已经答复", "this objection has its answer already")
    publicity.add_answer(tx, id, text, deed.caller, deed.now)
    deed.note(tx, community, "answer_objection", id)


def why_not_yet(tx: sa.Connection, community: str, round: str, now: datetime) -> Refused | None:
    """Why nothing of a round may be released yet: its last publicity runs, or an objection has no answer."""
    shown = publicity.publicities(tx, community, round=round)
    open_ones = sum(row.answer is None for row in publicity.objections(tx, community, round))
    if shown and now < shown[0].ends_at:
        return Refused("publicity_running")
    if open_ones:
        return refused(
            "objections_unanswered",
            f"还有 {open_ones} 条异议没有答复，答复后才能发布",
            f"{open_ones} objections are unanswered; answer them, then release",
        )
    return None


def _said(text: str, zh: str, en: str) -> str:
    text = text.strip()
    if not text:
        raise refused("bad_request", f"请填写{zh}", f"{en} is empty")
    if len(text) > MOST_LETTERS:
        raise refused("bad_request", f"{zh}最多 {MOST_LETTERS} 字", f"{en} is longer than {MOST_LETTERS} letters")
    return text

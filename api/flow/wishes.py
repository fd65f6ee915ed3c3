"""Wishes as people write them, by a link of their own or told to the office; who has answered, whose papers are in."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api.errors import Refused, refused
from api.flow.changes import add_parts
from api.flow.kinds import KINDS
from api.flow.problems import assemble
from api.flow.rounds import Deed, known_community, known_round, refuse_unless_open
from api.store import papers, parts
from scheduler.problem import Problem

MOST_WINDOWS = 3
MOST_CHOICES = 3
STATUSES = ("present", "missing", "waived")


@dataclass(frozen=True, slots=True)
class Answered:
    """An applicant in a round: how many wishes it has, and its papers (name -> present, missing, waived)."""

    applicant: str
    name: str
    wishes: int
    papers: dict[str, str]


def key_of(secret: bytes, community: str, round: str, applicant: str) -> str:
    """The part of an applicant's link that nobody can guess: 128 bits."""
    text = json.dumps([community, round, applicant]).encode()
    return hmac.new(secret, b"wish" + text, hashlib.sha256).hexdigest()[:32]


def is_key(secret: bytes, key: str, community: str, round: str, applicant: str) -> bool:
    """Whether a link is one of ours."""
    return hmac.compare_digest(key.encode(), key_of(secret, community, round, applicant).encode())


def answered(tx: sa.Connection, community: str, round: str) -> tuple[Answered, ...]:
    """Every applicant of the community, those who have not answered first."""
    known_community(tx, community)
    known_round(tx, community, round)
    counts: dict[str, int] = {}
    for row in parts.parts(tx, community, "request", round=round):
        owner = json.loads(row.document)["applicant"]
        counts[owner] = counts.get(owner, 0) + 1
    states = papers.papers(tx, community)
    found = [
        Answered(row.id, json.loads(row.document)["name"], counts.get(row.id, 0), states.get(row.id, {}))
        for row in parts.parts(tx, community, "applicant")
    ]
    return tuple(sorted(found, key=lambda each: each.wishes > 0))


def choices(tx: sa.Connection, community: str, round: str) -> Problem:
    """What a wish can name: uses, spaces and layouts of the round's problem."""
    return assemble(tx, community, round)


def wish(tx: sa.Connection, community: str, round: str, applicant: str, form: Mapping[str, str], *, deed: Deed) -> str:
    """Keep a wish that somebody filled in; the id of the request.

    Args:
        tx: the transaction, which is to be rolled back when this refuses.
        community: its id.
        round: the round, which is open.
        applicant: who asks.
        form: use, headcount, minutes, per_week or date; for n from 1: day, starts, ends, kind and space of each choice.
        deed: who fills it in (an applicant, or the office for a caller), when.

    Raises:
        Refused: the round is not open, or a field is empty or does not fit.
    """
    refuse_unless_open(known_round(tx, community, round), deed.now)
    problem = assemble(tx, community, round)
    document = _document(problem, applicant, form)
    [row] = add_parts(tx, community, KINDS["request"], [document], deed=deed, round=round)
    return str(row.id)


def _document(problem: Problem, applicant: str, form: Mapping[str, str]) -> dict[str, Any]:
    asking = next((each for each in problem.applicants if each.id == applicant), None)
    use = next((each for each in problem.uses if each.id == form.get("use")), None)
    if asking is None:
        raise refused("not_found", "没有这个单位", "there is no such applicant")
    if use is None:
        raise refused("bad_request", "请选择用途", "choose a use")
    spaces = [form[name] for n in range(1, MOST_CHOICES + 1) if form.get(name := f"space{n}")]
    windows = [_window(form, n) for n in range(1, MOST_WINDOWS + 1) if form.get(f"starts{n}")]
    if not spaces or not windows:
        raise refused("bad_request", "请至少填写一个时段和一处空间", "name at least one time and one space")
    first = next((space for space in problem.spaces if space.id == spaces[0]), None)
    if first is None:
        raise refused("bad_request", "没有这处空间", "there is no such space")
    layout = form.get("layout") or first.layouts[0].id
    date = form.get("date", "")
    series = {"kind": "series", "per_week": _number(form, "per_week", "每周次数"), "calendar": use.calendar}
    return {
        "id": f"W{secrets.token_hex(4)}",
        "applicant": asking.id,
        "use": use.id,
        "headcount": _number(form, "headcount", "人数"),
        "minutes": _number(form, "minutes", "每场分钟数"),
        "when": {"kind": "dated", "date": date} if date else series,
        "windows": windows,
        "spaces": list(dict.fromkeys(spaces)),
        "layouts": [layout],
        "noise": use.noise,
        "priority": asking.priority,
        "note": form.get("note", "")[:500],
    }


def _number(form: Mapping[str, str], name: str, zh: str) -> int:
    text = form.get(name, "").strip()
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise refused("bad_request", f"{zh}应为整数", f"{name} is a whole number")
    return int(text)


def _window(form: Mapping[str, str], n: int) -> dict[str, Any]:
    return {
        "days": [form.get(f"day{n}", "")],
        "starts": form.get(f"starts{n}", ""),
        "ends": form.get(f"ends{n}", ""),
        "kind": form.get(f"kind{n}") or ("preferred" if n == 1 else "acceptable"),
    }


def set_paper(tx: sa.Connection, community: str, applicant: str, name: str, status: str, *, deed: Deed) -> None:
    """Say of a paper that it is there, missing, or not asked for.

    Raises:
        Refused: no such applicant or status, or no name.
    """
    known_community(tx, community, lock=True)
    if parts.find_part(tx, community, "applicant", applicant) is None:
        raise refused("not_found", "没有这个单位", "there is no such applicant")
    name = name.strip()
    if status not in STATUSES or not 0 < len(name) <= 200:
        raise Refused("bad_request")
    papers.add_paper(tx, community, deed.now, applicant=applicant, name=name, status=status, caller=deed.caller)
    deed.note(tx, community, f"paper_{status}", f"{applicant} {name}"[:200])

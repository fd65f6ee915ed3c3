"""The life of a rule: it holds at once, or waits for the manager where it would displace what is published."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from api.errors import Refused, refused
from api.flow.changes import NOT_VALID, of_line, read_part
from api.flow.displaced import Standing, beyond_its_own, told
from api.flow.judging import Round, refuse_contradictions, rounds_before
from api.flow.kinds import KINDS
from api.flow.problems import Loc, judge
from api.flow.rounds import Deed, known_community, refuse_elsewhere
from api.flow.versions import write, write_again
from api.store import parts
from api.store import rules as store
from api.store.parts import Part
from api.store.rules import GONE, Row, State, Version
from scheduler.constraints.terms import Sentence
from scheduler.wellformed import Fault

KIND = KINDS["constraint"]
DECIDED_WITHIN = timedelta(days=7)
MANAGERS_ONLY = frozenset({"pin"})
"""Kinds that are a manager's own decision about the requests of others."""
SHOWN_ONLY = frozenset({"state", "revision", "in_effect", "in_force_from", "deadline", "safety", "withdraws", "why"})
"""What clients are shown beside a rule; it may come back with it, and says nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as it is sent.

    Attributes:
        document: the fields of its kind, `owner` and `external_ref`.
        loc: its place in what was sent.
        reason: why it is made or changed.
        safety: a closure that cannot wait for anybody.
        draft: it is kept, and not submitted yet.
        replaces: the last version of the rule that it changes.
    """

    document: dict[str, Any]
    loc: Loc = ()
    reason: str = ""
    safety: bool = False
    draft: bool = False
    replaces: Row | None = None


@dataclass(slots=True)
class _Taken:
    """A line that is under judgement: its part, and the part that it took the place of."""

    line: Line
    part: Part
    old: Row | None
    why: list[dict[str, Any]]


def find(tx: sa.Connection, community: str, id: str, owner: str | None = None) -> Row:
    """The last version of a rule by our id, or by its owner's own code; of one that is gone, too.

    Raises:
        Refused: there is none, or several owners use this code.
    """
    known_community(tx, community)
    row = store.find_rule(tx, community, id)
    if row is not None:
        return row
    coded = store.rules(tx, community=community, owner=owner, ref=id)
    rows = [row for row in coded if row.state not in GONE] or list(coded)[-1:]
    if len(rows) > 1:
        owners = ", ".join(row.owner for row in rows)
        raise refused("ambiguous_reference", f"“{id}”属于：{owners}", f"{id!r} is a code of: {owners}")
    if not rows:
        raise refused("not_found", f"没有规则“{id}”", f"there is no constraint {id!r}")
    return rows[0]


def take(
    tx: sa.Connection, community: str, lines: Sequence[Line], *, deed: Deed, only_in_thought: bool = False
) -> list[Row]:
    """Take rules, all or nothing, if the community's problems are still well formed with them, and can be solved.

    A manager's rules are accepted. An operator's are too, unless they would displace bookings of the release in
    force, or speak of more than the owner's own spaces: those are submitted, and wait for the manager. What no
    timetable meets is refused, whoever sends it; drafts are not judged yet, and safety closures act at once.

    Args:
        tx: the transaction.
        community: its id.
        lines: the rules.
        deed: who, when.
        only_in_thought: it is rolled back in any case; nothing is judged then.

    Returns:
        The new versions, in the order of the lines.

    Raises:
        Refused: with one fault at least for each line that is bad, at its place. Nothing may be committed then.
        NotJudged: a worker has to say whether they contradict anything. Nothing may be committed then, either.
    """
    known_community(tx, community, lock=True)
    refuse_elsewhere(deed, community)
    rounds = [] if only_in_thought or not any(map(_is_judged, lines)) else rounds_before(tx, community, deed)
    standing = Standing(tx, community) if deed.owner else None
    taken = _put_all(tx, community, lines, deed)
    _refuse_contradictions(tx, community, rounds, taken)
    waiting = set() if standing is None else _waiting(tx, community, taken, standing, deed)
    rows = []
    for each in taken:
        if each.line.draft:
            _put_back(tx, community, each, deed)
        state: State = "draft" if each.line.draft else "submitted" if each.part.id in waiting else "accepted"
        version = Version.of(
            each.part,
            state,
            reason=each.line.reason,
            safety=each.line.safety,
            why=json.dumps(each.why, ensure_ascii=False),
            deadline=deed.now + DECIDED_WITHIN if state == "submitted" else None,
        )
        rows.append(write(tx, community, version, deed=deed))
    return rows


def _is_judged(line: Line) -> bool:
    return not line.draft and not line.safety and line.document.get("strength") != "should"


def _refuse_contradictions(tx: sa.Connection, community: str, rounds: Sequence[Round], taken: Sequence[_Taken]) -> None:
    """Judge the lines together, beside the safety closures among them; those too that will wait for the manager."""
    judged = [(each.part.document, each.line.loc) for each in taken if _is_judged(each.line)]
    safe = [each.part.document for each in taken if each.line.safety and not each.line.draft]
    refuse_contradictions(tx, community, rounds, judged, beside=safe)


def _put_all(tx: sa.Connection, community: str, lines: Sequence[Line], deed: Deed) -> list[_Taken]:
    """The lines as parts of the problem, judged together."""
    taken: list[_Taken] = []
    faults: list[Fault] = []
    places: dict[tuple[str, str], Loc] = {}
    for line in lines:
        try:
            part = _part(tx, community, line, deed)
            if (KIND.name, part.id) in places:
                raise refused("already_exists", f"规则“{part.id}”写了两次", f"{part.id!r} is there twice")
        except Refused as refusal:
            if not line.loc:
                raise
            faults += of_line(refusal, line.loc, str(line.document.get("id", "")))
            continue
        old = parts.find_part(tx, community, KIND.name, part.id)
        (parts.add_part if old is None else parts.change_part)(tx, community, part, deed.now)
        taken.append(_Taken(line, part, old, []))
        places[KIND.name, part.id] = line.loc
    try:
        judge(tx, community, changed=places)
    except Refused as refusal:
        raise Refused(refusal.code, faults=(*faults, *refusal.faults)) from None
    if faults:
        raise Refused("invalid_document", faults=tuple(faults))
    return taken


def _part(tx: sa.Connection, community: str, line: Line, deed: Deed) -> Part:
    document = {name: value for name, value in line.document.items() if name not in SHOWN_ONLY}
    _refuse_beyond_rights(tx, community, line, document, deed)
    if line.replaces is not None:
        document.setdefault("id", line.replaces.id)
    elif document.get("external_ref"):
        # Who goes by their own codes need not know which of our ids are free.
        document.setdefault("id", _id_for(tx, community, document))
    part = read_part(tx, community, KIND, document, None)
    if part.id.startswith(NOT_VALID):
        return part
    if line.replaces is not None and part.id != line.replaces.id:
        raise refused("conflict", f"编号不能更改：{line.replaces.id}", f"the id {line.replaces.id!r} cannot be changed")
    known = store.find_rule(tx, community, part.id) if line.replaces is None else None
    if known is not None and known.state not in GONE:
        raise refused("already_exists", f"规则“{part.id}”已存在", f"{part.id!r} exists already")
    if part.external_ref is not None:
        _refuse_known_ref(tx, community, part)
    return part


def _id_for(tx: sa.Connection, community: str, document: dict[str, Any]) -> str:
    """Our id of a rule with a code: the same when the line is sent again, since the verdict on it names the id.

    A code that was used before, and may be used again, is of another rule.
    """
    for number in itertools.count():
        told = f"{community}\n{document.get('owner', '')}\n{document['external_ref']}\n{number}"
        id = f"rule-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
        if store.find_rule(tx, community, id) is None:
            return id
    raise AssertionError


def _refuse_known_ref(tx: sa.Connection, community: str, part: Part) -> None:
    """A code of a rule that still waits is taken, though that rule is not in the problem yet."""
    for row in store.rules(tx, community=community, owner=part.owner, ref=part.external_ref):
        if row.id != part.id and row.state not in GONE:
            raise refused(
                "already_exists",
                f"“{part.external_ref}”已是 {row.id} 的外部编号",
                f"{part.external_ref!r} is the code of {row.id} already",
            )


def _refuse_beyond_rights(tx: sa.Connection, community: str, line: Line, document: dict[str, Any], deed: Deed) -> None:
    """A safety closure is a closure, and of one's own; an operator makes and changes rules in their own name."""
    if line.safety and document.get("kind") != "closed":
        expected = Sentence(zh="safety 只用于停用（closed）", en="safety is for closures (closed) only")
        raise Refused("invalid_document", faults=(Fault("wrong_value", ("safety",), "true", expected),))
    if not deed.owner:
        return
    if line.replaces is not None:
        refuse_anothers(line.replaces, deed)
    if document.setdefault("owner", deed.owner) != deed.owner:
        whose = str(document["owner"])[:80]
        raise refused("forbidden", f"不能以“{whose}”的名义提交", f"rules of {whose!r} are not yours to make")
    if document.get("kind") in MANAGERS_ONLY:
        raise refused("forbidden", "锁定由管理员决定", "pins are the manager's to make")


def refuse_anothers(row: Row, deed: Deed) -> None:
    """An operator changes the rules of their own owner only."""
    if deed.owner and row.owner != deed.owner:
        raise refused("forbidden", f"规则“{row.id}”属于其他单位", f"constraint {row.id!r} is another's")


def _put_back(tx: sa.Connection, community: str, each: _Taken, deed: Deed) -> None:
    """Take a line out of the problem again: what was in its place stands there as before."""
    if each.old is None:
        parts.remove_part(tx, community, KIND.name, each.part.id)
    else:
        old = Part(KIND.name, each.old.id, each.old.document, each.old.owner, each.old.external_ref)
        parts.change_part(tx, community, old, deed.now)


def _waiting(tx: sa.Connection, community: str, taken: Sequence[_Taken], standing: Standing, deed: Deed) -> set[str]:
    """The lines that wait, by id; each is taken out of the problem again, and told why."""
    waiting: set[str] = set()
    may_act = [each for each in taken if not each.line.draft]
    for each in may_act:
        each.why = beyond_its_own(tx, community, json.loads(each.part.document), deed.owner)
        if each.why and each.line.safety:
            raise Refused("forbidden", Sentence(**each.why[0]["sentence"]))
        if each.why:
            waiting.add(each.part.id)
            _put_back(tx, community, each, deed)
    while True:
        left = [each for each in may_act if each.part.id not in waiting]
        guilty = _guilty(tx, community, left, standing, deed)
        if not guilty:
            return waiting
        for each in guilty:
            waiting.add(each.part.id)
            _put_back(tx, community, each, deed)


def _guilty(tx: sa.Connection, community: str, left: Sequence[_Taken], standing: Standing, deed: Deed) -> list[_Taken]:
    """Those of the lines that displace bookings, with what each displaces; safety closures may, and are none."""
    found = standing.displaced() if left else []
    for each in left:
        mine = [violation for violation in found if violation.constraint == each.part.id]
        each.why = told(mine) or each.why
    known = {each.part.id for each in left}
    safe = {each.part.id for each in left if each.line.safety}
    if all(violation.constraint in safe for violation in found):
        return []
    named = {violation.constraint for violation in found if violation.constraint in known - safe}
    guilty = [each for each in left if each.part.id in named]
    if guilty:
        return guilty
    # What is found names none of the lines: each could have brought it about, and none is innocent.
    guilty = [each for each in left if not each.line.safety]
    for each in guilty:
        each.why = told(violation for violation in found if violation.constraint not in safe)
    return guilty


def submit(tx: sa.Connection, community: str, row: Row, *, reason: str, deed: Deed) -> Row:
    """A draft is sent for what it is: accepted, or waiting."""
    refuse_anothers(row, deed)
    if row.state not in {"draft", "checked"}:
        raise refused("conflict", "这条规则不是草稿", "this constraint is no draft", state=row.state)
    document = json.loads(row.document) | {"owner": row.owner, "external_ref": row.external_ref or ""}
    [new] = take(tx, community, [Line(document, reason=reason or row.reason, replaces=row)], deed=deed)
    return new


def withdraw(tx: sa.Connection, community: str, row: Row, *, reason: str, deed: Deed) -> Row:
    """Let a rule go; its history stays. An operator's waits, if bookings would not hold without it."""
    known_community(tx, community, lock=True)
    refuse_elsewhere(deed, community)
    refuse_anothers(row, deed)
    if row.state == "withdrawn":
        raise refused("conflict", f"规则“{row.id}”已经撤回", f"constraint {row.id!r} is withdrawn already")
    gone = Version.of(row, "withdrawn", reason=reason)
    held = parts.find_part(tx, community, KIND.name, row.id)
    if held is None:
        return write(tx, community, gone, deed=deed)
    gone = Version.of(held, "withdrawn", reason=reason)
    standing = Standing(tx, community) if deed.owner else None
    with tx.begin_nested() as point:
        parts.remove_part(tx, community, KIND.name, row.id)
        judge(tx, community)
        why = standing.displaced() if standing is not None else []
        if why:
            point.rollback()
    if not why:
        return write(tx, community, gone, deed=deed)
    waits = {"reason": reason, "withdraws": True, "why": json.dumps(told(why), ensure_ascii=False)}
    waits["deadline"] = deed.now + DECIDED_WITHIN
    return write(tx, community, Version.of(held, "submitted", **waits), deed=deed)


def accept(tx: sa.Connection, community: str, row: Row, *, reason: str, deed: Deed) -> Row:
    """The manager takes what waits: from now on it is in the problem, or gone from it.

    Raises:
        Refused: it does not wait, or the problem has changed so that it does not fit any more.
        NotJudged: a worker has to say whether it contradicts anything now.
    """
    _refuse_unless_waiting(tx, community, row, deed)
    if row.withdraws:
        parts.remove_part(tx, community, KIND.name, row.id)
        judge(tx, community)
        return write(tx, community, Version.of(row, "withdrawn", reason=reason), deed=deed)
    rounds = rounds_before(tx, community, deed)
    part = Part(KIND.name, row.id, row.document, row.owner, row.external_ref)
    there = parts.find_part(tx, community, KIND.name, row.id)
    (parts.add_part if there is None else parts.change_part)(tx, community, part, deed.now)
    judge(tx, community, changed={(KIND.name, row.id): ()})
    refuse_contradictions(tx, community, rounds, [(row.document, ())])
    return write(tx, community, Version.of(row, "accepted", reason=reason, why=row.why), deed=deed)


def reject(tx: sa.Connection, community: str, row: Row, *, reason: str, deed: Deed) -> Row:
    """The manager does not take what waits; where an earlier version holds, it goes on to hold."""
    _refuse_unless_waiting(tx, community, row, deed)
    held = store.effective(tx, community, row.id)
    rejected = write(tx, community, Version.of(row, "rejected", reason=reason, why=row.why), deed=deed)
    return rejected if held is None else write_again(tx, community, held, deed=deed)


def _refuse_unless_waiting(tx: sa.Connection, community: str, row: Row, deed: Deed) -> None:
    known_community(tx, community, lock=True)
    if deed.owner:
        raise refused("forbidden", "由管理员决定", "the manager decides")
    if row.state != "submitted":
        raise refused("conflict", "这条规则不在等待决定", "this constraint does not wait", state=row.state)

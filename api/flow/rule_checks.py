"""What rules would do before they take force: read as they would be taken, put away again, and given to a worker."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from api import clock
from api.errors import Refused, refused
from api.flow.batches import Sent
from api.flow.problems import assemble
from api.flow.releases import kept_to
from api.flow.rounds import Deed, chosen_round, known_community, refuse_elsewhere
from api.flow.rules import Line, take
from api.flow.solves import new_id
from api.store import Store, checks, jobs, plans, work
from api.store import rules as store
from api.store.checks import Row
from api.store.jobs import CHECK, Turn
from scheduler.constraints.terms import Sentence
from scheduler.effects import Effects, RuleCost, Verdict
from scheduler.problem import Problem
from scheduler.timetable import Kept, Timetable
from scheduler.wellformed import Fault


@dataclass(frozen=True, slots=True)
class Asked:
    """The lines of one community: its check, the id that each good line's rule has, and the faults of the others."""

    community: str
    check: str | None
    rules: dict[int, str]
    faults: dict[int, tuple[Fault, ...]]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs for a check."""

    turn: Turn
    asks: str
    problem: Problem
    rules: tuple[Any, ...]
    timetable: Timetable | None
    kept: Kept | None = None


def ask(tx: sa.Connection, sent: Sequence[Sent], *, deed: Deed, round: str | None = None) -> list[Asked]:
    """Ask what lines would do, community by community. Nothing of them is kept but the question.

    A bad line is told with its faults, and the others are asked about all the same.
    """
    of: dict[str, list[Sent]] = defaultdict(list)
    for each in sent:
        of[each.community].append(each)
    return [_of_community(tx, community, of[community], deed, round) for community in sorted(of)]


def _of_community(tx: sa.Connection, community: str, sent: Sequence[Sent], deed: Deed, round: str | None) -> Asked:
    bad = {each.position: each.faults for each in sent if each.faults}
    good = [each for each in sent if not each.faults]
    try:
        known_community(tx, community)
        refuse_elsewhere(deed, community)
        released = next(iter(plans.releases(tx, community)), None)
        chosen = released.round if released is not None and round is None else chosen_round(tx, community, round).id
        base = assemble(tx, community, chosen)
    except Refused as refusal:
        told = Fault(refusal.code, (), community, refusal.sentence)
        return Asked(community, None, {}, bad | {each.position: (told,) for each in good})
    rows: Sequence[Row] = ()
    with_them = base
    while good and not rows:
        with tx.begin_nested() as point:
            try:
                lines = [_as_theirs(tx, community, each, deed) for each in good]
                rows = take(tx, community, lines, deed=replace(deed, owner=""), only_in_thought=True)
                with_them = assemble(tx, community, chosen)
            except Refused as refusal:
                found = _by_line(refusal, good)
                bad |= found
                good = [each for each in good if each.position not in found]
            point.rollback()
    if not rows:
        return Asked(community, None, {}, bad)
    ids = {each.position: row.id for each, row in zip(good, rows, strict=True)}
    rules = [rule for rule in with_them.constraints if rule.id in set(ids.values())]
    check = new_id("check")
    work.keep_problem(tx, base.fingerprint(), base.model_dump_json(), deed.now)
    checks.add_check(
        tx,
        deed.now,
        id=check,
        community=community,
        problem=base.fingerprint(),
        asks="effects",
        proposal=released.proposal if released is not None and released.round == chosen else None,
        rules=json.dumps([json.loads(rule.model_dump_json()) for rule in rules], ensure_ascii=False),
    )
    return Asked(community, check, ids, bad)


def _as_theirs(tx: sa.Connection, community: str, each: Sent, deed: Deed) -> Line:
    """A line as its owner would send it, though it is taken as a manager's: so that it is in force in thought."""
    document = {"owner": deed.owner, **each.line.document} if deed.owner else each.line.document
    return replace(each.line, document=document, replaces=_before(tx, community, each))


def _before(tx: sa.Connection, community: str, each: Sent) -> Any:
    """The rule that a line would change: one with its id, or with its owner's code."""
    document = each.line.document
    row = store.find_rule(tx, community, str(document.get("id", "")))
    if row is None and document.get("external_ref"):
        coded = store.rules(tx, community=community, ref=str(document["external_ref"]))
        row = next((found for found in coded if found.state not in store.GONE), None)
    return row if row is not None and row.state not in store.GONE else None


def _by_line(refusal: Refused, sent: Sequence[Sent]) -> dict[int, tuple[Fault, ...]]:
    """Faults by position; where none names a line, each line has what is wrong."""
    found: dict[int, tuple[Fault, ...]] = {}
    for each in sent:
        own = tuple(fault for fault in refusal.faults if fault.loc[: len(each.line.loc)] == each.line.loc)
        if own and each.line.loc:
            found[each.position] = own
    if not found:
        told = refusal.faults or (Fault(refusal.code, (), "", refusal.sentence),)
        found = {each.position: tuple(told) for each in sent}
    return found


def ask_costs(tx: sa.Connection, community: str, proposal: str, *, deed: Deed) -> str:
    """Ask what each rule of a proposal cost; the id of the check."""
    known_community(tx, community)
    found = plans.find_proposal(tx, proposal)
    if found is None or found.community != community:
        raise refused("not_found", f"没有方案“{proposal}”", f"no proposal {proposal!r}")
    check = new_id("check")
    values = {"id": check, "community": community, "problem": found.problem, "proposal": proposal}
    checks.add_check(tx, deed.now, asks="costs", rules="[]", **values)
    return check


def known_check(tx: sa.Connection, community: str, id: str) -> Row:
    """The check, or the refusal that there is none."""
    row = checks.find_check(tx, id)
    if row is None or row.community != community:
        raise refused("not_found", f"没有预检“{id}”", f"there is no check {id!r}")
    return row


def begin(db: Store, id: str, worker: str = "") -> Job | None:
    """Begin a check that waits; None when it does not (any more)."""
    with db.writing() as tx:
        turn = jobs.claim(tx, CHECK, id, worker)
        if turn is None:
            return None
        row = checks.find_check(tx, id)
        assert row is not None
        problem = Problem.model_validate_json(work.problem_text(tx, row.problem))
        rules = json.loads(row.rules)
        found = plans.find_proposal(tx, row.proposal) if row.proposal else None
        read = Problem.model_validate_json(json.dumps({**json.loads(problem.model_dump_json()), "constraints": rules}))
        plan = Timetable.model_validate_json(found.timetable) if found is not None else None
        kept = kept_to(tx, row.community, plan) if plan is not None and row.asks == "costs" else None
        return Job(turn, row.asks, problem, read.constraints, plan, kept)


def report_progress(db: Store, turn: Turn, progress: dict[str, Any]) -> None:
    """Show how far a check is."""
    with db.writing() as tx:
        jobs.change(tx, CHECK, turn, progress=json.dumps(progress))


def end_with(db: Store, turn: Turn, effects: Effects | Verdict | Sequence[RuleCost]) -> None:
    """The check has its answer."""
    if isinstance(effects, Effects | Verdict):
        outcome = json.loads(effects.model_dump_json())
    else:
        outcome = {"rules": [json.loads(each.model_dump_json()) for each in effects]}
    with db.writing() as tx:
        _end(tx, turn, "done", outcome)


def end_failed(db: Store, turn: Turn) -> None:
    """The check met a fault of ours."""
    with db.writing() as tx:
        give_up(tx, turn, Sentence(zh="预检程序出错，已记录", en="the check failed; the error was logged"))


def give_up(tx: sa.Connection, turn: Turn, why: Sentence) -> None:
    """End a check without an answer."""
    _end(tx, turn, "failed", {"sentence": why.model_dump()})


def _end(tx: sa.Connection, turn: Turn, state: str, outcome: dict[str, Any]) -> None:
    told = json.dumps(outcome, ensure_ascii=False)
    jobs.change(tx, CHECK, turn, state=state, outcome=told, finished=clock.now())

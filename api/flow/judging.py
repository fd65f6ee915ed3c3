"""Rules are judged before they take force: one that no timetable meets, beside duties and pins, is refused.

The web process has no solver. It knows that a rule contradicts nothing where the verifier passes some timetable with
it; whatever else there is to know, a worker says. So a write is tried: where a verdict is missing it is put away
whole, the question is kept, and once a worker has answered it is tried again. A verdict is on rules beside a problem
as it was: whatever changed meanwhile, the next try asks anew.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from api import clock
from api.errors import Refused
from api.flow.kinds import KINDS
from api.flow.problems import Loc, assemble, of_round
from api.flow.rounds import Deed
from api.flow.solves import new_id
from api.queue import JUDGE, Queue
from api.store import Store, checks, parts, plans, work
from api.store.checks import CONTRADICTION, Row
from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import ConstraintBase, Sentence
from scheduler.problem import Problem
from scheduler.timetable import Timetable
from scheduler.verify import check
from scheduler.wellformed import Fault

POLL_SECONDS = 0.05
RETRY_SECONDS = 5
"""After so long it is worth while to send again what was not judged in time."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Round:
    """A round's problem before rules are written."""

    id: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Question:
    """Rules, as a JSON list, that are to be judged beside a problem as it is."""

    community: str
    problem: Problem
    rules: str


class NotJudged(Exception):  # noqa: N818 - it is no error: whoever writes waits, and tries again
    """Nobody has judged rules yet; nothing may be committed."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__()
        self.questions = tuple(questions)


def rounds_before(tx: sa.Connection, community: str, deed: Deed) -> list[Round]:
    """The problems in which rules are judged, as they are now: of rounds that are over only where none is left."""
    rounds = [Round(row.id, assemble(tx, community, row.id)) for row in parts.rounds(tx, community)]
    left = [each for each in rounds if each.problem.season.last_date >= _today(each.problem, deed.now)]
    return left or rounds[-1:]


def _today(problem: Problem, now: datetime) -> Any:
    return now.astimezone(ZoneInfo(problem.community.zone)).date()


def refuse_contradictions(
    tx: sa.Connection,
    community: str,
    rounds: Iterable[Round],
    lines: Iterable[tuple[str, Loc]],
    *,
    beside: Iterable[str] = (),
) -> None:
    """Refuse rules that no timetable meets, though there is one without them.

    Args:
        tx: the transaction.
        community: its id.
        rounds: the problems as they were before any of this was written.
        lines: the document of each rule, and its place in what was sent.
        beside: documents of rules that take force whatever becomes of these.

    Raises:
        Refused: with a fault for each line that is to blame.
        NotJudged: a worker has to say.
    """
    safe = list(beside)
    new = {rule.id: (rule, loc) for document, loc in lines if (rule := _read(document)).strength == "must"}
    unjudged: list[Question] = []
    found: list[dict[str, Any]] = []
    for round in rounds if new else ():
        is_mine = of_round(tx, community, round.id)
        written = [json.loads(rule.model_dump_json()) for rule, _ in new.values()]
        rules = [rule for (rule, _), document in zip(new.values(), written, strict=True) if is_mine(document)]
        if not rules:
            continue
        text = json.dumps([document for document in written if is_mine(document)], ensure_ascii=False)
        before = _with(round.problem, [_read(document) for document in safe if is_mine(json.loads(document))])
        if _holds_somehow(tx, community, round.id, _with(before, rules)):
            continue
        verdict = checks.find_verdict(tx, community, before.fingerprint(), text)
        if verdict is None or verdict.state in checks.LIVE:
            unjudged.append(Question(community, before, text))
        else:
            found += [{**each, "round": round.id} for each in json.loads(verdict.outcome)["contradictions"]]
    if found:
        raise _refused(community, {id: loc for id, (_, loc) in new.items()}, found)
    if unjudged:
        raise NotJudged(unjudged)


def _read(document: str) -> ConstraintBase:
    rule = KINDS["constraint"].form.validate_json(document)
    assert isinstance(rule, ConstraintBase)
    return rule


def _with(problem: Problem, rules: Sequence[ConstraintBase]) -> Problem:
    """The problem with some rules more; one with the id of another stands in its stead."""
    new = {rule.id for rule in rules}
    old = (rule for rule in problem.constraints if rule.id not in new)
    return problem.model_copy(update={"constraints": (*old, *rules)})


def _holds_somehow(tx: sa.Connection, community: str, round: str, whole: Problem) -> bool:
    """Whether the verifier passes a timetable that is at hand: then there is one, and no solver has to say so.

    At hand are the empty one, which is enough where nothing has to be placed, and the last plan of the round; of this
    also what has to be placed alone, since anything else may be refused.
    """
    if not check(whole, ()):
        return True
    last = next((row for row in plans.proposals(tx, community) if row.round == round), None)
    found = plans.find_proposal(tx, last.id) if last is not None else None
    if found is None:
        return False
    bookings = Timetable.model_validate_json(found.timetable).bookings
    forced = _forced(whole)
    return any(not check(whole, some) for some in ([b for b in bookings if b.request in forced], bookings))


def _forced(problem: Problem) -> set[str]:
    """Requests that have to be placed: duties, and those that are pinned."""
    duties = {each.id for each in problem.priorities if each.duty}
    pinned = {rule.request for rule in problem.constraints if isinstance(rule, Pin)}
    return {each.id for each in problem.requests if each.priority in duties} | pinned


def _refused(community: str, places: dict[str, Loc], found: list[dict[str, Any]]) -> Refused:
    """The refusal: who collides, and a fault for each line that is to blame."""
    told: list[dict[str, Any]] = []
    faults: dict[str, Fault] = {}
    for each in found:
        # A set that names none of the lines is of all: they took back what permitted something.
        named = [id for id in each["rules"] if id in places] or list(places)
        for id in named:
            faults.setdefault(id, Fault("contradiction", places[id], id, _expected(each["sentence"])))
        told.append({"community": community, **each, "lines": named})
    return Refused(
        "contradiction",
        Sentence(**found[0]["sentence"]),
        tuple(faults[id] for id in places if id in faults),
        more={"contradictions": told},
    )


def _expected(why: dict[str, str]) -> Sentence:
    return Sentence(
        zh=f"一条仍能排得下所有必排活动的规则（现在：{why['zh']}）",
        en=f"a rule with which all that must be placed still can be (now: {why['en']})",
    )


def ask(tx: sa.Connection, questions: Iterable[Question]) -> list[str]:
    """Keep questions for the workers; one that waits already is not asked twice. The ids of the checks."""
    ids = []
    for each in questions:
        problem = each.problem.fingerprint()
        row = checks.find_verdict(tx, each.community, problem, each.rules)
        id, now = new_id("check") if row is None else row.id, clock.now()
        if row is None:
            work.keep_problem(tx, problem, each.problem.model_dump_json(), now)
            values = {"id": id, "community": each.community, "problem": problem, "rules": each.rules}
            checks.add_check(tx, now, asks=CONTRADICTION, **values)
        ids.append(id)
    return ids


async def when_judged(store: Store, queue: Queue, act: Callable[[], T], *, within: float) -> T:
    """Do what writes rules, as soon as it is known that they contradict nothing.

    Whoever waits holds neither a transaction nor a thread.

    Args:
        store: where the questions are kept.
        queue: the way to the workers.
        act: one transaction; it raises `NotJudged` where a verdict is missing, and has then changed nothing.
        within: so many seconds; then it is refused.

    Raises:
        Refused: as `act` does; or no verdict came in time, and nothing was written.
    """
    until = time.monotonic() + within

    def give(questions: Sequence[Question]) -> list[str]:
        with store.writing() as tx:
            ids = ask(tx, questions)
        for id in ids:
            queue.enqueue(id, JUDGE)
        return ids

    while True:
        try:
            return await run_in_threadpool(act)
        except NotJudged as unjudged:
            questions = unjudged.questions
        # They are asked also when the time is over already: whoever sends the same again finds the verdict.
        ids = await run_in_threadpool(give, questions)
        if time.monotonic() < until:
            rows = await ended(store, ids, until - time.monotonic())
            if all(row.state == "done" for row in rows.values()):
                continue
        raise Refused("not_judged_yet", headers={"Retry-After": str(RETRY_SECONDS)})


async def ended(store: Store, ids: Sequence[str], seconds: float) -> dict[str, Row]:
    """Checks once they have ended, or the time is over. Whoever waits holds up nobody else: no thread is kept."""

    def look() -> dict[str, Row]:
        with store.reading() as tx:
            return {id: row for id in ids if (row := checks.find_check(tx, id)) is not None}

    until = time.monotonic() + seconds
    while True:
        rows = await run_in_threadpool(look)
        if time.monotonic() >= until or not any(row.state in checks.LIVE for row in rows.values()):
            return rows
        await asyncio.sleep(POLL_SECONDS)

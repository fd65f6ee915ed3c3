"""What rounds leave behind: what each body asked for and got so far, and what it is still owed (docs/semantics.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from scheduler.constraints.pin import Pin
from scheduler.problem import LedgerEntry, Problem, Request, Series
from scheduler.timetable import Timetable


def ledger_after(problem: Problem, timetable: Timetable) -> tuple[LedgerEntry, ...]:
    """The ledger of the next round, in order of bodies.

    Args:
        problem: of the round that is over, with the ledger it began with.
        timetable: what was decided; refusals before solving owe nothing, for nobody stood in the way.

    Returns:
        One entry for each body (or applicant outside every body) that ever asked, counted in sessions a week.
    """
    counted = _counted(problem)
    body_of = _bodies(problem)
    in_vain = {refusal.request for refusal in timetable.refusals if refusal.before_solving}
    asked: Counter[str] = Counter()
    for request in counted.values():
        if request.id not in in_vain:
            asked[body_of[request.applicant]] += request.when.per_week if isinstance(request.when, Series) else 1
    granted = Counter(body_of[counted[s.request].applicant] for s in timetable.sessions if s.request in counted)
    before = {entry.body: entry for entry in problem.ledger or ()}
    return tuple(_next(body, before.get(body), asked[body], granted[body]) for body in sorted({*before, *asked}))


def carried_over(entries: Iterable[LedgerEntry], problem: Problem) -> tuple[LedgerEntry, ...]:
    """A ledger in the terms of a later problem: whoever joined a body since brings what was theirs into it.

    Entries of those who are not there any more are left out.
    """
    body_of = _bodies(problem)
    known = {*body_of.values()}
    together: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        body = body_of.get(entry.body, entry.body)
        if body in known:
            together.setdefault(body, []).append(entry)
    return tuple(_joined(body, parts) for body, parts in sorted(together.items()))


def _counted(problem: Problem) -> Mapping[str, Request]:
    """The requests that the stage `classes` counts: neither duties nor pinned in full."""
    duties = {each.id for each in problem.priorities if each.duty}
    pinned = {rule.request for rule in problem.constraints if isinstance(rule, Pin) and _is_whole(rule)}
    return {r.id: r for r in problem.requests if r.priority not in duties and r.id not in pinned}


def _is_whole(rule: Pin) -> bool:
    return rule.strength == "must" and rule.slot is None


def _bodies(problem: Problem) -> Mapping[str, str]:
    """The body of each applicant; itself, when it is of none."""
    return {each.id: each.id for each in problem.applicants} | {
        applicant: body.id for body in problem.bodies for applicant in body.applicants
    }


def _next(body: str, before: LedgerEntry | None, asked: int, granted: int) -> LedgerEntry:
    if before is None:
        return LedgerEntry(body=body, asked=asked, granted=granted, owed=asked - granted)
    if not asked:
        return before.model_copy(update={"since": before.since + 1})
    return LedgerEntry(
        body=body,
        asked=before.asked + asked,
        granted=before.granted + granted,
        # A session granted pays back one that was owed, a session refused is owed anew.
        owed=max(0, before.owed - granted) + asked - granted,
        rounds=before.rounds + 1,
    )


def _joined(body: str, parts: list[LedgerEntry]) -> LedgerEntry:
    return LedgerEntry(
        body=body,
        asked=sum(each.asked for each in parts),
        granted=sum(each.granted for each in parts),
        owed=sum(each.owed for each in parts),
        rounds=max(each.rounds for each in parts),
        since=min(each.since for each in parts),
    )

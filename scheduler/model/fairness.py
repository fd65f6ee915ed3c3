"""The stage `fairness`: how many bodies are short by how much, level by level from the worst (docs/semantics.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ortools.sat.python.cp_model import LinearExpr, LinearExprT

from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts
from scheduler.problem import Fairness, Request


@dataclass(frozen=True, slots=True)
class _Asking:
    """A body that asks: for what, how many sessions in all, and what counts beside what it gets."""

    body: str
    requests: tuple[Request, ...]
    sessions: int
    credit: int
    floor: int
    """A newcomer is at the worst level with fewer sessions than these; 0 for everybody else."""

    def level(self, granted: int, levels: int) -> int:
        """How short it is with so many sessions, from 0 to twice `levels`."""
        short = self.sessions - granted
        if not short:
            return 0
        if granted < self.floor:
            return 2 * levels
        return self._part(short, levels) + self._part(self.credit, levels)

    def _part(self, sessions: int, levels: int) -> int:
        return max(1, levels * sessions // self.sessions) if sessions else 0


def beyond(variables: Variables) -> Iterator[tuple[int, LinearExprT]]:
    """(level, number of bodies at or beyond it), from the worst level that any body could be at."""
    levels = variables.facts.problem.policy.fairness.levels
    asking = list(_bodies(variables.facts))
    reached: list[dict[int, int]] = []
    for body in asking:
        # The most sessions with which it is still at a level or beyond: it is never worse off with one more.
        most: dict[int, int] = {}
        for granted in range(body.sessions):
            most[body.level(granted, levels)] = granted
        reached.append(most)
    literals: dict[tuple[str, int], LinearExprT] = {}
    for level in sorted({level for most in reached for level in most}, reverse=True):
        terms: list[LinearExprT] = []
        for body, most in zip(asking, reached, strict=True):
            there = [granted for at, granted in most.items() if at >= level]
            if there:
                key = (body.body, max(there))
                if key not in literals:
                    literals[key] = _at_most(variables, body, max(there))
                terms.append(literals[key])
        yield level, LinearExpr.sum(terms)


def _at_most(variables: Variables, body: _Asking, most: int) -> LinearExprT:
    """1 where a body gets at most so many sessions, 0 where it gets more."""
    granted = LinearExpr.sum([variables.sessions(request.id) for request in body.requests])
    if body.sessions == 1:
        return 1 - granted
    # Both ways round: what a search that ran out of time found is then exactly what its sessions give.
    one = variables.model.new_bool_var(f"short[{body.body},{most}]")
    variables.model.add(granted + (most + 1) * one >= most + 1)
    variables.model.add(granted + (body.sessions - most) * one <= body.sessions)
    return one


def _bodies(facts: Facts) -> Iterator[_Asking]:
    policy = facts.problem.policy.fairness
    of_body: dict[str, list[Request]] = {}
    for request in facts.problem.requests:
        if not facts.is_duty(request):
            of_body.setdefault(facts.body(request), []).append(request)
    for body, requests in of_body.items():
        sessions = sum(map(facts.asked, requests))
        credit = min(sessions, _owed(facts, body, policy))
        floor = policy.newcomer_sessions if _is_new(facts, body) else 0
        yield _Asking(body, tuple(requests), sessions, credit, floor)


def _owed(facts: Facts, body: str, policy: Fairness) -> int:
    """Sessions that the ledger owes a body, as far as they count."""
    entries = [e for e in facts.problem.ledger or () if e.body == body and e.since <= policy.ledger_rounds]
    return sum(entry.owed for entry in entries) * policy.ledger_percent // 100


def _is_new(facts: Facts, body: str) -> bool:
    """Whether there is a ledger, and it has never heard of a body."""
    return facts.problem.ledger is not None and all(entry.body != body for entry in facts.problem.ledger)

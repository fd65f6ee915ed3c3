"""Why duties and pins cannot all be placed: a smallest set of requests and rules that collide.

Found by deletion, each step on a fresh model: the solver's own cores can be too large, or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ortools.sat.python import cp_model

from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import ConstraintBase, Sentence
from scheduler.model.build import build, candidates_of
from scheduler.model.certain import meet
from scheduler.placements.candidates import Candidates, Verdict
from scheduler.placements.facts import Facts
from scheduler.problem import Dated, Problem, Request

STEP_SECONDS = 10.0
Part = TypeVar("Part", Request, ConstraintBase)


@dataclass(frozen=True, slots=True)
class Collision:
    """Requests that must all be placed and cannot; the kinds and instances of the rules that keep them apart."""

    requests: tuple[str, ...]
    kinds: tuple[str, ...]
    constraints: tuple[str, ...]
    sentence: Sentence


def collide(problem: Problem) -> Collision:
    """A smallest set of duties and pins of an infeasible problem, with the rules by which they collide."""
    facts = Facts(problem)
    forced = [r for r in problem.requests if facts.is_duty(r) or r.id in facts.held]
    rules = list(problem.constraints)
    forced = _least(forced, lambda left: _infeasible(_only(problem, left, rules)))
    rules = _least(rules, lambda left: _infeasible(_only(problem, forced, left)))
    core = _only(problem, forced, rules)
    facts = Facts(core)
    found = candidates_of(facts)
    verdicts = _verdicts(facts, found)
    kinds = tuple(sorted({v.kind for v in verdicts} | {rule.kind for rule in rules}))
    names = tuple(r.id for r in forced)
    zh = "；".join(dict.fromkeys(v.sentence.zh for v in verdicts)) or "所需时段互相冲突"
    en = "; ".join(dict.fromkeys(v.sentence.en for v in verdicts)) or "their slots collide"
    return Collision(
        names,
        kinds,
        tuple(rule.id for rule in rules),
        Sentence(
            zh=f"{'、'.join(names)} 必须全部安排，但无法同时满足：{zh}",
            en=f"{', '.join(names)} must all be placed and cannot: {en}",
        ),
    )


def _least(parts: list[Part], still: Callable[[list[Part]], bool]) -> list[Part]:
    kept = list(parts)
    for part in parts:
        without = [other for other in kept if other is not part]
        if still(without):
            kept = without
    return kept


def _only(problem: Problem, requests: Sequence[Request], rules: Sequence[ConstraintBase]) -> Problem:
    """The problem with some of its requests and rules; what names a request that is gone goes with it."""
    there = {request.id for request in requests}
    return problem.model_copy(
        update={
            "requests": tuple(_alone(request, there) for request in requests),
            "constraints": tuple(rule for rule in rules if not isinstance(rule, Pin) or rule.request in there),
        }
    )


def _alone(request: Request, there: set[str]) -> Request:
    when = request.when
    if isinstance(when, Dated) and when.replaces is not None and when.replaces.request not in there:
        return request.model_copy(update={"when": when.model_copy(update={"replaces": None})})
    return request


def _infeasible(problem: Problem) -> bool:
    """Proved infeasible; a problem that could not be decided in time counts as feasible, and its part is kept."""
    facts = Facts(problem)
    variables = build(facts, candidates_of(facts))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = STEP_SECONDS
    return solver.solve(variables.model) == cp_model.INFEASIBLE


def _verdicts(facts: Facts, found: Candidates) -> list[Verdict]:
    """What dropped the wishes of the requests left with too few, and the clashes between those that remain."""
    verdicts = []
    for request in facts.problem.requests:
        if len(found.of(request.id)) < facts.asked(request):
            verdicts += [dropped.verdict for dropped in found.dropped if dropped.request == request.id]
    if not verdicts:
        for i, a in enumerate(found.placements):
            for b in found.placements[:i]:
                if a.request.id != b.request.id and (clash := meet(facts, a, b)):
                    names = f"{b.request.id} / {a.request.id}"
                    verdicts.append(Verdict(clash.kind, clash.rule, Sentence(zh=names, en=names)))
    return verdicts

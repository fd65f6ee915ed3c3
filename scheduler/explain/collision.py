"""Why duties and pins cannot all be placed: a smallest set of requests and rules that collide.

Found by deletion, each step on a fresh model: the solver's own cores can be too large, or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ortools.sat.python import cp_model

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.loads import Load
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.offers import Offer
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.rights import DateLoss
from scheduler.constraints.terms import ConstraintBase, Sentence
from scheduler.model.build import build, candidates_of
from scheduler.model.certain import meet
from scheduler.model.posts.pin import meets
from scheduler.model.telling import in_the_way
from scheduler.placements.candidates import Candidates, Dropped, Placement, Verdict
from scheduler.placements.facts import WEEKDAY_NO, Facts, minutes
from scheduler.problem import Dated, Problem, Request

STEP_SECONDS = 10.0
Part = TypeVar("Part", Request, tuple[ConstraintBase, ...])
PERMITS = (Sharing, DateLoss)
"""Rules that allow something. A problem without them is a stricter one: they are never left out to find culprits."""
COMPANY = frozenset({"min_minutes", "min_working_days", "compactness", "share_of_supply"})
"""Measures that others help to keep: a problem with fewer requests may be a stricter one."""


@dataclass(frozen=True, slots=True)
class Collision:
    """Requests that must all be placed and cannot; the kinds and instances of the rules that keep them apart."""

    requests: tuple[str, ...]
    kinds: tuple[str, ...]
    constraints: tuple[str, ...]
    sentence: Sentence


def collide(problem: Problem) -> Collision:
    """A smallest set of duties and pins of an infeasible problem, with the rules by which they collide."""
    forced, everyone = forced_of(problem), {request.id for request in forced_of(problem)}
    parts = _parts(problem)

    def still(left: list[Request], parts: Sequence[tuple[ConstraintBase, ...]]) -> bool:
        rules = [rule for part in parts for rule in part]
        if any(_needs_company(rule) for rule in rules):
            freed = everyone - {request.id for request in left}
            return infeasible(only(problem, problem.requests, rules), frozenset(freed))
        return infeasible(only(problem, left, rules))

    forced = _least(forced, lambda left: still(left, parts))
    parts = _least(parts, lambda left: still(forced, left))
    rules = [rule for part in parts for rule in part]
    core = only(problem, forced, rules)
    facts = Facts(core)
    found = candidates_of(facts)
    verdicts = _verdicts(facts, found)
    kinds = tuple(sorted({v.kind for v in verdicts} | {rule.kind for rule in rules}))
    names = tuple(r.id for r in forced)
    return Collision(names, kinds, tuple(rule.id for rule in rules), _sentence(facts, names, rules, verdicts))


def collides(problem: Problem) -> bool:
    """Whether the duties and pins of a problem cannot all be placed; where it takes too long to know, no."""
    if any(map(_needs_company, problem.constraints)):
        return infeasible(problem)
    return infeasible(only(problem, forced_of(problem), problem.constraints))


def _parts(problem: Problem) -> list[tuple[ConstraintBase, ...]]:
    """What can be left out to find culprits: rule by rule, but all offers at once, since one adds to another."""
    rules = [rule for rule in problem.constraints if not isinstance(rule, PERMITS)]
    offers = tuple(rule for rule in rules if isinstance(rule, Offer))
    singly: list[tuple[ConstraintBase, ...]] = [(rule,) for rule in rules if not isinstance(rule, Offer)]
    return [*singly, offers] if offers else singly


def _needs_company(rule: ConstraintBase) -> bool:
    """Whether requests that need not be placed can help to keep a rule, or be what it waits for."""
    if rule.strength != "must":
        return False
    if isinstance(rule, Choice):
        return rule.linked
    return isinstance(rule, Growth) or (isinstance(rule, Load) and rule.measure in COMPANY)


def forced_of(problem: Problem) -> list[Request]:
    """The requests that must be placed, in full or in part: all others may be refused, and so never collide."""
    facts = Facts(problem)
    return [r for r in problem.requests if facts.is_duty(r) or r.id in facts.held]


def _sentence(
    facts: Facts, names: Sequence[str], rules: Sequence[ConstraintBase], verdicts: Sequence[Verdict]
) -> Sentence:
    """Requests of one use and applicant have one name: the ids follow, for the manager who has to mend it."""
    told = [verdict.sentence for verdict in verdicts] or [rule.sentence(facts.names) for rule in rules]
    zh = "；".join(dict.fromkeys(each.zh for each in told)) or "所需时段互相冲突"
    en = "; ".join(dict.fromkeys(each.en for each in told)) or "their slots collide"
    called_zh = "、".join(f"{facts.names.zh(name)}[{name}]" for name in names)
    called_en = ", ".join(f"{facts.names.en(name)} [{name}]" for name in names)
    if not names:
        return Sentence(zh=f"无论怎样安排都不符合：{zh}", en=f"no timetable keeps to: {en}")
    return Sentence(
        zh=f"{called_zh}必须安排，却排不到一起：{zh}" if len(names) > 1 else f"{called_zh}必须安排，却排不下：{zh}",
        en=f"{called_en} must be placed and cannot: {en}",
    )


def _least(parts: list[Part], still: Callable[[list[Part]], bool]) -> list[Part]:
    """The parts that are needed, each by itself: halves are tried first, then smaller pieces, at last one by one."""
    kept, size = list(parts), max(1, len(parts) // 2)
    while True:
        before = kept
        for start in range(0, len(before), size):
            piece = {id(part) for part in before[start : start + size]}
            without = [part for part in kept if id(part) not in piece]
            if still(without):
                kept = without
        if size == 1:
            return kept
        size = max(1, min(size, len(kept)) // 2)


def only(problem: Problem, requests: Sequence[Request], rules: Sequence[ConstraintBase]) -> Problem:
    """The problem with some of its requests and rules; what names a request that is gone goes with it.

    Rules that permit something stay in any case.
    """
    there = {request.id for request in requests}
    kept = {rule.id for rule in rules}
    return problem.model_copy(
        update={
            "requests": tuple(_alone(request, there) for request in requests),
            "constraints": tuple(
                rule
                for rule in problem.constraints
                if (rule.id in kept or isinstance(rule, PERMITS))
                and (not isinstance(rule, Pin) or rule.request in there)
            ),
        }
    )


def _alone(request: Request, there: set[str]) -> Request:
    when = request.when
    if isinstance(when, Dated) and when.replaces is not None and when.replaces.request not in there:
        return request.model_copy(update={"when": when.model_copy(update={"replaces": None})})
    return request


def infeasible(problem: Problem, freed: frozenset[str] = frozenset()) -> bool:
    """Proved infeasible; a problem that could not be decided in time counts as feasible, and its part is kept.

    The requests in `freed` are there, and need not be placed.
    """
    facts = Facts(problem, freed)
    variables = build(facts, candidates_of(facts))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = STEP_SECONDS
    return solver.solve(variables.model) == cp_model.INFEASIBLE


def _verdicts(facts: Facts, found: Candidates) -> list[Verdict]:
    """What dropped the wishes that a duty or pin needs, and the clashes between those that remain."""
    verdicts = []
    for request in facts.problem.requests:
        if len(found.of(request.id)) < facts.asked(request):
            verdicts += [dropped.verdict for dropped in found.dropped if dropped.request == request.id]
    for pin in facts.rules(Pin):
        if pin.slot is not None and not any(meets(pin.slot, p) for p in found.of(pin.request)):
            verdicts += [each.verdict for each in found.dropped if each.request == pin.request and _at(pin.slot, each)]
    if not verdicts:
        needed = [p for p in found.placements if all(meets(s, p) for s in _slots(facts, p))]
        for i, a in enumerate(needed):
            for b in needed[:i]:
                if a.request.id != b.request.id and (clash := meet(facts, a, b)):
                    verdicts.append(Verdict(clash.kind, clash.rule, in_the_way(facts, a, b, clash)))
    return verdicts


def _slots(facts: Facts, placement: Placement) -> list[PinnedSlot]:
    """Where pins hold the request of a placement."""
    return [pin.slot for pin in facts.rules(Pin) if pin.request == placement.request.id and pin.slot is not None]


def _at(slot: PinnedSlot, wish: Dropped) -> bool:
    """Whether a wish that was dropped is the one that a pin holds (its date is that of its request)."""
    return (
        (slot.weekday is None or WEEKDAY_NO[slot.weekday] == wish.weekday)
        and (slot.starts is None or wish.start is None or minutes(slot.starts) == wish.start)
        and (slot.space is None or slot.space == wish.space)
    )

"""How short each body is, recomputed from its sessions: every body's level, and how many are at each or beyond."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from fractions import Fraction
from functools import partial

from scheduler.problem import Request
from scheduler.verify.plan import Plan
from scheduler.verify.world import World


def at_or_beyond(plan: Plan) -> tuple[tuple[int, int], ...]:
    """(level, bodies that are at it or beyond it), worst level first; only levels that some body could be at."""
    world = plan.world
    asked: Counter[str] = Counter()
    for request in filter(partial(_counts, world), world.problem.requests):
        asked[body_of(world, request.applicant)] += world.asked(request)
    granted = Counter(body_of(world, slot.request.applicant) for slot in plan.slots if _counts(world, slot.request))
    shortfalls = sorted(level_of(world, body, asked[body], granted[body]) for body in asked)
    possible = {level_of(world, body, all_of_it, few) for body, all_of_it in asked.items() for few in range(all_of_it)}
    return tuple((level, len(shortfalls) - bisect_left(shortfalls, level)) for level in sorted(possible, reverse=True))


def _counts(world: World, request: Request) -> bool:
    return not world.duty(request) and not world.wholly_pinned(request)


def body_of(world: World, applicant: str) -> str:
    """The body that an applicant is of; itself, when it is of none."""
    return next(iter(world.bodies(applicant)), applicant)


def level_of(world: World, body: str, asked: int, granted: int) -> int:
    """The level of a body that asked for and got so many sessions."""
    policy = world.problem.policy.fairness
    if granted >= asked:
        return 0
    entries = {entry.body: entry for entry in world.problem.ledger or ()}
    if world.problem.ledger is not None and body not in entries and granted < policy.newcomer_sessions:
        return policy.levels * 2
    owed = 0
    if body in entries and entries[body].since <= policy.ledger_rounds:
        owed = min(entries[body].owed * policy.ledger_percent // 100, asked)
    return sum(_steps(Fraction(sessions, asked), policy.levels) for sessions in (asked - granted, owed))


def _steps(share: Fraction, levels: int) -> int:
    """Whole steps of a share, of which all of it has `levels`; the smallest share counts one."""
    whole = sum(Fraction(step, levels) <= share for step in range(1, levels + 1))
    return max(whole, 1) if share else 0

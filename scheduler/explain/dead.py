"""Rules that change nothing: they match nothing, or forbid only what cannot be booked anyway; and rules said twice.

A rule about single occurrences is asked about every wish by itself; of a rule about several together it is seen
whether it puts anything into the model. A rule that permits something is dead where the whole model is the same with
it and without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from scheduler.constraints.offers import Offer
from scheduler.constraints.pin import Pin
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase
from scheduler.explain.collision import PERMITS
from scheduler.model.build import build, candidates_of, posts_anything
from scheduler.model.posts import MODULES
from scheduler.model.posts.pin import meets
from scheduler.placements.candidates import Candidates, Dropped, SpaceJudge, generate, nominal_days
from scheduler.placements.facts import Facts, hhmm
from scheduler.problem import Problem

Dead = Literal["no", "matches_nothing", "adds_nothing"]
Wish = tuple[str, str, str, str]
"""Request, weekday, start and space."""
Dates = Mapping[Wish, frozenset[int]]
"""Wishes with some of their dates, as ordinals."""
AUTHORSHIP = frozenset({"id", "source", "author", "version"})
"""What a rule says of itself, and not of anybody's bookings."""


class Bookable:
    """What can be booked at all beside a set of rules; it grows smaller as rules are laid on it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.candidates = candidates_of(Facts(problem))
        self._left: dict[Wish, frozenset[int]] = {p.key: p.days for p in self.candidates.placements}

    def possible(self) -> set[str]:
        """The requests of which some wish could be met when nothing had been laid on yet."""
        return {placement.request.id for placement in self.candidates.placements}

    def lay(self, rule: ConstraintBase) -> Dead:
        """Put a rule into force beside those that are; whether it changes anything."""
        before, self.problem = self.problem, with_rules(self.problem, [rule])
        if same_as(rule, before.constraints) is not None:
            return "adds_nothing"
        if isinstance(rule, Pin):
            return self._held(before, rule)
        if isinstance(rule, (*PERMITS, Offer)):  # a second offer of a space allows more
            return "no" if changes(self.problem, before) else "matches_nothing"
        refused = _refused(before, rule, self.candidates)
        if refused is None:
            alone = [other for other in self.problem.constraints if other is rule or other.kind != rule.kind]
            facts = Facts(before.model_copy(update={"constraints": tuple(alone)}))
            return "no" if posts_anything(facts, self.candidates, rule.kind) else "matches_nothing"
        taken = {wish: days & self._left[wish] for wish, days in refused.items() if wish in self._left}
        for wish, days in taken.items():
            self._left[wish] -= days
        if any(taken.values()):
            return "no"
        return "adds_nothing" if refused else "matches_nothing"

    def _held(self, before: Problem, pin: Pin) -> Dead:
        """A pin matches its request, which is there: it adds nothing where that must be, and only there, anyway."""
        facts = Facts(before)
        request = facts.requests[pin.request]
        if pin.slot is None:
            return "adds_nothing" if facts.is_duty(request) else "no"
        wishes = self.candidates.of(request.id)
        there = bool(wishes) and all(meets(pin.slot, wish) for wish in wishes)
        return "adds_nothing" if there and facts.keeps_dates(request) else "no"


def with_rules(problem: Problem, rules: Iterable[ConstraintBase]) -> Problem:
    """The problem with some rules more; one with the id of another stands in its stead."""
    new = {rule.id: rule for rule in rules}
    old = [rule for rule in problem.constraints if rule.id not in new]
    return problem.model_copy(update={"constraints": (*old, *new.values())})


def without_rules(problem: Problem, ids: Iterable[str]) -> Problem:
    """The problem without some of its rules."""
    gone = set(ids)
    return problem.model_copy(update={"constraints": tuple(r for r in problem.constraints if r.id not in gone)})


def same_as(rule: ConstraintBase, others: Iterable[ConstraintBase]) -> str | None:
    """The first of the others that says the same, whoever wrote it and in whatever order it lists things."""
    said = _said(rule)
    return next((other.id for other in others if _said(other) == said), None)


def _said(rule: ConstraintBase) -> Any:
    written = rule.model_dump(mode="json", exclude=set(AUTHORSHIP))
    ordered = isinstance(rule, Relation) and rule.relation == "precedence"
    return written if ordered else _in_order(written)


def _in_order(value: Any) -> Any:
    """A value with its lists sorted: no other rule means anything by the order of a list."""
    if isinstance(value, dict):
        return {key: _in_order(each) for key, each in value.items()}
    return sorted(map(_in_order, value), key=repr) if isinstance(value, list) else value


def _refused(problem: Problem, rule: ConstraintBase, candidates: Candidates) -> Dates | None:
    """The dates of wishes that a rule forbids all by itself; None: it does not speak of single occurrences.

    A rule that should hold is looked at as if it must: it is dead when it could forbid nothing.
    """
    rule = rule.model_copy(update={"strength": "must", "weight": 0})
    known = (getattr(module, "DATE_JUDGES", {}).get(rule.kind) for module in MODULES.values())
    judges = [judge for judge in known if judge is not None]
    if not judges:
        return None
    suits: list[SpaceJudge] = [
        judge for module in MODULES.values() for judge in getattr(module, "SPACE_JUDGES", {}).values()
    ]
    facts = Facts(problem.model_copy(update={"constraints": (rule,)}))
    found = generate(facts, suits, judges)
    refused = {p.key: frozenset(p.fallen) for p in found.placements if p.fallen}
    left = {p.key for p in found.placements}
    refused |= {p.key: p.days for p in candidates.placements if p.option is not None and p.key not in left}
    for wish in found.dropped:
        if wish.start is not None and wish.verdict.rule is rule:
            refused[_key(wish, wish.start)] = frozenset(nominal_days(facts, facts.requests[wish.request], wish.weekday))
    return refused


def _key(wish: Dropped, start: int) -> Wish:
    return wish.request, WEEKDAYS[wish.weekday], hhmm(start), wish.space


def changes(one: Problem, other: Problem) -> bool:
    """Whether two problems with the same requests allow different things, as far as their models tell."""
    return allowed(one) != allowed(other)


def allowed(problem: Problem) -> tuple[list[tuple[Wish, frozenset[int]]], str]:
    """What a problem allows: its possible wishes with their dates, and the model of what stands beside what."""
    facts = Facts(problem)
    candidates = candidates_of(facts)
    variables = build(facts, candidates)
    wished = [(p.key, p.days) for p in candidates.placements]
    return wished, f"{variables.model.proto} {list(map(str, variables.penalties))}"

"""What rules would do before they take force: dead ones, contradictions, who would have to move and where to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Literal

from scheduler.constraints.terms import ConstraintBase, Sentence
from scheduler.effects import Effects, Loss, Move, RuleEffect
from scheduler.explain.collision import Collision, collide, collides
from scheduler.explain.dead import Bookable, same_as, with_rules, without_rules
from scheduler.explain.moves import Moves
from scheduler.explain.repair import Repaired, repair
from scheduler.explain.verdict import contradiction
from scheduler.model.build import candidates_of
from scheduler.placements.facts import Facts
from scheduler.problem import Problem, Request, Series
from scheduler.search.results import Progress, Report
from scheduler.timetable import Timetable
from scheduler.verify import Violation, check

FOR_THE_DEAD, FOR_CONTRADICTIONS = 0.5, 0.7
"""Shares of the time limit after which no further rule is asked for; the repair has what is left."""
GONE = Sentence(zh="申请已经撤回", en="the request is not there any more")
Unseen = Literal["dead", "contradictions", "repair", "other_places"]


def check_rules(
    problem: Problem,
    new_rules: Sequence[ConstraintBase],
    timetable: Timetable | None,
    *,
    time_limit: float = 60.0,
    progress: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> Effects:
    """What a batch of rules would do to the plan in force.

    Args:
        problem: as it is now, well formed with the new rules too.
        new_rules: each with an id of its own; one that the problem has already is changed into the new one.
        timetable: the plan in force; None: there is none yet, and nothing can move.
        time_limit: seconds. What there was no time for is named in `not_looked_at`.
        progress: called as it goes on: the step, and of the repair its stages.
        stop: asked often; once true it ends with what it has.
    """
    return _Check(problem, new_rules, timetable, _Time(time_limit, progress, stop)).effects()


class _Time:
    """What is left of a time limit, and whom to tell how far it is."""

    def __init__(self, limit: float, progress: Report | None, stop: Callable[[], bool] | None) -> None:
        self.limit = limit
        self.progress = progress
        self.stop = stop
        self._began = time.monotonic()

    @property
    def left(self) -> float:
        return self.limit - (time.monotonic() - self._began)

    def over(self, share: float = 1.0) -> bool:
        """Whether this share of the time is used up, or the check is not wanted any more."""
        return self.left < (1.0 - share) * self.limit or (self.stop is not None and self.stop())

    def tell(self, step: str, done: int = 0, total: int = 1) -> None:
        if self.progress is not None:
            seconds = self.limit - self.left
            self.progress(Progress(step, None, done, total, None, None, None, seconds))


class _Check:
    """One check under way: what is asked, and what there was no time for."""

    def __init__(
        self, problem: Problem, new: Sequence[ConstraintBase], timetable: Timetable | None, clock: _Time
    ) -> None:
        self.new = new
        self.base = without_rules(problem, [rule.id for rule in new])
        self.loosens = len(self.base.constraints) < len(problem.constraints)
        self.whole = with_rules(self.base, new)
        self.timetable = timetable
        self.clock = clock
        self.unseen: list[Unseen] = []

    def effects(self) -> Effects:
        self.clock.tell("violations")
        violations = check(self.whole, self.timetable.bookings) if self.timetable else ()
        bookable = Bookable(self.base)
        rules = tuple(self._rules(bookable, violations))
        contradictions = list(self._contradictions())
        named = {id for each in contradictions for id in each.constraints}
        aside = tuple(rule.id for rule in self.new if rule.id in named)
        told: dict[str, Any] = {
            "problem": self.whole.fingerprint(),
            "timetable": self.timetable.fingerprint() if self.timetable else None,
            "rules": rules,
            "contradictions": tuple(map(contradiction, contradictions)),
            "set_aside": aside,
        }
        rest = without_rules(self.whole, aside)
        if any(set(each.constraints).isdisjoint(aside) for each in contradictions):
            self.unseen.append("repair")  # duties collide without the new rules: nothing can be solved
        elif self.timetable is None:
            told["impossible"] = tuple(_never(bookable.possible(), rest))
        else:
            told |= self._repaired(rest, [each for each in violations if each.constraint not in aside])
        return Effects(**told, complete=not self.unseen, not_looked_at=tuple(self.unseen))

    def _rules(self, bookable: Bookable, violations: Sequence[Violation]) -> Iterator[RuleEffect]:
        names = self.whole.names()
        for number, rule in enumerate(self.new):
            self.clock.tell("dead", number, len(self.new))
            dead = "not_examined" if self.clock.over(FOR_THE_DEAD) else bookable.lay(rule)
            if dead == "not_examined" and "dead" not in self.unseen:
                self.unseen.append("dead")
            yield RuleEffect(
                rule=rule.id,
                kind=rule.kind,
                sentence=rule.sentence(names),
                dead=dead,
                duplicate_of=same_as(rule, (*self.base.constraints, *self.new[:number])),
                violated_by=tuple(each for each in violations if each.constraint == rule.id),
            )

    def _contradictions(self) -> Iterator[Collision]:
        """One smallest set after another: the new rules of each are taken out before the next is looked for."""
        left = self.whole
        new = {rule.id for rule in self.new}
        found = 0
        while True:
            self.clock.tell("contradictions", found, found + 1)
            if self.clock.over(FOR_CONTRADICTIONS):
                self.unseen.append("contradictions")
                return
            if not collides(left):
                return
            collision = collide(left)
            yield collision
            culprits = new.intersection(collision.constraints)
            if not culprits:
                return
            left = without_rules(left, culprits)
            found += 1

    def _repaired(self, rest: Problem, violations: Sequence[Violation]) -> dict[str, Any]:
        """Moves, losses and gains; nothing moves where nothing is broken and no rule was taken back."""
        assert self.timetable is not None
        if not violations and not self.loosens:
            return {}
        self.clock.tell("repair")
        seconds = max(self.clock.limit / 10, self.clock.left * 0.8)
        repaired = None
        if "contradictions" not in self.unseen:
            repaired = repair(rest, self.timetable, seconds, self.clock.progress, self.clock.stop)
        if repaired is None:
            self.unseen.append("repair")
            return {}
        moves = Moves(rest, self.new, violations, self.timetable, repaired)
        found = [*moves.of_sessions(), *self._elsewhere(moves)]
        return {"moves": tuple(found), "proved": repaired.proved, **_losses(self.timetable, repaired)}

    def _elsewhere(self, moves: Moves) -> Iterator[Move]:
        self.clock.tell("other_places")
        for move in moves.of_dates(self.clock.over):
            if self.clock.over() and "other_places" not in self.unseen:
                self.unseen.append("other_places")
            yield move


def _losses(before: Timetable, after: Repaired) -> dict[str, Any]:
    had = Counter(session.request for session in before.sessions)
    has = Counter(session.request for session in after.sessions)
    why = {refusal.request: refusal.sentence for refusal in after.refusals}
    losses = {
        name: Loss(request=name, had=had[name], has=has[name], sentence=why.get(name, GONE))
        for name in had
        if has[name] < had[name]
    }
    never = {request.id for request in after.facts.problem.requests if not _possible(after, request)}
    return {
        "impossible": tuple(loss for name, loss in losses.items() if name in never),
        "lost": tuple(loss for name, loss in losses.items() if name not in never),
        "gained": tuple(name for name in after.facts.requests if has[name] > had[name]),
    }


def _possible(after: Repaired, request: Request) -> bool:
    return len(after.candidates.of(request.id)) >= _least(request)


def _least(request: Request) -> int:
    """The fewest sessions that a request may be granted."""
    when = request.when
    return (when.min_sessions or when.per_week) if isinstance(when, Series) else 1


def _never(possible: Collection[str], problem: Problem) -> Iterator[Loss]:
    """The requests that were possible and are not any more, where there is no timetable yet."""
    found = candidates_of(Facts(problem))
    for request in problem.requests:
        if request.id in possible and len(found.of(request.id)) < _least(request):
            why = next(wish.verdict.sentence for wish in found.dropped if wish.request == request.id)
            yield Loss(request=request.id, had=0, has=0, sentence=why)

"""The search of one goal: the whole model, annealing, parts and neighbourhoods, each where it pays."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.search.around import Around
from scheduler.search.effort import Effort
from scheduler.search.parts import apart
from scheduler.search.results import Limits, OutOfTimeError, Reached, Report
from scheduler.search.together import as_one
from scheduler.search.turns import Turns, closed
from scheduler.search.whole import WholeSearch

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.search.annealing import Annealing

FIRST_SECONDS, FIRST_SHARE = 20.0, 0.12
"""Of a goal's time: so long the whole model is searched first, at least so many seconds."""
AT_ONCE_SECONDS, PARTS_SHARE = 2.0, 0.4
"""Where the model has parts, all are searched at once so long, and one by one for so much of a goal's time."""
SOON_SECONDS, FOUND_SECONDS, FOUND_SHARE = 4.0, 15.0, 0.3
"""So long the solver looks for a first solution before annealing does; and so long annealing does at first, and in what
share of the time that is left."""
FIRST_TURNS = ((0.0, FOUND_SECONDS), (0.05, float("inf")), (0.5, float("inf")), (1.0, 0.0))
"""The turns of the two: the solver's share of the time that is left, and the seconds of annealing after it at most."""
TRIALS = {"around": 0.12, "annealed": 0.16, "whole": 0.7}
SHARES = {"around": 0.08, "annealed": 0.75, "whole": 0.7}
TURN_SECONDS = 10.0
"""What the first turn of each has of the rest of a goal's time, and what a later one; and the shortest of these."""
LITTLE_PROVED, MUCH_PROVED = 0.05, 0.5
"""Where less of what a goal costs is proved than the one, annealing is tried before neighbourhoods; where more is than
the other, it is not tried: the solver and neighbourhoods do better (docs/adr/0020)."""
SETTLED = ("stability", "wishes", "lot")
"""Stages before which it is settled how many sessions everybody has."""
TOGETHER_SECONDS, TOGETHER_SHARE, LEAST_TOGETHER = 3.0, 0.05, 0.2
"""So long, and for no larger share of the time left, goals are searched together before they are one by one; not at all
where that is less than the last."""
LEAST_SECONDS, SETTLE_SECONDS = 5.0, 1.0
"""No trial is shorter than the one; the other is kept back to bring what was found into the whole model."""


class GoalSearch(WholeSearch):
    """The order in which the whole model, annealing, parts and neighbourhoods are at a goal."""

    def __init__(
        self,
        model: cp_model.CpModel,
        goals: Sequence[Goal],
        limits: Limits,
        report: Report | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        super().__init__(model, limits, report, stop, len(goals))
        self.goals = goals
        self.around: Around | None = None
        self.seeds = 0
        self.proved: frozenset[int] = frozenset()
        """Goals that the solution is known to be the best for, with those before them held."""
        self.parts: list[int] | None = None
        """Of each variable the part that it is in; None where all is one, or is not looked at so."""

    def improve(self, goal: Goal, number: int, share: float) -> Reached:
        """Make one goal as good as the limits allow, from the best solution so far.

        First the whole model is searched, then neighbourhoods are tried. Some problems yield to the one, some to the
        other, and nothing but trying tells which: the rest belongs to the one that took away the larger share of what
        was missing, in as long a time (docs/adr/0018). Where the solver proves next to nothing, annealing is tried,
        and if that pays it has the most of the time, in turns with neighbourhoods (docs/adr/0020).
        """
        if isinstance(goal.terms, int) and self.solution is not None:
            return Reached(goal, goal.terms, goal.terms)
        if number in self.proved:
            return Reached(goal, self.value(goal.terms), self.value(goal.terms))
        if self.solution is not None and (self.stopped or self._is_best(goal)):
            return Reached(goal, self.value(goal.terms), goal.limit)  # told to stop, or nothing can be better
        most = self.left_over() * share
        if goal.forced and self.solution is None and self.around is not None and not self.limits.deterministic:
            return self._first(self.around, goal, number)
        # An audit is of one model whose search counts its own steps; the making of small models would not be counted.
        if (
            self.around is None
            or self.limits.deterministic
            or goal.forced
            or isinstance(goal.terms, int)
            or self.solution is None
        ):
            return self.whole(goal, number, most)
        ends = time.monotonic() + most - SETTLE_SECONDS
        if len(split := self._split(goal)) > 1:
            return self._parts_and_around(goal, split, number, most, ends)
        began = time.monotonic()
        reached = self._first_of_whole(goal, number, most)
        turns = Turns(_ways(reached))
        late = (time.monotonic() - began) / 2  # from a poor plan everybody gains at first: its end is what counts
        if (before := self._earlier(late)) is not None:
            turns.learn("whole", closed(replace(reached, value=before), reached), late)
        else:
            turns.learn("whole", 0.0, late)
        return self._by_turns(self.around, reached, number, ends, turns)

    def _first_of_whole(self, goal: Goal, number: int, most: float) -> Reached:
        """The whole model, longer where time is long, but no longer than it takes to see that it proves nothing."""
        first = FIRST_SECONDS if self.limits.first is None else self.limits.first
        soon = time.monotonic() + first

        def in_vain(value: int | None, bound: int | None) -> bool:
            nothing_proved = value is not None and bound == goal.limit != value
            return nothing_proved and goal.stage in SETTLED and time.monotonic() > soon

        return self.whole(goal, number, min(most, max(first, FIRST_SHARE * most)), in_vain=in_vain)

    def together(self, begin: int, end: int) -> None:
        """Try for a moment to prove several goals at once; what was found is where each of them begins otherwise."""
        goals = [goal for goal in self.goals[begin:end] if not (goal.forced or isinstance(goal.terms, int))]
        if self.around is None or self.limits.deterministic or any(len(self._split(goal)) > 1 for goal in goals):
            return
        seconds = min(TOGETHER_SECONDS, TOGETHER_SHARE * self.left_over())
        if self.solution is None:
            seconds = min(seconds, SOON_SECONDS / 4)  # a plan without a goal is found sooner
        if seconds < LEAST_TOGETHER or self.asked_to_stop() or sum(not self._is_best(goal) for goal in goals) < 2:
            return
        first = self.goals[begin]
        known = None if self.solution is None else (self.value(first.terms), first.limit)
        self.tell(first, begin, *(known or (None, None)))
        try:
            reached = self.whole(as_one(self.model, goals), begin, seconds, quiet=True)
        except OutOfTimeError:
            if self.stopped:
                raise
            return
        if reached.value == reached.bound:
            self.proved |= frozenset(range(begin, end))

    def _is_best(self, goal: Goal) -> bool:
        """Whether nothing can be better than what it is."""
        return self.solution is not None and self.value(goal.terms) == goal.limit

    def _by_turns(self, around: Around, reached: Reached, number: int, ends: float, turns: Turns) -> Reached:
        """The whole model, annealing (each time from another beginning) and neighbourhoods, until some moment.

        Whoever has paid most is next. The first turns are short trials; then annealing and the whole model have most of
        the time that is left: a plan that is cooled slowly comes to a better one than many that are cooled fast, and
        what the solver has learnt of a model is gone when it begins anew. The end belongs to neighbourhoods.
        """
        ways = {"annealed": self._annealed, "around": self._around_until, "whole": self._again}
        while self._goes_on(reached, ends - LEAST_SECONDS):
            began, before, way = time.monotonic(), reached, turns.next
            left = ends - began
            seconds = max(TURN_SECONDS, (TRIALS if turns.untried(way) else SHARES)[way] * left)
            seconds = min(seconds, left / 2) if turns.untried(way) else seconds
            reached = ways[way](around, reached, number, min(ends, began + seconds))
            turns.learn(way, closed(before, reached), time.monotonic() - began)
        return self._around_until(around, reached, number, ends)

    def _again(self, _: Around, reached: Reached, number: int, until: float) -> Reached:
        """The whole model once more."""
        return self.whole(reached.goal, number, until - time.monotonic(), known=reached.bound)

    def _first(self, around: Around, goal: Goal, number: int) -> Reached:
        """Any solution: the solver's, if it has one soon, else one that annealing finds, else the solver's.

        There is no use in keeping time for later goals while there is no plan: it may take all of it.
        """
        self.tell(goal, number, None, None)
        for share, most in FIRST_TURNS:
            try:
                return self.whole(goal, number, min(self.left_over(), max(SOON_SECONDS, share * self.left_over())))
            except OutOfTimeError:
                if self.stopped or self.left_over() < LEAST_SECONDS:
                    raise
            found = self._from_nothing(around, min(most, FOUND_SHARE * self.left_over()))
            if found is not None:
                self.solution = found
                return Reached(goal, self.value(goal.terms), goal.limit)
        raise OutOfTimeError

    def _from_nothing(self, around: Around, seconds: float) -> list[int] | None:
        """A solution with those who must be there, found by annealing on the way to good wishes; None if none is."""
        wishes = next((each for each in self.goals if each.stage == "wishes" and not isinstance(each.terms, int)), None)
        asked = {request.id: around.variables.facts.asked(request) for request in around.duties()}
        sessions = around.neighbourhoods.landscape.at_random(asked, self.limits.seed)
        annealing = None if wishes is None or sessions is None else around.annealing(wishes)
        if annealing is None or sessions is None or not self._ready(annealing, time.monotonic() + seconds):
            return None
        base = annealing.follows.least.copy()
        for request in asked:
            base[around.variables.granted[request].index] = 1
        found = annealing.run(sessions, base, seconds, self._seed(), lambda _: self.asked_to_stop(), enough=True)
        return None if found is None else [int(each) for each in found]

    def _ready(self, annealing: Annealing, until: float) -> bool:
        return annealing.ready(until, self.asked_to_stop) and not self.stopped

    def _seed(self) -> int:
        """Another one each time."""
        self.seeds += 1000
        return self.limits.seed + self.seeds

    def _annealed(self, around: Around, reached: Reached, number: int, until: float) -> Reached:
        """Better by annealing a goal before which it is settled how many sessions everybody has."""
        goal = reached.goal
        if goal.stage not in SETTLED or not self._goes_on(reached, until):
            return reached
        annealing = around.annealing(goal)
        if annealing is None or not self._ready(annealing, until):
            return reached
        told = reached.value

        def poll(value: int | None) -> bool:
            nonlocal told
            if value is not None and _better(goal, value, told):
                told = value
                self.tell(goal, number, value, reached.bound)
            return self.asked_to_stop()

        sessions = np.array([n for n, z in around.variables.z.items() if self.value(z)], dtype=np.int64)
        base = np.array(self.solution, dtype=np.int64)
        found = annealing.run(sessions, base, until - time.monotonic(), self._seed(), poll)
        value = annealing.value
        if found is None or value is None or not _better(goal, value, reached.value):
            return reached
        self.solution = found.tolist()
        return replace(reached, value=self.value(goal.terms))

    def hold(self, reached: Reached) -> None:
        """Keep what a goal came to, in each part by itself where it is proved: else one may still pay for another."""
        goal, add = reached.goal, self.model.add
        proved = reached.value == reached.bound and not goal.held
        for _, each in self._split(goal) if proved and self.parts is not None else [(0, goal)]:
            if not isinstance(each.terms, int):
                value = self.value(each.terms) if each is not goal else reached.value
                add(each.terms >= value if goal.sense == "max" else each.terms <= value)
        for expression in goal.held:
            if not isinstance(expression, int):
                add(expression == self.value(expression))
        if not proved:
            self.parts = None

    def _split(self, goal: Goal) -> list[tuple[int, Goal]]:
        return [] if self.parts is None else list(apart(self.model, goal, self.parts))

    def _parts_and_around(
        self, goal: Goal, split: Sequence[tuple[int, Goal]], number: int, most: float, ends: float
    ) -> Reached:
        """All at once for a moment, part by part, neighbourhoods; where these gain nothing, proofs are what lacks."""
        assert self.around is not None, "parts are searched where neighbourhoods are"
        bounds = {part: each.limit for part, each in split}
        reached = self.whole(goal, number, min(most, AT_ONCE_SECONDS))
        reached = self._in_parts(reached, split, number, min(ends, time.monotonic() + PARTS_SHARE * most), bounds)
        trial = time.monotonic() + max(LEAST_SECONDS, TRIALS["around"] * most)
        tried = self._around_until(self.around, reached, number, min(ends, trial))
        if tried.value == reached.value:
            tried = self._in_parts(tried, split, number, ends, bounds)
        return self._around_until(self.around, tried, number, ends)

    def _in_parts(
        self, reached: Reached, split: Sequence[tuple[int, Goal]], number: int, ends: float, bounds: dict[int, int]
    ) -> Reached:
        """Search the parts that are not proved one by one, the smallest first; `bounds` are what is known of each."""
        goal = reached.goal
        todo = [(part, each) for part, each in split if self.value(each.terms) != bounds[part]]
        for place, (part, each) in enumerate(todo):
            if not self._goes_on(reached, ends):
                break
            rest = sum(bounds.values()) - bounds[part]
            self.beside = (self.value(goal.terms) - self.value(each.terms), rest)
            others = [(n, v) for n, v in enumerate(self.solution or []) if (self.parts or [])[n] != part]
            with self.fixed(others):
                bound = self.whole(each, number, (ends - time.monotonic()) / (len(todo) - place)).bound
            bounds[part] = min(bound, bounds[part]) if goal.sense == "max" else max(bound, bounds[part])
            self.beside = (0, 0)
            total, value = sum(bounds.values()), self.value(goal.terms)
            bound = min(total, reached.bound) if goal.sense == "max" else max(total, reached.bound)
            reached = Reached(goal, value, bound)
        return reached

    def _goes_on(self, reached: Reached, ends: float) -> bool:
        return reached.value != reached.bound and not self.stopped and time.monotonic() < ends

    def _around_until(self, around: Around, reached: Reached, number: int, ends: float) -> Reached:
        """Better a goal by large neighbourhoods until some moment."""
        if not self._goes_on(reached, ends):
            return reached
        return replace(reached, value=self._look_around(around, reached, number, ends - time.monotonic()))

    def _earlier(self, seconds: float) -> int | None:
        """What the last search of the whole model had come to so long before its end; None where it had nothing."""
        return next((value for at, value in reversed(self.trace) if at <= self.ended - seconds), None)

    def _look_around(self, around: Around, reached: Reached, number: int, budget: float) -> int:
        """Better a goal by large neighbourhoods; the value it comes to."""
        variables, goal = around.variables, reached.goal
        effort = Effort(budget, self.limits.deterministic, self.limits.seed)
        told = reached.value

        def poll(value: int) -> bool:
            nonlocal told
            if value != told:
                told = value
                self.tell(goal, number, value, reached.bound)
            return self.asked_to_stop()

        plan: dict[str, tuple[int, ...]] = {}
        for placement in variables.candidates.placements:
            if self.value(variables.z[placement.index]):
                plan[placement.request.id] = (*plan.get(placement.request.id, ()), placement.index)
        search = around.neighbourhoods
        # A solution that is not proved best may have auxiliary variables higher than they need be: they would stay so.
        self.settle(goal.terms, goal.sense, [(literal, self.value(literal)) for literal in variables.z.values()])
        whole = around.whole(self.solution or (), goal)
        search.improve(plan, self.value(goal.terms), reached.bound, effort, poll, whole=whole)
        self.left -= effort.used
        if search.whole is not None:
            self.solution = search.whole.solution.tolist()
            return self.value(goal.terms)
        taken = {index for there in search.best.values() for index in there}
        values = [(literal, int(index in taken)) for index, literal in variables.z.items()]
        self.settle(goal.terms, goal.sense, values)
        return self.value(goal.terms)


def _better(goal: Goal, value: int, than: int) -> bool:
    return value > than if goal.sense == "max" else value < than


def _ways(reached: Reached) -> tuple[str, ...]:
    """How a goal can be bettered, in the order in which it is tried.

    Where a value is nearly all gap, the solver does not see what makes it dear, and annealing may.
    """
    limit = reached.goal.limit
    proved = abs(reached.bound - limit) / max(1, abs(reached.value - limit))
    if proved < LITTLE_PROVED:
        return "annealed", "around", "whole"
    return ("around", "annealed", "whole") if proved < MUCH_PROVED else ("around", "whole")

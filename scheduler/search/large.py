"""Problems too large for one model: a first plan, then large neighbourhoods for one goal after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Candidates
from scheduler.placements.facts import Facts
from scheduler.search.effort import Effort
from scheduler.search.neighbourhoods import Goals, Held, Neighbourhoods
from scheduler.search.placing import place
from scheduler.search.results import Found, Limits, OutOfTimeError, Progress, Reached, Report, gap_between

LARGEST_MODEL = 150_000
"""Placements. One model of 390,000 took 7.8 GB and a minute to put together (docs/adr/0018)."""


def run_large(
    facts: Facts,
    candidates: Candidates,
    remake: Goals,
    limits: Limits,
    *,
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Variables, Found]:
    """Solve the goals in order without a model of the whole; nothing is proved but what has no way to be better.

    Args:
        facts: the problem.
        candidates: all its placements.
        remake: the goals of a small model.
        limits: for all goals together. A goal may use half of what is left, the last one all of it.
        report: called in the caller's thread.
        stop: asked twenty times a second; once true, the best so far is kept.

    Returns:
        A model of the plan that was found, in which nothing is left to choose but dates, and what each goal came to.

    Raises:
        OutOfTimeError: no plan was found within the limits, or there is none: nothing is known of that.
    """
    return _Large(Neighbourhoods(facts, candidates, remake), limits, report, stop).run()


class _Large:
    def __init__(
        self, search: Neighbourhoods, limits: Limits, report: Report | None, stop: Callable[[], bool] | None
    ) -> None:
        self.search, self.limits, self.report, self.stop = search, limits, report, stop
        self.began = time.monotonic()
        self.left = limits.budget
        self.stopped = False
        self.total = 0

    def run(self) -> tuple[Variables, Found]:
        """See `run_large`."""
        self._place()
        reached: list[Reached] = []
        goals = self._exact()[1]
        self.total = len(goals)
        for number in range(self.total):
            reached.append(self._reach(number, share=1.0 if number == self.total - 1 else 0.5))
        variables, _, solver = self._exact()
        value = solver.boolean_value
        found = Found(
            taken=tuple(variables.z),
            here={key: value(literal) for key, literal in variables.here.items()},
            lost={key: value(literal) for key, literal in variables.lost.items()},
            reached=tuple(reached),
        )
        return variables, found

    def _effort(self, budget: float) -> Effort:
        return Effort(budget, self.limits.deterministic, self.limits.seed)

    def _left(self) -> float:
        return self.left if self.limits.deterministic else self.limits.budget - (time.monotonic() - self.began)

    def _asked_to_stop(self) -> bool:
        if not self.stopped and self.stop is not None and self.stop():
            self.stopped = True
        return self.stopped

    def _place(self) -> None:
        effort = self._effort(self._left())
        plan = place(self.search, effort, self._asked_to_stop)
        self.left -= effort.used
        if plan is None:
            raise OutOfTimeError
        self.search.best = plan

    def _exact(self, number: int | None = None) -> tuple[Variables, Sequence[Goal], cp_model.CpSolver]:
        """A model of the plan as it is, with the goal of that number, if any, made as good as its dates allow."""
        variables = self.search.model(self.search.facts, {}, self.search.best)
        goals = self.search.goals(variables)
        self.search.hold(variables, goals)
        if number is not None and not isinstance(goals[number].terms, int):
            terms = goals[number].terms
            (variables.model.maximize if goals[number].sense == "max" else variables.model.minimize)(terms)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False
        status = solver.solve(variables.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            if not self.search.held:
                raise OutOfTimeError
            raise RuntimeError(f"a plan that was found does not hold: {solver.status_name(status)}")
        return variables, goals, solver

    def _value(self, number: int) -> tuple[Goal, int]:
        _, goals, solver = self._exact(number)
        goal = goals[number]
        return goal, goal.terms if isinstance(goal.terms, int) else solver.value(goal.terms)

    def _reach(self, number: int, share: float) -> Reached:
        goal, value = self._value(number)
        bound = value if goal.forced else goal.limit
        budget = self._left() * share
        if value != bound and budget > 0 and not self.stopped:
            effort = self._effort(budget)
            self._tell(goal, number, value, bound)
            told = [value]

            def poll(now: int) -> bool:
                if now != told[0]:
                    told[0] = now
                    self._tell(goal, number, now, bound)
                return self._asked_to_stop()

            self.search.improve(self.search.best, value, bound, effort, poll)
            self.left -= effort.used
            goal, value = self._value(number)
        self._tell(goal, number, value, bound)
        _, goals, solver = self._exact(number)
        beside = tuple(each if isinstance(each, int) else solver.value(each) for each in goals[number].held)
        self.search.held.append(Held(value, beside))
        return Reached(goal, value, bound)

    def _tell(self, goal: Goal, number: int, value: int, bound: int) -> None:
        if self.report is not None:
            seconds = time.monotonic() - self.began
            gap = gap_between(value, bound)
            self.report(Progress(goal.stage, goal.of, number, self.total, value, bound, gap, seconds))

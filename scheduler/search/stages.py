"""Stages one after another, each solved with the earlier ones held."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import ortools
from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.search.around import Around
from scheduler.search.effort import Effort
from scheduler.search.incumbent import Incumbent
from scheduler.search.neighbourhoods import Goals, Held
from scheduler.search.parts import apart, parts_of
from scheduler.search.results import (
    Begun,
    Found,
    Limits,
    NoSolutionError,
    Progress,
    Reached,
    Report,
    gap_between,
)
from scheduler.search.watcher import Watcher

POLL_SECONDS = 0.05
FIRST_SECONDS, FIRST_SHARE, TRIAL_SHARE, POLISH_SHARE = 20.0, 0.12, 0.12, 0.15
"""Of a goal's time: so long the whole model is searched first, at least so many seconds; so long neighbourhoods are
tried; and so much is theirs at the end where the whole model did better."""
AT_ONCE_SECONDS, PARTS_SHARE = 2.0, 0.4
"""Where the model has parts, all are searched at once so long, and one by one for so much of a goal's time."""
LEAST_SECONDS, SETTLE_SECONDS = 5.0, 1.0
"""No trial is shorter than the one; the other is kept back to bring what was found into the whole model."""
SOLVER = f"ortools {ortools.__version__}"  # type: ignore[attr-defined]  # set when it is imported


def run(
    variables: Variables,
    goals: Sequence[Goal],
    limits: Limits,
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    remake: Goals | None = None,
    until: int | None = None,
    begun: Begun | None = None,
) -> Found:
    """Solve the goals in order on one model, holding what each came to.

    Args:
        variables: the model, to which the held values are added.
        goals: in order of importance.
        limits: for all goals together. A goal may use half of what is left, the last one all of it.
        report: called in the caller's thread as the search goes on, and for each goal once more when it has ended.
        stop: asked twenty times a second; once true, the best so far is kept and later goals are only evaluated.
        remake: the same goals of a small model. Without it the whole model alone is searched, which is what stock
            CP-SAT does; with it a goal that is not proved soon is bettered by large neighbourhoods.
        until: so many of the goals are sought, and the time of the others is left to them; None: all.
        begun: where to go on from; the goals reached there are held, and not sought again.

    Raises:
        NoSolutionError: the model has none.
        OutOfTimeError: none was found within the limits.
    """
    search = _Search(variables.model, limits, report, stop, len(goals))
    if remake is not None:
        search.around = Around(variables, remake)
    if limits.in_parts:
        search.parts = parts_of(variables.model)
    before = () if begun is None else begun.reached
    if begun is not None:
        search.begin(variables, begun.taken, goals[len(before) - 1])
    reached: list[Reached] = []
    for number, goal in enumerate(goals[:until]):
        if number < len(before):
            result = Reached(goal, search.value(goal.terms), before[number].bound)
        else:
            last = number == len(goals) - 1
            result = search.improve(goal, number, share=1.0 if last else 0.5)
            search.tell(goal, number, result.value, result.bound)
        reached.append(result)
        search.hold(result)
        if search.around is not None:
            search.around.held.append(Held(result.value, tuple(search.value(each) for each in goal.held)))
    if any(each.value != each.bound for each in reached):
        search.tighten(variables, reached)
    value = search.value
    # A goal that time ran out on may have come further since, by the way: what counts is the solution as it is.
    reached = [replace(each, value=value(each.goal.terms)) for each in reached]
    return Found(
        taken=tuple(p.index for p in variables.candidates.placements if value(variables.z[p.index])),
        here={key: bool(value(literal)) for key, literal in variables.here.items()},
        lost={key: bool(value(literal)) for key, literal in variables.lost.items()},
        reached=tuple(reached),
    )


class _Search(Incumbent):
    """The solver's state between goals: what is left of the limits, and the best solution so far."""

    def __init__(
        self,
        model: cp_model.CpModel,
        limits: Limits,
        report: Report | None,
        stop: Callable[[], bool] | None,
        total: int,
    ) -> None:
        super().__init__(model)
        self.limits = limits
        self.report = report
        self.stop = stop
        self.total = total
        self.left = limits.budget
        self.began = time.monotonic()
        self.stopped = False
        self.around: Around | None = None
        self.parts: list[int] | None = None
        """Of each variable the part that it is in; None where all is one, or is not looked at so."""
        self.beside = (0, 0)
        """Value and bound of the other parts, while one is searched."""
        self.trace: list[tuple[float, int]] = []
        """Of the last search of the whole model: when it found what; `ended` is when it ended."""
        self.ended = 0.0

    def improve(self, goal: Goal, number: int, share: float) -> Reached:
        """Make one goal as good as the limits allow, from the best solution so far.

        First the whole model is searched, then neighbourhoods are tried. Some problems yield to the one, some to the
        other, and nothing but trying tells which: the rest belongs to the one that took away the larger share of what
        was missing, in as long a time (docs/adr/0018).
        """
        if isinstance(goal.terms, int) and self.solution is not None:
            return Reached(goal, goal.terms, goal.terms)
        if self.solution is not None and (self.stopped or self.value(goal.terms) == goal.limit):
            return Reached(goal, self.value(goal.terms), goal.limit)  # told to stop, or nothing can be better
        most = self._left() * share
        # An audit is of one model whose search counts its own steps; the making of small models would not be counted.
        if (
            self.around is None
            or self.limits.deterministic
            or goal.forced
            or isinstance(goal.terms, int)
            or self.solution is None
        ):
            return self._whole(goal, number, most)
        ends = time.monotonic() + most - SETTLE_SECONDS
        if len(split := self._split(goal)) > 1:
            return self._parts_and_around(goal, split, number, most, ends)
        first = FIRST_SECONDS if self.limits.first is None else self.limits.first
        reached = self._whole(goal, number, min(most, max(first, FIRST_SHARE * most)))
        trial = max(LEAST_SECONDS, TRIAL_SHARE * most)
        before = self._earlier(trial)
        tried = self._around_until(self.around, reached, number, min(ends, time.monotonic() + trial))
        whole_pays = before is not None and _share(before, reached.value, reached) > _share(
            reached.value, tried.value, reached
        )
        if whole_pays and self._goes_on(tried, ends):
            left = ends - time.monotonic()
            again = self._whole(goal, number, min(left, max(LEAST_SECONDS, left - POLISH_SHARE * most)))
            bounds = (again.bound, tried.bound)
            tried = replace(again, bound=min(bounds) if goal.sense == "max" else max(bounds))
        return self._around_until(self.around, tried, number, ends)

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
        reached = self._whole(goal, number, min(most, AT_ONCE_SECONDS))
        reached = self._in_parts(reached, split, number, min(ends, time.monotonic() + PARTS_SHARE * most), bounds)
        trial = time.monotonic() + max(LEAST_SECONDS, TRIAL_SHARE * most)
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
                bound = self._whole(each, number, (ends - time.monotonic()) / (len(todo) - place)).bound
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

    def _whole(self, goal: Goal, number: int, budget: float) -> Reached:
        """One search of the whole model."""
        maximise = goal.sense == "max"
        self.model.clear_objective()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        if goal.forced:
            pass  # every solution reaches it: a search without a goal finds its first one sooner
        elif maximise:
            self.model.maximize(goal.terms)
        else:
            self.model.minimize(goal.terms)
        self.hint()
        solver = self._solver(budget)
        status = self._watch(solver, goal, number)
        if status == cp_model.MODEL_INVALID:
            raise RuntimeError(f"the model is invalid: {self.model.validate()}")
        if status == cp_model.INFEASIBLE:
            if self.solution is not None:
                raise RuntimeError(f"stage {goal.stage} lost the solution that the stage before it had")
            raise NoSolutionError
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.solution = list(solver.response_proto.solution)
        value = self.value(goal.terms)
        if status == cp_model.OPTIMAL:
            return Reached(goal, value, value)
        known = status == cp_model.FEASIBLE or solver.response_proto.best_objective_bound != 0
        bound = round(solver.best_objective_bound) if known else goal.limit
        bound = max(value, min(bound, goal.limit)) if maximise else min(value, max(bound, goal.limit))
        return Reached(goal, value, bound)

    def _left(self) -> float:
        """Of the budget, in its own unit."""
        return self.left if self.limits.deterministic else self.limits.budget - (time.monotonic() - self.began)

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
            if not self.stopped and self.stop is not None and self.stop():
                self.stopped = True
            return self.stopped

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

    def _solver(self, budget: float) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.random_seed = self.limits.seed % (2**31 - 1)
        parameters.catch_sigint_signal = False
        parameters.num_workers = 1 if self.limits.deterministic else self.limits.workers
        if self.limits.deterministic:
            parameters.max_deterministic_time = max(1e-3, budget)
        else:
            parameters.max_time_in_seconds = max(0.02, budget)
        return solver

    def _watch(self, solver: cp_model.CpSolver, goal: Goal, number: int) -> cp_model.CpSolverStatus:
        """Run the solver in a thread of its own, so that a stop, or Ctrl-C in this one, is heard at once."""
        watcher = Watcher(goal.sense)
        solver.best_bound_callback = watcher.on_bound
        done = threading.Event()
        results: list[cp_model.CpSolverStatus | BaseException] = []

        def work() -> None:
            try:
                results.append(solver.solve(self.model, watcher))
            except BaseException as error:  # whatever it is, it is the caller's
                results.append(error)
            finally:
                done.set()

        thread = threading.Thread(target=work, name=f"stage {goal.stage}", daemon=True)
        thread.start()
        try:
            while not done.wait(POLL_SECONDS):
                if watcher.changed() and not goal.forced:
                    self.tell(goal, number, watcher.incumbent, watcher.bound)
                if not self.stopped and self.stop is not None and self.stop():
                    self.stopped = True
                    solver.stop_search()
        except BaseException:
            solver.stop_search()
            thread.join()
            raise
        thread.join()
        self.trace, self.ended = watcher.trace, time.monotonic()
        (result,) = results
        if isinstance(result, BaseException):
            raise result
        if self.limits.deterministic:
            self.left -= solver.response_proto.deterministic_time
        return result

    def tell(self, goal: Goal, number: int, incumbent: int | None, bound: int | None) -> None:
        """Report where a stage is; at its end what it came to, of which the solver's callbacks may not have heard."""
        if self.report is None:
            return
        incumbent, bound = (
            None if each is None else each + beside
            for each, beside in zip((incumbent, bound), self.beside, strict=True)
        )
        gap = None if incumbent is None or bound is None else gap_between(incumbent, bound)
        seconds = time.monotonic() - self.began
        self.report(Progress(goal.stage, goal.of, number, self.total, incumbent, bound, gap, seconds))


def _share(before: int, after: int, reached: Reached) -> float:
    """The share of what was missing to the bound that was gained."""
    return abs(after - before) / max(1, abs(before - reached.bound))

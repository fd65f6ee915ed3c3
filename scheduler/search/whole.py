"""Searches of the whole model by CP-SAT, within what is left of the limits, from the best solution so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.search.incumbent import Incumbent
from scheduler.search.results import Limits, NoSolutionError, Progress, Reached, Report, gap_between
from scheduler.search.watcher import Watcher

POLL_SECONDS = 0.05
LARGE_MODEL, WORKERS_OF_LARGE = 50_000, 5
"""Every worker has a model of its own: of one with so many variables eight took more than 2 GB, and found no more."""
InVain = Callable[[int | None, int | None], bool]
"""Told what a search has come to, value and bound: whether it is to end."""


class WholeSearch(Incumbent):
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
        self.beside = (0, 0)
        """Value and bound of the other parts, while one is searched."""
        self.trace: list[tuple[float, int]] = []
        """Of the last search of the whole model: when it found what; `ended` is when it ended."""
        self.ended = 0.0

    def whole(
        self,
        goal: Goal,
        number: int,
        budget: float,
        *,
        quiet: bool = False,
        in_vain: InVain | None = None,
        known: int | None = None,
    ) -> Reached:
        """One search of the whole model.

        Args:
            goal: what is sought.
            number: its own.
            budget: what the search may spend.
            quiet: nobody is told of it.
            in_vain: ends it.
            known: a bound that was proved before.
        """
        maximise = goal.sense == "max"
        best = goal.limit if known is None else known
        self.model.clear_objective()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        if goal.forced:
            pass  # every solution reaches it: a search without a goal finds its first one sooner
        elif maximise:
            self.model.maximize(goal.terms)
        else:
            self.model.minimize(goal.terms)
        self.hint()
        solver = self._solver(budget)
        status = self._watch(solver, goal, number, best, quiet=quiet or goal.forced, in_vain=in_vain)
        if status == cp_model.MODEL_INVALID:
            raise RuntimeError(f"the model is invalid: {self.model.validate()}")
        if status == cp_model.INFEASIBLE:
            if self.solution is not None:
                raise RuntimeError(f"stage {goal.stage} lost the solution that the stage before it had")
            raise NoSolutionError
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._take(list(solver.response_proto.solution), goal)
        value = self.value(goal.terms)
        if status == cp_model.OPTIMAL:
            return Reached(goal, value, value)
        told = status == cp_model.FEASIBLE or solver.response_proto.best_objective_bound != 0
        bound = round(solver.best_objective_bound) if told else best
        bound = max(value, min(bound, best)) if maximise else min(value, max(bound, best))
        return Reached(goal, value, bound)

    def _take(self, found: list[int], goal: Goal) -> None:
        """A solution that was found, unless the one before is better: a short search may never come to its hint."""
        before, self.solution = self.solution, found
        if before is not None and not goal.forced:
            after, self.solution = self.value(goal.terms), before
            gained = after - self.value(goal.terms)
            if (gained if goal.sense == "max" else -gained) >= 0:
                self.solution = found

    def left_over(self) -> float:
        """Of the budget, in its own unit."""
        return self.left if self.limits.deterministic else self.limits.budget - (time.monotonic() - self.began)

    def asked_to_stop(self) -> bool:
        """Whether the caller wants the search to end; once true it stays so."""
        if not self.stopped and self.stop is not None and self.stop():
            self.stopped = True
        return self.stopped

    def _solver(self, budget: float) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.random_seed = self.limits.seed % (2**31 - 1)
        parameters.catch_sigint_signal = False
        large = len(self.model.proto.variables) > LARGE_MODEL
        workers = min(self.limits.workers, WORKERS_OF_LARGE) if large else self.limits.workers
        parameters.num_workers = 1 if self.limits.deterministic else workers
        if self.limits.deterministic:
            parameters.max_deterministic_time = max(1e-3, budget)
        else:
            parameters.max_time_in_seconds = max(0.02, budget)
        return solver

    def _watch(
        self, solver: cp_model.CpSolver, goal: Goal, number: int, best: int, *, quiet: bool, in_vain: InVain | None
    ) -> cp_model.CpSolverStatus:
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
                if watcher.changed() and not quiet:
                    bounds = (best, best if watcher.bound is None else watcher.bound)
                    self.tell(goal, number, watcher.incumbent, min(bounds) if goal.sense == "max" else max(bounds))
                if self.asked_to_stop() or (in_vain and in_vain(watcher.incumbent, watcher.bound)):
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

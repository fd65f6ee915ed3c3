"""Stages one after another, each solved with the earlier ones held."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import ortools
from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.search.effort import Effort
from scheduler.search.neighbourhoods import Goals, Held, Neighbourhoods
from scheduler.search.results import (
    Found,
    Limits,
    NoSolutionError,
    OutOfTimeError,
    Progress,
    Reached,
    Report,
    gap_between,
)
from scheduler.search.whole import Whole

POLL_SECONDS = 0.05
FIRST_SECONDS, FIRST_SHARE = 10.0, 0.05
"""So long the whole model has the machine to itself: at least so many seconds, and this share of a goal's time."""
DECIDE_SHARE, POLISH_SHARE = 0.3, 0.15
"""When so much of the time is over, whichever is behind ends; neighbourhoods that were have this much at the end."""
SETTLE_SECONDS = 1.0
"""Kept back to bring what neighbourhoods found into the whole model."""
SOLVER = f"ortools {ortools.__version__}"  # type: ignore[attr-defined]  # set when it is imported


def run(
    variables: Variables,
    goals: Sequence[Goal],
    limits: Limits,
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    remake: Goals | None = None,
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

    Raises:
        NoSolutionError: the model has none.
        OutOfTimeError: none was found within the limits.
    """
    search = _Search(variables.model, limits, report, stop, len(goals))
    if remake is not None:
        search.around = _Around(variables, remake)
    reached: list[Reached] = []
    for number, goal in enumerate(goals):
        last = number == len(goals) - 1
        result = search.improve(goal, number, share=1.0 if last else 0.5)
        reached.append(result)
        search.tell(goal, number, result.value, result.bound)
        _hold(variables.model, goal, result.value, search)
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


def _hold(model: cp_model.CpModel, goal: Goal, value: int, search: _Search) -> None:
    if not isinstance(goal.terms, int):
        model.add(goal.terms >= value if goal.sense == "max" else goal.terms <= value)
    for expression in goal.held:
        if not isinstance(expression, int):
            model.add(expression == search.value(expression))


class _Around:
    """Large neighbourhoods of the whole model, made when they are first needed."""

    def __init__(self, variables: Variables, remake: Goals) -> None:
        self.variables = variables
        self.remake = remake
        self.held: list[Held] = []
        self._made: Neighbourhoods | None = None

    @property
    def neighbourhoods(self) -> Neighbourhoods:
        """With what is held so far."""
        if self._made is None:
            self._made = Neighbourhoods(self.variables.facts, self.variables.candidates, self.remake)
        self._made.held = self.held
        return self._made


class _Search:
    """The solver's state between goals: what is left of the limits, and the best solution so far."""

    def __init__(
        self,
        model: cp_model.CpModel,
        limits: Limits,
        report: Report | None,
        stop: Callable[[], bool] | None,
        total: int,
    ) -> None:
        self.model = model
        self.limits = limits
        self.report = report
        self.stop = stop
        self.total = total
        self.left = limits.budget
        self.began = time.monotonic()
        self.stopped = False
        self.solution: list[int] | None = None
        self.around: _Around | None = None
        self._beside: int | None = None

    def value(self, expression: cp_model.LinearExprT) -> int:
        """The value of an expression in the best solution so far."""
        if self.solution is None:
            raise OutOfTimeError
        if isinstance(expression, cp_model.IntVar):
            return self._literal(expression.index)
        if not isinstance(expression, cp_model.LinearExpr):
            return int(expression)
        flat = cp_model.FlatIntExpr(expression)
        return flat.offset + sum(
            coefficient * self._literal(variable.index)
            for variable, coefficient in zip(flat.vars, flat.coeffs, strict=True)
        )

    def _literal(self, index: int) -> int:
        solution = self.solution or []
        return solution[index] if index >= 0 else 1 - solution[-index - 1]

    def improve(self, goal: Goal, number: int, share: float) -> Reached:
        """Make one goal as good as the limits allow, from the best solution so far."""
        if isinstance(goal.terms, int) and self.solution is not None:
            return Reached(goal, goal.terms, goal.terms)
        if self.stopped and self.solution is not None:
            return Reached(goal, self.value(goal.terms), goal.limit)
        most = self._left() * share
        first = max(FIRST_SECONDS, FIRST_SHARE * most)
        # An audit is of one model whose search counts its own steps; the making of small models would not be counted.
        if self.around is None or self.limits.deterministic or goal.forced or self.solution is None or most <= first:
            return self._whole(goal, number, most)
        return self._side_by_side(self.around, goal, number, most, first)

    def _side_by_side(self, around: _Around, goal: Goal, number: int, most: float, first: float) -> Reached:
        """The whole model alone, then neighbourhoods beside it, then whichever of the two has come further.

        Some problems yield to the one, some to the other, and nothing but trying tells which. A search of the whole
        model that is stopped has lost what it had learnt: it is stopped for good or not at all (docs/adr/0018).
        """
        began = time.monotonic()
        ends, decides = began + most - SETTLE_SECONDS, began + max(DECIDE_SHARE * most, 2 * first)
        whole = self._begin(goal, (1 - POLISH_SHARE) * most)
        search = None

        def ahead(value: int) -> bool:
            """Whether the whole model has come as far."""
            return whole.incumbent is not None and not _better(goal, value, whole.incumbent)

        def poll(value: int) -> bool:
            self._look(whole, goal, number, value)
            late = time.monotonic() >= decides
            if late and not ahead(value):
                whole.stop()
            return self.stopped or value == whole.bound or (ahead(value) and (late or whole.done.is_set()))

        try:
            self._follow(whole, goal, number, until=began + first)
            if not whole.done.is_set() and not self.stopped:
                search = self._look_around(around, goal, whole.solution or self.solution or [], ends, poll)
                if not ahead(search.value) or self.stopped:
                    whole.stop()
            self._follow(whole, goal, number)
        except BaseException:
            whole.stop()
            whole.done.wait()
            raise
        reached = self._ended(whole, goal)
        if search is None or reached.value == reached.bound:
            return reached
        if not _better(goal, search.value, reached.value) and not self.stopped and time.monotonic() < ends:
            self._look_around(
                around, goal, self.solution or [], ends, lambda value: self._look(whole, goal, number, value)
            )
        if _better(goal, search.value, reached.value):
            taken = {index for there in search.best.values() for index in there}
            values = [(literal, int(index in taken)) for index, literal in around.variables.z.items()]
            self._settle(goal.terms, goal.sense, values)
        return replace(reached, value=self.value(goal.terms))

    def _whole(self, goal: Goal, number: int, budget: float) -> Reached:
        """One search of the whole model."""
        whole = self._begin(goal, budget)
        try:
            self._follow(whole, goal, number)
        except BaseException:
            whole.stop()
            whole.done.wait()
            raise
        return self._ended(whole, goal)

    def _begin(self, goal: Goal, budget: float) -> Whole:
        """Search the whole model for one goal, from the best solution so far."""
        self.model.clear_objective()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        if goal.forced:
            pass  # every solution reaches it: a search without a goal finds its first one sooner
        else:
            (self.model.maximize if goal.sense == "max" else self.model.minimize)(goal.terms)
        self._hint()
        return Whole(self._solver(budget), self.model, name=f"stage {goal.stage}")

    def _follow(self, whole: Whole, goal: Goal, number: int, until: float | None = None) -> None:
        """Tell how a search goes on, and hear who wants it to stop, until it ends or that moment has come."""
        while not whole.done.wait(POLL_SECONDS) and (until is None or time.monotonic() < until):
            self._look(whole, goal, number)

    def _look(self, whole: Whole, goal: Goal, number: int, value: int | None = None) -> bool:
        """Tell what is new of a search, and of a value that was reached beside it; whether everything is to stop."""
        fresh = whole.changed()
        incumbent = whole.incumbent
        if value is not None and (incumbent is None or _better(goal, value, incumbent)):
            fresh, incumbent, self._beside = fresh or value != self._beside, value, value
        if fresh and not goal.forced:
            self.tell(goal, number, incumbent, whole.bound)
        if not self.stopped and self.stop is not None and self.stop():
            self.stopped = True
            whole.stop()
        return self.stopped

    def _ended(self, whole: Whole, goal: Goal) -> Reached:
        """What a search of the whole model came to."""
        maximise, solver = goal.sense == "max", whole.solver
        status = whole.wait()
        if self.limits.deterministic:
            self.left -= solver.response_proto.deterministic_time
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

    def _look_around(
        self, around: _Around, goal: Goal, solution: Sequence[int], ends: float, poll: Callable[[int], bool]
    ) -> Neighbourhoods:
        """Better a solution by large neighbourhoods until some moment; see `Neighbourhoods.best`."""
        self.solution, before = list(solution), self.solution
        plan: dict[str, tuple[int, ...]] = {}
        for placement in around.variables.candidates.placements:
            if self.value(around.variables.z[placement.index]):
                plan[placement.request.id] = (*plan.get(placement.request.id, ()), placement.index)
        value, self.solution = self.value(goal.terms), before
        self._beside = value
        effort = Effort(max(0.0, ends - time.monotonic()), deterministic=False, seed=self.limits.seed)
        search = around.neighbourhoods
        search.improve(plan, value, goal.limit, effort, poll)
        return search

    def _settle(self, terms: cp_model.LinearExprT, sense: str, values: Sequence[tuple[cp_model.BoolVarT, int]]) -> None:
        """Find the best solution in which some literals have these values.

        They are held by their domains, for this one solve, in the model itself: a large one is not to be copied.
        """
        self.model.clear_objective()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        (self.model.maximize if sense == "max" else self.model.minimize)(terms)
        self.model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False
        solver.parameters.max_deterministic_time = 10.0
        for literal, value in values:
            self._set_domain(literal, value, value)
        try:
            status = solver.solve(self.model)
        finally:
            for literal, _ in values:
                self._set_domain(literal, 0, 1)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.solution = list(solver.response_proto.solution)

    def tighten(self, variables: Variables, reached: Sequence[Reached]) -> None:
        """What rules that should hold cost, for the choices as they are, where time ran out before a proof.

        Their auxiliary literals are bounded from below alone, and a solution that is not proved best may have some of
        them higher than they need be: the value would not be that of the bookings.
        """
        wishes = next((each.goal for each in reached if each.goal.stage == "wishes"), None)
        if wishes is None or isinstance(wishes.terms, int):
            return
        choices = [*variables.z.values(), *variables.here.values(), *variables.lost.values()]
        self._settle(wishes.terms, wishes.sense, [(literal, self.value(literal)) for literal in choices])

    def _set_domain(self, literal: cp_model.BoolVarT, least: int, most: int) -> None:
        domain = self.model.proto.variables[literal.index].domain
        domain[0], domain[1] = least, most

    def _hint(self) -> None:
        if self.solution is not None:
            self.model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
            for index, value in enumerate(self.solution):
                self.model.add_hint(self.model.get_int_var_from_proto_index(index), value)

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

    def tell(self, goal: Goal, number: int, incumbent: int | None, bound: int | None) -> None:
        """Report where a stage is; at its end what it came to, of which the solver's callbacks may not have heard."""
        if self.report is None:
            return
        gap = None if incumbent is None or bound is None else gap_between(incumbent, bound)
        seconds = time.monotonic() - self.began
        self.report(Progress(goal.stage, goal.of, number, self.total, incumbent, bound, gap, seconds))


def _better(goal: Goal, value: int, other: int) -> bool:
    """Whether one value of a goal is better than another."""
    return value > other if goal.sense == "max" else value < other

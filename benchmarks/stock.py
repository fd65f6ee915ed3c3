"""The baseline, in one place: stock CP-SAT on the same model, with the same time and as many threads.

`staged` solves the same stages one after another, each on the whole model, and `one_sum` all of them at once, as one
weighted sum. Both answer in the form of `ours`, which is the public `solve`: so that nothing is measured two ways.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.model.build import build, candidates_of
from scheduler.model.objective import Goal, goals, key_of
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search.results import Limits, NoSolutionError, OutOfTimeError, gap_between
from scheduler.search.stages import run
from scheduler.solve import Infeasible, Solved, solve
from scheduler.timetable import Kept, Timetable

GRANTS = ("duties", "classes")
"""The stages that grant sessions."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a stage came to; `bound` is what is proved of it, None where that was not looked at."""

    stage: str
    of: str | None
    value: int
    bound: int | None

    @property
    def gap(self) -> float:
        """Share of the larger of value and bound by which they differ."""
        return 1.0 if self.bound is None else gap_between(self.value, self.bound)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solve came to: `status` is optimal, feasible, infeasible or unknown."""

    seconds: float
    status: str
    rows: tuple[Row, ...] = ()
    timetable: Timetable | None = None

    @property
    def granted(self) -> int:
        """Sessions granted."""
        return sum(row.value for row in self.rows if row.stage in GRANTS)

    @property
    def gap_of_grants(self) -> float:
        """Mean gap of the stages that grant sessions; 1 where nothing was found."""
        gaps = [row.gap for row in self.rows if row.stage in GRANTS]
        return sum(gaps) / len(gaps) if gaps else 1.0

    def gap_of(self, stage: str) -> float:
        """Largest gap of a stage; 1 where nothing was found."""
        return max((row.gap for row in self.rows if row.stage == stage), default=1.0)

    def value_of(self, stage: str) -> int | None:
        """What a stage without classes came to; None where nothing was found."""
        return next((row.value for row in self.rows if row.stage == stage), None)


def ours(problem: Problem, **how: Any) -> Answer:
    """The public `solve`, with its arguments."""
    began = time.perf_counter()
    outcome = solve(problem, **how)
    seconds = time.perf_counter() - began
    if not isinstance(outcome, Solved):
        return Answer(seconds, "infeasible" if isinstance(outcome, Infeasible) else "unknown")
    told = outcome.timetable
    rows = (Row(s.stage, s.of, s.value, s.bound) for s in told.stages if s.status != "not_in_force")
    return Answer(seconds, told.status, tuple(rows), told)


def staged(
    problem: Problem,
    *,
    time_limit: float,
    seed: int | None = None,
    workers: int = 8,
    previous: Timetable | None = None,
) -> Answer:
    """The same stages in the same order and time, the whole model alone searched; no timetable is written."""
    began = time.perf_counter()
    variables = _model(problem)
    drawn = problem.policy.seed if seed is None else seed
    if previous is not None:
        held = {key_of(session) for session in previous.sessions}
        for placement in variables.candidates.placements:
            variables.model.add_hint(variables.z[placement.index], placement.key in held)
    budget = max(time_limit / 10, time_limit - (time.perf_counter() - began))
    limits = Limits(budget, deterministic=False, workers=workers, seed=drawn)
    try:
        found = run(variables, goals(variables, drawn, Kept(previous) if previous is not None else None), limits)
    except NoSolutionError:
        return Answer(time.perf_counter() - began, "infeasible")
    except OutOfTimeError:
        return Answer(time.perf_counter() - began, "unknown")
    seconds = time.perf_counter() - began
    rows = tuple(Row(r.goal.stage, r.goal.of, r.value, r.bound) for r in found.reached if r.goal.reported)
    proved = all(reached.value == reached.bound for reached in found.reached)
    return Answer(seconds, "optimal" if proved else "feasible", rows)


def one_sum(problem: Problem, *, time_limit: float, seed: int = 0, workers: int = 0) -> Answer:
    """All stages but the lot, whose weights would not fit beside the others, as one weighted sum in one solve.

    `workers` 0 leaves their number to CP-SAT. Of the single stages nothing is proved but when all of it is.
    """
    from ortools.sat.python import cp_model

    began = time.perf_counter()
    variables = _model(problem)
    drawn = problem.policy.seed
    parts = [goal for goal in goals(variables, drawn) if goal.stage != "lot" and goal.reported]
    variables.model.minimize(_summed(parts, dearest=100 * len(problem.requests)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(time_limit / 10, time_limit - (time.perf_counter() - began))
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = workers
    status = solver.solve(variables.model)
    seconds = time.perf_counter() - began
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(seconds, "infeasible" if status == cp_model.INFEASIBLE else "unknown")
    proved = status == cp_model.OPTIMAL
    values = [(goal, solver.value(goal.terms)) for goal in parts]
    rows = tuple(Row(goal.stage, goal.of, value, value if proved else None) for goal, value in values)
    return Answer(seconds, "optimal" if proved else "feasible", rows)


def _model(problem: Problem) -> Variables:
    facts = Facts(problem)
    return build(facts, candidates_of(facts))


def _summed(parts: Sequence[Goal], dearest: int) -> Any:
    """Each goal weighs more than all that come after it together; `dearest` is more than a cost can come to."""
    total: Any = 0
    weight = 1
    for goal in reversed(parts):
        # Not `total +=`: OR-Tools adds in place, to an expression that the goal still holds.
        total = total + weight * (-1 if goal.sense == "max" else 1) * goal.terms
        weight *= 1 + (goal.limit if goal.sense == "max" else dearest)
    return total

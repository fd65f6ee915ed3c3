"""A market's goals one after another, each held for the next.

The last goal is the lot: once it is proved, the places follow from the seed, however many workers looked for them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.constraints.terms import Weekday
from scheduler.model.market import MarketModel
from scheduler.placements.market import Block


@dataclass(frozen=True, slots=True)
class Settled:
    """What one goal came to: its value and the proved bound, equal when proved."""

    name: str
    sense: str
    value: int
    bound: int


def settle_market(
    made: MarketModel, seconds: float, workers: int
) -> tuple[list[tuple[str, Weekday, Block]], list[Settled]] | None:
    """Who stands where, and what each goal came to; None when no places were found (or there are none).

    Args:
        made: the model; the held values are added to it.
        seconds: for all goals together; each may take half of what is left, the last one all of it.
        workers: threads of the search.
    """
    began = time.monotonic()
    settled: list[Settled] = []
    taken: list[tuple[str, Weekday, Block]] = []
    for number, (name, sense, terms) in enumerate(made.goals):
        made.model.clear_objective()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        if sense == "max":
            made.model.maximize(terms)
        else:
            made.model.minimize(terms)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        solver.parameters.catch_sigint_signal = False
        left = seconds - (time.monotonic() - began)
        solver.parameters.max_time_in_seconds = max(0.02, left if number == len(made.goals) - 1 else left / 2)
        status = solver.solve(made.model)
        if status == cp_model.MODEL_INVALID:
            raise RuntimeError(f"the model is invalid: {made.model.validate()}")
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            if not number:
                return None
            raise RuntimeError(f"goal {name} lost the places that the goal before it had")
        value = round(solver.objective_value)
        bound = value if status == cp_model.OPTIMAL else round(solver.best_objective_bound)
        settled.append(Settled(name, sense, value, bound))
        taken = [key for key, x in made.x.items() if solver.boolean_value(x)]
        if not isinstance(terms, int):
            made.model.add(terms >= value if sense == "max" else terms <= value)
        made.model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        for x in made.x.values():
            made.model.add_hint(x, solver.boolean_value(x))
    return taken, settled


def every_way(made: MarketModel) -> list[list[tuple[str, Weekday, Block]]]:
    """All solutions, for tests in tiny worlds: who stands where in each, whatever the goals say."""
    found: list[list[tuple[str, Weekday, Block]]] = []

    class Collect(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            found.append([key for key, x in made.x.items() if self.boolean_value(x)])

    made.model.clear_objective()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.enumerate_all_solutions = True
    assert solver.solve(made.model, Collect()) in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return found

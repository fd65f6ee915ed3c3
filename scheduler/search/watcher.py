"""What the solver finds while it is at work."""

from __future__ import annotations

import time

from ortools.sat.python import cp_model


class Watcher(cp_model.CpSolverSolutionCallback):
    """Keeps the latest incumbent and bound; the solver calls it from its own threads."""

    def __init__(self, sense: str) -> None:
        super().__init__()
        self.sense = sense
        self.incumbent: int | None = None
        self.bound: int | None = None
        self.trace: list[tuple[float, int]] = []
        self._told: tuple[int | None, int | None] | None = None

    def on_solution_callback(self) -> None:
        """A better solution."""
        self.incumbent = round(self.objective_value)
        self.trace.append((time.monotonic(), self.incumbent))
        self.bound = round(self.best_objective_bound)

    def on_bound(self, bound: float) -> None:
        """A better bound."""
        self.bound = round(bound)

    def changed(self) -> bool:
        """Whether there is anything new since the last time this was asked."""
        latest = (self.incumbent, self.bound)
        fresh, self._told = latest != self._told, latest
        return fresh

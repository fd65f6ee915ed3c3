"""What a search may spend, and how it is ended."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

MAKING = 0.02
"""Of deterministic time: what a small model costs to make, which the solver does not count."""
STEP_SECONDS = 2.0
"""A small model that takes longer is too large: the next one of its kind is smaller."""


@dataclass
class Effort:
    """What the search may still spend, and who may end it: seconds, or CP-SAT's deterministic time."""

    budget: float
    deterministic: bool
    seed: int
    ended: threading.Event = field(default_factory=threading.Event)
    began: float = field(default_factory=time.monotonic)
    used: float = 0.0
    solvers: dict[int, cp_model.CpSolver] = field(default_factory=dict)

    @property
    def spent(self) -> float:
        """Of the budget, in its own unit."""
        return self.used if self.deterministic else time.monotonic() - self.began

    @property
    def over(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.ended.is_set() or self.spent >= self.budget

    def end(self) -> None:
        """Stop what is under way; what was found is kept."""
        self.ended.set()
        for solver in list(self.solvers.values()):
            solver.stop_search()

    def solve(self, model: cp_model.CpModel, seed: int, most: float = STEP_SECONDS) -> tuple[int, cp_model.CpSolver]:
        """Solve a small model on this thread; its status and the solver."""
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.num_workers = 1
        parameters.linearization_level = 2  # half the time of the default on these models (docs/adr/0018)
        parameters.random_seed = seed % (2**31 - 1)
        parameters.catch_sigint_signal = False
        limit = max(0.01, min(most, self.budget - self.spent))
        if self.deterministic:
            parameters.max_deterministic_time = limit
        else:
            parameters.max_time_in_seconds = limit
        self.solvers[threading.get_ident()] = solver
        status = solver.solve(model)
        if self.deterministic:
            self.used += solver.response_proto.deterministic_time + MAKING
        return int(status), solver

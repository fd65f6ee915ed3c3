"""Large neighbourhoods beside a whole model: made when they are first needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.search.neighbourhoods import Goals, Held, Neighbourhoods, Whole
from scheduler.search.slices import Objective, Slices


class Around:
    """What a search of the whole model needs to look around in it."""

    def __init__(self, variables: Variables, remake: Goals) -> None:
        self.variables = variables
        self.remake = remake
        self.held: list[Held] = []
        self.constraints = len(variables.model.proto.constraints)
        self._made: Neighbourhoods | None = None
        self._slices: Slices | None = None

    def whole(self, solution: Sequence[int], goal: Goal) -> Whole | None:
        """The whole model, to cut small ones out of it; None where it has rows that cannot be cut."""
        z = {number: literal.index for number, literal in self.variables.z.items()}
        if self._slices is None:
            choices = np.array(list(z.values()), dtype=np.int64)
            self._slices = Slices(self.variables.model, choices, self.constraints)
        elif self._slices.known:
            self._slices.known = self._slices.extend()
        if not self._slices.known:
            return None
        placements = {variable: number for number, variable in z.items()}
        return Whole(
            self._slices, z, placements, np.array(solution, dtype=np.int64), Objective.of(goal.terms, goal.sense)
        )

    @property
    def neighbourhoods(self) -> Neighbourhoods:
        """With what is held so far."""
        if self._made is None:
            self._made = Neighbourhoods(self.variables.facts, self.variables.candidates, self.remake)
        self._made.held = self.held
        return self._made

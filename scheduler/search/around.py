"""What looks around beside a whole model, large neighbourhoods and annealing: made when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.problem import Request
from scheduler.search.neighbourhoods import Goals, Held, Neighbourhoods, Whole
from scheduler.search.slices import Objective, Slices

if TYPE_CHECKING:
    from scheduler.search.annealing import Annealing


class Around:
    """What a search of the whole model needs to look around in it."""

    def __init__(self, variables: Variables, remake: Goals) -> None:
        self.variables = variables
        self.remake = remake
        self.held: list[Held] = []
        self.constraints = len(variables.model.proto.constraints)
        self._made: Neighbourhoods | None = None
        self._slices: Slices | None = None
        self._annealing: tuple[tuple[str, str | None, int], Annealing | None] | None = None

    def duties(self) -> list[Request]:
        """The requests that must have their sessions."""
        facts = self.variables.facts
        return [each for each in facts.problem.requests if facts.is_duty(each) or each.id in facts.held]

    def slices(self) -> Slices | None:
        """The rows of the whole model as they are by now; None where some cannot be read."""
        if self._slices is None:
            choices = np.array([literal.index for literal in self.variables.z.values()], dtype=np.int64)
            self._slices = Slices(self.variables.model, choices, self.constraints)
        elif self._slices.known:
            self._slices.known = self._slices.extend()
        return self._slices if self._slices.known else None

    def whole(self, solution: Sequence[int], goal: Goal) -> Whole | None:
        """The whole model, to cut small ones out of it; None where it has rows that cannot be cut."""
        slices = self.slices()
        if slices is None:
            return None
        z = {number: literal.index for number, literal in self.variables.z.items()}
        placements = {variable: number for number, variable in z.items()}
        return Whole(slices, z, placements, np.array(solution, dtype=np.int64), Objective.of(goal.terms, goal.sense))

    def annealing(self, goal: Goal) -> Annealing | None:
        """Annealing of a goal; None where the whole model has rows that it cannot weigh.

        It is imported here: most problems are solved in less time than its compiler takes to be loaded.
        """
        whole = self.whole((), goal)
        if whole is None:
            return None
        if self._annealing is None or self._annealing[0] != (goal.stage, goal.of, len(self.held)):
            from scheduler.search.annealing import Annealing  # noqa: PLC0415  # see above

            made = Annealing.of(whole, self.neighbourhoods.landscape)
            self._annealing = (goal.stage, goal.of, len(self.held)), made
        return self._annealing[1]

    @property
    def neighbourhoods(self) -> Neighbourhoods:
        """With what is held so far."""
        if self._made is None:
            self._made = Neighbourhoods(self.variables.facts, self.variables.candidates, self.remake)
        self._made.held = self.held
        return self._made

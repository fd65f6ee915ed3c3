"""What annealing, and the mending of what it breaks, know of a whole model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.search.landscape import Landscape
from scheduler.search.slices import Objective, Slices


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a whole model, of each placement its variable, and the goal."""

    slices: Slices
    variables: Mapping[int, int]
    objective: Objective
    landscape: Landscape

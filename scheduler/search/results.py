"""What a search is told, what it tells while it runs, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.model.objective import Goal


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solve is: the stage, its place among all, the incumbent, the bound and the gap between them."""

    stage: str
    of: str | None
    done: int
    total: int
    incumbent: int | None
    bound: int | None
    gap: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how wide a solve may go.

    `budget` is wall-clock seconds, or CP-SAT's deterministic time (about as many seconds of one core) when
    `deterministic`: then one worker searches, and the same input gives the same answer to the byte. A goal is sought
    in the whole model for `first` seconds at least before neighbourhoods are tried; None: as long as usual.
    `in_parts`: parts of the model that have nothing to do with each other are searched one by one.
    """

    budget: float
    deterministic: bool
    workers: int
    seed: int
    first: float | None = None
    in_parts: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """What a stage came to: `value` and `bound` of its goal, equal when proved."""

    goal: Goal
    value: int
    bound: int

    @property
    def gap(self) -> float:
        """Share of the larger of the two by which value and bound differ; 0 when proved."""
        return gap_between(self.value, self.bound)


@dataclass(frozen=True, slots=True)
class Found:
    """A solution: the placements taken and the dates lost or replaced, with what each stage came to."""

    taken: tuple[int, ...]
    here: dict[tuple[int, int], bool]
    lost: dict[tuple[int, int], bool]
    reached: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """From where a search goes on: the placements taken in a solution, and what the first goals came to with it."""

    taken: frozenset[int]
    reached: tuple[Reached, ...]


class NoSolutionError(Exception):
    """There is none at all (proved)."""


class OutOfTimeError(Exception):
    """None was found within the limits; nothing is known about whether there is one."""


Report = Callable[[Progress], None]


def gap_between(value: int, bound: int) -> float:
    """|value - bound| as a share of the larger, rounded to six places."""
    return 0.0 if value == bound else round(abs(value - bound) / max(1, abs(value), abs(bound)), 6)

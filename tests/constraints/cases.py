"""The two proofs that every kind of rule owes: a truth table by hand, and both ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from scheduler.problem import Problem
from scheduler.timetable import Booking
from scheduler.verify import check
from scheduler.verify.core import examine
from scheduler.verify.score import penalties
from scheduler.verify.world import World as Problems
from tests.constraints.both_ways import costs_differ, differences, plan, solver_side


@dataclass(frozen=True)
class Truth:
    """One row of a truth table: these bookings are allowed, or they break exactly this rule (of that kind)."""

    kind: str
    name: str
    problem: Problem
    bookings: tuple[Booking, ...]
    holds: bool
    breaks: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


@dataclass(frozen=True)
class World:
    """A tiny world about one kind of rule, with what the checker tries for every session.

    Every start from the first to the last of `span`, `step` minutes apart, on any of the dates.
    """

    kind: str
    name: str
    problem: Problem
    span: tuple[str, str]
    dates: tuple[str, ...] = ("2026-09-07",)
    step: int = 15

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def row(
    kind: str, name: str, world: Problem, made: Iterable[Booking | Iterable[Booking]], *, holds: bool, breaks: str = ""
) -> Truth:
    """A row from bookings and lists of bookings."""
    flat = chain.from_iterable([b] if isinstance(b, Booking) else b for b in made)
    return Truth(kind, name, world, tuple(flat), holds, breaks or kind)


def disagreement(world: World) -> str:
    """How solver and checker differ in a world; empty when they agree."""
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in world.span)
    starts = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(first, last + 1, world.step)]
    return differences(world.problem, starts, [date.fromisoformat(day) for day in world.dates])


def assert_truth(case: Truth) -> None:
    """Checker and solver both say what the table says."""
    broken = {violation.rule for violation in check(case.problem, case.bookings)}
    assert broken == (set() if case.holds else {case.breaks})
    assert (plan(case.bookings) in solver_side(case.problem)) is case.holds


@dataclass(frozen=True)
class Price:
    """One row of a table of prices: what these bookings cost under rules that should hold, counted by hand."""

    name: str
    problem: Problem
    bookings: tuple[Booking, ...]
    points: int

    def __str__(self) -> str:
        return self.name


def assert_price(case: Price) -> None:
    """The checker counts as the table does; what the solver counts is compared with it in worlds."""
    assert check(case.problem, case.bookings) == ()
    assert penalties(examine(Problems(case.problem), case.bookings)[0]) == case.points


def assert_costs_agree(world: World) -> None:
    """What the solver has to pay for a solution is what the checker says that it costs."""
    assert costs_differ(world.problem) == ""


def assert_both_ways(world: World) -> None:
    """The solver's solutions are the checker's."""
    assert disagreement(world) == ""

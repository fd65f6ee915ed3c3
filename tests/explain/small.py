"""Small worlds for tests of what rules do, and closures in few words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from scheduler.constraints.availability import Closed
from scheduler.constraints.terms import ConstraintBase
from scheduler.effects import Effects
from scheduler.explain import check_rules
from scheduler.problem import Problem
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from tests.factories import problem, series, space

MONDAYS = (date(2026, 9, 7), date(2026, 9, 14))


def solved(world: Problem) -> Timetable:
    outcome = solve(world, time_limit=20)
    assert isinstance(outcome, Solved)
    return outcome.timetable


def effects(world: Problem, *rules: ConstraintBase, limit: float = 60) -> Effects:
    """What the rules would do to the best timetable of a world."""
    return check_rules(world, rules, solved(world), time_limit=limit)


def closed(name: str = "new", spaces: Sequence[str] = ("S1",), dates: Sequence[date] = MONDAYS, **more: Any) -> Closed:
    return Closed(id=name, source="a notice", spaces=tuple(spaces), dates=tuple(dates), **more)


def two_rooms(*rules: ConstraintBase) -> Problem:
    """R1 likes S1 best and would take S2; both are free all the time."""
    return problem([series("R1", "MO 19:00-20:30!", spaces=("S1", "S2"))], rules, [space("S1"), space("S2")])

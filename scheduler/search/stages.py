"""Stages one after another, each solved with the earlier ones held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import ortools

from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.search.around import Around
from scheduler.search.goal import GoalSearch
from scheduler.search.neighbourhoods import Goals, Held
from scheduler.search.parts import parts_of
from scheduler.search.results import Begun, Found, Limits, Reached, Report
from scheduler.search.together import groups

SOLVER = f"ortools {ortools.__version__}"  # type: ignore[attr-defined]  # set when it is imported


def run(
    variables: Variables,
    goals: Sequence[Goal],
    limits: Limits,
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    remake: Goals | None = None,
    until: int | None = None,
    begun: Begun | None = None,
) -> Found:
    """Solve the goals in order on one model, holding what each came to.

    Args:
        variables: the model, to which the held values are added.
        goals: in order of importance.
        limits: for all goals together. A goal may use half of what is left, the last one all of it, and so may the
            first while there is no solution.
        report: called in the caller's thread as the search goes on, and for each goal once more when it has ended.
        stop: asked twenty times a second; once true, the best so far is kept and later goals are only evaluated.
        remake: the same goals of a small model. Without it the whole model alone is searched, which is what stock
            CP-SAT does; with it a goal that is not proved soon is bettered by large neighbourhoods.
        until: so many of the goals are sought, and the time of the others is left to them; None: all.
        begun: where to go on from; the goals reached there are held, and not sought again.

    Raises:
        NoSolutionError: the model has none.
        OutOfTimeError: none was found within the limits.
    """
    search = GoalSearch(variables.model, goals, limits, report, stop)
    if remake is not None:
        search.around = Around(variables, remake)
    if limits.in_parts:
        search.parts = parts_of(variables.model)
    before = () if begun is None else begun.reached
    if begun is not None:
        search.begin(variables, begun.taken, goals[len(before) - 1])
    reached: list[Reached] = []
    sought = goals[len(before) : until]
    ends = {len(before) + begin: len(before) + end for begin, end in groups(variables.model, sought)}
    for number, goal in enumerate(goals[:until]):
        if number in ends:
            search.together(number, ends[number])
        if number < len(before):
            result = Reached(goal, search.value(goal.terms), before[number].bound)
        else:
            last = number == len(goals) - 1
            result = search.improve(goal, number, share=1.0 if last else 0.5)
            search.tell(goal, number, result.value, result.bound)
        reached.append(result)
        search.hold(result)
        if search.around is not None:
            search.around.held.append(Held(result.value, tuple(search.value(each) for each in goal.held)))
    if any(each.value != each.bound for each in reached):
        search.tighten(variables, reached)
    value = search.value
    # A goal that time ran out on may have come further since, by the way: what counts is the solution as it is.
    reached = [replace(each, value=value(each.goal.terms)) for each in reached]
    return Found(
        taken=tuple(p.index for p in variables.candidates.placements if value(variables.z[p.index])),
        here={key: bool(value(literal)) for key, literal in variables.here.items()},
        lost={key: bool(value(literal)) for key, literal in variables.lost.items()},
        reached=tuple(reached),
    )

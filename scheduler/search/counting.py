"""Problems with equal spaces: the goals that do not ask which of them are reached by counting, the rest by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from scheduler.model.build import build
from scheduler.model.equal import Rooms, counted, named
from scheduler.model.variables import Variables
from scheduler.search.neighbourhoods import Goals
from scheduler.search.results import Begun, Found, Limits, Progress, Report
from scheduler.search.stages import run

FIRST_SECONDS = 4.0
"""Crowded rooms yield to neighbourhoods long before they do to the whole model (docs/adr/0019)."""


def run_counting(
    whole: Variables,
    groups: Sequence[Rooms],
    remake: Goals,
    limits: Limits,
    *,
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> Found:
    """Solve the goals in order, those before the lot with equal spaces counted.

    What is proved of the counted model is true of the whole one, for each plan of the one is a plan of the other with
    the same values. Only the lot differs from space to space: it is drawn in the whole model, with all that came
    before held. Where the lot comes first all is done there.

    Args:
        whole: the model with every space by its name.
        groups: see `equal_spaces`.
        remake: the goals of any model of the problem.
        limits: for all goals together.
        report: called in the caller's thread.
        stop: asked twenty times a second; once true, the best so far is kept.

    Raises:
        NoSolutionError: the model has none.
        OutOfTimeError: none was found within the limits.
    """
    began = time.monotonic()
    goals = remake(whole)
    until = next((number for number, goal in enumerate(goals) if goal.stage == "lot"), len(goals))
    if not until:
        return run(whole, goals, limits, report, stop, remake=remake)
    limits = replace(limits, in_parts=True)
    few = build(whole.facts, counted(whole.candidates, groups))
    found = run(few, remake(few), replace(limits, first=FIRST_SECONDS), report, stop, remake=remake, until=until)
    taken = named(whole.candidates, groups, [few.candidates.placements[index] for index in found.taken])
    gone = time.monotonic() - began
    rest = replace(limits, budget=max(0.0, limits.budget - gone))

    def later(progress: Progress) -> None:
        if report is not None:
            report(replace(progress, seconds=progress.seconds + gone))

    return run(whole, goals, rest, later, stop, remake=remake, begun=Begun(taken, found.reached))

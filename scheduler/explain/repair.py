"""The plan in force put right: what the rules ask, with as few sessions moved as can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.explain.refusals import refusals
from scheduler.model.build import build, candidates_of
from scheduler.model.objective import goals, key_of
from scheduler.model.read import bookings, missing, sessions
from scheduler.placements.candidates import Candidates
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search.results import Found, Limits, OutOfTimeError, Report
from scheduler.search.stages import run
from scheduler.timetable import Booking, Kept, MissingDate, Refusal, Session, Timetable

WORKERS = 8
"""Threads of a search under the wall clock, as in `scheduler.solve`."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A timetable that keeps to the one before; `proved`: none grants more, and of those none moves fewer."""

    facts: Facts
    candidates: Candidates
    sessions: tuple[Session, ...]
    bookings: tuple[Booking, ...]
    missing: tuple[MissingDate, ...]
    refusals: tuple[Refusal, ...]
    proved: bool


def repair(
    problem: Problem,
    previous: Timetable,
    seconds: float,
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> Repaired | None:
    """Solve again, keeping to a timetable; None when nothing was found in time.

    Args:
        problem: one whose duties and pins can be placed.
        previous: the timetable to keep to.
        seconds: of the wall clock, for the search; the stage `stability` stands before the wishes.
        report: called as the search goes on.
        stop: asked often; once true the best so far is kept.
    """
    facts = Facts(problem)
    candidates = candidates_of(facts)
    variables = build(facts, candidates)
    held = {key_of(session) for session in previous.sessions}
    for placement in candidates.placements:
        variables.model.add_hint(variables.z[placement.index], placement.key in held)
    limits = Limits(budget=seconds, deterministic=False, workers=WORKERS, seed=previous.seed)
    try:
        found = run(variables, goals(variables, previous.seed, Kept(previous)), limits, report, stop)
    except OutOfTimeError:
        return None
    taken = [candidates.placements[index] for index in found.taken]
    absent = frozenset(key for key, stands in found.here.items() if not stands and key[0] in set(found.taken))
    return Repaired(
        facts=facts,
        candidates=candidates,
        sessions=sessions(facts, taken),
        bookings=bookings(facts, taken, absent),
        missing=missing(variables, taken, absent),
        refusals=refusals(facts, candidates, taken),
        proved=_fewest(found),
    )


def _fewest(found: Found) -> bool:
    """Whether every stage as far as stability is proved best; which of several equal ones is taken says the rest."""
    stages = [reached.goal.stage for reached in found.reached]
    last = stages.index("stability") if "stability" in stages else len(stages) - 1
    return all(reached.value == reached.bound for reached in found.reached[: last + 1])

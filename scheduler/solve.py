"""From a problem to its answer: solved, infeasible or undecided; never None, never an exception for "no time left"."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scheduler import __version__
from scheduler.constraints.terms import Sentence
from scheduler.explain.collision import Collision, collide
from scheduler.explain.refusals import in_vain, refusals
from scheduler.model.build import StoppedError, build, candidates_of
from scheduler.model.equal import equal_spaces
from scheduler.model.objective import NOT_IN_FORCE, Goal, goals, key_of, order_of
from scheduler.model.read import bookings, missing, sessions
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Candidates
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search.counting import run_counting
from scheduler.search.large import LARGEST_MODEL, run_large
from scheduler.search.neighbourhoods import Goals
from scheduler.search.results import Found, Limits, NoSolutionError, OutOfTimeError, Progress
from scheduler.search.stages import SOLVER, run
from scheduler.timetable import Kept, StageResult, Timetable

ENGINE = f"gongshi {__version__}, {SOLVER}, {platform.machine()}"


@dataclass(frozen=True, slots=True)
class Solved:
    """A timetable, proved optimal or with the gap that each stage was left with."""

    timetable: Timetable


@dataclass(frozen=True, slots=True)
class Infeasible:
    """The duties and pins cannot all be placed: which of them, and the rules by which they collide."""

    collision: Collision

    @property
    def requests(self) -> tuple[str, ...]:
        """A smallest set of duties and pinned requests that cannot all be placed."""
        return self.collision.requests

    @property
    def rules(self) -> tuple[str, ...]:
        """The kinds of the rules by which they collide, and the ids of the instances among them."""
        return (*self.collision.kinds, *self.collision.constraints)

    @property
    def sentence(self) -> Sentence:
        """The collision in words."""
        return self.collision.sentence


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing was found within the limits; whether there is an answer is not known."""

    sentence: Sentence


Outcome = Solved | Infeasible | Undecided
NOT_FOUND = Sentence(
    zh="规定时间内没有找到方案；这不等于无解，请放宽时限再试",
    en="nothing was found in time; that does not mean there is no answer: try again with more time",
)


def solve(
    problem: Problem,
    *,
    time_limit: float = 60.0,
    seed: int | None = None,
    audit: bool = False,
    previous: Timetable | Kept | None = None,
    workers: int = 8,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Decide who gets what.

    Args:
        problem: well formed (see `scheduler.wellformed`).
        time_limit: seconds, the model's making included; with `audit`, CP-SAT's deterministic time, about as many
            seconds of one core.
        seed: of the lot and the search; the policy's own when None.
        audit: one worker under a deterministic limit: the same input gives the same timetable to the byte.
        previous: a timetable to keep to, from which the search starts: the stage `stability`, if the policy has it,
            comes into force, before the wishes (docs/semantics.md). With the one that people know of, as `Kept`, its
            sessions weigh more in that stage.
        workers: threads of a solve that is not an audit. Eight search the reference centre three times as fast as one
            or two, even on two cores: they do not only share work, they try different ways.
        progress: called in the caller's thread.
        stop: asked often; once true the best so far is kept and the solve ends.
    """
    began = time.monotonic()
    facts = Facts(problem)
    drawn = problem.policy.seed if seed is None else seed
    candidates = candidates_of(facts)
    kept = Kept(previous) if isinstance(previous, Timetable) else previous
    remake = partial(goals, seed=drawn, kept=kept)
    large = len(candidates.placements) > LARGEST_MODEL
    try:
        whole = None if large else build(facts, candidates, stop)
    except StoppedError:
        return Undecided(NOT_FOUND)
    # Putting the model together counts, but the search has a tenth of the time whatever it took.
    budget = time_limit if audit else max(time_limit / 10, time_limit - (time.monotonic() - began))
    limits = Limits(budget, deterministic=audit, workers=workers, seed=drawn)
    try:
        if whole is None:
            variables, found = run_large(facts, candidates, remake, limits, report=progress, stop=stop)
        else:
            variables, found = whole, _search(whole, remake, limits, kept=kept, progress=progress, stop=stop)
    except NoSolutionError:
        return Infeasible(collide(problem))
    except OutOfTimeError:
        return Undecided(NOT_FOUND)
    return Solved(_timetable(variables, candidates, found, drawn, kept, audit=audit))


def _search(
    whole: Variables,
    remake: Goals,
    limits: Limits,
    *,
    kept: Kept | None,
    progress: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
) -> Found:
    """Equal spaces are counted, but for a timetable to keep to, which names them, and in audits, of one model each."""
    if kept is not None:
        _start_from(whole, kept.previous)
    elif not limits.deterministic and (groups := equal_spaces(whole.facts, whole.candidates)):
        return run_counting(whole, groups, remake, limits, report=progress, stop=stop)
    return run(whole, remake(whole), limits, progress, stop, remake=remake)


def _start_from(variables: Variables, previous: Timetable) -> None:
    held = {key_of(session) for session in previous.sessions}
    for placement in variables.candidates.placements:
        taken = placement.key in held
        variables.model.add_hint(variables.z[placement.index], taken)


def _timetable(
    variables: Variables, candidates: Candidates, found: Found, seed: int, kept: Kept | None, *, audit: bool
) -> Timetable:
    facts = variables.facts
    taken = [candidates.placements[index] for index in found.taken]
    absent = frozenset(key for key, stands in found.here.items() if not stands and key[0] in set(found.taken))
    proved = all(reached.value == reached.bound for reached in found.reached)
    return Timetable(
        problem=facts.problem.fingerprint(),
        engine=ENGINE,
        seed=seed,
        audit=audit,
        previous=kept.previous.fingerprint() if kept is not None else None,
        released=kept.released.fingerprint() if kept is not None and kept.released is not None else None,
        status="optimal" if proved else "feasible",
        stages=_stages(facts, found, keeps=kept is not None),
        sessions=sessions(facts, taken),
        bookings=bookings(facts, taken, absent),
        missing=missing(variables, taken, absent),
        refusals=refusals(facts, candidates, taken),
        in_vain=in_vain(facts, candidates, taken),
    )


def _stages(facts: Facts, found: Found, *, keeps: bool) -> tuple[StageResult, ...]:
    results: list[StageResult] = []
    solved = {reached.goal.stage for reached in found.reached}
    for stage in order_of(facts.problem.policy.stages, keeps=keeps):
        if stage in NOT_IN_FORCE and stage not in solved:
            results.append(_result(Goal(stage, None, "min", NOT_IN_FORCE[stage], 0, 0), 0, 0, 0.0, "not_in_force"))
        for reached in found.reached:
            if reached.goal.stage == stage and reached.goal.reported:
                status = "optimal" if reached.value == reached.bound else "feasible"
                results.append(_result(reached.goal, reached.value, reached.bound, reached.gap, status))
    return tuple(results)


def _result(goal: Goal, value: int, bound: int, gap: float, status: str) -> StageResult:
    return StageResult(
        stage=goal.stage,
        of=goal.of,
        sense=goal.sense,
        unit=goal.unit,
        value=value,
        bound=bound,
        gap=gap,
        status=status,  # type: ignore[arg-type]  # one of the three, see above
    )

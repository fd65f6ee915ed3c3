"""The reference centre in the hands of a test: edit a wish, drop a rule, hold a session in place, and solve again.

How far a test looks is said by the stages it solves: GRANTS for how many sessions each class gets, RANKS for the own
ranking of bodies as well, WISHES for what the wishes cost, and EVERYTHING for the one timetable that the seed draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import fixtures.badahu
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.model.build import build, candidates_of
from scheduler.model.objective import goals
from scheduler.placements.candidates import Candidates, Dropped
from scheduler.placements.facts import Facts, minutes
from scheduler.problem import Dated, Problem, Request, Series, Stage
from scheduler.search.results import Limits
from scheduler.search.stages import run
from scheduler.solve import Infeasible, Solved, solve
from scheduler.timetable import Reason, Refusal, Timetable
from scheduler.verify import verify
from scheduler.wellformed import faults_of, read_problem
from tests.factories import window

GRANTS: tuple[Stage, ...] = ("duties", "classes")
RANKS: tuple[Stage, ...] = (*GRANTS, "fairness", "own_rank")
WISHES: tuple[Stage, ...] = (*RANKS, "wishes")
EVERYTHING: tuple[Stage, ...] = (*WISHES, "stability", "lot")

Slot = tuple[str, str, str]
"""Weekday, start and space of a session."""


@cache
def centre() -> Problem:
    """The reference problem as it is committed."""
    return read_problem((Path(fixtures.badahu.__file__).parent / "problem.json").read_bytes())


@cache
def season() -> Timetable:
    """The reference timetable, all stages."""
    return timetable(centre())


def request_of(problem: Problem, name: str) -> Request:
    """One request."""
    return next(request for request in problem.requests if request.id == name)


def edit(problem: Problem, name: str, *, windows: str = "", day: str = "", **fields: Any) -> Problem:
    """The problem with one request asked differently; `windows` as in `tests.factories`, `day` the date of a dated one.

    edit(centre(), "R023", windows="WE 19:15-20:45!", spaces=("S01",))
    """
    old = request_of(problem, name)
    if windows:
        fields["windows"] = tuple(window(text) for text in windows.split(";"))
    if day:
        assert isinstance(old.when, Dated)
        fields["when"] = old.when.model_copy(update={"date": date.fromisoformat(day)})
    new = old.model_copy(update=fields)
    return _with(problem, requests=tuple(new if request is old else request for request in problem.requests))


def without(problem: Problem, *rules: str) -> Problem:
    """The problem without some of its rules."""
    assert set(rules) <= {rule.id for rule in problem.constraints}
    return _with(problem, constraints=tuple(rule for rule in problem.constraints if rule.id not in rules))


def asking(problem: Problem, *more: Request) -> Problem:
    """The problem with more requests."""
    return _with(problem, requests=(*problem.requests, *more))


def pinned(problem: Problem, name: str, **slot: Any) -> Problem:
    """The problem with a session of one request held where the slot says; the request held in full without one."""
    pin = Pin(
        id=f"pin-{name}-{len(problem.constraints)}",
        request=name,
        slot=PinnedSlot(**slot) if slot else None,
        source="a test",
    )
    return _with(problem, constraints=(*problem.constraints, pin))


def timetable(problem: Problem, stages: tuple[Stage, ...] = EVERYTHING, *, seed: int | None = None) -> Timetable:
    """The timetable of a problem: well formed, proved optimal in every stage, and believed by the verifier."""
    asked = _staged(problem, stages)
    outcome = solve(asked, seed=seed, time_limit=120)
    assert isinstance(outcome, Solved), outcome
    found = outcome.timetable
    assert found.status == "optimal"
    report = verify(asked, found)
    assert report.holds, report.violations
    return found


def collision(problem: Problem) -> Infeasible:
    """What comes of a problem whose duties and pins cannot all be placed."""
    assert faults_of(problem) == ()
    outcome = solve(_staged(problem, GRANTS), time_limit=120)
    assert isinstance(outcome, Infeasible), outcome
    return outcome


def _staged(problem: Problem, stages: tuple[Stage, ...]) -> Problem:
    assert faults_of(problem) == ()
    return _with(problem, policy=problem.policy.model_copy(update={"stages": stages}))


def _with(problem: Problem, **parts: Any) -> Problem:
    return problem.model_copy(update=parts)


def best_without(problem: Problem, name: str, slot: Slot) -> dict[tuple[str, str | None], int]:
    """(stage, class) -> its value at best when one placement of a request is struck out: what every other costs."""
    facts = Facts(_staged(problem, WISHES))
    asked = candidates_of(facts)
    left = [p for p in asked.placements if p.key != (name, *slot)]
    assert len(left) == len(asked.placements) - 1
    candidates = Candidates([replace(p, index=index) for index, p in enumerate(left)], asked.dropped)
    variables = build(facts, candidates)
    limits = Limits(budget=120, deterministic=False, workers=8, seed=1)
    found = run(variables, goals(variables, problem.policy.seed), limits)
    assert all(each.value == each.bound for each in found.reached)
    return {(each.goal.stage, each.goal.of): each.value for each in found.reached if each.goal.reported}


def values(found: Timetable) -> dict[tuple[str, str | None], int]:
    """(stage, class) -> its value, of the stages that are in force."""
    return {(each.stage, each.of): each.value for each in found.stages if each.status != "not_in_force"}


def by_class(found: Timetable) -> dict[str, int]:
    """Sessions granted in each class, the duties as `fix`."""
    values = {each.of: each.value for each in found.stages if each.stage == "classes"}
    return {"fix": value_of(found, "duties")} | {str(of): value for of, value in values.items()}


def value_of(found: Timetable, stage: Stage) -> int:
    """What a stage came to."""
    return next(each.value for each in found.stages if each.stage == stage)


def gains(problem: Problem, name: str, stages: tuple[Stage, ...] = GRANTS) -> Timetable:
    """The timetable of an edited problem, in which one refused request is granted and no class loses a session.

    With every class at its greatest and one more session in that of the request, it is granted in every optimum: the
    others by themselves cannot have more than they had.
    """
    found, request = timetable(problem, stages), request_of(problem, name)
    assert refused(season()).keys() >= {name}
    assert name not in refused(found)
    assert by_class(found) == dict(Counter(by_class(season())) + Counter({request.priority: 1}))
    return found


def gains_freely(problem: Problem, name: str) -> Timetable:
    """The same, with the wishes of all others as dear as before and nobody losing a date to it."""
    found = gains(problem, name, WISHES)
    assert value_of(found, "wishes") == value_of(season(), "wishes")
    assert name not in {rival for to in lost(found).values() for rival in to}
    return found


def slots(found: Timetable, name: str) -> list[Slot]:
    """Where the sessions of a request are."""
    return [(each.weekday, each.starts, each.space) for each in found.sessions if each.request == name]


def dates(found: Timetable, name: str) -> list[str]:
    """The dates on which a request takes place."""
    return [each.starts.date().isoformat() for each in found.bookings if each.request == name]


def lost(found: Timetable) -> dict[tuple[str, str], tuple[str, ...]]:
    """(request, date) of every date lost -> the requests to which it was."""
    return {(m.request, m.date.isoformat()): m.to for m in found.missing if m.kind == "lost"}


def refused(found: Timetable) -> dict[str, tuple[str, str | None]]:
    """Request -> code and rule of its refusal, for all that did not get all their sessions."""
    return {each.request: (each.code, each.constraint) for each in found.refusals}


def refusal(found: Timetable, name: str) -> Refusal:
    """The refusal of one request."""
    return next(each for each in found.refusals if each.request == name)


def reason(found: Timetable, name: str, weekday: str, starts: str, space: str) -> Reason:
    """What a refused request is told about one of its wishes."""
    told = [r for r in refusal(found, name).reasons if (r.weekday, r.starts, r.space) == (weekday, starts, space)]
    assert len(told) == 1, refusal(found, name).reasons
    return told[0]


@cache
def dropped(name: str) -> tuple[Dropped, ...]:
    """The wishes of a request that can never hold in the reference season, each with the rule."""
    return tuple(wish for wish in candidates_of(Facts(centre())).dropped if wish.request == name)


def in_vain(name: str, space: str, starts: str | None = None) -> set[tuple[str, str | None, tuple[str, ...], str]]:
    """Rule, instance, rivals and Chinese sentence for the wishes of a request in a space that can never hold."""
    return {
        (
            wish.verdict.kind,
            wish.verdict.rule.id if wish.verdict.rule else None,
            wish.verdict.rivals,
            wish.verdict.sentence.zh,
        )
        for wish in dropped(name)
        if wish.space == space and (starts is None or wish.start == minutes(starts))
    }


def booked(found: Timetable, space: str, starts: str, ends: str, *, but: Iterable[str] = ()) -> list[str]:
    """`request date` of every booking in a space, or in a combination of it, that overlaps a time of day."""
    parts = {each.id: set(each.parts) or {each.id} for each in centre().spaces}
    return [
        f"{b.request} {b.starts.date()}"
        for b in found.bookings
        if parts[b.space] & parts[space]
        and b.request not in set(but)
        and f"{b.starts:%H:%M}" < ends
        and starts < f"{b.ends:%H:%M}"
    ]


def is_series(request: Request) -> bool:
    """Whether a request is weekly."""
    return isinstance(request.when, Series)

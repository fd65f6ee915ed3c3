"""The model of a problem, put together; reads as a table of contents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ortools.sat.python.cp_model import LinearExpr

from scheduler.constraints import KINDS
from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.changeover import Changeover
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource
from scheduler.model.certain import settle
from scheduler.model.cliques import undominated
from scheduler.model.losses import post_losses
from scheduler.model.moments import ByDay, Timeline, by_day, timelines
from scheduler.model.posts import MODULES
from scheduler.model.posts.occupancy import post_overlap_of_patterns
from scheduler.model.singles import post_singles
from scheduler.model.variables import Variables, choices
from scheduler.placements.candidates import Candidates, DateJudge, SpaceJudge, generate
from scheduler.placements.facts import Facts
from scheduler.problem import Patterns

MOST_COMPARED = 2_000_000
"""Literals in cliques; beyond that the solver's own presolve looks for those that others contain."""


class StoppedError(Exception):
    """The model is not wanted any more, and was left unfinished."""


def candidates_of(facts: Facts) -> Candidates:
    """Every placement that no rule about single occurrences and no certain duty forbids; the others with their rule."""
    return settle(facts, generate(facts, *judges_of(facts)))


def judges_of(facts: Facts) -> tuple[list[SpaceJudge], list[DateJudge]]:
    """Who judges whether a space suits, and whether an occurrence may be; none for kinds of which there is no rule."""
    space_judges: list[SpaceJudge] = []
    date_judges: list[DateJudge] = []
    for module in MODULES.values():
        space_judges += getattr(module, "SPACE_JUDGES", {}).values()
        for kind, judge in getattr(module, "DATE_JUDGES", {}).items():
            if (schema := KINDS[kind]) is None or facts.rules(schema):
                date_judges.append(judge)
    return space_judges, date_judges


def build(
    facts: Facts,
    candidates: Candidates,
    stop: Callable[[], bool] | None = None,
    settled: frozenset[str] = frozenset(),
) -> Variables:
    """The whole model but for its objective: choices, losses, and every family's postings.

    Args:
        facts: the problem.
        candidates: its placements.
        stop: asked before each posting.
        settled: requests that stay where they are (see `Variables.settled`).

    Raises:
        StoppedError: once `stop` is true; a large model takes minutes to put together.
    """
    variables = choices(facts, candidates, settled)
    reach = reach_of(facts)
    on_timelines = not _patterns_only(facts)
    occurring = _occurring(variables) if on_timelines else {}
    post_losses(variables, _dated(variables, occurring, reach))
    for module in MODULES.values():
        for post in getattr(module, "ONCE", {}).values():
            post(variables)
    post_singles(variables)
    if not on_timelines:
        post_overlap_of_patterns(variables)
    for timeline in [*_slots(variables, reach), *_real(variables, occurring, reach)] if on_timelines else []:
        for module in MODULES.values():
            for post in getattr(module, "POSTS", {}).values():
                if stop is not None and stop():
                    raise StoppedError
                post(variables, timeline)
    _post_cliques(variables)
    _post_crowds(variables)
    return variables


def _patterns_only(facts: Facts) -> bool:
    """Whether every session is a pattern and no rule but `overlap` speaks of what stands side by side on a date."""
    return all(isinstance(request.when, Patterns) for request in facts.problem.requests) and not any(
        facts.rules(kind) for kind in (Changeover, PooledResource, Sharing, SameAttendees)
    )


def posts_anything(facts: Facts, candidates: Candidates, kind: str) -> bool:
    """Whether the rules of one kind, by themselves, put anything into a model of these placements."""
    variables = choices(facts, candidates)
    before = len(variables.model.proto.constraints)
    reach = reach_of(facts)
    for module in MODULES.values():
        if once := getattr(module, "ONCE", {}).get(kind):
            once(variables)
        if post := getattr(module, "POSTS", {}).get(kind):
            for timeline in [*_slots(variables, reach), *_real(variables, _occurring(variables), reach)]:
                post(variables, timeline)
    more = len(variables.model.proto.constraints) - before - variables.defined
    return bool(variables.cliques or variables.crowds or variables.penalties) or more > 0


def reach_of(facts: Facts) -> int:
    """The longest minutes that any rule asks between two bookings; the schema knows none beyond two days."""
    owed = [row.minutes for space in facts.problem.spaces for row in space.changeover]
    limits = [rule.nothing_owed_after_minutes for rule in facts.rules(Changeover)]
    # A conversion of the evening before, whose crew may still be at work, has an earlier occupant of its own.
    crews = max(owed, default=0) if facts.rules(PooledResource) else 0
    return crews + max([*owed, *limits, *(way.minutes for way in facts.problem.travel)], default=0)


def _slots(variables: Variables, reach: int) -> Iterator[Timeline]:
    """Weekly slots of series on the dates of their weekday, where they exclude each other whatever falls or is lost."""
    series = [p for p in variables.candidates.placements if p.series]
    days = by_day((day, p) for p in series for day in p.weekly)
    yield from timelines(days, lambda p, _day: variables.z[p.index], real=False, reach=reach, era=variables.facts.era)


def _real(variables: Variables, occurring: ByDay, reach: int) -> Iterator[Timeline]:
    """Every date as it is, with its dated requests and the dates that series may lose."""
    yield from timelines(occurring, variables.present, real=True, reach=reach, era=variables.facts.era)


def _dated(variables: Variables, occurring: ByDay, reach: int) -> Iterator[Timeline]:
    """The dates on or next to which a dated request or a made-up date may stand, as they are, each by itself."""
    asked = {day for p in variables.candidates.placements for day in (p.made_up if p.series else p.nominal)}
    near = {day + later for day in asked for later in (0, 1, 2)}
    yield from timelines(
        occurring,
        variables.present,
        real=True,
        reach=reach,
        era=variables.facts.era,
        wanted=near.__contains__,
        alike=False,
    )


def _occurring(variables: Variables) -> ByDay:
    """All occurrences, by the ordinal of their date."""
    return by_day((day, p) for p in variables.candidates.placements for day in sorted(p.days))


def _post_cliques(variables: Variables) -> None:
    if sum(map(len, variables.cliques)) > MOST_COMPARED:
        for literals in variables.cliques:
            variables.model.add_at_most_one(literals)
        return
    by_index = {literal.index: literal for clique in variables.cliques for literal in clique}
    sets = (frozenset(literal.index for literal in clique) for clique in variables.cliques)
    for clique in undominated(found for found in sets if len(found) > 1):
        variables.model.add_at_most_one(by_index[index] for index in sorted(clique))


def _post_crowds(variables: Variables) -> None:
    by_index = {literal.index: literal for _, crowd in variables.crowds for literal in crowd}
    for rooms in sorted({rooms for rooms, _ in variables.crowds}):
        sets = (frozenset(each.index for each in crowd) for held, crowd in variables.crowds if held == rooms)
        for crowd in undominated(sets):
            variables.model.add(LinearExpr.sum([by_index[index] for index in sorted(crowd)]) <= rooms)

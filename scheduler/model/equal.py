"""Spaces that nothing tells apart: found from the problem, counted instead of named, and named again afterwards.

Of k equal rooms a plan only has to say which sessions are in one of them: as long as no more than k are there at any
moment, names for the rooms can be found. Counting takes k! equal plans out of the search, weekday by weekday
(docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import Any

from scheduler.constraints.days import DifferentDays
from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.terms import ConstraintBase
from scheduler.model.posts import MODULES
from scheduler.model.posts.relations import IN_SPACE
from scheduler.placements.candidates import Candidates, Placement
from scheduler.placements.facts import DAY, Facts

Rooms = tuple[str, ...]
"""Equal spaces, in the order of the problem; the first stands for all of them."""

NAMES = {"id", "name", "name_en", "note"}
"""Fields of a space that no rule looks at, but for the identity, which a rule may name."""
BY_SPACE = {*IN_SPACE, "not_adjacent"}
MEASURES_OF_SPACES = {"space_stability", "spaces_open"}


def equal_spaces(facts: Facts, candidates: Candidates) -> list[Rooms]:
    """The groups of spaces that may be counted: exact only, and none at all wherever that is not plain.

    A group is of two spaces or more, and:

    1. Each is atomic, no part of another, not `unlimited`, has no changeover table, and is equal to the others in all
       that the problem states of it (site, floor, hours, dated hours, layouts, features, ...) but its names.
    2. Every request has the same placements in each of them: times, dates that fall, layouts, points. So a request
       lists all or none (or those it lists alone are none that it could have), they cost the same, and no rule that
       judges single sessions tells them apart, whatever it names.
    3. No other rule names one of them: no pin, sharing, scope, pair of neighbours; no wish.
    4. No rule sets sessions beside each other by space (`same_space`, `each` space, `spaces_open`, ...), none counts
       spaces in session or crews, and idle spaces cost nothing. Otherwise there are no groups anywhere.
    5. Who can be there are series, all with the same dates on a weekday, none of them made up, none past midnight: what
       excludes each other is on one weekday, for all dates or none. The conflicts of a weekday are those of
       intervals, and intervals of which no k + 1 have a moment in common can be given k names.
    6. No request can have two sessions at one time there, which one choice could not tell: it has one session, or a
       rule keeps them on different days.
    """
    if _looks_at_spaces(facts):
        return []
    kinds: dict[object, list[str]] = {}
    there = _placements_in(candidates)
    named = set(_named(facts))
    parts = {part for space in facts.problem.spaces for part in space.parts}
    for space in facts.problem.spaces:
        plain = not (space.parts or space.unlimited or space.changeover)
        if plain and space.id not in named | parts and space.id in there:
            told = space.model_dump_json(exclude=NAMES)
            kinds.setdefault((told, tuple(map(_told, there[space.id]))), []).append(space.id)
    return [tuple(rooms) for rooms in kinds.values() if len(rooms) > 1 and _counts(facts, there[rooms[0]])]


def counted(candidates: Candidates, groups: Iterable[Rooms]) -> Candidates:
    """The placements with one of each group's spaces in the place of all, which holds as many sessions at once."""
    rooms = {group[0]: len(group) for group in groups}
    left_out = {space for group in groups for space in group[1:]}
    kept = [p for p in candidates.placements if p.space not in left_out]
    return Candidates([replace(p, index=n, rooms=rooms.get(p.space, 1)) for n, p in enumerate(kept)], [])


def named(candidates: Candidates, groups: Iterable[Rooms], taken: Sequence[Placement]) -> frozenset[int]:
    """The placements with spaces by name for some that were counted, as their numbers in `candidates`.

    Of each weekday the sessions are gone through by their start; each has the room that has been free longest, and one
    is free, for at no moment are there more sessions than rooms.
    """
    number = {p.key: p.index for p in candidates.placements}
    group_of = {group[0]: group for group in groups}
    busy: dict[tuple[str, int], list[tuple[int, str]]] = {}
    found: set[int] = set()
    for placement in sorted(taken, key=lambda p: (p.start, p.index)):
        space = placement.space
        if space in group_of:
            free = busy.setdefault((space, placement.weekday), [(0, room) for room in group_of[space]])
            heapify(free)
            until, space = heappop(free)
            if until > placement.start:
                raise RuntimeError(f"more sessions at once than there are rooms like {placement.space}")
            heappush(free, (placement.end, space))
        found.add(number[replace(placement, space=space).key])
    return frozenset(found)


def _placements_in(candidates: Candidates) -> dict[str, list[Placement]]:
    there: dict[str, list[Placement]] = {}
    for placement in candidates.placements:
        there.setdefault(placement.space, []).append(placement)
    return there


def _told(p: Placement) -> object:
    """All that a placement is but for its space and the sentences about it."""
    return p.request.id, p.times, p.weekday, p.start, p.end, p.layout, p.points, p.nominal, p.days, p.option


def _looks_at_spaces(facts: Facts) -> bool:
    return bool(facts.problem.policy.wishes.idle_space) or any(map(_sees_spaces, facts.problem.constraints))


def _sees_spaces(rule: ConstraintBase) -> bool:
    """Whether a rule looks at who shares a space with whom, or at how many spaces are in use."""
    if isinstance(rule, Relation):
        return rule.each == "space" or rule.relation in BY_SPACE
    if isinstance(rule, Load):
        return rule.each == "space" or rule.measure in MEASURES_OF_SPACES
    return isinstance(rule, PooledResource) and rule.resource != "amount"


def _named(facts: Facts) -> Iterator[str]:
    """The identities in all rules but those of which condition 2 tells all: what is judged session by session."""
    judged: set[str] = set()
    posted: set[str] = set()
    for module in MODULES.values():
        judged |= {*getattr(module, "SPACE_JUDGES", {}), *getattr(module, "DATE_JUDGES", {})}
        posted |= {*getattr(module, "POSTS", {}), *getattr(module, "ONCE", {})}
    for rule in facts.problem.constraints:
        if rule.strength == "should" or rule.kind not in judged - posted:
            yield from _words(rule.model_dump())


def _words(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for each in told.values():
            yield from _words(each)
    elif isinstance(told, list | tuple):
        for each in told:
            yield from _words(each)


def _counts(facts: Facts, there: Sequence[Placement]) -> bool:
    """Conditions 5 and 6, of the placements in one space."""
    dates: dict[int, tuple[int, ...]] = {}
    for p in there:
        if not p.series or p.option is not None or p.end > DAY or p.weekly != p.nominal:
            return False
        if dates.setdefault(p.weekday, p.nominal) != p.nominal or not _one_at_a_time(facts, p):
            return False
    return True


def _one_at_a_time(facts: Facts, p: Placement) -> bool:
    return facts.asked(p.request) == 1 or any(
        facts.season_of(rule) is None and facts.selects(rule.scope, p.request, p.space)
        for rule in facts.rules(DifferentDays)
    )

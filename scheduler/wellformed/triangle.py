"""The triangle condition of changeover tables: c(a,c) <= c(a,b) + shortest(b) + c(b,c).

Where it holds, occupants that keep their distance from their neighbours keep it from everybody, so that
checking every pair is checking consecutive ones (design, section 5). It is checked for the kinds of occupant
that the requests can put into each atomic space, whether or not a `changeover` rule is in force today, and with
the `sharing` rules of each time at which others hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from operator import add

from scheduler.constraints.changeover import ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Dated, Problem, Request, Space
from scheduler.wellformed.faults import Fault, Loc, fault
from scheduler.wellformed.rules import nothing_owed_after
from scheduler.wellformed.spaces import atoms_of


@dataclass(frozen=True)
class Kind:
    """Occupants that a table cannot tell apart but by these three."""

    use: str
    layout: str
    space: str


@dataclass(frozen=True)
class Group:
    """Kinds that match the same rows on both sides, and so owe and are owed the same."""

    before: frozenset[int]
    after: frozenset[int]
    layout: str
    shares: frozenset[int]


@dataclass(frozen=True)
class Member:
    """One kind of a group, for people to read, and the shortest session of the group in minutes."""

    kind: Kind
    minutes: int


def triangles(problem: Problem) -> Iterator[Fault]:
    """For each row of each table the pair that gains most by a detour over a third occupant."""
    by_id = {space.id: space for space in problem.spaces}
    shortest = _kinds(problem, by_id)
    times = list(_together(problem))
    most = nothing_owed_after(problem)
    for place, space in enumerate(problem.spaces):
        if space.changeover and not space.parts:
            told: dict[Loc, Fault] = {}
            for sharings in times:
                groups = _groups(space, shortest.get(space.id, {}), sharings)
                for found in _broken(("spaces", place, "changeover"), space, groups, most):
                    told.setdefault(found.loc, found)
            yield from told.values()


def _together(problem: Problem) -> Iterator[list[Sharing]]:
    """The sharing rules that hold together at some time of what is asked for, each set of them once."""
    sharings = [each for each in problem.constraints if isinstance(each, Sharing)]
    dates = [each.when.date for each in problem.requests if isinstance(each.when, Dated)]
    first, last = min([problem.season.first_date, *dates]), max([problem.season.last_date, *dates])
    turns = {each.valid_from for each in sharings if each.valid_from and first < each.valid_from <= last}
    over = {each.valid_until for each in sharings if each.valid_until and first <= each.valid_until < last}
    turns |= {day + timedelta(days=1) for day in over}
    seen: list[list[Sharing]] = []
    for day in (first, *sorted(turns)):
        there = [each for each in sharings if (each.valid_from or day) <= day <= (each.valid_until or day)]
        if there not in seen:
            seen.append(there)
            yield there


def _kinds(problem: Problem, by_id: dict[str, Space]) -> dict[str, dict[Kind, int]]:
    """By atomic space, the kinds of occupant that requests can bring, each with its shortest session."""
    kinds: dict[str, dict[Kind, int]] = {}
    atoms = {space.id: atoms_of(space, by_id) for space in problem.spaces}
    for request in problem.requests:
        for name in request.spaces:
            layout = _layout(request, by_id[name]) if name in by_id else None
            if layout is not None:
                kind = Kind(request.use, layout, name)
                for atom in atoms[name]:
                    known = kinds.setdefault(atom, {})
                    known[kind] = min(request.minutes, known.get(kind, request.minutes))
    return kinds


def _layout(request: Request, space: Space) -> str | None:
    places = {each.id: each.capacity for each in space.layouts}
    return next((each for each in request.layouts if places.get(each, -1) >= request.headcount), None)


def _groups(space: Space, shortest: dict[Kind, int], sharings: list[Sharing]) -> dict[Group, Member]:
    rows = space.changeover
    tells_layouts = any(row.layout_changes for row in rows)
    groups: dict[Group, Member] = {}
    for kind, minutes in shortest.items():
        group = Group(
            before=frozenset(number for number, row in enumerate(rows) if _matches(row.before, kind)),
            after=frozenset(number for number, row in enumerate(rows) if _matches(row.after, kind)),
            layout=kind.layout if tells_layouts else "",
            shares=frozenset(number for number, rule in enumerate(sharings) if _covers(rule, kind)),
        )
        if group not in groups or minutes < groups[group].minutes:
            groups[group] = Member(kind, minutes)
    return groups


def _matches(pattern: Occupant, kind: Kind) -> bool:
    return (
        (not pattern.uses or kind.use in pattern.uses)
        and kind.use not in pattern.not_uses
        and (not pattern.layouts or kind.layout in pattern.layouts)
        and (not pattern.spaces or kind.space in pattern.spaces)
    )


def _covers(rule: Sharing, kind: Kind) -> bool:
    return rule.space == kind.space and rule.layout == kind.layout and kind.use in rule.uses


def _row(rows: tuple[ChangeoverRow, ...], before: Group, after: Group) -> int | None:
    """The first row that matches a pair; none where both are covered by one sharing rule."""
    if before.shares & after.shares:
        return None
    both = before.before & after.after
    differ = before.layout != after.layout
    return min((number for number in both if differ or not rows[number].layout_changes), default=None)


def _broken(loc: Loc, space: Space, groups: dict[Group, Member], most: int) -> Iterator[Fault]:
    rows = space.changeover
    members = list(groups.values())
    first = [[_row(rows, one, other) for other in groups] for one in groups]
    owed = [[0 if row is None else min(rows[row].minutes, most) for row in line] for line in first]
    lengths = [member.minutes for member in members]
    rest = [list(map(add, lengths, column)) for column in zip(*owed, strict=True)]  # by c: b and the way from b to c
    nearest = [min(ways) for ways in rest]  # no detour to c is shorter than this
    worst: dict[int, tuple[int, int, int, int]] = {}
    for a, line in enumerate(owed):
        least = min(map(add, line, lengths))  # and none from a shorter than this
        for c, straight in enumerate(line):
            row = first[a][c]
            if row is None or straight <= max(least, nearest[c]):
                continue
            detours = list(map(add, line, rest[c]))
            shortest = min(detours)
            if shortest < straight and straight - shortest > worst.get(row, (0,))[0]:
                worst[row] = (straight - shortest, a, detours.index(shortest), c)
    for row, (_, a, b, c) in sorted(worst.items()):
        yield _told((*loc, row), [members[each] for each in (a, b, c)], (owed[a][c], owed[a][b], owed[b][c]))


def _told(loc: Loc, trio: list[Member], minutes: tuple[int, int, int]) -> Fault:
    one, via, other = (f"{each.kind.use}/{each.kind.layout}/{each.kind.space}" for each in trio)
    straight, there, on = minutes
    length = trio[1].minutes
    detour = there + length + on
    found = f"{straight}: {one} > {other}"
    zh = f"至多 {detour} 分钟：中间经过 {via} 只需 {there}+{length}+{on}"
    en = f"at most {detour} minutes: by way of {via} it is {there} + {length} + {on}"
    return fault("triangle", loc, found, zh, en)

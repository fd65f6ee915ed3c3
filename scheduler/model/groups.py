"""Whose sessions a rule about several sessions speaks of, group by group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ortools.sat.python.cp_model import BoolVarT

from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.model.variables import APART, At, In, Variables
from scheduler.placements.candidates import Placement, meets_on
from scheduler.placements.facts import EVERYTHING, Facts
from scheduler.problem import Request


@dataclass(frozen=True, slots=True)
class Member:
    """A request in a group, and the spaces in which its sessions count; None: wherever they are."""

    request: str
    spaces: frozenset[str] | None
    dates: int | None = None
    """The dates of the season that count, as a bit set, and with them the sessions that have one; None: all."""

    def at(self, variables: Variables) -> list[At]:
        """When it could have a session that counts."""
        there = variables.at(self.request, self.spaces)
        if self.dates is None:
            return there
        return [each for each in there if variables.times.all[each.time].dates & self.dates]

    def within(self, variables: Variables) -> list[In]:
        """Where it could have a session that counts."""
        there = variables.within(self.request, self.dates)
        return there if self.spaces is None else [each for each in there if each.space in self.spaces]

    def placements(self, variables: Variables) -> list[Placement]:
        """How it could have a session that counts."""
        return [
            p
            for p in variables.of_request[self.request]
            if (self.spaces is None or p.space in self.spaces) and (self.dates is None or p.times.dates & self.dates)
        ]


def groups(variables: Variables, rule: Relation | Load) -> list[tuple[Member, ...]]:
    """The groups of a rule's `each`, with the requests in the order of the scope's own list, else of the problem's."""
    return variables.facts.once(("groups", id(rule)), lambda: groups_of(variables.facts, rule))


def groups_of(facts: Facts, rule: Relation | Load) -> list[tuple[Member, ...]]:
    """The same, of a problem of which there is no model yet."""
    found = dict[str, list[Member]]()
    dates = facts.season_of(rule)
    for request in _ordered(facts, rule):
        for key, member in _memberships(facts, rule, request):
            found.setdefault(key, []).append(replace(member, dates=dates))
    return [tuple(members) for members in found.values()]


def never_both(variables: Variables, one: BoolVarT, other: BoolVarT) -> bool:
    """Whether two literals of `Variables.at`, of sessions that meet on a date, are never both true: a rule says so."""
    a, b = variables.request_at[one.index], variables.request_at[other.index]
    if a == b:
        return variables.one_at_a_time(a)
    return b in variables.facts.once("apart", lambda: _apart(variables.facts)).get(a, ())


def _apart(facts: Facts) -> dict[str, set[str]]:
    """For each request those whose sessions never overlap with its own, wherever they are."""
    found: dict[str, set[str]] = {}
    for rule in facts.rules(Relation):
        if rule.relation in APART and facts.season_of(rule) is None:
            for group in groups_of(facts, rule):
                anywhere = {member.request for member in group if member.spaces is None}
                for request in anywhere:
                    found.setdefault(request, set()).update(anywhere)
    return found


def _ordered(facts: Facts, rule: Relation | Load) -> list[Request]:
    if rule.scope.requests:
        # A part of a problem, in which culprits are looked for, has its rules whole and only some of its requests.
        asked = [facts.requests[request] for request in rule.scope.requests if request in facts.requests]
    else:
        asked = list(facts.problem.requests)
    return [request for request in asked if meets_on(facts, rule, request)]


def _memberships(facts: Facts, rule: Relation | Load, request: Request) -> Iterator[tuple[str, Member]]:
    if rule.scope == EVERYTHING:
        there = set(request.spaces)
    else:
        there = {space for space in request.spaces if facts.selects(rule.scope, request, space)}
    if not there:
        return
    if rule.each == "space":
        for space in sorted(there):
            yield space, Member(request.id, frozenset([space]))
        return
    counted = None if len(there) == len(request.spaces) else frozenset(there)
    for key in keys(facts, rule.each, request):
        yield key, Member(request.id, counted)


def keys(facts: Facts, each: str, request: Request) -> tuple[str, ...]:
    """The groups that a request belongs to."""
    return {
        "all": ("",),
        "request": (request.id,),
        "applicant": (request.applicant,),
        "body": (facts.body(request),),
        "person": request.people,
        "use": (request.use,),
        "priority": (request.priority,),
    }[each]

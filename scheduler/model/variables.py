"""The Boolean choices: which placements are taken, which requests granted, which dates lost.

z[p]            placement p is taken
granted[r]      request r gets its sessions (all of them, or its least number)
lost[p, day]    p is taken and gives up that date to a rival
replaced[p, day] p is taken and another request of its own stands there that day
here[p, day] = z[p] - lost[p, day] - replaced[p, day]: the occurrence takes place
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar

from ortools.sat.python.cp_model import BoolVarT, CpModel, IntVar, LinearExpr, LinearExprT

from scheduler.constraints.relations import Relation
from scheduler.model.times import Times
from scheduler.placements.candidates import Candidates, Placement
from scheduler.placements.facts import Facts
from scheduler.problem import Request, Series

Key = TypeVar("Key", int, str)
APART = frozenset({"not_overlap", "same_attendees", "different_time", "different_days"})
"""Relations of which two sessions that must keep to one never overlap on a date."""


class At(NamedTuple):
    """A time, by its number, and the literal that a session is there."""

    time: int
    literal: BoolVarT


class In(NamedTuple):
    """A space, and the literal that a session is there."""

    space: str
    literal: BoolVarT


@dataclass
class Variables:
    """The model under construction, with its choices; families post on it."""

    facts: Facts
    candidates: Candidates
    model: CpModel
    z: dict[int, BoolVarT] = field(default_factory=dict)
    granted: dict[str, BoolVarT] = field(default_factory=dict)
    of_request: dict[str, list[Placement]] = field(default_factory=dict)
    here: dict[tuple[int, int], BoolVarT] = field(default_factory=dict)
    lost: dict[tuple[int, int], BoolVarT] = field(default_factory=dict)
    cliques: list[tuple[BoolVarT, ...]] = field(default_factory=list)
    crowds: list[tuple[int, tuple[BoolVarT, ...]]] = field(default_factory=list)
    """Where equal spaces are counted: how many of them there are, and the literals of which no more may hold."""
    penalties: list[LinearExpr | IntVar] = field(default_factory=list)
    """Points of rules that should hold, in the stage `wishes`; each as small as the choices allow."""

    settled: frozenset[str] = frozenset()
    """Requests whose sessions are where they are in every solution, and break no rule that must hold among
    themselves: what such rules say of them alone needs no posting. None of them in a model of the whole problem."""

    defined: int = 0
    """Constraints that only say what a literal stands for."""

    request_at: dict[int, str] = field(default_factory=dict)
    """Whose the literals of `at` are."""

    at_times: dict[tuple[str, frozenset[str] | None], list[At]] = field(default_factory=dict)
    in_spaces: dict[tuple[str, int | None], list[In]] = field(default_factory=dict)

    @cached_property
    def times(self) -> Times:
        """The times of all placements, numbered."""
        return Times(placement.times for placement in self.candidates.placements)

    def at(self, request: str, spaces: frozenset[str] | None = None) -> list[At]:
        """When a request could have a session (in some spaces only, where they are given): time and literal.

        Of a request whose sessions are never at one time a literal stands for all placements at that time; of one with
        several that may be, each placement has its own.
        """
        key = (request, spaces)
        if key not in self.at_times:
            there = [p for p in self.of_request[request] if spaces is None or p.space in spaces]
            keyed = [(self.times.number[p.times], p.index) for p in there]
            # Sessions without a date of their own weekday are never "together", so no rule keeps them apart.
            apart = self.one_at_a_time(request) and (self._asked(request) == 1 or all(p.times.dates for p in there))
            by_time = self._together(keyed, apart=apart)
            self.at_times[key] = [At(number, literal) for number, literal in by_time]
            self.request_at |= {literal.index: request for _, literal in by_time}
        return self.at_times[key]

    def within(self, request: str, dates: int | None = None) -> list[In]:
        """Where a request could have a session: space and literal, as `at`.

        Args:
            request: whose session.
            dates: a bit set of dates of the season, of which it has at least one; None: whatever dates it has.
        """
        key = (request, dates)
        if key not in self.in_spaces:
            counted = (p for p in self.of_request[request] if dates is None or p.times.dates & dates)
            keyed = [(p.space, p.index) for p in counted]
            there = self._together(keyed, apart=self._asked(request) == 1)
            self.in_spaces[key] = [In(space, literal) for space, literal in there]
        return self.in_spaces[key]

    def _asked(self, request: str) -> int:
        return self.facts.asked(self.facts.requests[request])

    def one_at_a_time(self, request: str) -> bool:
        """Whether no two sessions of a request are ever at one time: it has one, or a rule keeps them apart."""
        return self._asked(request) == 1 or self.facts.once(("apart", request), lambda: self._kept_apart(request))

    def _kept_apart(self, request: str) -> bool:
        asks = self.facts.requests[request]
        return any(
            rule.relation in APART
            and rule.each not in {"person", "space"}
            and self.facts.season_of(rule) is None
            and all(self.facts.selects(rule.scope, asks, space) for space in asks.spaces)
            for rule in self.facts.rules(Relation)
        )

    def _together(self, keyed: list[tuple[Key, int]], *, apart: bool) -> list[tuple[Key, BoolVarT]]:
        if not apart:
            return [(key, self.z[index]) for key, index in keyed]
        by_key: dict[Key, list[BoolVarT]] = {}
        for key, index in keyed:
            by_key.setdefault(key, []).append(self.z[index])
        return [(key, self._any_of(literals)) for key, literals in by_key.items()]

    def _any_of(self, literals: list[BoolVarT]) -> BoolVarT:
        if len(literals) == 1:
            return literals[0]
        one = self.model.new_bool_var("")
        self.defined += 1
        self.model.add(LinearExpr.sum(literals) == one)
        return one

    def exclude(self, literals: Iterable[BoolVarT], rooms: int = 1) -> None:
        """At most one of these, or so many; kept until all families have spoken, to leave out dominated sets."""
        clique = tuple(literals)
        if len(clique) > rooms:
            if rooms == 1:
                self.cliques.append(clique)
            else:
                self.crowds.append((rooms, clique))

    def present(self, placement: Placement, day: int) -> BoolVarT:
        """The literal that an occurrence takes place: z, unless that date can be lost or replaced."""
        return self.here.get((placement.index, day), self.z[placement.index])

    def sessions(self, request: str) -> LinearExprT:
        """Number of sessions that a request gets."""
        return sum(self.z[placement.index] for placement in self.of_request[request])


def choices(facts: Facts, candidates: Candidates, settled: frozenset[str] = frozenset()) -> Variables:
    """Make z and granted for every request, tied together by the request's own terms (all, at least k, or none)."""
    model = CpModel()
    variables = Variables(facts, candidates, model, settled=settled)
    for placement in candidates.placements:
        variables.z[placement.index] = model.new_bool_var(f"z{placement.index}")
        variables.of_request.setdefault(placement.request.id, []).append(placement)
    for request in facts.problem.requests:
        variables.of_request.setdefault(request.id, [])
        _grant(variables, request)
    return variables


def _grant(variables: Variables, request: Request) -> None:
    model, duty = variables.model, variables.facts.is_duty(request)
    granted = model.new_bool_var(f"g[{request.id}]")
    variables.granted[request.id] = granted
    literals = [variables.z[placement.index] for placement in variables.of_request[request.id]]
    asked = variables.facts.asked(request)
    least = request.when.min_sessions if isinstance(request.when, Series) else None
    if duty or least is None or least == asked:
        if asked == 1:
            model.add_exactly_one([*literals, ~granted])
        else:
            model.add(sum(literals) == asked * granted)
    else:
        model.add(sum(literals) >= least * granted)
        model.add(sum(literals) <= asked * granted)
    if duty:
        model.add_bool_or([granted])

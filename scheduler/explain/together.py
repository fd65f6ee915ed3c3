"""Rules about several sessions, as they stand in the way of one wish: asked of the checks, with the wish put in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.terms import ConstraintBase
from scheduler.model.read import bookings
from scheduler.placements.candidates import Placement, Verdict
from scheduler.placements.facts import Facts
from scheduler.verify.checks import CHECKS
from scheduler.verify.plan import Plan
from scheduler.verify.reading import read
from scheduler.verify.world import World

KINDS: dict[str, type[ConstraintBase]] = {
    "relation": Relation,
    "load": Load,
    "choice": Choice,
    "growth": Growth,
    "pooled_resource": PooledResource,
}
MOST_WISHES = 12
"""So many wishes of a request are tried; the others are much like them."""


class Together:
    """The timetable found, to which wishes are added one by one."""

    def __init__(self, facts: Facts, taken: Sequence[Placement]) -> None:
        self.facts = facts
        self.taken = list(taken)
        self.kinds = [kind for kind, schema in KINDS.items() if facts.rules(schema)]
        self.world = World(facts.problem) if self.kinds else None
        self._own: dict[str, list[Placement]] = {}
        for placement in self.taken:
            self._own.setdefault(placement.request.id, []).append(placement)

    @cached_property
    def _read(self) -> dict[str, Plan]:
        """Of each request with a session the part of the plan that is its own: what a wish of another leaves alone."""
        return {request: self._plan(own) for request, own in self._own.items()}

    def _plan(self, own: list[Placement]) -> Plan:
        assert self.world is not None
        plan, _ = read(self.world, bookings(self.facts, own, frozenset()))
        return plan

    def against(self, wish: Placement) -> Verdict | None:
        """The first rule that a timetable with this wish in it would break, and whose sessions are there already."""
        if self.world is None:
            return None
        # Bookings are read request by request: only those of the wish's own are read again with it among them.
        parts = {**self._read, wish.request.id: self._plan([*self._own.get(wish.request.id, ()), wish])}
        ordered = [parts[request.id] for request in self.facts.problem.requests if request.id in parts]
        plan = Plan(
            self.world, [o for part in ordered for o in part.occurrences], [s for p in ordered for s in p.slots]
        )
        for kind in self.kinds:
            for finding in CHECKS[kind](plan):
                named = {one.request.id for one in finding.involved} | set(finding.requests)
                if finding.constraint is not None and wish.request.id in named:
                    rivals = tuple(sorted(named - {wish.request.id}))
                    return Verdict(kind, finding.constraint, finding.constraint.sentence(self.facts.names), rivals)
        return None

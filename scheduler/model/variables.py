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

from ortools.sat.python.cp_model import BoolVarT, CpModel, LinearExprT

from scheduler.placements.candidates import Candidates, Placement
from scheduler.placements.facts import Facts
from scheduler.problem import Request, Series


@dataclass(slots=True)
class Variables:
    """The model under construction, with its choices; families post on it."""

    facts: Facts
    candidates: Candidates
    model: CpModel
    z: list[BoolVarT] = field(default_factory=list)
    granted: dict[str, BoolVarT] = field(default_factory=dict)
    of_request: dict[str, list[Placement]] = field(default_factory=dict)
    here: dict[tuple[int, int], BoolVarT] = field(default_factory=dict)
    lost: dict[tuple[int, int], BoolVarT] = field(default_factory=dict)
    cliques: list[tuple[BoolVarT, ...]] = field(default_factory=list)

    def exclude(self, literals: Iterable[BoolVarT]) -> None:
        """At most one of these; kept until all families have spoken, so that dominated sets can be left out."""
        clique = tuple(literals)
        if len(clique) > 1:
            self.cliques.append(clique)

    def present(self, placement: Placement, day: int) -> BoolVarT:
        """The literal that an occurrence takes place: z, unless that date can be lost or replaced."""
        return self.here.get((placement.index, day), self.z[placement.index])

    def sessions(self, request: str) -> LinearExprT:
        """Number of sessions that a request gets."""
        return sum(self.z[placement.index] for placement in self.of_request[request])


def choices(facts: Facts, candidates: Candidates) -> Variables:
    """Make z and granted for every request, tied together by the request's own terms (all, at least k, or none)."""
    model = CpModel()
    variables = Variables(facts, candidates, model)
    for placement in candidates.placements:
        variables.z.append(model.new_bool_var(f"z{placement.index}"))
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

"""Rules about single dates that should hold: each date that breaks one, and takes place, costs its weight."""

from __future__ import annotations

from ortools.sat.python.cp_model import BoolVarT, LinearExpr

from scheduler.model.posts import MODULES
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Occurrence


def post_singles(variables: Variables) -> None:
    """Σ weight x present[p, day] over the dates that break a rule."""
    facts = variables.facts
    literals: list[BoolVarT] = []
    weights: list[int] = []
    for module in MODULES.values():
        for schema, breaks in getattr(module, "BROKEN", {}).values():
            for rule in facts.wishes(schema):
                for p in variables.candidates.placements:
                    space = facts.spaces[p.space]
                    for day in sorted(p.days):
                        if breaks(facts, rule, Occurrence(p.request, space, p.atoms, p.weekday, day, p.start, p.end)):
                            literals.append(variables.present(p, day))
                            weights.append(rule.weight)
    if literals:
        variables.penalties.append(LinearExpr.weighted_sum(literals, weights))

"""`choice` and `growth`: on whole requests and bodies."""

from __future__ import annotations

from itertools import pairwise, permutations

from ortools.sat.python.cp_model import IntVar

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.terms import Scope
from scheduler.model.variables import Variables
from scheduler.problem import Request


def chosen(variables: Variables, scope: Scope) -> list[Request]:
    """The requests that a scope speaks of: of spaces, those that name one of them."""
    facts = variables.facts
    return [r for r in facts.problem.requests if any(facts.selects(scope, r, space) for space in r.spaces)]


def post_choice(variables: Variables) -> None:
    """linked: granted is the same for all. at_most: Σ granted <= at_most."""
    for rule in variables.facts.rules(Choice):
        literals = [variables.granted[request.id] for request in chosen(variables, rule.scope)]
        if rule.linked:
            for one, other in pairwise(literals):
                variables.model.add_implication(one, other)
                variables.model.add_implication(other, one)
        if rule.at_most is not None:
            variables.model.add(sum(literals) <= rule.at_most)


def post_growth(variables: Variables) -> None:
    """For each two bodies: n_a - n_b - 1 <= excess, unless b has all that it asked for; of must there is no excess."""
    facts, model = variables.facts, variables.model
    for rule in [*facts.rules(Growth), *facts.wishes(Growth)]:
        bodies: dict[str, list[Request]] = {}
        for request in chosen(variables, rule.scope):
            bodies.setdefault(facts.body(request), []).append(request)
        asked = {body: sum(map(facts.asked, requests)) for body, requests in bodies.items()}
        counts: dict[str, IntVar] = {}
        full: dict[str, IntVar] = {}
        for body, requests in bodies.items():
            counts[body] = model.new_int_var(0, asked[body], "")
            model.add(counts[body] == sum(variables.sessions(request.id) for request in requests))
            full[body] = model.new_bool_var("")
            model.add(counts[body] >= asked[body]).only_enforce_if(full[body])
            model.add(counts[body] < asked[body]).only_enforce_if(~full[body])
        for a, b in permutations(bodies, 2):
            above = counts[a] - counts[b] - 1
            if rule.strength == "must":
                model.add(above <= 0).only_enforce_if(~full[b])
            else:
                excess = model.new_int_var(0, asked[a], "")
                model.add(above <= excess).only_enforce_if(~full[b])
                variables.penalties.append(rule.weight * excess)


ONCE = {"choice": post_choice, "growth": post_growth}

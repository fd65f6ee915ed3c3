"""`choice` and `growth`: on whole requests and bodies."""

from __future__ import annotations

from itertools import pairwise, permutations

from ortools.sat.python.cp_model import BoolVarT, IntVar, LinearExpr

from scheduler.constraints.choices import Choice, Growth
from scheduler.model.variables import Variables
from scheduler.placements.candidates import counted_by, meets_on
from scheduler.problem import Request


def chosen(variables: Variables, rule: Choice | Growth) -> list[Request]:
    """The requests that a rule speaks of: of spaces, those that name one of them; of dates, those that could meet."""
    facts = variables.facts
    return [
        request
        for request in facts.problem.requests
        if any(facts.selects(rule.scope, request, space) for space in request.spaces) and meets_on(facts, rule, request)
    ]


def counted(variables: Variables, rule: Choice | Growth, request: Request) -> list[BoolVarT]:
    """The literals of the sessions of a request that have a date on which the rule holds."""
    return [variables.z[p.index] for p in variables.of_request[request.id] if counted_by(rule, p)]


def has_one(variables: Variables, rule: Choice, request: Request) -> BoolVarT:
    """The literal that a request has a session that counts: that it is granted, where all of its sessions do."""
    literals = counted(variables, rule, request)
    if len(literals) == len(variables.of_request[request.id]):
        return variables.granted[request.id]
    one = variables.model.new_bool_var("")
    variables.defined += 1 + len(literals)
    variables.model.add_bool_or([*literals, ~one])
    for literal in literals:
        variables.model.add_implication(literal, one)
    return one


def post_choice(variables: Variables) -> None:
    """linked: having a session is the same for all. at_most: Σ having a session <= at_most."""
    for rule in variables.facts.rules(Choice):
        literals = [has_one(variables, rule, request) for request in chosen(variables, rule)]
        if rule.linked:
            for one, other in pairwise(literals):
                variables.model.add_implication(one, other)
                variables.model.add_implication(other, one)
        if rule.at_most is not None and len(literals) > rule.at_most:
            variables.model.add(sum(literals) <= rule.at_most)


def post_growth(variables: Variables) -> None:
    """For each two bodies: n_a - n_b - 1 <= excess, unless b has all that it asked for; of must there is no excess.

    n counts the sessions that have a date on which the rule holds; to have all that one asked for, any dates will do.
    """
    facts, model = variables.facts, variables.model
    for rule in [*facts.rules(Growth), *facts.wishes(Growth)]:
        bodies: dict[str, list[Request]] = {}
        for request in chosen(variables, rule):
            bodies.setdefault(facts.body(request), []).append(request)
        asked = {body: sum(map(facts.asked, requests)) for body, requests in bodies.items()}
        counts: dict[str, IntVar] = {}
        full: dict[str, IntVar] = {}
        for body, requests in bodies.items():
            counts[body] = model.new_int_var(0, asked[body], "")
            literals = [literal for request in requests for literal in counted(variables, rule, request)]
            model.add(counts[body] == LinearExpr.sum(literals))
            full[body] = model.new_bool_var("")
            granted = sum(variables.sessions(request.id) for request in requests)
            model.add(granted >= asked[body]).only_enforce_if(full[body])
            model.add(granted < asked[body]).only_enforce_if(~full[body])
        for a, b in permutations(bodies, 2):
            above = counts[a] - counts[b] - 1
            if rule.strength == "must":
                model.add(above <= 0).only_enforce_if(~full[b])
            else:
                excess = model.new_int_var(0, asked[a], "")
                model.add(above <= excess).only_enforce_if(~full[b])
                variables.penalties.append(rule.weight * excess)


ONCE = {"choice": post_choice, "growth": post_growth}

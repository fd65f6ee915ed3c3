"""`different_days`: the sessions of one request on different weekdays."""

from __future__ import annotations

from scheduler.constraints.days import DifferentDays
from scheduler.model.variables import Variables
from scheduler.placements.candidates import counted_by


def post_different_days(variables: Variables) -> None:
    """For each request in scope and each weekday: Σ z <= 1."""
    facts = variables.facts
    for rule in facts.rules(DifferentDays):
        for request in facts.problem.requests:
            if facts.asked(request) < 2:
                continue
            counted = [
                p
                for p in variables.of_request[request.id]
                if counted_by(rule, p) and facts.selects(rule.scope, request, p.space)
            ]
            for weekday in range(7):
                here = [p.index for p in counted if p.weekday == weekday]
                variables.exclude(variables.z[index] for index in here)


ONCE = {"different_days": post_different_days}

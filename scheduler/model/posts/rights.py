"""`quota` on bodies; `date_loss` is a permission, and its postings are in `model/losses.py`."""

from __future__ import annotations

from scheduler.constraints.rights import Quota
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Placement, bits, counted_by
from scheduler.placements.facts import WEEKDAY_NO, Facts, minutes


def counts(facts: Facts, rule: Quota, placement: Placement) -> bool:
    """Whether a placement is one of the sessions that a quota counts."""
    if not placement.series or not facts.selects(rule.scope, placement.request, placement.space):
        return False
    if not counted_by(rule, placement):
        return False
    if rule.indoor_only and facts.spaces[placement.space].outdoor:
        return False
    weekdays = {placement.weekday} if placement.option is None else set(bits(placement.times.weekdays))
    return not rule.prime or any(
        not weekdays.isdisjoint(WEEKDAY_NO[day] for day in prime.days) and placement.start >= minutes(prime.starts_from)
        for prime in rule.prime
    )


def post_quota(variables: Variables) -> None:
    """For each body: Σ z over its counted placements <= at_most."""
    facts = variables.facts
    for rule in facts.rules(Quota):
        bodies: dict[str, list[Placement]] = {}
        for placement in variables.candidates.placements:
            if counts(facts, rule, placement):
                bodies.setdefault(facts.body(placement.request), []).append(placement)
        for counted in bodies.values():
            wished = {p.request.id: facts.asked(p.request) for p in counted}
            if sum(wished.values()) > rule.at_most:
                variables.model.add(sum(variables.z[p.index] for p in counted) <= rule.at_most)


ONCE = {"quota": post_quota}

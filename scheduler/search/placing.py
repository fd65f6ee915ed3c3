"""A first plan of a problem that is too large for one model: what must be placed, batch by batch."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from ortools.sat.python import cp_model

from scheduler.constraints.pin import Pin
from scheduler.model.posts.pin import meets
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts
from scheduler.search.choosing import Chooser
from scheduler.search.effort import STEP_SECONDS, Effort
from scheduler.search.landscape import Numbers, Plan
from scheduler.search.neighbourhoods import Neighbourhoods, taken_in

BATCH, LEAST_SIZE, MOST_TRIED = 40, 5.0, 5
FEW = 120
"""So many placements of each request are looked at when it is first placed; all of them when that is not enough."""


def place(search: Neighbourhoods, effort: Effort, stop: Callable[[], bool]) -> Plan | None:
    """Place all that must be placed, from nothing; None when effort or patience ended before all of it was.

    Rules by which these wait for the company of others (`linked`, least minutes) may keep them from being placed here.
    What finds no place is tried again with those in its way set free, and more of them each time that fails.
    """
    look, facts = search.landscape, search.facts
    # Nothing must be placed in these models, or the first of them would have no solution.
    freed = Facts(facts.problem, frozenset(facts.requests))
    rng = random.Random(effort.seed)
    must = [request.id for request in facts.problem.requests if facts.is_duty(request) or request.id in facts.held]
    order = sorted(must, key=lambda request: (len(look.of[request]), request))
    plan: Plan = {}
    size, fresh = LEAST_SIZE, True
    while not effort.over and not stop():
        missing = [request for request in order if request not in plan]
        if not missing:
            return plan
        batch = missing[:BATCH] if fresh else rng.sample(missing, min(len(missing), MOST_TRIED))
        free = set() if fresh else Chooser(look, plan, rng).in_the_way(batch[0], int(size))
        stays = {request: there for request, there in plan.items() if request not in free}
        opened = look.open([*batch, *free], stays)
        if fresh:
            opened = {r: there if r in facts.held else _few(rng, look.points, there) for r, there in opened.items()}
        variables = search.model(freed, opened, stays)
        _keep_pins(variables, opened)
        variables.model.maximize(sum(variables.granted[request] for request in opened))
        status, solver = effort.solve(variables.model, rng.randrange(2**31), 2 * STEP_SECONDS)
        found = taken_in(variables, solver) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else plan
        gained = len(found) - len(plan)
        if gained >= 0:
            plan = found
        fresh = fresh and gained > 0
        if gained > 0:
            size = LEAST_SIZE
        else:
            size = max(LEAST_SIZE, min(size * (0.8 if status == cp_model.UNKNOWN else 1.2), float(len(order))))
    return None


def _keep_pins(variables: Variables, opened: Iterable[str]) -> None:
    """Who is placed at all is placed where a pin holds it; nobody must be placed in these models."""
    for pin in variables.facts.rules(Pin):
        if pin.slot is not None and pin.request in opened:
            there = [variables.z[p.index] for p in variables.of_request[pin.request] if meets(pin.slot, p)]
            variables.model.add_bool_or([*there, ~variables.granted[pin.request]])


def _few(rng: random.Random, points: Numbers, there: Numbers) -> Numbers:
    """The cheapest of the placements and some others."""
    if len(there) <= FEW:
        return there
    cheap = sorted(there.tolist(), key=lambda number: (int(points[number]), rng.random()))
    kept = {*cheap[: FEW // 2], *rng.sample(cheap, FEW // 2)}
    return there[[number in kept for number in there.tolist()]]

"""All checks of meaning, in the order in which their faults are told."""

from __future__ import annotations

from scheduler.problem import Problem
from scheduler.wellformed import bodies, references, requests, rules, spaces, times, triangle
from scheduler.wellformed.faults import Fault, capped

CHECKS = (
    references.duplicate_ids,
    references.listed_twice,
    references.unknown_ids,
    times.zone,
    times.season,
    times.dates_in_order,
    times.ends_after_starts,
    times.calendars,
    spaces.parts,
    spaces.hours,
    spaces.tables,
    spaces.travel,
    bodies.bodies,
    bodies.ledger,
    bodies.market,
    bodies.units,
    requests.windows_or_options,
    requests.windows,
    requests.sessions,
    requests.dates,
    requests.replacements,
    rules.strengths,
    rules.closures,
    rules.typed_windows,
    rules.sharings,
    rules.relations,
    rules.say_something,
    rules.pools,
    rules.curfews,
    rules.changeovers,
    rules.pins,
    triangle.triangles,
)


def faults_of(problem: Problem) -> tuple[Fault, ...]:
    """Everything about a problem that its fields alone could not refuse; empty when it is well formed."""
    return capped(fault for check in CHECKS for fault in check(problem))

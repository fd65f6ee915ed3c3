"""Rules that are not in a problem yet, judged in the whole that they would make."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scheduler.constraints.terms import ConstraintBase
from scheduler.problem import Problem
from scheduler.wellformed.faults import Fault, Loc, ProblemError
from scheduler.wellformed.read import read_problem


def read_rules(problem: Problem, lines: Sequence[tuple[Loc, Mapping[str, Any]]]) -> tuple[ConstraintBase, ...]:
    """The rules that documents state, in their order.

    Args:
        problem: the one that they would join; a document with the id of one of its rules stands in its stead.
        lines: (its place in what was sent, the document) of each.

    Raises:
        ProblemError: with every fault, those of a line at its place in what was sent; a fault that a line brings about
            elsewhere stands where it is in the problem.
    """
    whole = json.loads(problem.model_dump_json())
    rules: list[Any] = whole["constraints"]
    there = {rule["id"]: place for place, rule in enumerate(rules)}
    places: dict[int, Loc] = {}
    for loc, document in lines:
        id = document.get("id")
        place = there.get(id) if isinstance(id, str) else None
        if place is None or place in places:  # the same id in two lines: the judge says so
            place = len(rules)
            rules.append(None)
        rules[place] = document
        places[place] = loc
    try:
        read = read_problem(json.dumps(whole))
    except ProblemError as error:
        raise ProblemError(tuple(_as_sent(fault, places) for fault in error.faults)) from None
    return tuple(read.constraints[place] for place in places)


def _as_sent(fault: Fault, places: Mapping[int, Loc]) -> Fault:
    match fault.loc:
        case ("constraints", int(place), *inner) if place in places:
            return replace(fault, loc=(*places[place], *inner))
    return fault

"""Whether rules may take force at all: no, when duties and pins can be placed without them and cannot with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from scheduler.constraints.terms import ConstraintBase
from scheduler.effects import Contradiction, Verdict
from scheduler.explain.collision import Collision, collide, collides
from scheduler.explain.dead import with_rules, without_rules
from scheduler.problem import Problem


def judge_rules(
    problem: Problem,
    new_rules: Sequence[ConstraintBase],
    *,
    time_limit: float = 60.0,
    stop: Callable[[], bool] | None = None,
) -> Verdict:
    """Judge rules before they take force.

    Where duties and pins collide already, the rules are not to blame. A rule that stands in another's stead is to
    blame, too, where they collide with either and would not collide with neither.

    Args:
        problem: as it is now, well formed with the new rules too.
        new_rules: each with an id of its own; one that the problem has already is changed into the new one.
        time_limit: seconds after which no further smallest set is looked for; the first is found in any case.
        stop: asked between one and the next; once true no further one is looked for.

    Returns:
        One smallest set after another, the new rules of each taken out before the next is looked for. A set that names
        none of the new rules is of all of them: they took back what permitted something.
    """
    began = time.monotonic()
    new = {rule.id for rule in new_rules}
    neither = without_rules(problem, new)
    whole = with_rules(neither, new_rules)
    found: list[Contradiction] = []
    left = whole
    goes_on = collides(whole) and not _collided(problem, neither)
    while goes_on:
        collision = collide(left)
        culprits = new.intersection(collision.constraints)
        if culprits or not found:
            found.append(contradiction(collision))
        left = without_rules(left, culprits)
        over = time.monotonic() - began >= time_limit or (stop is not None and stop())
        goes_on = bool(culprits) and not over and collides(left)
    return Verdict(
        problem=problem.fingerprint(),
        rules=tuple(rule.id for rule in new_rules),
        contradictions=tuple(found),
    )


def _collided(problem: Problem, neither: Problem) -> bool:
    """Whether it is not for the new rules that duties and pins collide."""
    replaces = len(neither.constraints) < len(problem.constraints)
    return collides(problem) and (not replaces or collides(neither))


def contradiction(collision: Collision) -> Contradiction:
    """A smallest set as it is told."""
    return Contradiction(
        rules=collision.constraints,
        requests=collision.requests,
        kinds=collision.kinds,
        sentence=collision.sentence,
    )

"""The stages of the objective: what each one counts, as integer expressions over the choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from ortools.sat.python.cp_model import BoolVarT, LinearExpr, LinearExprT

from scheduler.model.fairness import beyond
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import Facts, minutes
from scheduler.problem import Request, Stage
from scheduler.timetable import Kept, Session


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing to make as large or as small as it can be, with the goals before it held.

    `reported` is False for the drawing of lots that only fixes how many sessions each body gets. `limit` is a value
    that can never be passed, the bound when nothing better is proved. `held` are expressions whose values at the
    optimum are kept from then on, beside that of the goal itself. `forced` goals have one value in every solution.
    """

    stage: Stage
    of: str | None
    sense: Literal["max", "min"]
    unit: str
    terms: LinearExprT
    limit: int
    reported: bool = True
    forced: bool = False
    held: tuple[LinearExprT, ...] = ()


NOT_IN_FORCE: dict[Stage, str] = {"fairness": "bodies", "stability": "points"}
"""Stages that may have no goal, with the unit they are counted in: `fairness` has none where nobody asks for more than
duties, `stability` none without a timetable to keep to."""


def order_of(stages: Sequence[Stage], *, keeps: bool) -> tuple[Stage, ...]:
    """The stages as they are solved: with a timetable to keep to, `stability` stands before `wishes`."""
    if not keeps or "stability" not in stages or "wishes" not in stages:
        return tuple(stages)
    rest: list[Stage] = [stage for stage in stages if stage != "stability"]
    rest.insert(rest.index("wishes"), "stability")
    return tuple(rest)


def goals(variables: Variables, seed: int, kept: Kept | None = None) -> list[Goal]:
    """The goals of all stages, in the order of `order_of`; one without value where no stage is in force.

    Something has to be solved, for the duties to be placed.

    Args:
        variables: the model.
        seed: of the lots.
        kept: the timetable to keep to, if any.
    """
    makers = {
        "duties": _duties,
        "classes": _classes,
        "fairness": _fairness,
        "own_rank": _own_rank,
        "wishes": _wishes,
        "lot": _lot,
    }
    if kept is not None:
        makers["stability"] = lambda variables, _seed: _stability(variables, kept)
    found = [
        goal
        for stage in order_of(variables.facts.problem.policy.stages, keeps=kept is not None)
        if stage in makers
        for goal in makers[stage](variables, seed)
    ]
    return found or [Goal("duties", None, "max", "sessions", 0, 0, reported=False)]


def _duties(variables: Variables, _seed: int) -> Iterator[Goal]:
    duties = [r for r in variables.facts.problem.requests if variables.facts.is_duty(r)]
    yield Goal("duties", None, "max", "sessions", _granted(variables, duties), _asked(duties), forced=True)


def _granted(variables: Variables, requests: Iterable[Request]) -> LinearExprT:
    return sum(variables.sessions(request.id) for request in requests)


def _asked(requests: Iterable[Request]) -> int:
    return sum(Facts.asked(request) for request in requests)


def _classes(variables: Variables, _seed: int) -> Iterator[Goal]:
    facts = variables.facts
    for priority in facts.problem.priorities:
        if not priority.duty:
            asking = [r for r in facts.problem.requests if r.priority == priority.id and not facts.is_duty(r)]
            yield Goal("classes", priority.id, "max", "sessions", _granted(variables, asking), _asked(asking))


def _fairness(variables: Variables, _seed: int) -> Iterator[Goal]:
    """Exact leximin: level by level from the worst, the fewest bodies that are at it or beyond."""
    for level, bodies in beyond(variables):
        yield Goal("fairness", str(level), "min", "bodies", bodies, 0)


def _own_rank(variables: Variables, seed: int) -> Iterator[Goal]:
    """Least Σ own_rank, with the number of sessions of each body held; who gets how many is drawn first.

    Only bodies with a ranking of their own need the drawing: it is what keeps the ranking from buying a better sum
    with fewer sessions.
    """
    facts = variables.facts
    ranked = [request for request in facts.problem.requests if request.own_rank is not None]
    if ranked:
        of_body: dict[str, list[Request]] = {facts.body(request): [] for request in ranked}
        for request in facts.problem.requests:
            of_body.get(facts.body(request), []).append(request)
        lots = {body: 1 + _draw(seed, "body", body) for body in of_body}
        counts = {body: _granted(variables, asking) for body, asking in of_body.items()}
        drawn = sum(lots[body] * count for body, count in counts.items())
        limit = sum(lots[body] * _asked(asking) for body, asking in of_body.items())
        yield Goal("own_rank", None, "max", "points", drawn, limit, reported=False, held=tuple(counts.values()))
    terms = sum((request.own_rank or 0) * variables.granted[request.id] for request in ranked)
    yield Goal("own_rank", None, "min", "ranks", terms, 0)


def wish_cost(placement: Placement) -> int:
    """Points that a placement costs: on each of the dates left to it, lost dates apart; a pattern once."""
    return placement.points * (1 if placement.option is not None else len(placement.days))


def _wishes(variables: Variables, _seed: int) -> Iterator[Goal]:
    costs = [(variables.z[p.index], wish_cost(p)) for p in variables.candidates.placements if p.points]
    slots = LinearExpr.weighted_sum([z for z, _ in costs], [cost for _, cost in costs])
    lost = variables.facts.problem.policy.wishes.lost_date * sum(variables.lost.values())
    broken = variables.facts.problem.policy.wishes.rule_weight * LinearExpr.sum(variables.penalties)
    yield Goal("wishes", None, "min", "points", slots + lost + _idle(variables) + broken, 0)


def _idle(variables: Variables) -> LinearExpr | int:
    """Points for spaces that requests name and nobody gets: idle[a] >= 1 - Σ z on atom a."""
    facts = variables.facts
    points = facts.problem.policy.wishes.idle_space
    if not points:
        return 0
    named = {atom for r in facts.problem.requests for space in r.spaces for atom in facts.atoms(space)}
    on_atom: dict[str, list[BoolVarT]] = {atom: [] for atom in sorted(named)}
    for placement in variables.candidates.placements:
        for atom in placement.atoms:
            on_atom[atom].append(variables.z[placement.index])
    idle: list[BoolVarT] = []
    for atom, there in on_atom.items():
        literal = variables.model.new_bool_var(f"idle[{atom}]")
        variables.model.add(literal >= 1 - sum(there))
        idle.append(literal)
    return points * sum(idle)


SessionKey = tuple[str, str, str, str]


def key_of(session: Session) -> SessionKey:
    """What makes a session the same as before: request, weekday or date, start, space."""
    slot = str(session.date or session.weekday)
    if session.days:
        slot = f"{'+'.join(session.days)} {','.join(map(str, session.weeks))} {lasts(session)}"
    return session.request, slot, session.starts, session.space


def lasts(session: Session) -> int:
    """Minutes of a session."""
    return minutes(session.ends) - minutes(session.starts)


def _stability(variables: Variables, kept: Kept) -> Iterator[Goal]:
    """Least cost of the previous sessions that are not there any more: by people, and by whether they know of it."""
    facts = variables.facts
    policy = facts.problem.policy.stability
    known = {key_of(session) for session in kept.released.sessions} if kept.released is not None else set()
    costs = {}
    for key in {key_of(session) for session in kept.previous.sessions}:
        request = facts.requests.get(key[0])
        # Who does not ask any more is one person: whatever that is, it is lost in every plan.
        cost = policy.session + policy.person * (request.headcount if request is not None else 1)
        costs[key] = cost * policy.published if key in known else cost
    same = [p for p in variables.candidates.placements if p.key in costs]
    there = LinearExpr.weighted_sum([variables.z[p.index] for p in same], [costs[p.key] for p in same])
    yield Goal("stability", None, "min", "points", sum(costs.values()) - there, 0)


def _lot(variables: Variables, seed: int) -> Iterator[Goal]:
    lots = [lot_of(seed, p) for p in variables.candidates.placements]
    terms = LinearExpr.weighted_sum(list(variables.z.values()), lots)
    yield Goal("lot", None, "min", "lots", terms, 0)


def lot_of(seed: int, placement: Placement) -> int:
    """The lot that a placement draws, 0..999, from the published seed (docs/semantics.md)."""
    return _draw(seed, *placement.key)


def _draw(seed: int, *words: str) -> int:
    return int.from_bytes(sha256("|".join([str(seed), *words]).encode()).digest()[:2], "big") % 1000

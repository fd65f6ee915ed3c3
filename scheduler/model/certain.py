"""What the duties settle before solving: a wish that clashes with a booking that must be is refused by it.

A placement is certain when its request is a duty or pin and has no more placements than sessions. Dropping the others
around it is what CP-SAT would find by itself; done here, each dropped wish knows the rule and the rival.
"""

from __future__ import annotations

from dataclasses import replace

from scheduler.model.clash import Clash, Near, clash, meetings
from scheduler.model.telling import in_the_way
from scheduler.placements.candidates import Candidates, Dropped, Placement, Verdict
from scheduler.placements.facts import Facts


def settle(facts: Facts, candidates: Candidates) -> Candidates:
    """Drop every placement that a certain one excludes, until nothing changes."""
    kept, dropped = candidates.placements, list(candidates.dropped)
    while True:
        certain = Near(_certain(facts, kept))
        verdicts = {placement: _blocked(facts, placement, certain) for placement in kept}
        gone = {placement: verdict for placement, verdict in verdicts.items() if verdict is not None}
        if not gone:
            break
        for p, verdict in gone.items():
            dropped.append(Dropped(p.request.id, p.weekday, p.start, p.space, verdict))
        kept = [placement for placement in kept if placement not in gone]
    wish = {request.id: {space: i for i, space in enumerate(request.spaces)} for request in facts.problem.requests}
    place = {request.id: i for i, request in enumerate(facts.problem.requests)}
    dropped.sort(key=lambda d: (place[d.request], wish[d.request][d.space], d.weekday, d.start or 0))
    return Candidates([replace(p, index=index) for index, p in enumerate(kept)], dropped)


def _certain(facts: Facts, placements: list[Placement]) -> list[Placement]:
    by_request: dict[str, list[Placement]] = {}
    for placement in placements:
        if facts.is_duty(placement.request):
            by_request.setdefault(placement.request.id, []).append(placement)
    return [p for found in by_request.values() for p in found if len(found) == facts.asked(p.request)]


def _blocked(facts: Facts, placement: Placement, certain: Near) -> Verdict | None:
    for rival in certain.of(placement):
        if rival.request.id != placement.request.id and (found := meet(facts, placement, rival)):
            return Verdict(found.kind, found.rule, in_the_way(facts, placement, rival, found), (rival.request.id,))
    return None


def meet(facts: Facts, placement: Placement, rival: Placement) -> Clash | None:
    """The rule by which two placements exclude each other on some date on which neither could give way, or None.

    Two series meet on the weekly dates of their slots; on a working weekend one may lose a date, for the solver to
    weigh. A series meets a dated request only where the series keeps
    its dates; another may lose the date, and one that may be replaced on it may be elsewhere: for the solver to weigh.
    """
    if placement.series != rival.series:
        series = placement if placement.series else rival
        if not facts.keeps_dates(series.request):
            return None
        days_a, days_b = (
            {day for day in p.days if (p.request.id, day) not in facts.replacers} for p in (placement, rival)
        )
    else:
        days_a, days_b = set(placement.weekly), set(rival.weekly)
    met = (clash(facts, a, b) for a, b in meetings(facts, placement, rival, days_a, days_b))
    return next(filter(None, met), None)

"""Whether a space suits a request. Judged once for each session and space, whatever the dates."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.problem import Request, Space
from scheduler.verify.plan import Check, Finding, Occurrence, Plan
from scheduler.verify.words import named, place, say, when, who


def fitting_layout(request: Request, space: Space) -> str | None:
    """The first layout of the request's list that the space has with places for the headcount."""
    places = {layout.id: layout.capacity for layout in space.layouts}
    return next((x for x in request.layouts if places.get(x, -1) >= request.headcount), None)


def capacity(plan: Plan) -> Iterator[Finding]:
    """The space has a layout of the request's list that holds its people."""
    for one in _once(plan):
        if fitting_layout(one.request, one.space) is None:
            yield Finding(
                rule="capacity",
                involved=(one,),
                sentence=say(
                    "{place}没有坐得下{heads}人的所需布置，{who}不能安排在{when}",
                    "{place} has no layout asked for with places for {heads}; {who} cannot be there {when}",
                    place=place(one.space),
                    heads=one.request.headcount,
                    who=who(plan.world, one.request),
                    when=when(one),
                ),
            )


def features(plan: Plan) -> Iterator[Finding]:
    """The space itself names every feature that the request needs."""
    for one in _once(plan):
        missing = [f for f in one.request.features if f not in one.space.features]
        if missing:
            yield Finding(
                rule="features",
                involved=(one,),
                sentence=say(
                    "{place}没有{features}，{who}不能安排在{when}",
                    "{place} has no {features}; {who} cannot be there {when}",
                    place=place(one.space),
                    features=named(plan.world, *missing),
                    who=who(plan.world, one.request),
                    when=when(one),
                ),
            )


def floors(plan: Plan) -> Iterator[Finding]:
    """The space is on a floor that the request names, if it names any."""
    for one in _once(plan):
        wanted = one.request.floors
        if wanted and one.space.floor not in wanted:
            yield Finding(
                rule="floors",
                involved=(one,),
                sentence=say(
                    "{place}在{floor}层，{who}只要{zh}层，不能安排在{when}",
                    "{place} is on floor {floor}; {who} asks for {en} and cannot be there {when}",
                    place=place(one.space),
                    floor=one.space.floor,
                    who=who(plan.world, one.request),
                    zh="、".join(map(str, wanted)),
                    en=", ".join(map(str, wanted)),
                    when=when(one),
                ),
            )


def _once(plan: Plan) -> Iterator[Occurrence]:
    seen: set[tuple[str, int, str]] = set()
    for one in plan.occurrences:
        key = (one.request.id, one.session, one.space.id)
        if key not in seen:
            seen.add(key)
            yield one


CHECKS: dict[str, Check] = {"capacity": capacity, "features": features, "floors": floors}

"""What an owner gives of its spaces, and in which measures. Each occurrence is judged by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.constraints.offers import Limits, Offer
from scheduler.verify.plan import Check, Finding, Occurrence, Plan
from scheduler.verify.wall import MINUTE, at, clock, since_midnight, weekday
from scheduler.verify.words import listed, place, say, when, who


def offer(plan: Plan) -> Iterator[Finding]:
    """Whoever is in an atom that is offered is there within an offer that is for him."""
    offered: dict[str, list[Offer]] = defaultdict(list)
    for rule in plan.world.rules(Offer):
        for atom in plan.world.atoms_of(rule.spaces):
            offered[atom].append(rule)
    for one in plan.occurrences:
        concerned = {rule.id: rule for atom in sorted(one.atoms) for rule in offered.get(atom, ())}
        if concerned and not any(_is_for(plan, rule, one) for rule in concerned.values()):
            first = next(rule for rule in plan.world.rules(Offer) if rule.id in concerned)
            yield Finding(
                rule="offer",
                constraint=first,
                involved=(one,),
                sentence=say(
                    "{who}{when}在{place}，不在提供范围之内：{offers}",
                    "{who} in {place} {when} is not offered: {offers}",
                    who=who(plan.world, one.request),
                    place=place(one.space),
                    when=when(one),
                    offers=listed(rule.sentence(plan.world.names) for rule in concerned.values()),
                ),
            )


def _is_for(plan: Plan, rule: Offer, one: Occurrence) -> bool:
    if not plan.world.judges(rule, one.request, one.space, one.date):
        return False
    if rule.at_most_people is not None and one.request.headcount > rule.at_most_people:
        return False
    for hours in rule.hours:
        given = one.date in hours.dates if hours.dates else weekday(one.date) in hours.days
        if given and at(one.date, clock(hours.starts)) <= one.starts and one.ends <= at(one.date, clock(hours.ends)):
            return True
    return False


def limits(plan: Plan) -> Iterator[Finding]:
    """A start on the grid, a length between two, enough people for the places."""
    for rule in plan.world.rules(Limits):
        held = plan.world.atoms_of(rule.spaces)
        for one in plan.occurrences:
            if rule.spaces and held.isdisjoint(one.atoms):
                continue
            if plan.world.judges(rule, one.request, one.space, one.date) and not _within(rule, one):
                text = rule.sentence(plan.world.names)
                yield Finding(
                    rule="limits",
                    constraint=rule,
                    involved=(one,),
                    sentence=say(
                        "{who}{when}在{place}不符合：{zh}",
                        "{who} in {place} {when} does not keep to: {en}",
                        who=who(plan.world, one.request),
                        place=place(one.space),
                        when=when(one),
                        zh=text.zh,
                        en=text.en,
                    ),
                )


def _within(rule: Limits, one: Occurrence) -> bool:
    lasts = (one.ends - one.starts) // MINUTE
    after_midnight = since_midnight(one.date, one.starts) // MINUTE
    if rule.start_every and after_midnight % rule.start_every:
        return False
    if rule.at_least_minutes is not None and lasts < rule.at_least_minutes:
        return False
    if rule.at_most_minutes is not None and lasts > rule.at_most_minutes:
        return False
    places = {layout.id: layout.capacity for layout in one.space.layouts}.get(one.layout, 0)
    return not rule.at_least_percent or one.request.headcount * 100 >= places * rule.at_least_percent


CHECKS: dict[str, Check] = {"offer": offer, "limits": limits}

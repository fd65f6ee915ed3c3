"""At most so many at once of something that the spaces have in common."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from scheduler.constraints.resources import PooledResource
from scheduler.problem import Space
from scheduler.verify.plan import Check, Finding, Plan
from scheduler.verify.sweep import stretches
from scheduler.verify.turns import conversions
from scheduler.verify.wall import Span, windows_met
from scheduler.verify.words import all_who, listed, moment, number_of, place, say
from scheduler.verify.world import holds_on


def pooled_resource(plan: Plan) -> Iterator[Finding]:
    """Both pools: rooms in session, and crews that convert rooms."""
    yield from spaces_in_session(plan)
    yield from conversion_crews(plan)
    yield from amounts(plan)


def amounts(plan: Plan) -> Iterator[Finding]:
    """At every moment of the window the bookings in scope take no more than there is."""
    for rule in _pools(plan, "amount"):
        places = plan.world.atoms_of(rule.spaces)
        takes = {each.use: each.amount for each in rule.amounts}
        counted = [
            one
            for one in plan.occurrences
            if plan.world.judges(rule, one.request, one.space, one.date)
            and (not rule.spaces or not places.isdisjoint(one.atoms))
        ]
        for starts, ends, together in stretches((one.starts, one.ends, one) for one in counted):
            taken = sum(takes.get(one.request.use, 1) for one in together)
            window = _window(rule, (starts, ends)) if taken > rule.at_once else None
            if window:
                yield Finding(
                    rule="pooled_resource",
                    constraint=rule,
                    involved=together,
                    sentence=say(
                        "{when}同时用到{taken}（{who}），至多{most}",
                        "{when}: {taken} taken at once ({who}), at most {most} there",
                        when=moment(max(starts, window[0])),
                        taken=taken,
                        who=all_who(plan.world, together),
                        most=rule.at_once,
                    ),
                )


def spaces_in_session(plan: Plan) -> Iterator[Finding]:
    """At every moment of the window, at most so many atoms of the named spaces (none named: all) have a booking."""
    for rule in _pools(plan, "space_in_session"):
        counted = plan.world.atoms_of(rule.spaces or tuple(plan.world.spaces))
        present = [o for o in plan.occurrences if holds_on(rule, o.date) and not counted.isdisjoint(o.atoms)]
        for starts, ends, together in stretches((o.starts, o.ends, o) for o in present):
            in_use = counted.intersection(chain.from_iterable(o.atoms for o in together))
            window = _window(rule, (starts, ends)) if len(in_use) > rule.at_once else None
            if window:
                spaces: list[Space] = [plan.world.spaces[atom] for atom in sorted(in_use)]
                yield Finding(
                    rule="pooled_resource",
                    constraint=rule,
                    involved=together,
                    sentence=say(
                        "{when}同时开放{count}（{places}：{who}），至多{most}个",
                        "{when}: {count} in session at once ({places}: {who}), at most {most} allowed",
                        when=moment(max(starts, window[0])),
                        count=number_of(len(in_use), "个空间", "space"),
                        places=listed(place(s) for s in spaces),
                        who=all_who(plan.world, together),
                        most=rule.at_once,
                    ),
                )


def conversion_crews(plan: Plan) -> Iterator[Finding]:
    """At every moment of the window at most so many conversions are under way, one crew for each later booking."""
    rules = _pools(plan, "conversion_crew")
    found = list(conversions(plan)) if rules else []
    for rule in rules:
        under_way = [(c.starts, c.later.starts, c) for c in found if holds_on(rule, c.later.date)]
        for starts, ends, together in stretches(under_way):
            window = _window(rule, (starts, ends)) if len(together) > rule.at_once else None
            if window:
                yield Finding(
                    rule="pooled_resource",
                    constraint=rule,
                    involved=tuple(chain.from_iterable((*c.earlier, c.later) for c in together)),
                    sentence=say(
                        "{when}同时有{count}（{places}：{who}），只有{most}个班组",
                        "{when}: {count} at once ({places}: {who}), crews for {most}",
                        when=moment(max(starts, window[0])),
                        count=number_of(len(together), "处换场", "conversion"),
                        places=listed(place(c.later.space) for c in together),
                        who=all_who(plan.world, [c.later for c in together]),
                        most=rule.at_once,
                    ),
                )


def _pools(plan: Plan, resource: str) -> list[PooledResource]:
    return [rule for rule in plan.world.rules(PooledResource) if rule.resource == resource]


def _window(rule: PooledResource, span: Span) -> Span | None:
    """The first window of the rule that has a moment of the span."""
    return next(windows_met(span, rule.starts, rule.ends, days=rule.days), None)


CHECKS: dict[str, Check] = {"pooled_resource": pooled_resource}

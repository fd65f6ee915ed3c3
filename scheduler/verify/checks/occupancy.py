"""Who may be in a space at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.constraints.occupancy import Sharing
from scheduler.verify.plan import Check, Finding, Plan
from scheduler.verify.sweep import overlapping, stretches
from scheduler.verify.turns import covered, shares
from scheduler.verify.words import all_who, moment, place, say, when, who


def overlap(plan: Plan) -> Iterator[Finding]:
    """Two bookings with an atom in common have no moment in common, unless one sharing rule covers both."""
    for atom, there in plan.on_atoms.items():
        for one, other in overlapping(there):
            if atom != min(one.atoms & other.atoms) or covered(plan.world, one, other):
                continue  # a pair is reported once, on the first atom they have in common
            yield Finding(
                rule="overlap",
                involved=(one, other),
                sentence=say(
                    "{space}撞场：{one}{when}用{place}，{other}{other_when}用{other_place}，时间重叠",
                    "{space} is taken twice: {one} in {place} ({when}) and {other} in {other_place} ({other_when})",
                    space=place(plan.world.spaces[atom]),
                    one=who(plan.world, one.request),
                    place=place(one.space),
                    when=when(one),
                    other=who(plan.world, other.request),
                    other_place=place(other.space),
                    other_when=when(other),
                ),
            )


def sharing(plan: Plan) -> Iterator[Finding]:
    """At every moment the people of those who share a space are at most its seats; one alone obeys it too."""
    for rule in plan.world.rules(Sharing):
        sharers = [o for o in plan.occurrences if shares(rule, o)]
        for starts, _, together in stretches((o.starts, o.ends, o) for o in sharers):
            heads = sum(o.request.headcount for o in together)
            if heads > rule.seats:
                yield Finding(
                    rule="sharing",
                    constraint=rule,
                    involved=together,
                    sentence=say(
                        "{when}{place}同时有{heads}人（{who}），超过{seats}座",
                        "{place} on {when}: {heads} people at once ({who}), {seats} seats",
                        place=place(plan.world.spaces[rule.space]),
                        when=moment(starts),
                        heads=heads,
                        who=all_who(plan.world, together),
                        seats=rule.seats,
                    ),
                )


CHECKS: dict[str, Check] = {"overlap": overlap, "sharing": sharing}

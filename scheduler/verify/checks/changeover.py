"""Minutes owed between two bookings that follow one another in an atomic space."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from scheduler.constraints.changeover import Changeover
from scheduler.verify.plan import Check, Finding, Occurrence, Plan
from scheduler.verify.turns import covered, row, speaks_of
from scheduler.verify.wall import MINUTE
from scheduler.verify.words import place, say, when, who


def changeover(plan: Plan) -> Iterator[Finding]:
    """Every pair one after the other in an atom leaves the minutes of its table, or the gap that owes nothing."""
    for rule in plan.world.rules(Changeover):
        patience = timedelta(minutes=rule.nothing_owed_after_minutes)
        for atom, there in plan.on_atoms.items():
            table = plan.world.spaces[atom]
            for before, after in _followers(there, patience) if table.changeover else ():
                owed = row(table, before, after)
                gap = after.starts - before.ends
                if owed is None or gap >= owed.minutes * MINUTE or covered(plan.world, before, after):
                    continue
                if not speaks_of(rule, before, after):
                    continue
                yield Finding(
                    rule="changeover",
                    constraint=rule,
                    involved=(before, after),
                    space=atom,
                    sentence=say(
                        "{place}：{before}{when}，结束后须隔{owed}分钟；{after}{then}，只隔了{gap}分钟",
                        "{place}: after {before} ({when}) {owed} minutes are owed; {after} ({then}) leaves {gap}",
                        place=place(table),
                        before=who(plan.world, before.request),
                        when=when(before),
                        owed=owed.minutes,
                        after=who(plan.world, after.request),
                        then=when(after),
                        gap=gap,
                    ),
                )


def _followers(there: tuple[Occurrence, ...], patience: timedelta) -> Iterator[tuple[Occurrence, Occurrence]]:
    """Pairs of which one starts when the other has ended, before the gap is so long that nothing is owed."""
    for place_in_line, before in enumerate(there):
        for after in islice(there, place_in_line + 1, None):
            if after.starts - before.ends >= patience:
                break
            if after.starts >= before.ends:
                yield before, after


CHECKS: dict[str, Check] = {"changeover": changeover}

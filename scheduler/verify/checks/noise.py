"""Quiet: next to a room in quiet use, and in the open at night. Each occurrence is judged by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from scheduler.constraints.noise import Curfew, Noise
from scheduler.verify.plan import Check, Finding, Occurrence, Plan
from scheduler.verify.wall import MINUTE, at, clock, windows_met
from scheduler.verify.words import place, say, span_of, when, who


def noise(plan: Plan) -> Iterator[Finding]:
    """Nothing louder than the rule's level is in a neighbour's atom during the quiet hours."""
    for rule in plan.world.rules(Noise):
        near = plan.world.atoms_of(rule.neighbours)
        for one in plan.occurrences:
            if one.request.noise <= rule.max_noise or near.isdisjoint(one.atoms):
                continue
            if not plan.world.judges(rule, one.request, one.space, one.date):
                continue
            for window in windows_met(one.span, rule.starts, rule.ends, days=rule.days):
                yield Finding(
                    rule="noise",
                    constraint=rule,
                    involved=(one,),
                    sentence=say(
                        "{window}{quiet}须安静，{who}{when}在相邻的{place}，音量{level}级，高于{most}级",
                        "{quiet} is quiet {window}; {who} next to it in {place} ({when}) has noise {level}, "
                        "at most {most} allowed",
                        quiet=place(plan.world.spaces[rule.quiet_space]),
                        window=span_of(window[0].date(), window),
                        who=who(plan.world, one.request),
                        place=place(one.space),
                        when=when(one),
                        level=one.request.noise,
                        most=rule.max_noise,
                    ),
                )
                break


def curfew(plan: Plan) -> Iterator[Finding]:
    """Amplified sound ends by one clock time, all is cleared by another; both count from the booking's own date."""
    for rule in plan.world.rules(Curfew):
        outside = plan.world.atoms_of(rule.spaces)
        for one in plan.occurrences:
            if outside.isdisjoint(one.atoms) or not plan.world.judges(rule, one.request, one.space, one.date):
                continue
            amplified = one.request.noise >= rule.amplified_from_noise
            if amplified and one.ends > at(one.date, clock(rule.amplified_ends)):
                yield _too_late(
                    plan,
                    rule,
                    one,
                    f"扩音须在{rule.amplified_ends}前结束",
                    f"amplified sound ends by {rule.amplified_ends}",
                )
            if one.ends + _clearing(rule, one.request.use) > at(one.date, clock(rule.cleared_by)):
                yield _too_late(plan, rule, one, f"须在{rule.cleared_by}前清场完毕", f"cleared by {rule.cleared_by}")


def _clearing(rule: Curfew, use: str) -> timedelta:
    return max((c.minutes for c in rule.clearing if c.use == use), default=0) * MINUTE


def _too_late(plan: Plan, rule: Curfew, one: Occurrence, zh: str, en: str) -> Finding:
    return Finding(
        rule="curfew",
        constraint=rule,
        involved=(one,),
        sentence=say(
            "{place}{zh}，{who}{when}，结束得太晚",
            "{place}: {en}; {who} ends too late {when}",
            place=place(one.space),
            zh=zh,
            en=en,
            who=who(plan.world, one.request),
            when=when(one),
        ),
    )


CHECKS: dict[str, Check] = {"noise": noise, "curfew": curfew}

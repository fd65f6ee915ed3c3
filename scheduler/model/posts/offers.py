"""`offer` and `limits`: judged occurrence by occurrence, no variables."""

from __future__ import annotations

from datetime import date

from scheduler.constraints.offers import Limits, Offer, OfferedHours
from scheduler.constraints.terms import WEEKDAYS, Sentence
from scheduler.model.posts.availability import applies, touches
from scheduler.placements.candidates import Occurrence, Verdict, layout_of
from scheduler.placements.facts import Facts, hhmm, minutes, weekday_of


def judge_offer(facts: Facts, case: Occurrence) -> Verdict | None:
    """Outside of what the owners offer of this space."""
    offers = [rule for rule in facts.rules(Offer) if touches(facts, case, rule.spaces)]
    if not offers or any(admits(facts, rule, case) for rule in offers):
        return None
    day, wish = date.fromordinal(case.day), f"{hhmm(case.start)}-{hhmm(case.end)}"
    zh = "；".join(rule.sentence(facts.names).zh for rule in offers)
    en = "; ".join(rule.sentence(facts.names).en for rule in offers)
    return Verdict(
        "offer",
        offers[0],
        Sentence(
            zh=f"{day} {wish}（{case.request.headcount} 人）不在提供范围内：{zh}",
            en=f"{day} {wish} for {case.request.headcount} people is not offered: {en}",
        ),
    )


def admits(facts: Facts, rule: Offer, case: Occurrence) -> bool:
    """Whether an offer holds room for an occurrence."""
    return (
        applies(facts, rule, case)
        and (rule.at_most_people is None or case.request.headcount <= rule.at_most_people)
        and any(_covers(hours, case) for hours in rule.hours)
    )


def _covers(hours: OfferedHours, case: Occurrence) -> bool:
    on = date.fromordinal(case.day) in hours.dates if hours.dates else WEEKDAYS[weekday_of(case.day)] in hours.days
    return on and minutes(hours.starts) <= case.start and case.end <= minutes(hours.ends)


def judge_limits(facts: Facts, case: Occurrence) -> Verdict | None:
    """Off the grid of starts, too short, too long, or too few people for the room."""
    for rule in facts.rules(Limits):
        if beyond(facts, rule, case):
            text = rule.sentence(facts.names)
            wish = f"{hhmm(case.start)}-{hhmm(case.end)}"
            return Verdict(
                "limits",
                rule,
                Sentence(
                    zh=f"{text.zh}；本申请 {wish}，{case.request.headcount} 人",
                    en=f"{text.en}; this one is {wish} for {case.request.headcount} people",
                ),
            )
    return None


def beyond(facts: Facts, rule: Limits, case: Occurrence) -> bool:
    """Whether an occurrence breaks one of a rule's limits."""
    if not applies(facts, rule, case) or (rule.spaces and not touches(facts, case, rule.spaces)):
        return False
    length = case.end - case.start
    layout = layout_of(case.request, case.space)
    places = next((each.capacity for each in case.space.layouts if each.id == layout), 0)
    return (
        (rule.start_every is not None and case.start % rule.start_every != 0)
        or (rule.at_least_minutes is not None and length < rule.at_least_minutes)
        or (rule.at_most_minutes is not None and length > rule.at_most_minutes)
        or (rule.at_least_percent is not None and 100 * case.request.headcount < rule.at_least_percent * places)
    )


BROKEN = {"limits": (Limits, beyond)}
DATE_JUDGES = {"offer": judge_offer, "limits": judge_limits}

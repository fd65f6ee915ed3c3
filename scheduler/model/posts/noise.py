"""`noise` and `curfew`: judged occurrence by occurrence, no variables."""

from __future__ import annotations

from datetime import date

from scheduler.constraints.noise import Curfew, Noise
from scheduler.constraints.terms import WEEKDAYS, Sentence
from scheduler.model.posts.availability import applies, meets_dates, touches
from scheduler.placements.candidates import Occurrence, Verdict
from scheduler.placements.facts import Facts, hhmm, minutes, weekday_of

LEVELS_ZH = ("安静", "正常说话", "扩音或较热闹", "很响")
LEVELS_EN = ("silent", "talk", "amplified or lively", "loud")
"""What the noise levels 0 to 3 mean (`scheduler/constraints/noise.py`)."""


def judge_noise(facts: Facts, case: Occurrence) -> Verdict | None:
    """Louder than the neighbour's quiet hours allow."""
    for rule in facts.rules(Noise):
        if too_loud(facts, rule, case):
            quiet, next_to = facts.spaces[rule.quiet_space], facts.names.en(case.space.id)
            return Verdict(
                "noise",
                rule,
                Sentence(
                    zh=(
                        f"{rule.starts}-{rule.ends} 是{quiet.name}的安静时段，{case.space.name}的声响不得超过 "
                        f"{rule.max_noise} 级（{LEVELS_ZH[rule.max_noise]}），"
                        f"本申请为 {case.request.noise} 级（{LEVELS_ZH[case.request.noise]}）"
                    ),
                    en=(
                        f"{rule.starts}-{rule.ends} is quiet time in {facts.names.en(quiet.id)}: nothing above noise "
                        f"level {rule.max_noise} ({LEVELS_EN[rule.max_noise]}) in {next_to}; "
                        f"this request is level {case.request.noise} ({LEVELS_EN[case.request.noise]})"
                    ),
                ),
            )
    return None


def too_loud(facts: Facts, rule: Noise, case: Occurrence) -> bool:
    """Whether an occurrence is louder than a neighbour's quiet hours allow."""
    if case.request.noise <= rule.max_noise or not applies(facts, rule, case):
        return False
    span = (minutes(rule.starts), minutes(rule.ends))
    near = (day for day in range(case.day - 2, case.day + 3) if WEEKDAYS[weekday_of(day)] in rule.days)
    return touches(facts, case, rule.neighbours) and meets_dates(case, ((day, span) for day in near))


def judge_curfew(facts: Facts, case: Occurrence) -> Verdict | None:
    """Amplified too late, or not cleared in time."""
    for rule in facts.rules(Curfew):
        if not touches(facts, case, rule.spaces) or not applies(facts, rule, case):
            continue
        clearing = {row.use: row.minutes for row in rule.clearing}.get(case.request.use, 0)
        loud = case.request.noise >= rule.amplified_from_noise and case.end > minutes(rule.amplified_ends)
        if loud or case.end + clearing > minutes(rule.cleared_by):
            text, day = rule.sentence(facts.names), date.fromordinal(case.day)
            return Verdict(
                "curfew",
                rule,
                Sentence(
                    zh=f"{text.zh}；{day} 这一场 {hhmm(case.end)} 才结束"
                    + (f"，另需清场 {clearing} 分钟" if clearing else ""),
                    en=f"{text.en}; on {day} this would end at {hhmm(case.end)}"
                    + (f" and take {clearing} minutes to clear" if clearing else ""),
                ),
            )
    return None


BROKEN = {"noise": (Noise, too_loud)}
DATE_JUDGES = {"noise": judge_noise, "curfew": judge_curfew}

"""`noise` and `curfew`: judged occurrence by occurrence, no variables."""

from __future__ import annotations

from datetime import date

from scheduler.constraints.noise import Curfew, Noise
from scheduler.constraints.terms import WEEKDAYS, Sentence
from scheduler.model.posts.availability import applies, meets_dates, touches
from scheduler.placements.candidates import Occurrence, Verdict
from scheduler.placements.facts import Facts, hhmm, minutes, weekday_of


def judge_noise(facts: Facts, case: Occurrence) -> Verdict | None:
    """Louder than the neighbour's quiet hours allow."""
    for rule in facts.rules(Noise):
        if case.request.noise <= rule.max_noise or not applies(facts, rule, case):
            continue
        span = (minutes(rule.starts), minutes(rule.ends))
        near = [day for day in range(case.day - 2, case.day + 3) if WEEKDAYS[weekday_of(day)] in rule.days]
        if touches(facts, case, rule.neighbours) and meets_dates(case, ((day, span) for day in near)):
            quiet, next_to = facts.spaces[rule.quiet_space], facts.names.en(case.space.id)
            return Verdict(
                "noise",
                rule,
                Sentence(
                    zh=(
                        f"{quiet.name} {rule.starts}-{rule.ends} 保持安静，"
                        f"{case.space.name}音量不得高于 {rule.max_noise} 级（本申请 {case.request.noise} 级）"
                    ),
                    en=(
                        f"{facts.names.en(quiet.id)} is quiet {rule.starts}-{rule.ends}: in {next_to} nothing above "
                        f"noise level {rule.max_noise} (this request: {case.request.noise})"
                    ),
                ),
            )
    return None


def judge_curfew(facts: Facts, case: Occurrence) -> Verdict | None:
    """Amplified too late, or not cleared in time."""
    for rule in facts.rules(Curfew):
        if not applies(facts, rule, case) or not touches(facts, case, rule.spaces):
            continue
        clearing = {row.use: row.minutes for row in rule.clearing}.get(case.request.use, 0)
        loud = case.request.noise >= rule.amplified_from_noise and case.end > minutes(rule.amplified_ends)
        if loud or case.end + clearing > minutes(rule.cleared_by):
            text, day = rule.sentence(facts.names), date.fromordinal(case.day)
            return Verdict(
                "curfew",
                rule,
                Sentence(
                    zh=f"{text.zh}；{day} 这一场到 {hhmm(case.end)}，清场 {clearing} 分钟",
                    en=f"{text.en}; on {day} this would end {hhmm(case.end)} and take {clearing} minutes to clear",
                ),
            )
    return None


DATE_JUDGES = {"noise": judge_noise, "curfew": judge_curfew}

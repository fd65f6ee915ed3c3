"""`closed`, `opening_hours`, `typed_window`, `horizon`, `notice`: judged occurrence by occurrence, no variables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from operator import itemgetter

from scheduler.constraints.availability import Horizon, Notice, TypedWindow
from scheduler.constraints.terms import DAY_EN, DAY_ZH, WEEKDAYS, OccurrenceRule, Sentence
from scheduler.placements.candidates import Occurrence, Verdict
from scheduler.placements.facts import DAY, Facts, hhmm, in_force, minutes, weekday_of
from scheduler.problem import Dated, Hours, Series, Space

Span = tuple[int, int]
ALL_DAY = Hours(starts="00:00", ends="24:00")


def applies(facts: Facts, rule: OccurrenceRule, case: Occurrence) -> bool:
    """Whether a rule judges this occurrence at all: scope and validity."""
    return in_force(rule, case.day) and facts.selects(rule.scope, case.request, case.space.id)


def touches(facts: Facts, case: Occurrence, spaces: Iterable[str]) -> bool:
    """Whether the occurrence occupies an atom of one of the spaces."""
    return any(atom in case.atoms for space in spaces for atom in facts.atoms(space))


def meets_dates(case: Occurrence, spans: Iterable[tuple[int, Span]]) -> bool:
    """Whether the occurrence overlaps one of (ordinal of a date, minutes of that date)."""
    return any(
        case.start < (day - case.day) * DAY + ends and (day - case.day) * DAY + starts < case.end
        for day, (starts, ends) in spans
    )


def _refused(facts: Facts, kind: str, rule: OccurrenceRule, case: Occurrence) -> Verdict:
    text, day = rule.sentence(facts.names), date.fromordinal(case.day)
    return Verdict(
        kind,
        rule,
        Sentence(
            zh=f"{case.space.name} {day} 不能使用：{text.zh}",
            en=f"{facts.names.en(case.space.id)} cannot be used on {day}: {text.en}",
        ),
    )


def judge_closed(facts: Facts, case: Occurrence) -> Verdict | None:
    """Shut on that date, the space itself, its floor or its site."""
    if not facts.closures:
        return None
    found = [
        (number, rule)
        for atom in case.atoms
        for number, rule, starts, ends in facts.closures.get((atom, case.day), ())
        if case.start < ends and starts < case.end and applies(facts, rule, case)
    ]
    return _refused(facts, "closed", min(found, key=itemgetter(0))[1], case) if found else None


def judge_typed_window(facts: Facts, case: Occurrence) -> Verdict | None:
    """A window that belongs to others."""
    broken = (rule for rule in facts.rules(TypedWindow) if in_window_of_others(facts, rule, case))
    return next((_refused(facts, "typed_window", rule, case) for rule in broken), None)


def in_window_of_others(facts: Facts, rule: TypedWindow, case: Occurrence) -> bool:
    """Whether an occurrence lies in a window that belongs to others, and is not released yet."""
    today = facts.problem.policy.as_of
    if rule.released_on is not None and today is not None and rule.released_on <= today:
        return False
    if not applies(facts, rule, case) or facts.selects(rule.allows, case.request, case.space.id):
        return False
    span = (minutes(rule.starts), minutes(rule.ends))
    near = [day for day in range(case.day - 2, case.day + 3) if WEEKDAYS[weekday_of(day)] in rule.days]
    days = [*near, *(day.toordinal() for day in rule.dates)]
    return touches(facts, case, rule.spaces) and meets_dates(case, ((day, span) for day in days))


def judge_horizon(facts: Facts, case: Occurrence) -> Verdict | None:
    """A date outside the round."""
    for rule in facts.rules(Horizon):
        inside = rule.first_date.toordinal() <= case.day <= rule.last_date.toordinal()
        if not inside and applies(facts, rule, case):
            day = date.fromordinal(case.day)
            text = Sentence(
                zh=f"{day} 不在本季（{rule.first_date} 至 {rule.last_date}）之内",
                en=f"{day} is outside the season ({rule.first_date} to {rule.last_date})",
            )
            return Verdict("horizon", rule, text)
    return None


def judge_notice(facts: Facts, case: Occurrence) -> Verdict | None:
    """Published too late, or not at all."""
    when = case.request.when
    if not isinstance(when, Dated):
        return None
    for rule in facts.rules(Notice):
        ahead = None if when.published_on is None else (when.date - when.published_on).days
        early = ahead is not None and rule.at_most_days is not None and ahead > rule.at_most_days
        if applies(facts, rule, case) and (ahead is None or ahead < rule.days or early):
            return Verdict("notice", rule, _late(facts, rule, when))
    return None


def _late(facts: Facts, rule: Notice, when: Dated) -> Sentence:
    text = rule.sentence(facts.names)
    if when.published_on is None:
        return Sentence(
            zh=f"{text.zh}；本申请没有写明公告日期", en=f"{text.en}; this request states no date of publication"
        )
    ahead = (when.date - when.published_on).days
    return Sentence(
        zh=f"{text.zh}；本申请 {when.published_on} 公告，{'只' if ahead < rule.days else ''}提前 {ahead} 天",
        en=f"{text.en}; this one was published on {when.published_on}, {ahead} days ahead",
    )


def open_spans(space: Space, day: int) -> list[Span]:
    """When a space is open around a date, in minutes of that date, touching intervals joined."""
    dated = {hours.date.toordinal(): hours.intervals for hours in space.dated_hours}
    spans: list[Span] = []
    for back in (2, 1, 0, -1, -2):
        there = day - back
        weekly = [hours for hours in space.hours if WEEKDAYS[weekday_of(there)] in hours.days]
        if space.parts and not space.hours:  # a combination that states hours for single dates alone
            weekly = [ALL_DAY]
        intervals = dated.get(there, weekly)
        spans += [(minutes(i.starts) - back * DAY, minutes(i.ends) - back * DAY) for i in intervals]
    joined: list[Span] = []
    for starts, ends in sorted(spans):
        if joined and starts <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((starts, ends))
    return joined


def _open_spans(facts: Facts, space: Space, day: int) -> list[Span]:
    """The same; dates of one weekday without hours of their own nearby are asked about together."""
    dated = facts.once(
        ("dated hours", space.id),
        lambda: {hours.date.toordinal() + reach for hours in space.dated_hours for reach in range(-2, 3)},
    )
    alike = day if day in dated else weekday_of(day)
    return facts.once(("open", space.id, alike), lambda: open_spans(space, day))


def _asked(facts: Facts, case: Occurrence) -> list[tuple[Space, list[Span]]]:
    """The spaces that must be open for an occurrence, and when they are: every atom, and itself where it states hours.

    Worked out once: a space and a date are asked about for every start of every request.
    """
    key = (case.space.id, case.day)
    if key not in facts.spans:
        asked = [facts.spaces[atom] for atom in case.atoms]
        if case.space.parts and (case.space.hours or case.space.dated_hours):
            asked.append(case.space)
        facts.spans[key] = [(space, _open_spans(facts, space, case.day)) for space in asked]
    return facts.spans[key]


def judge_opening_hours(facts: Facts, case: Occurrence) -> Verdict | None:
    """Within the opening hours of every atom, and of the space itself where it states some."""
    for space, spans in _asked(facts, case):
        if not any(starts <= case.start and case.end <= ends for starts, ends in spans):
            hours = [f"{hhmm(starts)}-{hhmm(ends)}" for starts, ends in spans if 0 <= starts < DAY]
            day, room = date.fromordinal(case.day), facts.names.en(space.id)
            wish = f"{hhmm(case.start)}-{hhmm(case.end)}"
            open_zh = f"只在 {'、'.join(hours)} 开放" if hours else "不开放"
            open_en = f"open {', '.join(hours)}" if hours else "shut"
            return Verdict(
                "opening_hours",
                None,
                Sentence(
                    zh=f"{space.name} {day} {open_zh}，排不下 {wish}",
                    en=f"{room} is {open_en} on {day}; {wish} does not fit",
                ),
            )
    return None


def judge_clock_change(facts: Facts, case: Occurrence) -> Verdict | None:
    """A start or end in the hour that summer time skips on that date."""
    for minute in (case.start, case.end):
        if not facts.exists(case.day, minute):
            day = date.fromordinal(case.day)
            return Verdict(
                "clock_change",
                None,
                Sentence(
                    zh=f"{day} 拨快时钟（夏令时），没有 {hhmm(minute)} 这个时刻",
                    en=f"{hhmm(minute)} does not exist on {day}: the clock goes forward",
                ),
            )
    return None


def judge_calendar(facts: Facts, case: Occurrence) -> Verdict | None:
    """A day off in the calendar of a series, or a date that counts as another weekday than the session's."""
    series = case.request.when
    if not isinstance(series, Series):
        return None
    if case.day in facts.days_off(series):
        zh, en = "放假", "is a day off"
    elif (runs := facts.runs_as(series, case.day)) != case.slot:
        as_ = WEEKDAYS[runs]
        zh, en = f"调休，按周{DAY_ZH[as_]}安排", f"is a working weekend and counts as a {DAY_EN[as_]}"
    else:
        return None
    day, name = date.fromordinal(case.day), series.calendar
    return Verdict("calendar", None, Sentence(zh=f"{day} {zh}（日历：{name}）", en=f"{day} {en} (calendar: {name})"))


BROKEN = {"typed_window": (TypedWindow, in_window_of_others)}
"""Kinds that may be no more than wishes, and what breaks them."""

DATE_JUDGES = {
    "calendar": judge_calendar,
    "closed": judge_closed,
    "opening_hours": judge_opening_hours,
    "typed_window": judge_typed_window,
    "horizon": judge_horizon,
    "notice": judge_notice,
    "clock_change": judge_clock_change,
}

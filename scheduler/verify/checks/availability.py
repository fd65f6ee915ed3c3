"""When a space may be used at all: each occurrence is judged by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from scheduler.constraints.availability import Closed, Horizon, Notice, TypedWindow
from scheduler.constraints.terms import DAY_EN, DAY_ZH
from scheduler.problem import Dated, DatedHours, Hours, Space
from scheduler.verify.plan import Check, Finding, Occurrence, Plan
from scheduler.verify.wall import DAY, Span, at, clock, days_of, exists, weekday, windows_met
from scheduler.verify.words import place, say, span_of, when, who
from scheduler.verify.world import World


def calendar(plan: Plan) -> Iterator[Finding]:
    """A series does not run on the days off of its calendar, nor on a date that counts as another weekday."""
    for one in plan.occurrences:
        runs = plan.world.runs_as(one.request, one.date)
        off = plan.world.day_off(one.request, one.date)
        if off or runs != one.weekday:
            yield Finding(
                rule="calendar",
                involved=(one,),
                sentence=say(
                    "{who}{when}在{place}：按其日历，当天" + ("放假" if off else "改按周{zh}安排"),
                    "{who} in {place} {when}: by its calendar "
                    + ("this is a day off" if off else "this date counts as a {en}"),
                    who=who(plan.world, one.request),
                    place=place(one.space),
                    when=when(one),
                    zh=DAY_ZH[runs],
                    en=DAY_EN[runs],
                ),
            )


def closed(plan: Plan) -> Iterator[Finding]:
    """Nobody in scope is in an atom of a closed space at any moment of the closure."""
    for rule in plan.world.rules(Closed):
        shut = _closed_atoms(plan.world, rule)
        # All day, unless both clocks are given.
        hours = (rule.starts, rule.ends) if rule.starts and rule.ends else ("00:00", "24:00")
        for one in _there(plan, shut, rule.dates):
            if not plan.world.judges(rule, one.request, one.space, one.date):
                continue
            for closure in windows_met(one.span, *hours, dates=rule.dates):
                yield Finding(
                    rule="closed",
                    constraint=rule,
                    involved=(one,),
                    sentence=say(
                        "{closure}{place}停用，{who}却安排在{when}",
                        "{place} is closed {closure}, but {who} is there {when}",
                        place=place(one.space),
                        closure=span_of(closure[0].date(), closure),
                        who=who(plan.world, one.request),
                        when=when(one),
                    ),
                )
                break


def _there(plan: Plan, atoms: frozenset[str], dates: Iterable[date]) -> Iterator[Occurrence]:
    """The occurrences on some atoms that could reach into the dates, each once."""
    near = {day + reach * DAY for day in dates for reach in range(-2, 3)}
    told: set[int] = set()
    for atom in sorted(atoms):
        for one in plan.on_atoms.get(atom, ()):
            if one.date in near and id(one) not in told:
                told.add(id(one))
                yield one


def _closed_atoms(world: World, rule: Closed) -> frozenset[str]:
    named = [
        s.id for s in world.problem.spaces if s.id in rule.spaces or s.floor in rule.floors or s.site in rule.sites
    ]
    return world.atoms_of(tuple(named))


def typed_window(plan: Plan) -> Iterator[Finding]:
    """Nobody in scope is in an atom of the spaces during the window, except those whom it allows."""
    today = plan.world.problem.policy.as_of
    for rule in plan.world.rules(TypedWindow):
        if rule.released_on and today and today >= rule.released_on:
            continue
        held = plan.world.atoms_of(rule.spaces)
        for one in plan.occurrences:
            if held.isdisjoint(one.atoms) or plan.world.matches(rule.allows, one.request, one.space):
                continue
            if not plan.world.judges(rule, one.request, one.space, one.date):
                continue
            for window in windows_met(one.span, rule.starts, rule.ends, days=rule.days, dates=rule.dates):
                yield Finding(
                    rule="typed_window",
                    constraint=rule,
                    involved=(one,),
                    sentence=say(
                        "{window}{place}专供他用，{who}不得安排在{when}",
                        "{place} is kept for others {window}; {who} may not be there {when}",
                        place=place(one.space),
                        window=span_of(window[0].date(), window),
                        who=who(plan.world, one.request),
                        when=when(one),
                    ),
                )
                break


def horizon(plan: Plan) -> Iterator[Finding]:
    """An occurrence's own date lies within the dates of the round."""
    for rule in plan.world.rules(Horizon):
        for one in plan.occurrences:
            if rule.first_date <= one.date <= rule.last_date:
                continue
            if plan.world.judges(rule, one.request, one.space, one.date):
                yield Finding(
                    rule="horizon",
                    constraint=rule,
                    involved=(one,),
                    sentence=say(
                        "{who}安排在{when}，不在本季{first}至{last}之内",
                        "{who} is {when}, outside the season {first} to {last}",
                        who=who(plan.world, one.request),
                        when=when(one),
                        first=str(rule.first_date),
                        last=str(rule.last_date),
                    ),
                )


def notice(plan: Plan) -> Iterator[Finding]:
    """A dated request in scope was published so many days before its date."""
    for rule in plan.world.rules(Notice):
        for one in plan.occurrences:
            asked = one.request.when
            if not isinstance(asked, Dated) or not plan.world.judges(rule, one.request, one.space, one.date):
                continue
            if not _in_time(rule, asked):
                yield Finding(
                    rule="notice",
                    constraint=rule,
                    involved=(one,),
                    sentence=say(
                        "{who}{when}用{place}，须提前{days}天{most_zh}公告，{zh}",
                        "{who} in {place} {when} must be published {days} days{most_en} ahead; {en}",
                        who=who(plan.world, one.request),
                        place=place(one.space),
                        when=when(one),
                        days=rule.days,
                        most_zh=f"至{rule.at_most_days}天" if rule.at_most_days is not None else "",
                        most_en=f" to {rule.at_most_days} days" if rule.at_most_days is not None else "",
                        zh=f"实际公告于{asked.published_on}" if asked.published_on else "却没有公告日期",
                        en=f"it was on {asked.published_on}" if asked.published_on else "it was not",
                    ),
                )


def _in_time(rule: Notice, asked: Dated) -> bool:
    if asked.published_on is None:
        return False
    ahead = asked.date - asked.published_on
    return rule.days * DAY <= ahead and (rule.at_most_days is None or ahead <= rule.at_most_days * DAY)


def opening_hours(plan: Plan) -> Iterator[Finding]:
    """An occurrence lies within the joined opening intervals of each of its atoms, and of the space itself.

    A combination is judged by its own hours only where it states some: weekly, or for the date.
    """
    remembered: dict[tuple[str, date], list[Span]] = {}
    for one in plan.occurrences:
        for space in _judged(plan.world, one):
            spans: list[Span] = []
            for day in days_of(one.span):
                if (space.id, day) not in remembered:
                    remembered[space.id, day] = list(_opening(space, day))
                spans += remembered[space.id, day]
            if not _lies_within(one.span, spans):
                yield Finding(
                    rule="opening_hours",
                    involved=(one,),
                    sentence=say(
                        "{who}{when}安排在{place}，但{space}此时并非全程开放",
                        "{who} is in {place} {when}, but {space} is not open all that time",
                        who=who(plan.world, one.request),
                        place=place(one.space),
                        when=when(one),
                        space=place(space),
                    ),
                )
                break


def _judged(world: World, one: Occurrence) -> Iterator[Space]:
    for atom in sorted(one.atoms):
        yield world.spaces[atom]
    if one.space.parts and (one.space.hours or one.space.dated_hours):
        yield one.space


def _opening(space: Space, day: date) -> Iterator[Span]:
    """The intervals that start on a date: its own where it is an exception, else those of its weekday."""
    exceptions: list[DatedHours] = [e for e in space.dated_hours if e.date == day]
    if exceptions:
        for own in (i for e in exceptions for i in e.intervals):
            yield at(day, clock(own.starts)), at(day, clock(own.ends))
        return
    if space.parts and not space.hours:  # a combination that states exceptions alone
        yield at(day, timedelta()), at(day, DAY)
        return
    hours: Iterable[Hours] = (h for h in space.hours if weekday(day) in h.days)
    for interval in hours:
        yield at(day, clock(interval.starts)), at(day, clock(interval.ends))


def _lies_within(span: Span, intervals: list[Span]) -> bool:
    reached = span[0]
    for starts, ends in sorted(intervals):
        if starts > reached:
            break
        reached = max(reached, ends)
    return reached >= span[1]


def clock_change(plan: Plan) -> Iterator[Finding]:
    """Start and end exist on the date: summer time has not skipped them."""
    for one in plan.occurrences:
        if not (exists(one.starts, plan.world.zone) and exists(one.ends, plan.world.zone)):
            yield Finding(
                rule="clock_change",
                involved=(one,),
                sentence=say(
                    "{who}{when}在{place}：当天调夏令时，钟面没有这个时刻",
                    "{who} in {place} {when}: the clocks change that day, and skip this time",
                    who=who(plan.world, one.request),
                    place=place(one.space),
                    when=when(one),
                ),
            )


CHECKS: dict[str, Check] = {
    "calendar": calendar,
    "closed": closed,
    "opening_hours": opening_hours,
    "typed_window": typed_window,
    "horizon": horizon,
    "notice": notice,
    "clock_change": clock_change,
}

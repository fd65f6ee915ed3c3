"""What a group has on a day, in a week, in the season: counted date by date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from scheduler.constraints.loads import Load
from scheduler.verify.groups import Held, asking, grouped, held
from scheduler.verify.plan import Check, Finding, Plan
from scheduler.verify.wall import MINUTE, clock, weekday
from scheduler.verify.words import listed, say, slot_of, who

Run = list[Held]


def load(plan: Plan) -> Iterator[Finding]:
    """The excess of every group is none; of a rule that should hold it has its cost."""
    for rule in plan.world.rules(Load):
        weeks = plan.world.weeks(rule)
        for group in _groups(plan, rule):
            excess, divided = _excess(plan, rule, group)
            if not excess:
                continue
            text = rule.sentence(plan.world.names)
            yield Finding(
                rule="load",
                constraint=rule,
                involved=tuple(each.occurrence for each in group),
                cost=rule.weight * excess // (weeks if divided else 1),
                sentence=say(
                    "{sessions}不符合：{zh}（超出 {excess}）",
                    "{sessions} do not keep to: {en} (excess {excess})",
                    sessions=listed(
                        say("{who}{when}", "{who} {when}", who=who(plan.world, h.slot.request), when=slot_of(h.slot))
                        for h in group
                    ),
                    excess=excess,
                    zh=text.zh,
                    en=text.en,
                ),
            )


def _groups(plan: Plan, rule: Load) -> list[list[Held]]:
    """The groups that have a session; for what is due to a group, all that ask."""
    found = grouped(plan, rule)
    if rule.measure in {"min_minutes", "share_of_supply"}:
        found += [[] for _ in range(asking(plan, rule) - len(found))]
    return found


def _excess(plan: Plan, rule: Load, group: Sequence[Held]) -> tuple[int, bool]:
    """The excess of a group, and whether it is a sum over dates."""
    days = {day for each in group for day in each.weekdays}
    if rule.measure == "max_days":
        return max(0, len(days) - rule.at_most), False
    if rule.measure == "min_working_days":
        return max(0, rule.at_least - len(days)), False
    if rule.measure == "space_stability":
        return len({each.slot.space.id for each in group}) - 1, False
    if rule.measure == "spaces_open":
        return max(
            0, len({atom for each in group for atom in plan.world.atoms[each.slot.space.id]}) - rule.at_most
        ), False
    if rule.measure == "sites_open":
        return max(0, len({each.slot.space.site for each in group}) - rule.at_most), False
    if rule.measure == "share_of_supply":
        everybody = [held(plan, slot, rule) for slot in plan.slots]
        lacks = rule.percent * _minutes(rule, everybody) - 100 * _minutes(rule, group)
        return max(0, -(-lacks // (100 * rule.unit_minutes))), False
    if rule.measure in {"max_sessions", "max_minutes", "min_minutes"}:
        return sum(_against(rule, there) for there in _by_period(plan, rule, group).values()), False
    return sum(_ON_A_DATE[rule.measure](rule, run) for run in _by_date(group).values()), True


def _by_date(group: Sequence[Held]) -> dict[date, Run]:
    found: dict[date, Run] = defaultdict(list)
    for each in group:
        for day in each.dates:
            found[day].append(each)
    return found


def _prime_dates(rule: Load, each: Held) -> list[date]:
    """The dates of a session that count."""
    return [
        day
        for day in each.dates
        if not rule.prime
        or any(weekday(day) in prime.days and each.starts >= clock(prime.starts_from) for prime in rule.prime)
    ]


def _minutes(rule: Load, group: Sequence[Held]) -> int:
    return sum(len(_prime_dates(rule, each)) * ((each.ends - each.starts) // MINUTE) for each in group)


def _by_period(plan: Plan, rule: Load, group: Sequence[Held]) -> dict[str, list[int]]:
    """Each day, week, month of the season, or the season, with the minutes of every date in it that counts.

    Of a rule with validity dates: those that have one of them.
    """
    found: dict[str, list[int]] = {_period(plan, rule, day): [] for day in plan.world.days(rule)}
    for each in group:
        for day in _prime_dates(rule, each):
            found[_period(plan, rule, day)].append((each.ends - each.starts) // MINUTE)
    return found


def _period(plan: Plan, rule: Load, day: date) -> str:
    named = {"day": day.isoformat(), "week": str(plan.world.week_of(day)), "month": day.isoformat()[:7]}
    return named.get(rule.per, "season")


def _against(rule: Load, there: list[int]) -> int:
    if rule.measure == "max_sessions":
        return max(0, len(there) - rule.at_most)
    if rule.measure == "max_minutes":
        return max(0, sum(there) - rule.minutes)
    return max(0, -((sum(there) - rule.minutes) // rule.unit_minutes))


def _short_gaps(rule: Load, run: Run) -> int:
    found, latest = 0, None
    for starts, ends in sorted((each.starts, each.ends) for each in run):
        if latest is not None and timedelta() < starts - latest < rule.minutes * MINUTE:
            found += 1
        latest = ends if latest is None else max(latest, ends)
    return found


def _minutes_above(rule: Load, run: Run) -> int:
    minutes = sum(((each.ends - each.starts) // MINUTE for each in run), 0)
    return max(0, -((rule.minutes - minutes) // rule.unit_minutes))


def _blocks(rule: Load, run: Run) -> list[tuple[timedelta, timedelta, int]]:
    """From, until and number of sessions of each block."""
    found: list[tuple[timedelta, timedelta, int]] = []
    for each in sorted(run, key=lambda h: (h.starts, h.ends)):
        if found and each.starts <= found[-1][1] + rule.gap_minutes * MINUTE:
            starts, ends, count = found.pop()
            found.append((starts, max(ends, each.ends), count + 1))
        else:
            found.append((each.starts, each.ends, 1))
    return found


def _blocks_above(rule: Load, run: Run) -> int:
    return max(0, len(_blocks(rule, run)) - 1 - rule.at_most)


def _long_blocks(rule: Load, run: Run) -> int:
    most = rule.minutes * MINUTE
    return sum(count > 1 and ends - starts > most for starts, ends, count in _blocks(rule, run))


def _standing_alone(_rule: Load, run: Run) -> int:
    return sum(
        not any(near is not each and (near.ends == each.starts or near.starts == each.ends) for near in run)
        for each in run
    )


_ON_A_DATE: dict[str, Callable[[Load, Run], int]] = {
    "max_day_load": _minutes_above,
    "max_breaks": _blocks_above,
    "max_block": _long_blocks,
    "compactness": _standing_alone,
    "useless_gap": _short_gaps,
}

CHECKS: dict[str, Check] = {"load": load}

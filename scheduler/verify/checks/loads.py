"""What a group has on a day, in a week, in the season: counted date by date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from scheduler.constraints.loads import Load
from scheduler.verify.groups import Held, grouped
from scheduler.verify.plan import Check, Finding, Plan
from scheduler.verify.wall import MINUTE
from scheduler.verify.words import listed, say, slot_of, who

Run = list[Held]


def load(plan: Plan) -> Iterator[Finding]:
    """The excess of every group is none; of a rule that should hold it has its cost."""
    for rule in plan.world.rules(Load):
        for group in grouped(plan, rule):
            excess, divided = _excess(rule, group)
            if not excess:
                continue
            text = rule.sentence(plan.world.names)
            yield Finding(
                rule="load",
                constraint=rule,
                involved=tuple(each.occurrence for each in group),
                cost=rule.weight * excess // (plan.world.weeks() if divided else 1),
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


def _excess(rule: Load, group: Sequence[Held]) -> tuple[int, bool]:
    """The excess of a group, and whether it is a sum over dates."""
    days = {day for each in group for day in each.weekdays}
    if rule.measure == "max_days":
        return max(0, len(days) - rule.at_most), False
    if rule.measure == "min_working_days":
        return max(0, rule.at_least - len(days)), False
    if rule.measure == "space_stability":
        return len({each.slot.space.id for each in group}) - 1, False
    return sum(_ON_A_DATE[rule.measure](rule, run) for run in _by_date(group).values()), True


def _by_date(group: Sequence[Held]) -> dict[date, Run]:
    found: dict[date, Run] = defaultdict(list)
    for each in group:
        for day in each.dates:
            found[day].append(each)
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
}

CHECKS: dict[str, Check] = {"load": load}

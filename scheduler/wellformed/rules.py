"""Rules: parameters that mean something. A rule that can never bind, or never hold, was meant otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.constraints.availability import Closed, Notice, TypedWindow
from scheduler.constraints.changeover import Changeover
from scheduler.constraints.choices import Choice
from scheduler.constraints.loads import Load
from scheduler.constraints.noise import Curfew
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.offers import Limits
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.relations import Relation
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.terms import WEEKDAYS, Scope
from scheduler.problem import Dated, Problem, Request, Window
from scheduler.wellformed.clocks import minutes_of
from scheduler.wellformed.faults import NOTHING, Fault, Loc, fault


def closures(problem: Problem) -> Iterator[Fault]:
    """A closure names something that it closes."""
    for place, rule in enumerate(problem.constraints):
        if isinstance(rule, Closed) and not (rule.spaces or rule.floors or rule.sites):
            zh, en = "spaces、floors、sites 至少写一项", "at least one of spaces, floors, sites"
            yield fault("closes_nothing", ("constraints", place), rule.id, zh, en)


def typed_windows(problem: Problem) -> Iterator[Fault]:
    """A typed window is weekly or dated, and there is somebody whom it keeps out."""
    for place, rule in enumerate(problem.constraints):
        if not isinstance(rule, TypedWindow):
            continue
        if bool(rule.days) == bool(rule.dates):
            found = "days, dates" if rule.days else NOTHING
            zh, en = "days 和 dates 二者写其一", "either days or dates"
            yield fault("weekly_or_dated", ("constraints", place), found, zh, en)
        if rule.allows == Scope():
            zh, en = "写明准许谁使用", "the requests that are allowed"
            yield fault("allows_everybody", ("constraints", place, "allows"), "{}", zh, en)


def sharings(problem: Problem) -> Iterator[Fault]:
    """A sharing rule speaks of a layout of its space and of no more seats than that layout has."""
    layouts = {space.id: {each.id: each.capacity for each in space.layouts} for space in problem.spaces}
    for place, rule in enumerate(problem.constraints):
        if not isinstance(rule, Sharing) or rule.space not in layouts:
            continue
        capacity = layouts[rule.space].get(rule.layout)
        if capacity is None:
            there = list(layouts[rule.space])
            zh, en = (
                f"{rule.space} 的布局：{'、'.join(there)}",
                f"a layout of {rule.space}: {', '.join(there)}",
            )
            yield fault("sharing_layout", ("constraints", place, "layout"), rule.layout, zh, en)
        elif rule.seats > capacity:
            zh = f"至多 {capacity}，即 {rule.space} 按 {rule.layout} 布局的座位数"
            en = f"at most {capacity}, the places of {rule.space} in layout {rule.layout}"
            yield fault("sharing_seats", ("constraints", place, "seats"), rule.seats, zh, en)


def strengths(problem: Problem) -> Iterator[Fault]:
    """A rule is what its kind may be; what should hold has a weight, what must has none."""
    for place, rule in enumerate(problem.constraints):
        if rule.strength not in rule.strengths:
            allowed = ", ".join(rule.strengths)
            zh, en = f"{allowed}（{rule.kind} 只能如此）", f"{allowed}, as {rule.kind} can be"
            yield fault("strength", ("constraints", place, "strength"), rule.strength, zh, en)
        elif rule.strength == "should" and not rule.weight:
            zh, en = "1 或更大：每次不符合扣几分", "1 or more: points for each violation"
            yield fault("weight_missing", ("constraints", place, "weight"), 0, zh, en)
        elif rule.strength == "must" and rule.weight:
            zh, en = "不写：must 没有权重", "none: what must hold has no weight"
            yield fault("not_used_here", ("constraints", place, "weight"), rule.weight, zh, en)


USED = {
    "minutes": {
        *("min_gap", "work_day", "consecutive", "max_day_load", "max_block"),
        *("max_minutes", "min_minutes", "useless_gap"),
    },
    "at_least": {"days_between", "min_working_days"},
    "at_most": {"days_between", "max_days", "max_breaks", "max_sessions", "spaces_open", "sites_open"},
    "unit_minutes": {"max_day_load", "min_minutes", "share_of_supply"},
    "per": {"max_sessions", "max_minutes", "min_minutes"},
    "prime": {"max_sessions", "max_minutes", "min_minutes", "share_of_supply"},
    "percent": {"share_of_supply"},
    "gap_minutes": {"max_breaks", "max_block"},
    "beside": {"adjacent_spaces", "not_adjacent"},
}
"""Parameters of relations and loads, and the ones that read them."""


def relations(problem: Problem) -> Iterator[Fault]:
    """A relation or load states only what it reads; two numbers are in order."""
    for place, rule in enumerate(problem.constraints):
        if not isinstance(rule, Relation | Load):
            continue
        loc: Loc = ("constraints", place)
        name = rule.relation if isinstance(rule, Relation) else rule.measure
        for parameter, readers in USED.items():
            if parameter in rule.model_fields_set and name not in readers and _differs(rule, parameter):
                value = getattr(rule, parameter)
                found = f"[{len(value)}]" if isinstance(value, tuple) else str(value)
                zh, en = f"不写：{name} 不用它", f"none: {name} does not read it"
                yield fault("not_used_here", (*loc, parameter), found, zh, en)
        if isinstance(rule, Relation) and rule.at_least > rule.at_most:
            zh, en = f"不超过 at_most {rule.at_most}", f"at most at_most, {rule.at_most}"
            yield fault("out_of_order", (*loc, "at_least"), rule.at_least, zh, en)


def _differs(rule: Relation | Load, parameter: str) -> bool:
    return bool(getattr(rule, parameter) != type(rule).model_fields[parameter].default)


def say_something(problem: Problem) -> Iterator[Fault]:
    """Limits limit something, a choice says how many, and the least is not above the most."""
    for place, rule in enumerate(problem.constraints):
        loc: Loc = ("constraints", place)
        if isinstance(rule, Limits):
            least, most = rule.at_least_minutes, rule.at_most_minutes
            if not (rule.start_every or least or rule.at_least_percent) and most is None:
                zh = "start_every、at_least_minutes、at_most_minutes、at_least_percent 至少写一项"
                en = "one of start_every, at_least_minutes, at_most_minutes, at_least_percent"
                yield fault("says_nothing", loc, rule.id, zh, en)
            if least is not None and most is not None and least > most:
                zh, en = f"不超过 at_most_minutes {most}", f"at most at_most_minutes, {most}"
                yield fault("out_of_order", (*loc, "at_least_minutes"), least, zh, en)
        if isinstance(rule, Choice) and not rule.linked and rule.at_most is None:
            zh, en = "linked 为 true，或写 at_most", "linked true, or at_most"
            yield fault("says_nothing", loc, rule.id, zh, en)
        if isinstance(rule, Notice) and rule.at_most_days is not None and rule.days > rule.at_most_days:
            zh, en = f"不超过 at_most_days {rule.at_most_days}", f"at most at_most_days, {rule.at_most_days}"
            yield fault("out_of_order", (*loc, "days"), rule.days, zh, en)


def pools(problem: Problem) -> Iterator[Fault]:
    """Crews are counted wherever they work: a rule about them names no spaces."""
    for place, rule in enumerate(problem.constraints):
        if isinstance(rule, PooledResource) and rule.resource != "amount":
            yield from _only_of_amounts(("constraints", place), rule)
        if isinstance(rule, PooledResource) and rule.resource == "conversion_crew" and rule.spaces:
            zh = "不写 spaces：换场小组不分空间合计"
            en = "no spaces: crews are counted over all of them"
            yield fault("not_used_here", ("constraints", place, "spaces"), ", ".join(rule.spaces), zh, en)


def _only_of_amounts(loc: Loc, rule: PooledResource) -> Iterator[Fault]:
    for name in ("amounts", "called"):
        if getattr(rule, name):
            zh, en = "不写：只有 resource 为 amount 时才用", "none: it is read with resource amount alone"
            yield fault("not_used_here", (*loc, name), rule.resource, zh, en)
    if rule.scope != Scope():
        zh, en = "不写：只有 resource 为 amount 时才用", "none: it is read with resource amount alone"
        yield fault("not_used_here", (*loc, "scope"), rule.resource, zh, en)


def curfews(problem: Problem) -> Iterator[Fault]:
    """One clearing time for a use."""
    for place, rule in enumerate(problem.constraints):
        uses = [each.use for each in rule.clearing] if isinstance(rule, Curfew) else []
        for number, use in enumerate(uses):
            if use in uses[:number]:
                loc = ("constraints", place, "clearing", number, "use")
                yield fault("listed_twice", loc, use, "每种用途只写一次", "each use once")


def changeovers(problem: Problem) -> Iterator[Fault]:
    """One rule about changeovers, and no row of a table above the gap after which it lets nothing be owed."""
    rules = [(place, rule) for place, rule in enumerate(problem.constraints) if isinstance(rule, Changeover)]
    for place, rule in rules[1:]:
        zh, en = (
            f"只有一条 changeover（已有 {rules[0][1].id}）",
            f"one changeover rule only (there is {rules[0][1].id})",
        )
        yield fault("rule_twice", ("constraints", place, "kind"), rule.id, zh, en)
    most = nothing_owed_after(problem)
    for place, space in enumerate(problem.spaces):
        for number, row in enumerate(space.changeover):
            if row.minutes > most:
                loc = ("spaces", place, "changeover", number, "minutes")
                zh = f"至多 {most}：间隔满 {most} 分钟的不再计"
                en = f"at most {most}: after a gap of {most} minutes nothing is owed"
                yield fault("changeover_too_long", loc, row.minutes, zh, en)


def pins(problem: Problem) -> Iterator[Fault]:
    """A pinned slot is one that the request's own terms allow; elsewhere it could never be met."""
    by_id = {request.id: request for request in problem.requests}
    for place, rule in enumerate(problem.constraints):
        if isinstance(rule, Pin) and rule.slot is not None and rule.request in by_id:
            if not by_id[rule.request].windows:
                continue  # told already, or a pattern, whose options say when
            loc = ("constraints", place, "slot")
            step = problem.policy.start_step_minutes
            yield from _pinned_date(loc, rule.slot, by_id[rule.request])
            yield from _pinned_place(loc, rule.slot, by_id[rule.request])
            yield from _pinned_time(loc, rule.slot, by_id[rule.request], step)


def nothing_owed_after(problem: Problem) -> int:
    """The gap in minutes after which no changeover is owed; the kind's own default where no rule says it."""
    rule = next((each for each in problem.constraints if isinstance(each, Changeover)), None)
    default: int = Changeover.model_fields["nothing_owed_after_minutes"].default
    return rule.nothing_owed_after_minutes if rule else default


def _pinned_date(loc: Loc, slot: PinnedSlot, request: Request) -> Iterator[Fault]:
    if slot.date is None:
        return
    if not isinstance(request.when, Dated):
        zh, en = f"星期：{request.id} 是每周固定的申请", f"a weekday: {request.id} is a series"
        yield fault("pin_never_met", (*loc, "date"), str(slot.date), zh, en)
    elif slot.date != request.when.date:
        zh, en = (
            f"{request.id} 自己的日期 {request.when.date}",
            f"the date of {request.id}, {request.when.date}",
        )
        yield fault("pin_never_met", (*loc, "date"), str(slot.date), zh, en)


def _pinned_place(loc: Loc, slot: PinnedSlot, request: Request) -> Iterator[Fault]:
    if slot.space is not None and slot.space not in request.spaces:
        zh, en = (
            f"{request.id} 申请的空间 {'、'.join(request.spaces)}",
            f"a space of {request.id}: {', '.join(request.spaces)}",
        )
        yield fault("pin_never_met", (*loc, "space"), slot.space, zh, en)


def _pinned_time(loc: Loc, slot: PinnedSlot, request: Request, step: int) -> Iterator[Fault]:
    days = [WEEKDAYS[request.when.date.weekday()]] if isinstance(request.when, Dated) else list(WEEKDAYS)
    if slot.weekday is not None:
        days = [day for day in days if day == slot.weekday]
    windows = [window for window in request.windows if any(day in window.days for day in days)]
    if not windows:
        zh, en = f"{request.id} 有时段的日子", f"a day on which {request.id} has a window"
        yield fault("pin_never_met", (*loc, "weekday"), slot.weekday or NOTHING, zh, en)
    elif slot.starts is not None and not any(_starts(window, slot.starts, request.minutes, step) for window in windows):
        zh, en = f"{request.id} 的时段允许的开始时间", f"a start that the windows of {request.id} allow"
        yield fault("pin_never_met", (*loc, "starts"), slot.starts, zh, en)


def _starts(window: Window, clock: str, minutes: int, step: int) -> bool:
    starts = minutes_of(clock)
    later = starts - minutes_of(window.starts)
    if window.kind == "fixed":
        return later == 0
    return later >= 0 and later % step == 0 and starts + minutes <= minutes_of(window.ends)

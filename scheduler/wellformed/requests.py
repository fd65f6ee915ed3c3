"""Requests: windows that hold a session, dates that have a window, replacements of what is there."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.constraints.terms import WEEKDAYS
from scheduler.problem import Dated, Patterns, Problem, Request, Series, Window
from scheduler.wellformed.clocks import clock_of, minutes_of
from scheduler.wellformed.faults import NOTHING, Fault, Loc, fault

LATEST_END_MINUTES = 48 * 60


def windows(problem: Problem) -> Iterator[Fault]:
    """A window is as long as the session at least, and a fixed one exactly: no start is guessed."""
    for place, request in enumerate(problem.requests):
        for number, window in enumerate(request.windows):
            yield from _window(("requests", place, "windows", number, "ends"), request, window)


def windows_or_options(problem: Problem) -> Iterator[Fault]:
    """Windows say when, but where options do; each option once; costs for every space, or none."""
    for place, request in enumerate(problem.requests):
        loc: Loc = ("requests", place)
        if isinstance(request.when, Patterns):
            if request.windows:
                zh, en = "不写：时段由 when.options 给出", "none: the options say when"
                yield fault("not_used_here", (*loc, "windows"), f"[{len(request.windows)}]", zh, en)
            yield from _options(loc, problem, request, request.when)
        elif not request.windows:
            yield fault("windows_missing", (*loc, "windows"), NOTHING, "至少一个时段", "one window at least")
        if request.space_costs and len(request.space_costs) != len(request.spaces):
            zh, en = (
                f"{len(request.spaces)} 项，与 spaces 一一对应",
                f"{len(request.spaces)} entries, one for each space",
            )
            yield fault("space_costs", (*loc, "space_costs"), f"[{len(request.space_costs)}]", zh, en)


def _options(loc: Loc, problem: Problem, request: Request, when: Patterns) -> Iterator[Fault]:
    weeks = weeks_of(problem)
    first: dict[tuple[object, ...], int] = {}
    for number, option in enumerate(when.options):
        here: Loc = (*loc, "when", "options", number)
        if minutes_of(option.starts) + (option.minutes or request.minutes) > LATEST_END_MINUTES:
            yield fault("option_too_late", (*here, "starts"), option.starts, "48:00 前结束", "an end by 48:00")
        for at, week in enumerate(option.weeks):
            if week > weeks:
                zh, en = f"1 至 {weeks}，本季的周次", f"1 to {weeks}, the weeks of the season"
                yield fault("no_such_week", (*here, "weeks", at), week, zh, en)
        met = frozenset(option.weeks) or frozenset(range(1, weeks + 1))
        key = (frozenset(option.days), met, option.starts, option.minutes or request.minutes)
        if first.setdefault(key, number) != number:
            zh = f"每种只写一次（第 {first[key] + 1} 项已有）"
            en = f"each once (entry {first[key] + 1} is the same)"
            yield fault("option_twice", here, option.starts, zh, en)


def weeks_of(problem: Problem) -> int:
    """The weeks of the season, Monday to Sunday, those included of which it has only some days."""
    first = problem.season.first_date.toordinal()
    return (problem.season.last_date.toordinal() - (first - (first - 1) % 7)) // 7 + 1


def sessions(problem: Problem) -> Iterator[Fault]:
    """The least number of sessions is not above the number asked."""
    for place, request in enumerate(problem.requests):
        when = request.when
        if isinstance(when, Series) and when.min_sessions is not None and when.min_sessions > when.per_week:
            loc = ("requests", place, "when", "min_sessions")
            zh, en = f"不超过 per_week {when.per_week}", f"at most per_week, {when.per_week}"
            yield fault("min_sessions", loc, when.min_sessions, zh, en)


def dates(problem: Problem) -> Iterator[Fault]:
    """A dated request has a window on the weekday of its date."""
    for place, request in enumerate(problem.requests):
        if isinstance(request.when, Dated) and request.windows:
            day = WEEKDAYS[request.when.date.weekday()]
            found = ", ".join(dict.fromkeys(each for window in request.windows for each in window.days))
            if day not in found.split(", "):
                zh, en = (
                    f"含 {day} 的时段，{request.when.date} 是 {day}",
                    f"a window on {day}, which {request.when.date} is",
                )
                yield fault("no_window_on_date", ("requests", place, "windows"), found, zh, en)


def replacements(problem: Problem) -> Iterator[Fault]:
    """What is replaced is a series of the same applicant that has a session on the date."""
    by_id = {request.id: request for request in problem.requests}
    for place, request in enumerate(problem.requests):
        when = request.when
        if isinstance(when, Dated) and when.replaces and when.replaces.request in by_id:
            loc = ("requests", place, "when", "replaces", "request")
            yield from _replacement(loc, request, when, by_id[when.replaces.request], problem)


def _window(loc: Loc, request: Request, window: Window) -> Iterator[Fault]:
    starts, length = minutes_of(window.starts), minutes_of(window.ends) - minutes_of(window.starts)
    if length <= 0:
        return  # told already: the end is not after the start
    fits = clock_of(starts + request.minutes)
    if length < request.minutes:
        zh = f"{fits} 或更晚：一场 {request.minutes} 分钟，自 {window.starts} 起"
        en = f"{fits} or later: a session of {request.minutes} minutes from {window.starts} on"
        yield fault("window_too_short", loc, window.ends, zh, en)
    elif window.kind == "fixed" and length > request.minutes:
        zh = f"{fits}：fixed 时段与一场的 {request.minutes} 分钟等长；时间可变的写 preferred 或 acceptable"
        en = (
            f"{fits}: a fixed window is as long as its session, {request.minutes} minutes; "
            "a session that may move has a preferred or acceptable one"
        )
        yield fault("fixed_window_length", loc, window.ends, zh, en)


def _replacement(loc: Loc, request: Request, when: Dated, series: Request, problem: Problem) -> Iterator[Fault]:
    if not isinstance(series.when, Series):
        yield fault("replaces_no_series", loc, series.id, "一个每周固定的申请（series）的编号", "the id of a series")
        return
    known = {each.id for each in problem.applicants}
    if series.applicant != request.applicant and {series.applicant, request.applicant} <= known:
        zh, en = f"{request.applicant} 自己每周固定的申请", f"a series of the same applicant, {request.applicant}"
        yield fault("replaces_of_others", loc, f"{series.id} ({series.applicant})", zh, en)
    first = max(problem.season.first_date, series.when.first_date or problem.season.first_date)
    last = min(problem.season.last_date, series.when.last_date or problem.season.last_date)
    if not (first <= when.date <= last and _runs_on(series, when)):
        zh, en = f"在 {when.date} 可能有场次的每周固定申请", f"a series that can have a session on {when.date}"
        yield fault("replaces_no_date", loc, series.id, zh, en)


def _runs_on(series: Request, when: Dated) -> bool:
    return any(WEEKDAYS[when.date.weekday()] in window.days for window in series.windows)

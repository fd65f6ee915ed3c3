"""What the manager sees of a proposal: how much is met, by room and weekday, what is refused and why, what moved.

Pure: (problem, timetable) -> words and rows. Chinese first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import DAY_ZH, WEEKDAYS, Names, Weekday
from scheduler.problem import Problem
from scheduler.timetable import Session, StageResult, Timetable

STAGES = {
    "duties": "固定任务",
    "classes": "申请级别",
    "fairness": "公平",
    "own_rank": "自排次序",
    "wishes": "心愿",
    "stability": "稳定",
    "lot": "抽签",
}
FALLEN = {"calendar": "放假或调休", "closed": "停用", "opening_hours": "不开放"}
"""Why a date falls, as people say it; any other rule is named as it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """A session in the week's table; `pin` is the rule that holds it, `slot` says in a form which one it is."""

    request: str
    time: str
    what: str
    who: str
    slot: str
    pin: str


@dataclass(frozen=True, slots=True)
class Room:
    """A space's week: its sessions by weekday, Monday first."""

    name: str
    days: tuple[tuple[Place, ...], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that did not get all it asked for, with its reasons in its own order of wish."""

    request: str
    what: str
    asked: int
    granted: int
    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A request whose sessions are not the same as before."""

    request: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole page."""

    summary: str
    rooms: tuple[Room, ...]
    dated: tuple[tuple[str, Place, str], ...]
    refused: tuple[Refused, ...]
    lost: tuple[str, ...]
    fallen: tuple[str, ...]
    made_up: tuple[str, ...]
    stages: tuple[tuple[str, str], ...]


def proposal_of(problem: Problem, timetable: Timetable) -> Proposal:
    """What there is to see of a timetable of this problem."""
    names = problem.names()
    short = {refusal.request for refusal in timetable.refusals}
    part = sum(bool(refusal.granted) for refusal in timetable.refusals)
    asked = len(problem.requests)
    pins = {_pinned(pin): pin.id for pin in problem.constraints if isinstance(pin, Pin) and pin.slot is not None}
    whole = {pin.request: pin.id for pin in problem.constraints if isinstance(pin, Pin) and pin.slot is None}
    placed = [(session, _place(problem, names, session, pins, whole)) for session in timetable.sessions]
    return Proposal(
        summary=f"{asked} 份申请：全部满足 {asked - len(short)} 份，部分满足 {part} 份，未满足 {len(short) - part} 份",
        rooms=tuple(_rooms(problem, placed)),
        dated=tuple(
            (session.date.isoformat(), place, names.zh(session.space)) for session, place in placed if session.date
        ),
        refused=tuple(
            Refused(
                refusal.request,
                names.zh(refusal.request),
                refusal.asked,
                refusal.granted,
                refusal.sentence.zh,
                tuple(reason.sentence.zh for reason in refusal.reasons),
            )
            for refusal in timetable.refusals
        ),
        lost=tuple(
            f"{names.zh(missing.request)} {missing.date}，让给{names.zh(*missing.to)}"
            for missing in timetable.missing
            if missing.kind == "lost"
        ),
        fallen=tuple(_fallen(timetable)),
        made_up=tuple(_made_up(timetable, names)),
        stages=tuple(
            (_stage(stage, problem.policy.fairness.levels, names), _proof(stage.value, stage.bound))
            for stage in timetable.stages
            if stage.status != "not_in_force"
        ),
    )


def _stage(stage: StageResult, levels: int, names: Names) -> str:
    if stage.stage == "fairness":
        return f"{STAGES[stage.stage]}：缺 {stage.of}/{levels} 及以上的主体数"
    return f"{STAGES[stage.stage]}{f' {names.zh(stage.of)}' if stage.of else ''}"


def moved(problem: Problem, before: Timetable, after: Timetable) -> tuple[Moved, ...]:
    """The requests whose sessions differ between two timetables, in the order of the problem."""
    names, was, is_ = problem.names(), _slots(before.sessions), _slots(after.sessions)
    return tuple(
        Moved(each.id, names.zh(each.id), _told(was.get(each.id, []), names), _told(is_.get(each.id, []), names))
        for each in problem.requests
        if was.get(each.id, []) != is_.get(each.id, [])
    )


def _slots(sessions: Iterable[Session]) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for each in sessions:
        found.setdefault(each.request, []).append((_day(each), each.starts, each.space))
    return found


def _told(slots: list[tuple[str, str, str]], names: Names) -> str:
    return "、".join(f"{day} {starts} {names.zh(space)}" for day, starts, space in slots) or "未安排"


def _day(session: Session) -> str:
    if session.date:
        return session.date.isoformat()
    weeks = f"（第 {'、'.join(map(str, session.weeks))} 周）" if session.weeks else ""
    return f"周{'、'.join(DAY_ZH[day] for day in _weekdays(session))}{weeks}"


def _weekdays(session: Session) -> tuple[Weekday, ...]:
    """The weekdays on which a session is held: of a pattern all of them."""
    return session.days or (session.weekday,)


def _pinned(pin: Pin) -> tuple[str, str, str, str]:
    slot = pin.slot
    assert slot is not None
    day = slot.date.isoformat() if slot.date else slot.weekday or ""
    return pin.request, day, slot.starts or "", slot.space or ""


def _place(
    problem: Problem,
    names: Names,
    session: Session,
    pins: dict[tuple[str, str, str, str], str],
    whole: dict[str, str],
) -> Place:
    request = next(each for each in problem.requests if each.id == session.request)
    day = session.date.isoformat() if session.date else session.weekday
    key = (session.request, day, session.starts, session.space)
    return Place(
        request=session.request,
        time=f"{session.starts}-{session.ends}",
        what=names.zh(request.use),
        who=names.zh(request.applicant),
        slot="|".join(key),
        pin=pins.get(key) or whole.get(session.request, ""),
    )


def _rooms(problem: Problem, placed: list[tuple[Session, Place]]) -> Iterable[Room]:
    """One row a space with weekly sessions, in the order of the problem."""
    for space in problem.spaces:
        days = tuple(
            tuple(
                place
                for session, place in sorted(placed, key=lambda pair: pair[0].starts)
                if session.space == space.id and day in _weekdays(session) and session.date is None
            )
            for day in WEEKDAYS
        )
        if any(days):
            yield Room(space.name, days)


def _fallen(timetable: Timetable) -> Iterable[str]:
    """How many dates fall to each rule."""
    counts: dict[str, int] = {}
    for missing in timetable.missing:
        if missing.kind == "fallen":
            counts[missing.rule] = counts.get(missing.rule, 0) + 1
    for rule, count in counts.items():
        yield f"{FALLEN.get(rule, rule)}：{count} 场次"


def _made_up(timetable: Timetable, names: Names) -> Iterable[str]:
    """The dates that a working weekend adds: a session of another weekday."""
    weekly = {(each.request, each.number): each for each in timetable.sessions if each.date is None}
    for each in timetable.bookings:
        session = weekly.get((each.request, each.session))
        if session is None or session.days:
            continue  # a pattern follows no calendar
        own = each.starts - timedelta(days=int(session.starts[:2]) // 24)  # 24:30 is still the evening before
        if session.weekday != WEEKDAYS[own.weekday()]:
            yield f"{names.zh(each.request)} {each.starts:%Y-%m-%d %H:%M}，按周{DAY_ZH[session.weekday]}"


def _proof(value: int, bound: int) -> str:
    return f"{value}（已证明最优）" if value == bound else f"{value}（界 {bound}，未证明最优）"

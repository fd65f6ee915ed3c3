"""What a timetable says beside its bookings: sessions, missing dates, refusals, stages, its problem."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

from scheduler.constraints.terms import Sentence
from scheduler.problem import Dated
from scheduler.timetable import MissingDate, Refusal, Session, Timetable
from scheduler.verify.plan import Absence, Finding, Plan, Slot
from scheduler.verify.score import StageValue, days_met, weeks_met
from scheduler.verify.stages import stage_findings
from scheduler.verify.wall import face
from scheduler.verify.words import day_of, listed, place, say, who

Line = TypeVar("Line")
Key = TypeVar("Key", bound=Hashable)


def answer_findings(plan: Plan, timetable: Timetable, stages: Sequence[StageValue]) -> Iterator[Finding]:
    """Everything in a timetable that differs from what its bookings say."""
    yield from _identity(plan, timetable)
    yield from _sessions(plan, timetable.sessions)
    yield from _missing(plan, timetable.missing)
    yield from _refusals(plan, timetable.refusals)
    yield from stage_findings(timetable, stages)


def _identity(plan: Plan, timetable: Timetable) -> Iterator[Finding]:
    problem = plan.world.problem
    if timetable.problem != problem.fingerprint():
        yield Finding(
            rule="fingerprint",
            sentence=Sentence(zh="这份排期对应的不是这个问题", en="the timetable answers another problem"),
        )


def _by_key(
    lines: Iterable[Line], key: Callable[[Line], Key], twice: Callable[[Line], Finding]
) -> tuple[dict[Key, Line], list[Finding]]:
    """Lines by their key, and a finding for each that is there again."""
    found: dict[Key, Line] = {}
    again: list[Finding] = []
    for line in lines:
        if key(line) in found:
            again.append(twice(line))
        else:
            found[key(line)] = line
    return found, again


def _sessions(plan: Plan, sessions: Sequence[Session]) -> Iterator[Finding]:
    """Each granted session is listed once, as its bookings say; none is listed that has no booking."""
    told, twice = _by_key(
        sessions,
        lambda s: (s.request, s.number),
        lambda s: _session_line(s.request, s.number, s.space, "列了两次", "is listed twice"),
    )
    yield from twice
    held = {(slot.request.id, slot.number): slot for slot in plan.slots}
    for key in sorted(told.keys() - held.keys()):
        yield _session_line(*key, told[key].space, "没有任何预订", "has no booking")
    for key in sorted(held):
        slot = held[key]
        if key not in told:
            yield _session_line(*key, slot.space.id, "有预订却没有列出", "has bookings and is not listed")
        elif _told(told[key]) != _read(plan, slot):
            yield _session_line(
                *key,
                slot.space.id,
                f"写的是{_shown(_told(told[key]))}，预订却是{_shown(_read(plan, slot))}",
                f"is listed as {_shown(_told(told[key]))}, its bookings say {_shown(_read(plan, slot))}",
            )


def _told(session: Session) -> tuple[str, ...]:
    day = session.date.isoformat() if session.date else ""
    met = (" ".join(session.days), " ".join(map(str, session.weeks)))
    return (session.weekday, day, *met, session.starts, session.ends, session.space, session.layout)


def _read(plan: Plan, slot: Slot) -> tuple[str, ...]:
    when = slot.request.when
    day = when.date.isoformat() if isinstance(when, Dated) else ""
    met, lasts = ("", ""), timedelta(minutes=slot.request.minutes)
    if plan.world.whole(slot.request):
        met = (" ".join(days_met(slot)), " ".join(map(str, weeks_met(plan.world, slot))))
        lasts = slot.lasts
    ends = slot.starts + lasts
    return (slot.weekday, day, *met, face(slot.starts), face(ends), slot.space.id, slot.layout)


def _shown(fields: tuple[str, ...]) -> str:
    return " ".join(filter(None, fields))


def _session_line(request: str, number: int, space: str, zh: str, en: str) -> Finding:
    return Finding(
        rule="sessions",
        requests=(request,),
        space=space,
        sentence=Sentence(zh=f"{request}第{number}场{zh}", en=f"{request}, session {number}, {en}"),
    )


def _missing(plan: Plan, missing: Sequence[MissingDate]) -> Iterator[Finding]:
    """Each missing date is listed once, with the right kind, rule and rivals; none that is not missing."""
    told, twice = _by_key(
        missing,
        lambda m: (m.request, m.session, m.date),
        lambda m: _missing_line(m, "列了两次", "is listed twice"),
    )
    yield from twice
    absent = {(a.slot.request.id, a.slot.number, a.thought.date): a for a in plan.absences}
    for key in sorted(told.keys() - absent.keys()):
        yield _missing_line(told[key], "并不缺", "is not missing")
    for key in sorted(absent):
        if key in told:
            yield from _missing_differs(plan, told[key], absent[key])
        else:
            one = absent[key].thought
            yield Finding(
                rule="missing",
                involved=(one,),
                sentence=say(
                    "{who}缺{day}在{place}的一场，却没有列出",
                    "{who} in {place} is missing on {day}, and this is not listed",
                    who=who(plan.world, one.request),
                    place=place(one.space),
                    day=day_of(one.date),
                ),
            )


def _missing_differs(plan: Plan, line: MissingDate, absence: Absence) -> Iterator[Finding]:
    if absence.kind is None:
        return  # that it is missing at all is the violation
    if line.kind != absence.kind:
        yield _missing_line(
            line, f"写的是 {line.kind}，应为 {absence.kind}", f"is listed as {line.kind}, it is {absence.kind}"
        )
        return
    reasons = _reasons(absence)
    if (line.rule, line.constraint) not in reasons:
        yield _missing_line(
            line,
            f"写的规则是 {line.rule} {line.constraint or ''}，与事实不符",
            f"is listed with the rule {line.rule} {line.constraint or ''}, which is not what took it",
        )
        return
    to = reasons[line.rule, line.constraint]
    if not set(line.to) <= set(to) or bool(line.to) != bool(to):
        right = listed(who(plan.world, plan.world.requests[r]) for r in to) if to else Sentence(zh="无", en="none")
        yield _missing_line(
            line,
            f"写的是让给 {'、'.join(line.to) or '无'}，实际是 {right.zh}",
            f"is listed as given to {', '.join(line.to) or 'none'}, which should be {right.en}",
        )


def _reasons(absence: Absence) -> dict[tuple[str, str | None], tuple[str, ...]]:
    """Rule and constraint that may be given for a missing date -> the requests that may be named with them."""
    if absence.kind == "fallen":
        return {(f.rule, f.constraint.id if f.constraint else None): () for f in absence.fallen}
    if absence.kind == "replaced":
        return {("replaces", None): absence.replaced_by}
    return {("date_loss", rule): rivals for rule, rivals in absence.lost_to.items() if rivals}


def _missing_line(line: MissingDate, zh: str, en: str) -> Finding:
    day = day_of(line.date)
    return Finding(
        rule="missing",
        requests=(line.request,),
        date=line.date,
        sentence=Sentence(
            zh=f"缺席清单：{line.request}第{line.session}场{day.zh}{zh}",
            en=f"missing dates: {line.request}, session {line.session}, {day.en} {en}",
        ),
    )


def _refusals(plan: Plan, refusals: Sequence[Refusal]) -> Iterator[Finding]:
    """Exactly the requests that did not get all their sessions are refused, with the right numbers."""
    told, twice = _by_key(
        refusals, lambda r: r.request, lambda r: _refusal_line(r.request, "列了两次", "is listed twice")
    )
    yield from twice
    numbers = {r.id: (plan.world.asked(r), len(plan.by_request.get(r.id, ()))) for r in plan.world.problem.requests}
    short = {request for request, (asked, got) in numbers.items() if got < asked}
    for request in sorted(told.keys() - short):
        yield _refusal_line(request, "已全部满足，不应列入", "got all it asked for and is listed")
    for request in sorted(short):
        asked, got = numbers[request]
        if request not in told:
            yield _refusal_line(
                request, f"申请{asked}场只得{got}场，却没有列入", f"got {got} of {asked} and is not listed"
            )
        else:
            yield from _refusal_differs(told[request], asked, got)


def _refusal_differs(refusal: Refusal, asked: int, got: int) -> Iterator[Finding]:
    if (refusal.asked, refusal.granted) != (asked, got):
        yield _refusal_line(
            refusal.request,
            f"写的是申请{refusal.asked}场得{refusal.granted}场，应为申请{asked}场得{got}场",
            f"is listed with {refusal.granted} of {refusal.asked}, it is {got} of {asked}",
        )
    if refusal.before_solving and got:
        yield _refusal_line(
            refusal.request,
            f"写的是一概不可能，却得了{got}场",
            f"is listed as impossible beforehand, and got {got}",
        )
    headline = refusal.reasons[0] if refusal.reasons else None
    if headline and (headline.code, headline.constraint) != (refusal.code, refusal.constraint):
        yield _refusal_line(
            refusal.request, "首要原因与第一条理由不一致", "has a headline that is not its first reason"
        )


def _refusal_line(request: str, zh: str, en: str) -> Finding:
    return Finding(
        rule="refusals",
        requests=(request,),
        sentence=Sentence(zh=f"未满足清单：{request}{zh}", en=f"refusals: {request} {en}"),
    )

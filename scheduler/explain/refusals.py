"""Why a request did not get all its sessions: for each of its wishes the rule that refuses, and who stands in the way.

A wish that was possible and not taken is looked at beside the timetable found: what would break if it were put in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import DAY_EN, DAY_ZH, WEEKDAYS, ConstraintBase, Sentence
from scheduler.model.clash import Clash, clash
from scheduler.model.losses import may_take
from scheduler.model.moments import Item
from scheduler.model.posts.occupancy import covers
from scheduler.model.posts.resources import pooled_atoms, spans_on
from scheduler.model.posts.rights import counts
from scheduler.placements.candidates import Candidates, Placement, Verdict, at_text
from scheduler.placements.facts import DAY, Facts, hhmm, weekday_of
from scheduler.problem import Request, Series
from scheduler.timetable import Reason, Refusal

ORDER = ("quota", "same_attendees", "date_loss", "sharing", "overlap", "changeover", "pooled_resource")
"""Which of several obstacles of one wish is named: the applicant's own limit before the others' bookings."""


def refusals(facts: Facts, candidates: Candidates, taken: list[Placement]) -> tuple[Refusal, ...]:
    """One refusal for each request that got fewer sessions than it asked for."""
    got = Counter(placement.request.id for placement in taken)
    return tuple(
        _refusal(facts, request, candidates, taken)
        for request in facts.problem.requests
        if got[request.id] < facts.asked(request)
    )


def _refusal(facts: Facts, request: Request, candidates: Candidates, taken: list[Placement]) -> Refusal:
    got = [placement for placement in taken if placement.request.id == request.id]
    possible = candidates.of(request.id)
    dropped = [wish for wish in candidates.dropped if wish.request == request.id]
    days_taken = {p.weekday for p in got}
    reasons = [_reason(wish.space, wish.weekday, wish.start or 0, wish.verdict) for wish in dropped]
    reasons += [
        _reason(p.space, p.weekday, p.start, verdict)
        for p in possible
        if p not in got and (verdict := obstacle(facts, p, taken, got)) is not None
    ]
    reasons = [reason for reason in reasons if WEEKDAYS.index(reason.weekday) not in days_taken or not got]
    wish = {space: rank for rank, space in enumerate(request.spaces)}
    reasons.sort(key=lambda r: (wish[r.space], WEEKDAYS.index(r.weekday), r.starts))
    reasons = list(_first_of_each(reasons))
    reasons.sort(key=lambda r: (_weak(facts, request, r), _cost(request, r), wish[r.space], WEEKDAYS.index(r.weekday), r.starts))
    if not reasons:
        reasons = [_undecided(request)]
    asked, head = facts.asked(request), reasons[0]
    return Refusal(
        request=request.id,
        asked=asked,
        granted=len(got),
        before_solving=not possible,
        code=head.code,
        constraint=head.constraint,
        reasons=tuple(reasons),
        sentence=head.sentence,
    )


def _weak(facts: Facts, request: Request, reason: Reason) -> bool:
    """Whether only requests of a lower class stand in the way: they are there because this one is not."""
    rivals = [facts.requests[rival] for rival in reason.rivals]
    return bool(rivals) and all(
        facts.rank[rival.priority] > facts.rank[request.priority] and not facts.keeps_dates(rival) for rival in rivals
    )


def _cost(request: Request, reason: Reason) -> bool:
    """Whether the wish lies only in an acceptable window: preferred ones are answered first."""
    return not any(
        window.kind != "acceptable" and reason.weekday in window.days and window.starts <= reason.starts < window.ends
        for window in request.windows
    )


def _undecided(request: Request) -> Reason:
    day = request.windows[0].days[0]
    return Reason(
        code="not_chosen",
        space=request.spaces[0],
        weekday=day,
        starts=request.windows[0].starts,
        sentence=Sentence(
            zh="空间与时段本身可行，但与其他申请统筹后未能排入",
            en="possible by itself, but not together with what others got",
        ),
    )


def _first_of_each(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """One reason for each (space, weekday, rule, rivals): the first start speaks for the later ones."""
    seen = set()
    for reason in reasons:
        key = (reason.space, reason.weekday, reason.code, reason.constraint, reason.rivals)
        if key not in seen:
            seen.add(key)
            yield reason


def _reason(space: str, weekday: int, start: int, verdict: Verdict) -> Reason:
    return Reason(
        code=verdict.kind,
        constraint=verdict.rule.id if verdict.rule else None,
        source=verdict.rule.source if verdict.rule else "",
        space=space,
        weekday=WEEKDAYS[weekday],
        starts=hhmm(start),
        rivals=verdict.rivals,
        sentence=verdict.sentence,
    )


def obstacle(facts: Facts, wish: Placement, taken: list[Placement], own: list[Placement]) -> Verdict | None:
    """What would break if a possible wish were put into the timetable found, the gravest first."""
    found = [*_over_quota(facts, wish, taken), *_clashing(facts, wish, taken), *_crowded(facts, wish, taken)]
    if not found and own:
        return None
    return min(found, key=lambda verdict: ORDER.index(verdict.kind), default=None)


def _over_quota(facts: Facts, wish: Placement, taken: list[Placement]) -> Iterator[Verdict]:
    for rule in facts.rules(Quota):
        if not counts(facts, rule, wish):
            continue
        body = facts.body(wish.request)
        used = [p for p in taken if facts.body(p.request) == body and counts(facts, rule, p)]
        if len(used) + 1 > rule.at_most or len(used) + facts.asked(wish.request) > rule.at_most:
            text = rule.sentence(facts.names)
            rivals = tuple(dict.fromkeys(p.request.id for p in used))
            yield Verdict(
                "quota",
                rule,
                Sentence(
                    zh=f"{text.zh}；本主体已安排 {len(used)} 场（{facts.names.zh(*rivals)}）",
                    en=f"{text.en}; this body has {len(used)} already ({facts.names.en(*rivals)})",
                ),
                rivals,
            )


def _clashing(facts: Facts, wish: Placement, taken: list[Placement]) -> Iterator[Verdict]:
    for rival in taken:
        if rival.request.id == wish.request.id or may_take(facts, rival, wish):
            continue
        found = _meets(facts, wish, rival)
        if found is None:
            continue
        if wish.series is not rival.series and not wish.series:
            if may_take(facts, wish, rival):
                continue
            yield _higher(facts, wish, rival)
        else:
            yield Verdict(found.kind, found.rule, _clash_text(facts, wish, rival, found), (rival.request.id,))


def _meets(facts: Facts, a: Placement, b: Placement) -> Clash | None:
    both_series = a.series and b.series
    days_a, days_b = (set(a.nominal), set(b.nominal)) if both_series else (a.days, b.days)
    for later in (0, -1, 1):
        if any(day + later in days_b for day in days_a):
            item = Item(None, a, a.start, a.end)  # type: ignore[arg-type]  # no model any more
            other = Item(None, b, b.start + later * DAY, b.end + later * DAY)  # type: ignore[arg-type]
            if found := clash(facts, item, other):
                return found
    return None


def _higher(facts: Facts, wish: Placement, rival: Placement) -> Verdict:
    rule = next(iter(facts.rules(DateLoss)), None)
    theirs, ours = rival.request.priority, wish.request.priority
    space, at, (who, whom) = facts.spaces[wish.space], _slot(rival), _who(facts, rival)
    if facts.keeps_dates(rival.request):
        zh, en = "固定任务或锁定的安排不让出日期", "duties and pins give up no date"
    else:
        zh, en = (
            f"{ours} 的单次申请不能占用更高级别（{theirs}）的日期",
            f"a dated request of {ours} cannot take it from {theirs}",
        )
    return Verdict(
        "date_loss" if rule and not facts.keeps_dates(rival.request) else "overlap",
        rule if not facts.keeps_dates(rival.request) else None,
        Sentence(
            zh=f"{space.name} {at[0]} 已排给{who}，{zh}",
            en=f"{facts.names.en(space.id)} is given to {whom} {at[1]}; {en}",
        ),
        (rival.request.id,),
    )


def _who(facts: Facts, rival: Placement) -> tuple[str, str]:
    """A rival as it may be named to others: what it is, whose, and its class."""
    request, names = rival.request, facts.names
    return (
        f"{names.zh(request.use)}（{names.zh(request.applicant)}，{request.priority}）",
        f"{names.en(request.use)} ({names.en(request.applicant)}, {request.priority})",
    )


def _slot(placement: Placement) -> tuple[str, str]:
    day = WEEKDAYS[placement.weekday]
    return f"周{DAY_ZH[day]} {at_text(placement)}", f"{DAY_EN[day]} {at_text(placement)}"


def _clash_text(facts: Facts, wish: Placement, rival: Placement, found: Clash) -> Sentence:
    space, (zh, en) = facts.spaces[wish.space], _slot(rival)
    who, whom = _who(facts, rival)
    if found.kind == "same_attendees":
        people = "、".join(sorted(set(wish.request.people) & set(rival.request.people)))
        return Sentence(zh=f"同一位老师（{people}）{zh} 已有{who}", en=f"the same teacher ({people}) has {whom} {en}")
    room = facts.names.en(space.id)
    if found.kind == "changeover":
        return Sentence(
            zh=f"{space.name} {zh} 排给{who}，前后须留转场 {found.minutes} 分钟",
            en=f"{room} is given to {whom} {en}, with {found.minutes} minutes of changeover beside it",
        )
    if found.rule is not None:
        text = found.rule.sentence(facts.names)
        return Sentence(zh=f"{text.zh}；{zh} 已有{who}", en=f"{text.en}; {whom} is there {en}")
    return Sentence(zh=f"{space.name} {zh} 排给{who}", en=f"{room} is given to {whom} {en}")


def _crowded(facts: Facts, wish: Placement, taken: list[Placement]) -> Iterator[Verdict]:
    """A sum that the wish would exceed on one of its dates: seats, or rooms in session."""
    firsts = sorted(wish.days)[:1] if isinstance(wish.request.when, Series) else sorted(wish.days)
    for day in firsts:
        near = [
            p for p in taken if p.request.id != wish.request.id and weekday_of(day) == p.weekday and day in p.nominal
        ]
        for rule, limit, others in _sums(facts, wish, near, day):
            rivals = tuple(sorted({p.request.id for p in others}))
            text = rule.sentence(facts.names)
            yield Verdict(
                rule.kind,
                rule,
                Sentence(
                    zh=f"{text.zh}；届时已有{facts.names.zh(*rivals)}，上限 {limit}",
                    en=f"{text.en}; {facts.names.en(*rivals)} are there, the limit is {limit}",
                ),
                rivals,
            )


def _sums(
    facts: Facts, wish: Placement, near: list[Placement], day: int
) -> Iterator[tuple[ConstraintBase, int, list[Placement]]]:
    starts = sorted({wish.start, *(p.start for p in near if wish.start < p.start < wish.end)})
    for moment in starts:
        there = [p for p in near if p.start <= moment < p.end]
        for sharing in facts.rules(Sharing):
            sharers = [p for p in there if covers(sharing, p)]
            heads = sum(p.request.headcount for p in sharers) + wish.request.headcount
            if covers(sharing, wish) and heads > sharing.seats:
                yield sharing, sharing.seats, sharers
        for pool in facts.rules(PooledResource):
            counted = pooled_atoms(facts, pool)
            if pool.resource != "space_in_session" or not any(s <= moment < e for s, e in spans_on(pool, day)):
                continue
            rooms = counted.intersection(wish.atoms) | {a for p in there for a in p.atoms if a in counted}
            if counted.intersection(wish.atoms) and len(rooms) > pool.at_once:
                yield pool, pool.at_once, there

"""Why a request did not get all its sessions: for each of its wishes the rule that refuses, and who stands in the way.

A wish that was possible and not taken is looked at beside the timetable found: what would break if it were put in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss, PrimeTime, Quota
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, Sentence, days_en, days_zh
from scheduler.explain.together import MOST_WISHES, Together
from scheduler.model.clash import Clash, clash, meetings
from scheduler.model.losses import permits
from scheduler.model.posts.attendees import in_two_places
from scheduler.model.posts.occupancy import shares
from scheduler.model.posts.resources import pooled_atoms, spans_on
from scheduler.model.posts.rights import counts
from scheduler.model.telling import in_the_way, slot, too_many
from scheduler.placements.candidates import Candidates, Placement, Verdict
from scheduler.placements.facts import Facts, hhmm, in_force
from scheduler.problem import Patterns, Request, Series
from scheduler.timetable import InVain, Reason, Refusal

ORDER = ("quota", "same_attendees", "date_loss", "sharing", "overlap", "changeover", "pooled_resource")
"""Which of several obstacles of one wish is named: the applicant's own limit before the others' bookings."""


def refusals(facts: Facts, candidates: Candidates, taken: list[Placement]) -> tuple[Refusal, ...]:
    """One refusal for each request that got fewer sessions than it asked for."""
    got = Counter(placement.request.id for placement in taken)
    together = Together(facts, taken)
    return tuple(
        _refusal(facts, request, candidates, taken, together)
        for request in facts.problem.requests
        if got[request.id] < facts.asked(request)
    )


def in_vain(facts: Facts, candidates: Candidates, taken: list[Placement]) -> tuple[InVain, ...]:
    """The wishes of requests granted in full that were dropped before solving: a refusal tells those of the others."""
    got = Counter(placement.request.id for placement in taken)
    told = []
    for request in facts.problem.requests:
        dropped = candidates.dropped_of(request.id)
        if dropped and got[request.id] == facts.asked(request):
            reasons = (_reason(wish.space, wish.weekday, wish.start or 0, wish.verdict) for wish in dropped)
            told.append(InVain(request=request.id, reasons=tuple(_first_of_each(reasons))))
    return tuple(told)


def _refusal(
    facts: Facts, request: Request, candidates: Candidates, taken: list[Placement], together: Together
) -> Refusal:
    got = [placement for placement in taken if placement.request.id == request.id]
    possible = candidates.of(request.id)
    dropped = candidates.dropped_of(request.id)
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
    reasons.sort(
        key=lambda r: (
            _lower(facts, request, r.rivals),
            _cost(request, r),
            wish[r.space],
            WEEKDAYS.index(r.weekday),
            r.starts,
        )
    )
    if not reasons:
        wishes = [p for p in possible if p not in got][:MOST_WISHES]
        found = [_reason(p.space, p.weekday, p.start, verdict) for p in wishes if (verdict := together.against(p))]
        reasons = list(_first_of_each(found)) or [_undecided(request)]
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


def _lower(facts: Facts, request: Request, rivals: Iterable[str]) -> bool:
    """Whether only requests of a lower class stand in the way: they are there because this one is not."""
    others = [facts.requests[rival] for rival in rivals]
    return bool(others) and all(
        facts.rank[other.priority] > facts.rank[request.priority] and not facts.keeps_dates(other) for other in others
    )


def _cost(request: Request, reason: Reason) -> bool:
    """Whether the wish lies only in an acceptable window: preferred ones are answered first."""
    return not any(
        window.kind != "acceptable" and reason.weekday in window.days and window.starts <= reason.starts < window.ends
        for window in request.windows
    )


def _undecided(request: Request) -> Reason:
    first = request.when.options[0] if isinstance(request.when, Patterns) else request.windows[0]
    return Reason(
        code="not_chosen",
        space=request.spaces[0],
        weekday=first.days[0],
        starts=first.starts,
        sentence=Sentence(
            zh="空间和时段本身可用，与其他申请统筹安排后排不下",
            en="possible by itself, but there was no room left beside what others got",
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
    return min(found, key=lambda v: (_lower(facts, wish.request, v.rivals), ORDER.index(v.kind)), default=None)


def _over_quota(facts: Facts, wish: Placement, taken: list[Placement]) -> Iterator[Verdict]:
    for rule in facts.rules(Quota):
        if not counts(facts, rule, wish):
            continue
        body = facts.body(wish.request)
        used = [p for p in taken if facts.body(p.request) == body and counts(facts, rule, p)]
        if len(used) + 1 > rule.at_most or len(used) + facts.asked(wish.request) > rule.at_most:
            rivals = tuple(dict.fromkeys(p.request.id for p in used))
            yield Verdict("quota", rule, _quota_text(facts, rule, wish, used), rivals)


def _quota_text(facts: Facts, rule: Quota, wish: Placement, used: list[Placement]) -> Sentence:
    """The quota as it bears on one body: who is counted together, and which sessions it has. No member is named."""
    names, body = facts.names, facts.body(wish.request)
    counted = [a.id for a in facts.problem.applicants if _body(facts, a.id) == body]
    one_zh = f"{names.zh(*counted)}{'按同一主体计算，' if len(counted) > 1 else ''}"
    one_en = f"{names.en(*counted)}{', counted as one body,' if len(counted) > 1 else ''}"
    prime_zh = "、".join(f"{days_zh(p.days)}{_from(p, '全天', ' {} 起')}" for p in rule.prime)
    prime_en = "; ".join(f"{days_en(p.days)} {_from(p, 'all day', 'from {}')}" for p in rule.prime)
    has_zh = "、".join(f"{names.zh(p.request.applicant)}{slot(p).zh}（{names.zh(p.space)}）" for p in used)
    has_en = ", ".join(f"{names.en(p.request.applicant)} {slot(p).en} ({names.en(p.space)})" for p in used)
    ranked = wish.request.own_rank is not None
    return Sentence(
        zh=f"{one_zh}每周{'室内' if rule.indoor_only else ''}{f'黄金时段（{prime_zh}）' if prime_zh else ''}"
        f"至多 {rule.at_most} 场，已安排：{has_zh or '无'}{'；取舍按其自报的先后顺序' if ranked else ''}",
        en=f"{one_en} may have {rule.at_most} {'indoor ' if rule.indoor_only else ''}sessions a week"
        f"{f' in prime time ({prime_en})' if prime_en else ''} and has: {has_en or 'none'}"
        f"{'; its own ranking decided which' if ranked else ''}",
    )


def _from(prime: PrimeTime, all_day: str, later: str) -> str:
    return all_day if prime.starts_from == "00:00" else later.format(prime.starts_from)


def _body(facts: Facts, applicant: str) -> str:
    return next((body.id for body in facts.problem.bodies if applicant in body.applicants), applicant)


def _clashing(facts: Facts, wish: Placement, taken: list[Placement]) -> Iterator[Verdict]:
    for rival in taken:
        found = None if rival.request.id == wish.request.id else _meets(facts, wish, rival)
        if found is None:
            continue
        here, there = found.items
        one_dated = wish.series is not rival.series
        if one_dated and permits(facts, *((there, here) if wish.series else (here, there))):
            continue  # the series loses that date
        if one_dated and not wish.series:
            yield _keeps_its_date(facts, wish, rival, found)
        else:
            yield Verdict(found.kind, found.rule, in_the_way(facts, wish, rival, found), (rival.request.id,))


def _meets(facts: Facts, a: Placement, b: Placement) -> Clash | None:
    if set(a.atoms).isdisjoint(b.atoms) and set(a.request.people).isdisjoint(b.request.people):
        return None  # whatever their hours are
    both_series = a.series and b.series
    days_a, days_b = (set(a.weekly), set(b.weekly)) if both_series else (a.days, b.days)
    for item, other in meetings(facts, a, b, days_a, days_b):
        if people := in_two_places(facts, item, other):  # another room would not help
            return Clash("same_attendees", people, (item, other))
        if found := clash(facts, item, other):
            return found
    return None


def _keeps_its_date(facts: Facts, wish: Placement, rival: Placement, found: Clash) -> Verdict:
    """A dated wish against a series that gives up no date to it."""
    text, names = in_the_way(facts, wish, rival, found), facts.names
    rule = next((rule for rule in facts.rules(DateLoss) if in_force(rule, found.items[1].day)), None)
    if rule is None or facts.keeps_dates(rival.request):
        return Verdict(found.kind, found.rule, text, (rival.request.id,))
    theirs, ours = rival.request.priority, wish.request.priority
    if facts.rank[theirs] < facts.rank[ours]:
        text = Sentence(
            zh=f"{text.zh}；其优先级 {names.zh(theirs)} 高于本申请的 {names.zh(ours)}，不让出日期",
            en=f"{text.en}; its class {names.en(theirs)} is above this request's {names.en(ours)}, and keeps its date",
        )
    return Verdict("date_loss", rule, text, (rival.request.id,))


def _crowded(facts: Facts, wish: Placement, taken: list[Placement]) -> Iterator[Verdict]:
    """A sum that the wish would exceed on one of its dates: seats, or rooms in session."""
    firsts = sorted(wish.days)[:1] if isinstance(wish.request.when, Series) else sorted(wish.days)
    for day in firsts:
        near = [p for p in taken if p.request.id != wish.request.id and day in p.nominal]
        for rule, others in _sums(facts, wish, near, day):
            rivals = tuple(sorted({p.request.id for p in others}))
            yield Verdict(rule.kind, rule, _sum_text(facts, rule, wish, others), rivals)


def _sum_text(facts: Facts, rule: ConstraintBase, wish: Placement, others: list[Placement]) -> Sentence:
    if isinstance(rule, Sharing):
        return too_many(facts, rule, wish, others)
    text = rule.sentence(facts.names)
    there = sorted({(p.space, p.request.id) for p in others})
    zh = "、".join(f"{facts.names.zh(space)}（{facts.names.zh(facts.requests[r].use)}）" for space, r in there)
    en = ", ".join(f"{facts.names.en(space)} ({facts.names.en(facts.requests[r].use)})" for space, r in there)
    return Sentence(zh=f"{text.zh}；届时已排满：{zh}", en=f"{text.en}; in session by then: {en}")


def _sums(
    facts: Facts, wish: Placement, near: list[Placement], day: int
) -> Iterator[tuple[ConstraintBase, list[Placement]]]:
    starts = sorted({wish.start, *(p.start for p in near if wish.start < p.start < wish.end)})
    for moment in starts:
        there = [p for p in near if p.start <= moment < p.end]
        for sharing in facts.rules(Sharing):
            sharers = [p for p in there if shares(sharing, p)]
            heads = sum(p.request.headcount for p in sharers) + wish.request.headcount
            if in_force(sharing, day) and shares(sharing, wish) and heads > sharing.seats:
                yield sharing, sharers
        for pool in facts.rules(PooledResource):
            counted = pooled_atoms(facts, pool)
            if not in_force(pool, day) or pool.resource != "space_in_session":
                continue
            if not any(s <= moment < e for s, e in spans_on(pool, day)):
                continue
            rooms = counted.intersection(wish.atoms) | {a for p in there for a in p.atoms if a in counted}
            if counted.intersection(wish.atoms) and len(rooms) > pool.at_once:
                yield pool, there

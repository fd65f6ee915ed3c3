"""In words: who stands in the way of a wish, where, when, and from when on the space would be free."""

from __future__ import annotations

from datetime import date

from scheduler.constraints.changeover import Changeover
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.terms import DAY_EN, DAY_ZH, WEEKDAYS, Sentence
from scheduler.model.clash import Clash
from scheduler.model.moments import Item
from scheduler.model.posts.changeover import row_between
from scheduler.model.posts.occupancy import shared_by
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import DAY, Facts, hhmm, in_force


def in_the_way(facts: Facts, wish: Placement, rival: Placement, found: Clash) -> Sentence:
    """Why a wish cannot stand beside a rival that is there; `found.items` are the wish and the rival, in this order."""
    if found.kind == "same_attendees":
        return _one_person(facts, wish, rival)
    if isinstance(found.rule, Sharing):
        return too_many(facts, found.rule, wish, [rival])
    there = taken(facts, rival)
    if wish.weekday != rival.weekday and set(wish.nominal).isdisjoint(rival.nominal):
        return there  # past midnight, on the date before or after: the hours speak for themselves
    if wish.start < rival.start:
        owed = _owed(facts, *found.items)
        ready = _clock(rival, rival.start - owed)
        made = f" and made ready from {ready.en}" if owed else ""
        return Sentence(
            zh=f"{there.zh}，{ready.zh} 起备场，此前须结束" if owed else f"{there.zh}，须在 {ready.zh} 前结束",
            en=f"{there.en}{made}; anything before must end by {ready.en}",
        )
    if wish.end < rival.end:
        return there
    owed = _owed(facts, *reversed(found.items))
    free = _clock(rival, rival.end + owed)
    return Sentence(
        zh=f"{there.zh}，{'清场后 ' if owed else ''}{free.zh} 起可用",
        en=f"{there.en} and is free from {free.en}{', once cleared' if owed else ''}",
    )


def taken(facts: Facts, rival: Placement) -> Sentence:
    """That a space is taken at the hours of a rival."""
    who, at, names = named(facts, rival), slot(rival), facts.names
    zh, en = ("固定安排", "is held") if facts.is_duty(rival.request) else ("已安排", "is given")
    return Sentence(
        zh=f"{names.zh(rival.space)}{at.zh} {zh}{who.zh}",
        en=f"{names.en(rival.space)} {en} {at.en} {'for' if facts.is_duty(rival.request) else 'to'} {who.en}",
    )


def too_many(facts: Facts, rule: Sharing, wish: Placement, there: list[Placement]) -> Sentence:
    """That the seats of a shared space are fewer than the people together."""
    names = facts.names
    heads = wish.request.headcount + sum(p.request.headcount for p in there)
    uses = tuple(dict.fromkeys(p.request.use for p in there))
    beside_zh = "、".join(f"{names.zh(p.request.use)} {p.request.headcount} 人" for p in there)
    if not there:
        return Sentence(
            zh=f"{names.zh(rule.space)}（{names.zh(rule.layout)}）可以共用，不超过 {rule.seats} 座，本申请 {heads} 人",
            en=(
                f"{names.en(rule.space)} may be shared up to {rule.seats} seats; "
                f"this request alone is for {heads} people"
            ),
        )
    return Sentence(
        zh=(
            f"{names.zh(rule.space)}（{names.zh(rule.layout)}）可以共用，合计不超过 {rule.seats} 座："
            f"{beside_zh}，本申请 {wish.request.headcount} 人，合计 {heads} 人"
        ),
        en=(
            f"{names.en(rule.space)} may be shared up to {rule.seats} seats; with {names.en(*uses)} there, "
            f"the {wish.request.headcount} people of this request would make it {heads}"
        ),
    )


def named(facts: Facts, rival: Placement) -> Sentence:
    """A rival as it may be named to others: what it is, and unless it is a duty whose, and its class."""
    request, names = rival.request, facts.names
    if facts.is_duty(request):
        return Sentence(zh=names.zh(request.use), en=names.en(request.use))
    return Sentence(
        zh=f"{names.zh(request.use)}（{names.zh(request.applicant)}，优先级 {names.zh(request.priority)}）",
        en=f"{names.en(request.use)} ({names.en(request.applicant)}, class {names.en(request.priority)})",
    )


def slot(placement: Placement) -> Sentence:
    """Weekday or date, and hours; a start after midnight is told with the day on which it really is."""
    later = placement.start // DAY
    start, end = placement.start - later * DAY, placement.end - later * DAY
    if placement.series:
        weekday = WEEKDAYS[(placement.weekday + later) % len(WEEKDAYS)]
        zh, en = f"周{DAY_ZH[weekday]}", DAY_EN[weekday]
    else:
        day = date.fromordinal(placement.nominal[0] + later)
        zh, en = f" {day}", f"{day}"
    late = end > DAY
    starts, ends = hhmm(start), hhmm(end - DAY if late else end)
    return Sentence(
        zh=f"{zh} {starts}-{'次日 ' if late else ''}{ends}", en=f"{en} {starts}-{ends}{' next day' if late else ''}"
    )


def _clock(rival: Placement, minute: int) -> Sentence:
    """A clock time beside the day that `slot` tells of a rival: of that day, of the one before or of the next."""
    at = minute - rival.start // DAY * DAY
    if 0 <= at <= DAY:  # 24:00 is this day's end
        return Sentence(zh=hhmm(at), en=hhmm(at))
    shown = hhmm(at % DAY)
    if at < 0:
        return Sentence(zh=f"前一日 {shown}", en=f"{shown} the day before")
    return Sentence(zh=f"次日 {shown}", en=f"{shown} the next day")


def _one_person(facts: Facts, wish: Placement, rival: Placement) -> Sentence:
    who, at, names = named(facts, rival), slot(rival), facts.names
    way = facts.travel(wish.space, rival.space)
    on_the_way = Sentence(zh=f"，两地之间路上须 {way} 分钟" if way else "", en=f", {way} minutes away" if way else "")
    return Sentence(
        zh=f"同一位老师或负责人{at.zh} 在{names.zh(rival.space)}，已安排{who.zh}{on_the_way.zh}",
        en=f"the same teacher or leader is in {names.en(rival.space)} {at.en} for {who.en}{on_the_way.en}",
    )


def _owed(facts: Facts, first: Item, second: Item) -> int:
    """Minutes of changeover between two consecutive bookings, the longest over the atoms that they share."""
    judged = any(in_force(rule, first.day, second.day) for rule in facts.rules(Changeover))
    if not judged or shared_by(facts, first, second) is not None:
        return 0
    shared = [atom for atom in first.placement.atoms if atom in second.placement.atoms]
    rows = [row_between(facts, atom, first.placement, second.placement) for atom in shared]
    return max((row.minutes for row in rows if row is not None), default=0)

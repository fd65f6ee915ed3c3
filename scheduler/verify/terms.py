"""What each request itself asked for: when, how long, where, in which layout, how many sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scheduler.constraints.terms import Sentence
from scheduler.problem import Request, Series
from scheduler.verify.checks.suitability import fitting_layout
from scheduler.verify.plan import Check, Finding, Occurrence, Plan
from scheduler.verify.reading import place_of
from scheduler.verify.wall import MINUTE, since_midnight
from scheduler.verify.words import Part, listed, named, number_of, place, say, slot_of, weekly_start, when, who


def _wrong(plan: Plan, rule: str, one: Occurrence, zh: str, en: str, **parts: Part) -> Finding:
    """A finding about one occurrence, whose sentence begins with request, place and time."""
    return Finding(
        rule=rule,
        involved=(one,),
        sentence=say(
            "{who}{when}在{place}：" + zh,
            "{who} in {place} {when}: " + en,
            who=who(plan.world, one.request),
            place=place(one.space),
            when=when(one),
            **parts,
        ),
    )


def windows(plan: Plan) -> Iterator[Finding]:
    """A start is one that a window of the request has for its weekday."""
    seen: set[tuple[object, ...]] = set()
    for one in plan.occurrences:
        day, starts = one.weekday, since_midnight(one.date, one.starts)
        key = (one.request.id, one.session, day, starts)
        if plan.world.whole(one.request):
            continue
        if key not in seen and plan.world.liking(one.request, day, starts) is None:
            seen.add(key)
            yield _wrong(
                plan,
                "windows",
                one,
                "申请的时段里没有{start}开始的场次",
                "no window of the request has a start at {start}",
                start=weekly_start(day, starts),
            )


def pattern(plan: Plan) -> Iterator[Finding]:
    """The dates and hours of a pattern are those of one of its options, all of them."""
    for slot in plan.slots:
        if not plan.world.whole(slot.request):
            continue
        if plan.world.option(slot.request, slot.starts, slot.lasts, slot.dates) is None:
            yield _wrong(
                plan,
                "pattern",
                slot.booked[0],
                "这些日期和钟点不是申请所列的任何一种",
                "these dates and hours are none of the options of the request",
            )


def duration(plan: Plan) -> Iterator[Finding]:
    """An occurrence is as long as its request says."""
    for one in plan.occurrences:
        if one.ends - one.starts != one.request.minutes * MINUTE and not plan.world.whole(one.request):
            yield _wrong(
                plan,
                "duration",
                one,
                "时长{long}分钟，申请的是{asked}分钟",
                "it is {long} minutes long, {asked} were asked for",
                long=one.ends - one.starts,
                asked=one.request.minutes,
            )


def wished_space(plan: Plan) -> Iterator[Finding]:
    """A space is one that the request names, in the first layout of its list that fits there."""
    seen: set[tuple[object, ...]] = set()
    for one in plan.occurrences:
        key = (one.request.id, one.session, one.space.id, one.layout)
        if key in seen:
            continue
        seen.add(key)
        if one.space.id not in one.request.spaces:
            yield _wrong(plan, "spaces", one, "申请里没有填写这个空间", "the request does not name this space")
        fitting = fitting_layout(one.request, one.space)
        if fitting is not None and one.layout != fitting:
            yield _wrong(
                plan,
                "layout",
                one,
                "布置为{layout}，应为{fitting}",
                "the layout is {layout}, it should be {fitting}",
                layout=named(plan.world, one.layout),
                fitting=named(plan.world, fitting),
            )


def nominal_date(plan: Plan) -> Iterator[Finding]:
    """A series is booked within the season and its own dates, a dated request on its date."""
    for one in plan.occurrences:
        if one.date not in plan.world.nominal_dates(one.request, one.weekday):
            own = isinstance(one.request.when, Series)
            yield _wrong(
                plan,
                "dates",
                one,
                "不在本季或该申请的起止日期之内" if own else "不是申请的日期",
                "this date is outside the season or the request's own dates"
                if own
                else "this is not the date asked for",
            )


def not_replaced(plan: Plan) -> Iterator[Finding]:
    """A series is not booked on a date that a dated request takes out of it."""
    for one in plan.occurrences:
        for other in plan.replaced.get((one.request.id, one.date), ()):
            yield _wrong(
                plan,
                "replaces",
                one,
                "这一天已由{other}代替",
                "{other} stands in its stead that day",
                other=who(plan.world, plan.world.requests[other]),
            )


def one_slot(plan: Plan) -> Iterator[Finding]:
    """All bookings of a session have one weekday, start, space and layout, and a date is booked once."""
    for slot in plan.slots:
        day = "MO" if plan.world.whole(slot.request) else slot.weekday
        held = (day, slot.starts, slot.space.id, slot.layout)
        booked = Counter(one.date for one in slot.booked)
        for one in slot.booked:
            if place_of(one) != held:
                yield _wrong(
                    plan,
                    "session",
                    one,
                    "第{number}场固定在{slot}、{held}，这次却不同",
                    "session {number} is {slot} in {held}, and this differs",
                    number=slot.number,
                    slot=slot_of(slot),
                    held=place(slot.space),
                )
            elif booked[one.date] > 1:
                yield _wrong(
                    plan,
                    "duplicate",
                    one,
                    "第{number}场在这一天有{count}次预订",
                    "session {number} is booked {count} times on this date",
                    number=slot.number,
                    count=booked[one.date],
                )


def granted(plan: Plan) -> Iterator[Finding]:
    """All sessions of a request, or none; with `min_sessions` any number from it. Duties in full."""
    for request in plan.world.problem.requests:
        count, asked = len(plan.by_request.get(request.id, ())), plan.world.asked(request)
        if plan.world.duty(request) and count != asked:
            yield _count(
                plan, "duty", request, f"固定任务须排足{asked}场", f"a duty is placed in full: {asked} are asked for"
            )
        elif count and not _least(request, asked) <= count <= asked:
            least = _least(request, asked)
            zh = f"须为{asked}场" if least == asked else f"须为{least}至{asked}场"
            en = f"{asked} are asked for" if least == asked else f"{least} to {asked} are asked for"
            yield _count(plan, "per_week", request, f"{zh}，或者不排", f"{en}, or none")


def _least(request: Request, asked: int) -> int:
    return request.when.min_sessions or asked if isinstance(request.when, Series) else asked


def _count(plan: Plan, rule: str, request: Request, zh: str, en: str) -> Finding:
    slots = plan.by_request.get(request.id, ())
    held = listed(slot_of(slot) for slot in slots) if slots else Sentence(zh="无", en="none")
    return Finding(
        rule=rule,
        requests=(request.id,),
        space=slots[0].space.id if slots else None,
        sentence=say(
            "{who}排了{count}（{held}），{zh}",
            "{who} has {count} ({held}); {en}",
            who=who(plan.world, request),
            count=number_of(len(slots), "场", "session"),
            held=held,
            zh=zh,
            en=en,
        ),
    )


def numbering(plan: Plan) -> Iterator[Finding]:
    """Sessions are numbered from 1 in order of weekday, start and space; no two of a request are the same."""
    for request, slots in plan.by_request.items():
        asker = who(plan.world, plan.world.requests[request])
        keys = Counter(slot.order() for slot in slots)
        for right, slot in enumerate(sorted(slots, key=lambda s: (s.order(), s.number)), start=1):
            if keys[slot.order()] > 1:
                rule, zh, en = "distinct", "与另一场完全相同", "is the same as another"
            elif slot.number != right:
                rule, zh, en = "numbering", f"编号应为{right}", f"should have number {right}"
            else:
                continue
            yield Finding(
                rule=rule,
                requests=(request,),
                space=slot.space.id,
                sentence=say(
                    "{who}第{number}场（{slot}，{place}）" + zh,
                    "{who}, session {number} ({slot} in {place}), " + en,
                    who=asker,
                    number=slot.number,
                    slot=slot_of(slot),
                    place=place(slot.space),
                ),
            )


TERMS: tuple[Check, ...] = (
    windows,
    pattern,
    duration,
    wished_space,
    nominal_date,
    not_replaced,
    one_slot,
    granted,
    numbering,
)
"""Everything that a request itself asks of its bookings."""

"""What the manager holds in place."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.verify.plan import Check, Finding, Plan, Slot
from scheduler.verify.wall import clock
from scheduler.verify.words import number_of, say, who


def pin(plan: Plan) -> Iterator[Finding]:
    """A pinned request is placed in full; with a slot, at least one of its sessions meets the slot."""
    for rule in plan.world.rules(Pin):
        request = plan.world.requests[rule.request]
        slots = plan.by_request.get(rule.request, ())
        if rule.slot is None:
            holds = len(slots) >= plan.world.asked(request)
        else:
            holds = any(_meets(plan, slot, rule.slot) for slot in slots)
        if not holds:
            held = rule.sentence(plan.world.names)
            yield Finding(
                rule="pin",
                constraint=rule,
                requests=(rule.request,),
                space=rule.slot.space if rule.slot else None,
                date=rule.slot.date if rule.slot else None,
                sentence=say(
                    "{held}，却没有照此安排（{who}现有{count}）",
                    "{held}, but it is not placed so ({who} has {count})",
                    held=held,
                    who=who(plan.world, request),
                    count=number_of(len(slots), "场", "session"),
                ),
            )


def _meets(plan: Plan, slot: Slot, held: PinnedSlot) -> bool:
    return (
        (held.weekday is None or held.weekday == slot.weekday)
        and (held.starts is None or clock(held.starts) == slot.starts)
        and (held.space is None or held.space == slot.space.id)
        and (held.date is None or _has_date(plan, slot, held))
    )


def _has_date(plan: Plan, slot: Slot, held: PinnedSlot) -> bool:
    """The date is one of the session's, and did not fall: it is booked, or another stands in its stead."""
    if held.date is None or held.date not in plan.world.nominal_dates(slot.request, slot.weekday):
        return False
    booked = any(one.date == held.date for one in slot.booked)
    return booked or (slot.request.id, held.date) in plan.replaced


CHECKS: dict[str, Check] = {"pin": pin}

"""`pin`: a request, or one of its sessions, held in place; whole requests are forced where they are granted."""

from __future__ import annotations

from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import WEEKDAY_NO, minutes


def meets(slot: PinnedSlot, placement: Placement) -> bool:
    """Whether a placement is the slot that a pin names."""
    return (
        (slot.weekday is None or WEEKDAY_NO[slot.weekday] == placement.weekday)
        and (slot.date is None or slot.date.toordinal() in placement.days)
        and (slot.starts is None or minutes(slot.starts) == placement.start)
        and (slot.space is None or slot.space == placement.space)
    )


def post_pin(variables: Variables) -> None:
    """For each pinned slot: at least one placement of the request that meets it is taken."""
    for rule in variables.facts.rules(Pin):
        if rule.slot is not None and rule.request not in variables.facts.freed:
            there = [p for p in variables.of_request[rule.request] if meets(rule.slot, p)]
            variables.model.add_bool_or([variables.z[p.index] for p in there])
    for rule in variables.facts.wishes(Pin):
        literals = [variables.z[p.index] for p in variables.of_request[rule.request] if held(rule, p)]
        least = variables.facts.asked(variables.facts.requests[rule.request]) if rule.slot is None else 1
        missed = variables.model.new_bool_var("")
        variables.model.add(sum(literals) + least * missed >= least)
        variables.penalties.append(rule.weight * missed)


def held(rule: Pin, placement: Placement) -> bool:
    """Whether a placement is what a pin asks for: its slot, or any."""
    return rule.slot is None or meets(rule.slot, placement)


ONCE = {"pin": post_pin}

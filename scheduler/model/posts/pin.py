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
        if rule.slot is not None:
            there = [p for p in variables.of_request[rule.request] if meets(rule.slot, p)]
            variables.model.add_bool_or([variables.z[p.index] for p in there])


ONCE = {"pin": post_pin}

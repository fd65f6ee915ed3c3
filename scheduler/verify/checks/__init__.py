"""What every kind of rule means for dated bookings, by family: the same names as in `scheduler.constraints`.

A check is given a `Plan` and yields findings. It never asks how the model posts its rule.
"""

from __future__ import annotations

from importlib import import_module

from scheduler.verify.plan import Check

FAMILIES = (
    "availability",
    "suitability",
    "offers",
    "occupancy",
    "changeover",
    "resources",
    "noise",
    "attendees",
    "rights",
    "days",
    "relations",
    "loads",
    "choices",
    "pin",
)

CHECKS: dict[str, Check] = {
    kind: check for family in FAMILIES for kind, check in import_module(f"{__name__}.{family}").CHECKS.items()
}
"""Every kind of rule, in the order in which they are looked at."""

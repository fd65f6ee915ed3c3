"""One posting per kind of rule, by family.

A family's module has some of: SPACE_JUDGES (does the space suit at all), DATE_JUDGES (may this occurrence be), POSTS
(posted on every timeline), ONCE (posted once). Each kind of the family is in at least one of them, but for those that
PERMITS names: they allow something elsewhere and limit nothing by themselves.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

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

PERMITS = {"date_loss": "scheduler/model/losses.py"}
"""Kinds that only allow something, and the file in which what they allow is posted."""

MODULES: dict[str, ModuleType] = {family: import_module(f"{__name__}.{family}") for family in FAMILIES}

"""The vocabulary of rules, by family: schema and sentence. No solver code.

A family has one name in four places: here, `scheduler/model/posts`, `scheduler/verify/checks`, `tests/constraints`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from scheduler.constraints.terms import ConstraintBase

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

KINDS: dict[str, type[ConstraintBase] | None] = {
    kind: schema for family in FAMILIES for kind, schema in import_module(f"{__name__}.{family}").KINDS.items()
}
"""Every kind of rule; None where the rule is always in force and has its data elsewhere."""

if TYPE_CHECKING:
    Constraint = ConstraintBase
else:
    Constraint = Annotated[
        Union[tuple(schema for schema in KINDS.values() if schema is not None)],  # noqa: UP007 - built from the registry
        Field(discriminator="kind"),
    ]

"""Whether a space suits a request: places in the layout, equipment, floors.

All three kinds are always in force and take their data from the space and the request, so none has an instance.

- `capacity`: in each space the first layout of the request's own list that the space has, with places for the
  headcount, is used; a space without one is not offered. Opposite: min_occupancy (`limits`).
- `features`: every feature that the request needs is there. A combination has the features that it names itself.
- `floors`: when the request names floors, the space is on one of them.
"""

from __future__ import annotations

from scheduler.constraints.terms import ConstraintBase

KINDS: dict[str, type[ConstraintBase] | None] = {"capacity": None, "features": None, "floors": None}

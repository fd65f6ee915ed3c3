"""Units that people book one by one inside a host's hours: study seats, stroller lockers. Data only.

A pool has a count of units that are all the same; parts are units with names of their own. Each is bookable by the
block (a half day), in the hours of a request that hosts it: where the host does not take place, nobody books. Who does
not sign in within some minutes of the start loses the unit to the next.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scheduler.constraints.terms import Clock, Entity, Id, Name, Text

UnitName = Annotated[str, Field(min_length=1, max_length=64)]


class Block(Entity):
    """A stretch of the day that is booked whole, half-open, on the wall clock of the host's date."""

    starts: Clock
    ends: Clock


class Units(Entity):
    """One kind of unit in one host: `count` of them without names, or with `names`."""

    id: Id
    name: Name
    name_en: Text = ""
    host: Annotated[str, Field(description="The request inside whose dates they are booked.")]
    count: Annotated[int, Field(ge=0, le=10_000, description="Of a pool; 0 where there are names.")] = 0
    names: tuple[UnitName, ...] = Field(default=(), description="Of parts, such as A1; none for a pool.")
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    sign_in_minutes: Annotated[int, Field(ge=0, le=600)] = 30
    source: Text = ""

    def numbers(self) -> tuple[str, ...]:
        """What each unit is called: its name, or its number in the pool from 1."""
        return self.names or tuple(str(number) for number in range(1, self.count + 1))

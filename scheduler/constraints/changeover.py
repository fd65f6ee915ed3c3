"""Minutes owed between two consecutive occupants of an atomic space, and the furniture moves among them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import ConstraintBase, DatedRule, Entity, Id, Minutes, Names, Sentence, Text


class Occupant(Entity):
    """A pattern for one side of a changeover: every field that is given must match; an empty one matches all."""

    uses: tuple[Id, ...] = ()
    not_uses: tuple[Id, ...] = ()
    layouts: tuple[Id, ...] = ()
    spaces: tuple[Id, ...] = Field(default=(), description="Spaces as booked (a combination, not its part).")


class ChangeoverRow(Entity):
    """One row of a space's pair table; the first row that matches a pair gives its one value."""

    before: Occupant = Occupant()
    after: Occupant = Occupant()
    layout_changes: bool = Field(default=False, description="Matches only pairs whose layouts differ.")
    minutes: Minutes
    crew: bool = Field(default=False, description="A conversion: it moves furniture and takes one crew.")
    why: Text = ""


class Changeover(DatedRule):
    """Between two consecutive occupants a, b of an atomic space: b.starts - a.ends >= c(a, b).

    c is ONE value, from the first matching row of that atom's table, never a sum; no row, nothing owed. The last
    layout persists through empty time; after a gap of `nothing_owed_after_minutes` or more nothing is owed. A
    combination occupies its parts, and each part looks up its own table. A row with `crew` is a conversion: it is
    done in the minutes just before the later use. Tables satisfy c(a,c) <= c(a,b) + shortest(b) + c(b,c) (checked
    when the problem is read), so "every pair" equals "consecutive". With validity dates it is owed between bookings
    that both have such a date of their own. Opposite: sharing. Source: by-law, clause 5.
    """

    kind: Literal["changeover"] = "changeover"
    nothing_owed_after_minutes: Annotated[int, Field(ge=1, le=1440)] = 360

    only_from: ClassVar[str] = "O"

    def words(self, names: Names) -> Sentence:
        return Sentence(
            zh=f"前后两场之间按各空间的转场表留足时间；间隔满 {self.nothing_owed_after_minutes} 分钟的不再计",
            en=(
                "between two bookings the minutes of the space's changeover table; nothing after a gap of "
                f"{self.nothing_owed_after_minutes} minutes"
            ),
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"changeover": Changeover}

"""Who may be in a space at the same time: nobody else, unless the uses share it.

`overlap` is always in force: two bookings that have an atomic part in common may not overlap in time. A combination
(a space over parts) thus excludes its parts and every space that has one of them, never a sibling.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import ConstraintBase, DatedRule, Id, Names, Sentence


class Sharing(DatedRule):
    """Named uses may be in one space at once while the people together are at most the seats.

    At every moment the headcounts of the sharing bookings sum to <= seats. Both must be booked in `space` itself, in
    `layout`, with uses of the list; all others exclude each other, and between two that share nothing is owed for
    changeover. With validity dates: bookings whose own dates are among them. Opposite: typed_window.
    Source: by-law, clause 8 (library and study).
    """

    kind: Literal["sharing"] = "sharing"
    space: Id
    uses: Annotated[tuple[Id, ...], Field(min_length=1)]
    layout: Id
    seats: Annotated[int, Field(ge=1, le=100_000)]

    only_from: ClassVar[str] = "O"

    def words(self, names: Names) -> Sentence:
        return Sentence(
            zh=(
                f"{names.zh(self.space)}按{names.zh(self.layout)}布置时，{names.zh(*self.uses)}可同时使用，"
                f"合计不超过 {self.seats} 座"
            ),
            en=(
                f"{names.en(self.space)} laid out for {names.en(self.layout)}: {names.en(*self.uses)} together, "
                f"at most {self.seats} seats"
            ),
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"overlap": None, "sharing": Sharing}

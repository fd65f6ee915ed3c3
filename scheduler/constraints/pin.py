"""What the manager holds in place."""

from __future__ import annotations

from typing import ClassVar, Literal

from scheduler.constraints.terms import (
    DAY_EN,
    DAY_ZH,
    Clock,
    ConstraintBase,
    Date,
    Entity,
    Id,
    Names,
    Sentence,
    Weekday,
)


class PinnedSlot(Entity):
    """One session to hold: every field that is given must be met by it."""

    weekday: Weekday | None = None
    date: Date | None = None
    starts: Clock | None = None
    space: Id | None = None


class Pin(ConstraintBase):
    """A request, or one of its sessions, is placed like a duty and loses no date.

    Without `slot` the whole request is placed in full. With `slot` at least one of its sessions meets the slot, and
    the rest of the request follows its own terms (all or nothing, or its least number). A pin overrides class, never
    a fact: where it collides with rules the solve is infeasible and names them. Of `should` nothing is held: a pin
    that is not met costs the weight once (last season's slot kept where it can be: a standing claim).
    It has no validity dates: a pin is of a whole request or session.
    Opposite: date_loss. Source: manager.
    """

    kind: Literal["pin"] = "pin"
    request: Id
    slot: PinnedSlot | None = None

    only_from: ClassVar[str] = "O M"
    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def words(self, names: Names) -> Sentence:
        ought = self.ought()
        if self.slot is None:
            return Sentence(
                zh=f"{names.zh(self.request)} {ought.zh}整体锁定",
                en=f"{ought.en}{names.en(self.request)} is pinned in full",
            )
        s = self.slot
        at_zh = [
            f"周{DAY_ZH[s.weekday]}" if s.weekday else "",
            str(s.date or ""),
            s.starts or "",
            names.zh(s.space) if s.space else "",
        ]
        at_en = [
            DAY_EN[s.weekday] if s.weekday else "",
            str(s.date or ""),
            s.starts or "",
            names.en(s.space) if s.space else "",
        ]
        return Sentence(
            zh=f"{names.zh(self.request)} {ought.zh}锁定在 {' '.join(filter(None, at_zh))}",
            en=f"{ought.en}{names.en(self.request)} is pinned to {' '.join(filter(None, at_en))}",
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"pin": Pin}

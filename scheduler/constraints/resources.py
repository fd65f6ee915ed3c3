"""At most so many at once of something that the spaces have in common."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import (
    WEEKDAYS,
    Clock,
    ConstraintBase,
    Entity,
    Id,
    Names,
    ScopedRule,
    Sentence,
    Text,
    Weekday,
    days_en,
    days_zh,
)


class UseAmount(Entity):
    """What each booking of a use takes of a resource, in whole units (projectors, kW, staff)."""

    use: Id
    amount: Annotated[int, Field(ge=0, le=1_000_000)]


class PooledResource(ScopedRule):
    """At every moment of the weekly window at most `at_once` of the resource are in use.

    Presets, by `resource`:

    - `space_in_session`: atomic spaces of `spaces` (none named: all) that have a booking at that moment; a
      combination counts as its parts, bookings that share a space count once. Source: by-law, clause 7.
    - `conversion_crew`: changeovers whose row has `crew`, each in the minutes just before the later use, one crew
      for a booking even when it occupies several parts (then for the longest of its rows). Source: by-law, clause 6.

    - `amount`: what the bookings in scope take: of each its use's entry in `amounts`, else 1. Source: municipal
      practice.

    The window is half-open and belongs to the weekday on which it starts. With validity dates only bookings whose own
    date is one of them count, and conversions before these. Opposite: none.
    """

    kind: Literal["pooled_resource"] = "pooled_resource"
    resource: Literal["space_in_session", "conversion_crew", "amount"]
    at_once: Annotated[int, Field(ge=0, le=1_000_000)]
    days: tuple[Weekday, ...] = WEEKDAYS
    starts: Clock = "00:00"
    ends: Clock = "24:00"
    spaces: tuple[Id, ...] = ()
    called: Text = Field(default="", description="Of `amount`: what is counted, such as 投影仪 or 千瓦.")
    amounts: tuple[UseAmount, ...] = ()

    only_from: ClassVar[str] = "O"

    def words(self, names: Names) -> Sentence:
        what_zh = {"space_in_session": "开放的室内空间", "conversion_crew": "换场作业班组"}.get(self.resource, "使用的")
        what_en = {"space_in_session": "spaces in session", "conversion_crew": "conversion crews"}.get(
            self.resource, "units"
        )
        always = (self.starts, self.ends) == ("00:00", "24:00")
        hours = "" if always else f" {self.starts}-{self.ends}"
        if self.resource == "amount":
            what = self.called or names.zh(*(each.use for each in self.amounts))
            return Sentence(
                zh=f"{days_zh(self.days)}{hours} 同时使用的{what}不超过 {self.at_once}",
                en=f"{days_en(self.days)}{hours}: at most {self.at_once} at once ({self.id})",
            )
        return Sentence(
            zh=f"{days_zh(self.days)}{hours} 同时{what_zh}不超过 {self.at_once} 个",
            en=f"{days_en(self.days)}{hours}: at most {self.at_once} {what_en} at once",
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"pooled_resource": PooledResource}

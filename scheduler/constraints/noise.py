"""Quiet: next to a room in quiet use, and in the open at night. Both kinds are unary."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import (
    Clock,
    ConstraintBase,
    Entity,
    Id,
    Minutes,
    Names,
    OccurrenceRule,
    Sentence,
    Weekday,
    days_en,
    days_zh,
)

Level = Annotated[int, Field(ge=0, le=3, description="0 silent, 1 talk, 2 amplified or lively, 3 loud.")]


class Noise(OccurrenceRule):
    """During the quiet hours of a space nothing louder than a level in its neighbours.

    A booking in a neighbour that overlaps [starts, ends) on one of the days has noise <= max_noise. The hours are
    fixed by the rule, whether or not somebody sits in the quiet space that day. Of `should`, each date that breaks it
    costs the weight. Opposite: none. Source: by-law, 9.
    """

    kind: Literal["noise"] = "noise"
    quiet_space: Id
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    starts: Clock
    ends: Clock
    neighbours: Annotated[tuple[Id, ...], Field(min_length=1)]
    max_noise: Level

    only_from: ClassVar[str] = "O R"
    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def words(self, names: Names) -> Sentence:
        ought = "尽量不" if self.strength == "should" else "不得"
        return Sentence(
            zh=(
                f"{days_zh(self.days)} {self.starts}-{self.ends} {names.zh(self.quiet_space)}保持安静，"
                f"相邻的{names.zh(*self.neighbours)}音量{ought}高于 {self.max_noise} 级"
            ),
            en=(
                f"{self.ought().en}{days_en(self.days)} {self.starts}-{self.ends} is quiet time in "
                f"{names.en(self.quiet_space)}: nothing above noise level {self.max_noise} in "
                f"{names.en(*self.neighbours)}"
            ),
        )


class ClearingTime(Entity):
    """Minutes that a use needs after its end to clear the ground."""

    use: Id
    minutes: Minutes


class Curfew(OccurrenceRule):
    """Amplified sound in these spaces ends by one hour, and everything is cleared by another.

    A booking with noise >= amplified_from_noise ends <= amplified_ends; every booking ends, with the clearing
    minutes of its use, <= cleared_by. Opposite: none. Source: by-law, clause 10; statutory night 22:00-06:00.
    """

    kind: Literal["curfew"] = "curfew"
    spaces: Annotated[tuple[Id, ...], Field(min_length=1)]
    amplified_from_noise: Level
    amplified_ends: Clock
    cleared_by: Clock
    clearing: tuple[ClearingTime, ...] = ()

    only_from: ClassVar[str] = "R"

    def words(self, names: Names) -> Sentence:
        return Sentence(
            zh=f"{names.zh(*self.spaces)}扩音最晚 {self.amplified_ends} 结束，{self.cleared_by} 前清场完毕",
            en=f"{names.en(*self.spaces)}: amplified sound ends {self.amplified_ends}, cleared by {self.cleared_by}",
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"noise": Noise, "curfew": Curfew}

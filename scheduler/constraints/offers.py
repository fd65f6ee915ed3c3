"""What an owner gives of its spaces, and in which measures it gives it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import (
    WEEKDAYS,
    Clock,
    ConstraintBase,
    Date,
    Entity,
    Id,
    Minutes,
    Names,
    OccurrenceRule,
    Sentence,
    Text,
    Weekday,
    days_en,
    days_zh,
)


class OfferedHours(Entity):
    """Hours that are given, on some weekdays or, where dates are named, on these alone."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    dates: tuple[Date, ...] = ()
    starts: Clock
    ends: Clock


class Offer(OccurrenceRule):
    """An owner gives hours of its spaces to others; what is not offered is not to be had.

    A booking that shares an atomic part with a space of any offer lies whole within hours of one offer for that
    space, which is in force on its date, whose scope speaks of it, and for no more than `at_most_people`. Hours belong
    to the date on which the booking begins. An offer whose validity is over offers nothing. Several offers for a space
    add up. Who cleans is told in the sentence. Opposite: closed. Source: the owner's agreement with the community.
    """

    kind: Literal["offer"] = "offer"
    spaces: Annotated[tuple[Id, ...], Field(min_length=1)]
    hours: Annotated[tuple[OfferedHours, ...], Field(min_length=1)]
    at_most_people: Annotated[int, Field(ge=1, le=100_000)] | None = None
    cleaned_by: Text = ""

    only_from: ClassVar[str] = "O"

    def words(self, names: Names) -> Sentence:
        zh = "；".join(f"{_when_zh(each)} {each.starts}-{each.ends}" for each in self.hours)
        en = "; ".join(f"{_when_en(each)} {each.starts}-{each.ends}" for each in self.hours)
        most_zh = f"，至多 {self.at_most_people} 人" if self.at_most_people else ""
        most_en = f", at most {self.at_most_people} people" if self.at_most_people else ""
        return Sentence(
            zh=f"{names.zh(*self.spaces)}提供共享：{zh}{most_zh}"
            + (f"，{self.cleaned_by}负责保洁" if self.cleaned_by else ""),
            en=f"{names.en(*self.spaces)} is offered {en}{most_en}"
            + (f"; cleaned by {self.cleaned_by}" if self.cleaned_by else ""),
        )


def _when_zh(hours: OfferedHours) -> str:
    return "、".join(map(str, hours.dates)) or days_zh(hours.days)


def _when_en(hours: OfferedHours) -> str:
    return ", ".join(map(str, hours.dates)) or days_en(hours.days)


class Limits(OccurrenceRule):
    """In which measures spaces are given: starts on a grid, a length between two, a hall that is not too big.

    For each booking in scope that shares an atomic part with one of `spaces` (none named: any space):

    - `start_every`: its start is a whole number of these minutes after midnight;
    - `at_least_minutes` <= its length <= `at_most_minutes`;
    - `at_least_percent`: its headcount is at least this share of the places of its layout there.

    Of `should`, each date that breaks any of these costs the weight, once. Opposite: none. Source: the owner's terms.
    """

    kind: Literal["limits"] = "limits"
    spaces: tuple[Id, ...] = ()
    start_every: Annotated[int, Field(ge=1, le=1440)] | None = None
    at_least_minutes: Minutes | None = None
    at_most_minutes: Minutes | None = None
    at_least_percent: Annotated[int, Field(ge=1, le=100)] | None = None

    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def words(self, names: Names) -> Sentence:
        zh, en = [], []
        if self.start_every:
            zh.append(f"每 {self.start_every} 分钟一个起点")
            en.append(f"starts every {self.start_every} minutes")
        if self.at_least_minutes:
            zh.append(f"每场不少于 {self.at_least_minutes} 分钟")
            en.append(f"at least {self.at_least_minutes} minutes")
        if self.at_most_minutes is not None:
            zh.append(f"每场不超过 {self.at_most_minutes} 分钟")
            en.append(f"at most {self.at_most_minutes} minutes")
        if self.at_least_percent:
            zh.append(f"人数不少于座位的 {self.at_least_percent}%")
            en.append(f"people for at least {self.at_least_percent} % of the places")
        where_zh, where_en = names.zh(*self.spaces) or "各空间", names.en(*self.spaces) or "every space"
        ought_zh, ought_en = ("尽量", "(wish) ") if self.strength == "should" else ("", "")
        return Sentence(zh=f"{where_zh}{ought_zh}{'，'.join(zh)}", en=f"{ought_en}{where_en}: {', '.join(en)}")


KINDS: dict[str, type[ConstraintBase] | None] = {"offer": Offer, "limits": Limits}

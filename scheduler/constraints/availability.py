"""When and whether a space may be used at all: closures, opening hours, typed windows, the season, notice.

All kinds here are unary: they speak of one occurrence by itself, and are settled when candidates are made. A date
that such a rule forbids falls out of a series and is listed with the rule; a wish without a single date left is
refused by it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import (
    Clock,
    ConstraintBase,
    Date,
    Id,
    Names,
    OccurrenceRule,
    Scope,
    Sentence,
    Text,
    Weekday,
    days_en,
    days_zh,
)


class Closed(OccurrenceRule):
    """Spaces, or every space on some floors or sites, are shut on some dates (repair, lift out of order).

    No booking in scope may share an atomic part with a closed space at any moment of the closure. The closure runs
    all day unless `starts` and `ends` are given. Opposite: an opening exception of the space. Source: owner's notice.
    """

    kind: Literal["closed"] = "closed"
    spaces: tuple[Id, ...] = ()
    floors: tuple[int, ...] = ()
    sites: tuple[Id, ...] = ()
    dates: Annotated[tuple[Date, ...], Field(min_length=1)]
    starts: Clock | None = None
    ends: Clock | None = None
    reason: Text = ""

    only_from: ClassVar[str] = "O M"

    def words(self, names: Names) -> Sentence:
        zh = [names.zh(*self.spaces), "、".join(f"{f}层" for f in self.floors), names.zh(*self.sites)]
        en = [names.en(*self.spaces), ", ".join(f"floor {f}" for f in self.floors), names.en(*self.sites)]
        days = f"{self.dates[0]}" if len(self.dates) == 1 else f"{min(self.dates)} … {max(self.dates)}"
        hours = f" {self.starts}-{self.ends}" if self.starts and self.ends else ""
        return Sentence(
            zh=f"{'、'.join(filter(None, zh))} {days}{hours} 停用" + (f"：{self.reason}" if self.reason else ""),
            en=f"{', '.join(filter(None, en))} closed {days}{hours}" + (f": {self.reason}" if self.reason else ""),
        )


class TypedWindow(OccurrenceRule):
    """In this weekly or dated window only the named requests may be in these spaces ("meals own the hall").

    A booking that is not in `allows` may not overlap the window in a shared atomic part. Give `days` for a weekly
    window, `dates` for a dated one. Once the plan is made on `released_on` or later (the policy's `as_of`), what was
    kept is free for all. Of `should`, each date that breaks it costs the weight.

    Presets: a use or age group that a space suits (the whole week, `allows` says which); a hold for named applicants;
    a reservation that is released. Opposite: closed. Source: municipal practice.
    """

    kind: Literal["typed_window"] = "typed_window"
    spaces: Annotated[tuple[Id, ...], Field(min_length=1)]
    days: tuple[Weekday, ...] = ()
    dates: tuple[Date, ...] = ()
    starts: Clock
    ends: Clock
    allows: Scope
    released_on: Date | None = Field(default=None, description="From this day on nobody is kept out; none: never.")

    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def words(self, names: Names) -> Sentence:
        who = [*self.allows.uses, *self.allows.applicants, *self.allows.priorities, *self.allows.requests]
        ought = self.ought()
        when_zh = days_zh(self.days) if self.days else "、".join(map(str, self.dates))
        when_en = days_en(self.days) if self.days else ", ".join(map(str, self.dates))
        return Sentence(
            zh=f"{names.zh(*self.spaces)}{when_zh} {self.starts}-{self.ends} {ought.zh}专供 {names.zh(*who)} 使用",
            en=f"{ought.en}{names.en(*self.spaces)}, {when_en} {self.starts}-{self.ends}: for {names.en(*who)} only",
        )


class Horizon(OccurrenceRule):
    """First and last date of the round. No occurrence may start on a date outside.

    Opposite: none. Source: the season's notice.
    """

    kind: Literal["horizon"] = "horizon"
    first_date: Date
    last_date: Date

    only_from: ClassVar[str] = "M"

    def words(self, names: Names) -> Sentence:
        return Sentence(
            zh=f"本季自 {self.first_date} 至 {self.last_date}，此外的日期不受理",
            en=f"the season runs from {self.first_date} to {self.last_date}; other dates are not accepted",
        )


class Notice(OccurrenceRule):
    """A dated request in scope must have been published at least `days` days before its date, not too early either.

    days <= date - published_on <= at_most_days. A request that states no date of publication is refused. A published
    date is fixed: it is never moved. Opposite: none. Source: property management rules, article 15.
    """

    kind: Literal["notice"] = "notice"
    days: Annotated[int, Field(ge=0, le=366)] = 0
    at_most_days: Annotated[int, Field(ge=0, le=731)] | None = Field(default=None, description="None: any time ahead.")

    only_from: ClassVar[str] = "O M"

    def words(self, names: Names) -> Sentence:
        if self.at_most_days is not None:
            who_zh, who_en = names.zh(*self.scope.uses) or "单次申请", names.en(*self.scope.uses) or "dated requests"
            return Sentence(
                zh=f"{who_zh}可提前 {self.days} 至 {self.at_most_days} 天申请，须写明日期",
                en=f"{who_en}: asked for {self.days} to {self.at_most_days} days ahead, with the date of asking",
            )
        return Sentence(
            zh=f"{names.zh(*self.scope.uses)}须至少提前 {self.days} 天公告日期；未公告日期的不予安排",
            en=(
                f"{names.en(*self.scope.uses)}: the date must be published at least {self.days} days ahead; "
                "unpublished dates are refused"
            ),
        )


KINDS: dict[str, type[ConstraintBase] | None] = {
    "closed": Closed,
    "opening_hours": None,  # data of each space; always in force
    "typed_window": TypedWindow,
    "horizon": Horizon,
    "notice": Notice,
    "calendar": None,  # days off and working weekends of the calendar that each series names
    "clock_change": None,  # an hour that summer time skips is nobody's to use
}

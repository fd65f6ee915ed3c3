"""Who may have how much, and who gives way to whom."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import (
    Clock,
    ConstraintBase,
    DatedRule,
    Entity,
    Names,
    ScopedRule,
    Sentence,
    Weekday,
    days_en,
    days_zh,
)


class PrimeTime(Entity):
    """Sessions that start at `starts_from` or later on one of the days."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    starts_from: Clock


class Quota(ScopedRule):
    """One body has at most so many weekly sessions of its series in prime time.

    For each body: Σ sessions of series in scope, in an indoor space when `indoor_only`, that start in one of the
    prime times (none given: at any time) and have a date on which the rule is valid, <= at_most. A pattern is one
    session, on any of its weekdays. A body is a group of applicants who are the same people; an applicant outside
    every body is a body of one. Which of its wishes remain is decided by its own ranking.
    Opposite: entitlement. Source: by-law, clause 12.
    """

    kind: Literal["quota"] = "quota"
    at_most: Annotated[int, Field(ge=0, le=1000)]
    prime: tuple[PrimeTime, ...] = ()
    indoor_only: bool = False

    only_from: ClassVar[str] = "O R"

    def words(self, names: Names) -> Sentence:
        zh = "；".join(f"{days_zh(p.days)} {p.starts_from} 以后" for p in self.prime) or "全部时段"
        en = "; ".join(f"{days_en(p.days)} from {p.starts_from}" for p in self.prime) or "any time"
        where_zh, where_en = ("室内", "indoor ") if self.indoor_only else ("", "")
        return Sentence(
            zh=f"{names.zh(*self.scope.priorities)} 每个主体每周{where_zh}黄金时段（{zh}）至多 {self.at_most} 场",
            en=f"{names.en(*self.scope.priorities)}: each body at most {self.at_most} {where_en}sessions a week ({en})",
        )


Rival = Literal["dated_request", "duty", "pin", "series_on_working_weekend"]


class DateLoss(DatedRule):
    """To whom a series may lose a single date, never its weekly slot.

    A date may be lost only to a booking of a kind in `to` whose class is the same or higher, which really stands in
    its way; duties and pins lose none. With validity dates, only these dates are lost by it. Two series never hold
    clashing slots of one weekday. Without this rule no date is ever lost. Opposite: pin. Source: by-law, clause 14.
    """

    kind: Literal["date_loss"] = "date_loss"
    to: Annotated[tuple[Rival, ...], Field(min_length=1)]

    only_from: ClassVar[str] = "M R"

    def words(self, names: Names) -> Sentence:
        rivals = {
            "dated_request": ("单次申请", "dated requests"),
            "duty": ("固定任务", "duties"),
            "pin": ("锁定的安排", "pins"),
            "series_on_working_weekend": ("调休上班日的其他固定场次", "other series on working weekends"),
        }
        return Sentence(
            zh=f"固定场次的个别日期可让给同级或更高级别的{'、'.join(rivals[r][0] for r in self.to)}，固定时段本身不让",
            en=(
                "a series may lose single dates, never its slot, to "
                f"{', '.join(rivals[r][1] for r in self.to)} of the same or a higher class"
            ),
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"quota": Quota, "date_loss": DateLoss}

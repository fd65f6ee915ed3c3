"""How much a person, an applicant, a use or a space may have in a day, a week or the season; how sessions spread.

Sessions are seen as their slots, as in `relations`: a weekly series loads every week in which the season has a date
for it, whatever falls or is lost. A rule with validity dates counts these dates alone, and the days, weeks and months
that have one of them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.relations import GroupedBy, whom
from scheduler.constraints.rights import PrimeTime
from scheduler.constraints.terms import ConstraintBase, Minutes, Names, ScopedRule, Sentence, days_en, days_zh

Measure = Literal[
    "max_days",
    "max_day_load",
    "max_breaks",
    "max_block",
    "min_working_days",
    "compactness",
    "space_stability",
    "max_sessions",
    "max_minutes",
    "min_minutes",
    "share_of_supply",
    "spaces_open",
    "sites_open",
    "useless_gap",
]


Period = Literal["day", "week", "month", "season"]


class Load(ScopedRule):
    """The sessions in scope, group by group of `each`, keep within a measure.

    On each date (weekday d of week w) let the sessions of the group be [s, e). A *block* is a longest run of them in
    which each starts at most `gap_minutes` after the latest end before it.

    - `max_days`: weekdays with a session <= `at_most`. Excess: the days above. Opposite: min_working_days.
    - `max_day_load`: on each date Σ (e - s) <= `minutes`. Excess: what is above on a date, in units of
      `unit_minutes`, rounded up, and summed over dates. Opposite: min_minutes.
    - `max_breaks`: on each date at most `at_most` + 1 blocks. Excess: the blocks above, summed over dates. Opposite:
      max_block.
    - `max_block`: on each date no block of two or more sessions lasts longer than `minutes`. Excess: such blocks,
      summed over dates. Opposite: max_breaks.
    - `min_working_days`: weekdays with a session >= `at_least`, where the group has a session at all. Excess: the
      days that lack. Opposite: max_days. Source: ITC-2007, curriculum-based course timetabling.
    - `compactness`: on each date no session stands alone: another of the group ends when it starts, or starts when
      it ends. Excess: sessions that stand alone, summed over dates. Opposite: min_gap, a relation.
      Source: ITC-2007, curriculum-based course timetabling.
    - `space_stability`: all in one space. Excess: the spaces beyond the first. Opposite: different_space, a relation.
      Source: ITC-2007, curriculum-based course timetabling.
    - `max_sessions`: in each day, week, month or season (`per`) at most `at_most` dates, in `prime` time if it is
      given. Excess: the dates above, summed over the periods. Opposite: none. Source: municipal practice.
    - `max_minutes`: in each day, week, month or season (`per`) at most `minutes`, in `prime` time if it is given.
      Excess: the minutes above, summed over the periods. Opposite: min_minutes. Source: municipal practice.
    - `min_minutes`: in each period (`per`) at least `minutes` for every group that asks for something, in `prime` time
      if it is given. Excess: the minutes that lack, in units of `unit_minutes`, rounded up, summed over the periods.
      Opposite: max_minutes. Source: municipal practice.
    - `share_of_supply`: of all minutes that anybody is granted (in `prime` time if it is given) the group has at
      least `percent`. Excess: the minutes that lack, in units of `unit_minutes`, rounded up. Opposite: none. Source:
      municipal practice.
    - `spaces_open`: at most `at_most` atomic spaces are used at all. Excess: those above. Opposite: none. Source:
      municipal practice.
    - `sites_open`: at most `at_most` sites are used at all. Excess: those above. Opposite: none. Source: municipal
      practice.
    - `useless_gap`: on each date, when two sessions of the group follow one another, the time between is none, or
      at least `minutes`. Excess: the gaps that are shorter, summed over dates. Meant for `each` space. Opposite: none.
      Source: municipal practice.

    Of `should` a group costs `weight` x excess points; max_day_load, max_breaks, max_block, compactness and
    useless_gap are divided by the number of weeks of the season (of those with a valid date), once, rounded down.
    Source: ITC-2019.
    """

    kind: Literal["load"] = "load"
    measure: Measure
    each: GroupedBy = "all"
    at_most: Annotated[int, Field(ge=0, le=1000)] = 0
    at_least: Annotated[int, Field(ge=0, le=7)] = 0
    minutes: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    gap_minutes: Minutes = 0
    per: Period = "week"
    prime: tuple[PrimeTime, ...] = ()
    percent: Annotated[int, Field(ge=0, le=100)] = 0
    unit_minutes: Annotated[int, Field(ge=1, le=1440, description="What one of excess is, where it is minutes.")] = 1

    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def words(self, names: Names) -> Sentence:
        zh, en = _TEXTS[self.measure]
        parts = {
            "at_most": self.at_most,
            "at_least": self.at_least,
            "minutes": self.minutes,
            "gap": self.gap_minutes,
            "percent": self.percent,
        }
        who, must = whom(self, names), self.strength == "must"
        per_zh, per_en = _PER[self.per] if self.measure in _PERIODIC else ("", "")
        prime_zh = "、".join(f"{days_zh(p.days)} {p.starts_from} 以后" for p in self.prime)
        prime_en = "; ".join(f"{days_en(p.days)} from {p.starts_from}" for p in self.prime)
        return Sentence(
            zh=f"{who.zh}{'' if must else '尽量'}{per_zh}{zh.format(**parts)}"
            + (f"（{prime_zh}）" if self.prime else ""),
            en=f"{'' if must else '(wish) '}{who.en}: {en.format(**parts)}{per_en}"
            + (f" ({prime_en})" if self.prime else ""),
        )


_PERIODIC = ("max_sessions", "max_minutes", "min_minutes")
_PER = {
    "day": ("每天", " a day"),
    "week": ("每周", " a week"),
    "month": ("每月", " a month"),
    "season": ("本季", " in the season"),
}


_TEXTS = {
    "max_days": ("每周至多占 {at_most} 天", "on at most {at_most} weekdays"),
    "max_day_load": ("每天合计不超过 {minutes} 分钟", "at most {minutes} minutes a day in all"),
    "max_breaks": (
        "每天中断不超过 {at_most} 次（间隔超过 {gap} 分钟算中断）",
        "at most {at_most} breaks of more than {gap} minutes a day",
    ),
    "max_block": (
        "连续不超过 {minutes} 分钟（间隔 {gap} 分钟以内算连续）",
        "at most {minutes} minutes in a row; {gap} minutes between do not interrupt",
    ),
    "min_working_days": ("每周至少分在 {at_least} 天", "on at least {at_least} weekdays"),
    "compactness": ("同一天内前后相接，不单独成场", "none stands alone on its day"),
    "space_stability": ("固定在同一空间", "all in one space"),
    "max_sessions": ("至多 {at_most} 场次", "at most {at_most} dates"),
    "max_minutes": ("合计不超过 {minutes} 分钟", "at most {minutes} minutes in all"),
    "min_minutes": ("合计不少于 {minutes} 分钟", "at least {minutes} minutes in all"),
    "share_of_supply": ("不少于已安排总时长的 {percent}%", "at least {percent} % of all minutes that are granted"),
    "spaces_open": ("合计开放的空间不超过 {at_most} 处", "in at most {at_most} spaces in all"),
    "sites_open": ("合计开放的场地不超过 {at_most} 处", "on at most {at_most} sites in all"),
    "useless_gap": ("前后两场之间不留不足 {minutes} 分钟的空当", "no gap shorter than {minutes} minutes between two"),
}

KINDS: dict[str, type[ConstraintBase] | None] = {"load": Load}

"""How much a person, an applicant, a use or a space may have in a day, a week or the season; how sessions spread.

Sessions are seen as their slots, as in `relations`: a weekly series loads every week in which the season has a date
for it, whatever falls or is lost.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.relations import GroupedBy, whom
from scheduler.constraints.terms import UNNAMED, ConstraintBase, Minutes, Names, ScopedRule, Sentence

Measure = Literal[
    "max_days",
    "max_day_load",
    "max_breaks",
    "max_block",
    "min_working_days",
    "compactness",
    "space_stability",
]


class Load(ScopedRule):
    """The sessions in scope, group by group of `each`, keep within a measure.

    On each date (weekday d of week w) let the sessions of the group be [s, e). A *block* is a longest run of them in
    which each starts at most `gap_minutes` after the latest end before it.

    - `max_days`: weekdays with a session <= `at_most`. Excess: the days above.
    - `max_day_load`: on each date Σ (e - s) <= `minutes`. Excess: what is above on a date, in units of
      `unit_minutes`, rounded up, and summed over dates.
    - `max_breaks`: on each date at most `at_most` + 1 blocks. Excess: the blocks above, summed over dates.
    - `max_block`: on each date no block of two or more sessions lasts longer than `minutes`. Excess: such blocks.
    - `min_working_days`: weekdays with a session >= `at_least`, where the group has a session at all. Excess: the
      days that lack.
    - `compactness`: on each date no session stands alone: another of the group ends when it starts, or starts when
      it ends. Excess: sessions that stand alone, summed over dates.
    - `space_stability`: all in one space. Excess: the spaces beyond the first.

    Of `should` a group costs `weight` x excess points; the four that sum over dates are divided by the number of
    weeks of the season, once, rounded down. Opposite: min_working_days of max_days, max_block of
    max_breaks; none of the others. Source: ITC-2019 (the first four), ITC-2007 curriculum-based course timetabling
    (the last three).
    """

    kind: Literal["load"] = "load"
    measure: Measure
    each: GroupedBy = "all"
    at_most: Annotated[int, Field(ge=0, le=1000)] = 0
    at_least: Annotated[int, Field(ge=0, le=7)] = 0
    minutes: Minutes = 0
    gap_minutes: Minutes = 0
    unit_minutes: Annotated[int, Field(ge=1, le=1440, description="Of max_day_load: what one of excess is.")] = 1

    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def sentence(self, names: Names = UNNAMED) -> Sentence:
        zh, en = _TEXTS[self.measure]
        parts = {
            "at_most": self.at_most,
            "at_least": self.at_least,
            "minutes": self.minutes,
            "gap": self.gap_minutes,
        }
        who, must = whom(self, names), self.strength == "must"
        return Sentence(
            zh=f"{who.zh}{'' if must else '尽量'}{zh.format(**parts)}",
            en=f"{'' if must else '(wish) '}{who.en}: {en.format(**parts)}",
        )


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
}

KINDS: dict[str, type[ConstraintBase] | None] = {"load": Load}

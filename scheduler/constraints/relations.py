"""How two sessions lie to each other, in time and in space: the pairwise distribution types of ITC-2019, and more.

A session is seen here as its slot, not as single dates: weekdays, weeks of the season, start and end. A weekly series
has its one weekday and the weeks in which the season has a date for it, whatever falls or is lost; a dated request
those of its date; a pattern its own. Minutes past midnight belong to the day on which the session begins. A rule
with validity dates sees of each session only those dates, and no session that has none of them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.terms import ConstraintBase, Entity, Id, Minutes, Names, ScopedRule, Sentence

RelationName = Literal[
    "same_start",
    "same_time",
    "different_time",
    "same_days",
    "different_days",
    "same_weeks",
    "different_weeks",
    "overlap",
    "not_overlap",
    "precedence",
    "min_gap",
    "work_day",
    "same_attendees",
    "same_space",
    "different_space",
    "consecutive",
    "days_between",
    "adjacent_spaces",
    "not_adjacent",
]

GroupedBy = Literal["all", "request", "applicant", "body", "person", "use", "priority", "space"]
"""Whose sessions a rule sets beside each other: all in scope, or those of one request, of one applicant and so on."""


class Beside(Entity):
    """Two spaces side by side."""

    spaces: tuple[Id, Id]


class Relation(ScopedRule):
    """Every two sessions in scope, of one group of `each`, stand in the relation; none that got no session.

    With a, b two sessions, D their weekdays, W their weeks, [s, e) their minutes; "together" means that D and W of
    both have something in common:

    - `same_start`: s_a = s_b. Opposite: none.
    - `same_time`: the hours of one contain those of the other, on whatever day. Opposite: different_time.
    - `different_time`: e_a <= s_b or e_b <= s_a, on whatever day. Opposite: same_time.
    - `same_days`: D of one contains D of the other. Opposite: different_days.
    - `different_days`: D have nothing in common. Opposite: same_days (not not_overlap).
    - `same_weeks`: W of one contains W of the other. Opposite: different_weeks.
    - `different_weeks`: W have nothing in common. Opposite: same_weeks.
    - `overlap`: together, and s_a < e_b and s_b < e_a. Opposite: not_overlap.
    - `not_overlap`: not together, or e_a <= s_b or e_b <= s_a. Opposite: overlap (not different_time).
    - `precedence`: a, earlier in the list, has its first week before that of b; of one week the first weekday
      before; of one weekday e_a <= s_b. The list is the scope's `requests`, else the problem's. Sessions of one
      request have no order. Opposite: none.
    - `min_gap`: not together, or at least `minutes` between one's end and the other's start. Opposite: consecutive.
    - `work_day`: not together, or max(e) - min(s) <= `minutes`. Opposite: none.
    - `same_attendees`: not together, or between one's end and the other's start the way between their sites.
      Opposite: overlap.
    - `same_space`: both in one space. Opposite: different_space.
    - `different_space`: in two spaces, be it a whole and its part. Opposite: same_space.
    - `consecutive`: together, and one starts 0 to `minutes` after the other ends. Opposite: min_gap. Source:
      municipal practice.
    - `days_between`: `at_least` <= |first weekday of a - first weekday of b| <= `at_most`. Neither
      this nor precedence speaks of a session whose dates are all made up on working weekends. Opposite: none. Source:
      municipal practice.
    - `adjacent_spaces`: in one space, or in two that `beside` names. Opposite: not_adjacent. Source:
      municipal practice.
    - `not_adjacent`: they do not overlap, or are not in two spaces that `beside` names. Opposite:
      adjacent_spaces. Source: municipal practice.

    Of `should`, each pair that does not stand in the relation costs `weight` points. Source: ITC-2019.
    """

    kind: Literal["relation"] = "relation"
    relation: RelationName
    each: GroupedBy = "all"
    minutes: Minutes = 0
    at_least: Annotated[int, Field(ge=0, le=6)] = 0
    at_most: Annotated[int, Field(ge=0, le=6)] = 6
    beside: tuple[Beside, ...] = ()

    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def words(self, names: Names) -> Sentence:
        zh, en = _TEXTS[self.relation]
        parts = {"minutes": self.minutes, "at_least": self.at_least, "at_most": self.at_most}
        who = whom(self, names)
        ought = Sentence(
            zh="须" if self.strength == "must" else "尽量", en="" if self.strength == "must" else "(wish) "
        )
        return Sentence(zh=f"{who.zh}{ought.zh}{zh.format(**parts)}", en=f"{ought.en}{who.en}: {en.format(**parts)}")


def whom(rule: Relation | ScopedRule, names: Names) -> Sentence:
    """Whose sessions a rule with a scope and `each` speaks of."""
    scope = rule.scope
    ids = (
        *scope.requests,
        *scope.applicants,
        *scope.bodies,
        *scope.priorities,
        *scope.uses,
        *scope.tags,
        *scope.spaces,
        *scope.sites,
    )
    of_zh, of_en = _EACH[getattr(rule, "each", "all")]
    return Sentence(
        zh=f"{names.zh(*ids) or '全部'}{of_zh}各场", en=f"sessions{of_en} of {names.en(*ids) or 'everybody'}"
    )


_EACH = {
    "all": ("的", ""),
    "request": ("每份申请的", " of each request"),
    "applicant": ("每个申请方的", " of each applicant"),
    "body": ("每个主体的", " of each body"),
    "person": ("每位人员的", " of each person"),
    "use": ("每种用途的", " of each use"),
    "priority": ("每个等级的", " of each class"),
    "space": ("每处空间的", " of each space"),
}

_TEXTS = {
    "same_start": ("同一钟点开始", "start at the same hour"),
    "same_time": ("在同一时段（短的在长的之内）", "at the same hours, the shorter within the longer"),
    "different_time": ("钟点互不重叠，无论哪一天", "at hours that do not overlap, whatever the day"),
    "same_days": ("安排在相同的星期几", "on the same weekdays"),
    "different_days": ("安排在不同的星期几", "on different weekdays"),
    "same_weeks": ("安排在相同的周次", "in the same weeks"),
    "different_weeks": ("安排在不同的周次", "in different weeks"),
    "overlap": ("同时进行", "at the same time on the same dates"),
    "not_overlap": ("互不重叠", "do not overlap"),
    "precedence": ("按所列先后进行", "one after the other, in the order listed"),
    "min_gap": ("同一天的至少间隔 {minutes} 分钟", "on one day at least {minutes} minutes apart"),
    "work_day": ("同一天的首尾不超过 {minutes} 分钟", "on one day within {minutes} minutes from first to last"),
    "same_attendees": ("能由同一批人先后参加（含路上时间）", "can be attended by the same people, travel included"),
    "same_space": ("安排在同一空间", "in the same space"),
    "different_space": ("安排在不同空间", "in different spaces"),
    "consecutive": (
        "前后相接，间隔不超过 {minutes} 分钟",
        "one right after the other, at most {minutes} minutes between",
    ),
    "days_between": ("相隔 {at_least} 至 {at_most} 天", "{at_least} to {at_most} days apart"),
    "adjacent_spaces": ("安排在同一或相邻的空间", "in one space or in spaces side by side"),
    "not_adjacent": ("同时进行的不排在相邻空间", "not in spaces side by side at one time"),
}

KINDS: dict[str, type[ConstraintBase] | None] = {"relation": Relation}

"""Which of several requests are granted together."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scheduler.constraints.relations import whom
from scheduler.constraints.terms import ConstraintBase, Names, ScopedRule, Sentence


class Choice(ScopedRule):
    """Of the requests in scope all are granted or none (`linked`), or at most so many.

    A request is granted when it has a session. A scope of spaces or sites speaks of the requests that name one of
    them. Of a rule with validity dates only sessions that have one of these dates count, and only requests that could
    meet on one. `at_most` 1 is "mutually exclusive". Opposite: `linked` of at most one. Source: municipal practice.
    """

    kind: Literal["choice"] = "choice"
    linked: bool = False
    at_most: Annotated[int, Field(ge=0, le=10_000)] | None = None

    def words(self, names: Names) -> Sentence:
        who = whom(self, names)
        if self.linked:
            return Sentence(zh=f"{who.zh}要么全部安排，要么都不安排", en=f"{who.en}: all of these requests, or none")
        return Sentence(
            zh=f"{who.zh}中至多安排 {self.at_most} 份申请", en=f"{who.en}: at most {self.at_most} of these requests"
        )


class Growth(ScopedRule):
    """Nobody gets one more before everyone who asked for it has as many (round robin).

    Of two bodies with requests in scope, n sessions granted and k asked there: n_a <= n_b + 1, or n_b = k_b. A body
    that asked for a second session and cannot have it holds the others back at one more, so `must` is for bodies
    whose wishes are many. With validity dates n counts the sessions that have one, of requests that could have one.
    Of `should` each pair of bodies costs the weight for each session above. Opposite: none.
    Source: allocation in rounds, as municipal halls do it.
    """

    kind: Literal["growth"] = "growth"

    only_from: ClassVar[str] = "R"
    strengths: ClassVar[tuple[str, ...]] = ("must", "should")

    def words(self, names: Names) -> Sentence:
        who = whom(self, names)
        ought = Sentence(zh="" if self.strength == "must" else "尽量", en="" if self.strength == "must" else "(wish) ")
        return Sentence(
            zh=f"{who.zh}{ought.zh}轮流增加：别的主体还没有的，谁也不多得",
            en=f"{ought.en}{who.en}: no body gets one more before all that asked have as many",
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"choice": Choice, "growth": Growth}

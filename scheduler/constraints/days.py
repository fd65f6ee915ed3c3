"""How the sessions of one request lie to each other in the week."""

from __future__ import annotations

from typing import Literal

from scheduler.constraints.terms import ConstraintBase, Names, ScopedRule, Sentence


class DifferentDays(ScopedRule):
    """The sessions of one request in scope fall on different weekdays.

    For each request and weekday: Σ sessions <= 1, of those that have a date on which the rule is valid.
    Opposite: same_days (not "no overlap": two sessions one after the other on one day overlap nowhere, and still
    break this rule). Source: by-law, clause 4.
    """

    kind: Literal["different_days"] = "different_days"

    def words(self, names: Names) -> Sentence:
        return Sentence(
            zh="同一申请的各场安排在不同的日子", en="the sessions of one request fall on different weekdays"
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"different_days": DifferentDays}

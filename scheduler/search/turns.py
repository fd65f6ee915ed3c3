"""Whose turn it is at a goal: whoever closes more of the gap in a second (docs/adr/0018, 0020)."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.search.results import Reached

UNTRIED = float("inf")


class Turns:
    """How the ways to better a goal have fared; those that are untried are before all others, in their order."""

    def __init__(self, ways: Iterable[str]) -> None:
        self.rates = dict.fromkeys(ways, UNTRIED)

    @property
    def next(self) -> str:
        """Who gained most in a second."""
        return max(self.rates, key=lambda way: self.rates[way])

    def untried(self, way: str) -> bool:
        """Whether nothing is known of it yet."""
        return self.rates[way] == UNTRIED

    def learn(self, way: str, gained: float, seconds: float) -> None:
        """What share of the gap was closed (see `closed`) in a turn, or is thought to have been.

        What was easy to gain is gone for the others as well: their rates fall by as much. Who gained nothing is behind
        all others until they gain nothing either.
        """
        others = [other for other in self.rates if other != way and not self.untried(other)]
        for other in others:
            self.rates[other] *= 1 - gained if self.rates[other] > 0 else 1
        self.rates[way] = gained / max(1.0, seconds) or min([0.0, *(self.rates[other] for other in others)]) - 1


def closed(before: Reached, after: Reached) -> float:
    """The share of the gap between value and bound that was closed, by a better value or by a tighter bound."""
    gap = abs(before.value - before.bound)
    return max(0.0, (gap - abs(after.value - after.bound)) / max(1, gap))

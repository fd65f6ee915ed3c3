"""Which sessions of a plan are set free: several ways to look at a plan, each drawn at random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduler.search.landscape import Landscape, Plan

KINDS = ("walk", "time", "weekdays", "spaces", "dear", "broken", "random", "swap")
"""Along the rules that speak of two requests; about one hour; on two weekdays; in two spaces; around what costs most;
around rules that should hold and are broken (where there is a whole model); anywhere; anywhere with the hours kept, so
that who gets which space is all that is asked."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What stays, by request, and the requests of which something is free."""

    stays: Plan
    opened: frozenset[str]


class Chooser:
    """Draws neighbourhoods of one plan."""

    def __init__(self, landscape: Landscape, plan: Plan, rng: random.Random) -> None:
        self.landscape, self.plan, self.rng = landscape, plan, rng
        self.units = [number for there in plan.values() for number in there]
        self._all = np.array(self.units, dtype=np.int64)

    def choose(self, kind: str, size: int) -> Choice:
        """About so many sessions, in one of `KINDS`; some requests that were refused are free beside them."""
        return self._choice(self._free(kind, size) if self.units else set(), size)

    def around(self, requests: Sequence[str], size: int) -> Choice:
        """About so many sessions, of these requests and of those that rules set beside them."""
        start = set(requests[:size])
        return self._choice({n for each in self.grown(start, size) for n in self.plan.get(each, ())}, size)

    def _choice(self, free: set[int], size: int) -> Choice:
        opened = {self.landscape.placements[number].request.id for number in free}
        left = {request: tuple(n for n in there if n not in free) for request, there in self.plan.items()}
        stays = {request: there for request, there in left.items() if there}
        return Choice(stays, frozenset(opened | self._refused(opened, size)))

    def _free(self, kind: str, size: int) -> set[int]:
        look, rng = self.landscape, self.rng
        if kind == "walk":
            return {n for each in self.grown({rng.choice(list(self.plan))}, size) for n in self.plan.get(each, ())}
        if kind == "time":
            middle = int(look.time[rng.choice(self.units)])
            near = look.times.between[middle] < rng.choice((0, 60, 120, 240))
            window = set(np.flatnonzero(look.times.together[middle] & near).tolist())
            return self._some([number for number in self.units if int(look.time[number]) in window], size)
        if kind == "weekdays":
            weekdays = look.times.weekdays.shape[1]
            drawn = look.times.weekdays[:, rng.sample(range(weekdays), min(2, weekdays))]
            there = set(np.flatnonzero(drawn.any(axis=1)).tolist())
            return self._some([number for number in self.units if int(look.time[number]) in there], size)
        if kind == "spaces":
            used = sorted({int(look.space[number]) for number in self.units})
            spaces = set(rng.sample(used, min(2, len(used))))
            return self._some([number for number in self.units if int(look.space[number]) in spaces], size)
        if kind in {"dear", "broken"}:
            return self._around_the_dear(size)
        return self._some(self.units, 4 * size if kind == "swap" else size)

    def _some(self, numbers: Sequence[int], size: int) -> set[int]:
        return set(self.rng.sample(list(numbers), min(size, len(numbers))))

    def _around_the_dear(self, size: int) -> set[int]:
        """Sessions that cost points, and those that stand where they could be, or share a rule with them."""
        look, rng = self.landscape, self.rng
        weights = [float(look.points[number]) + 1e-6 for number in self.units]
        free = set(rng.choices(self.units, weights, k=max(2, size // 6)))
        known = sorted(free)
        for _ in range(2 * size):
            if len(free) >= size:
                break
            request = look.placements[rng.choice(known)].request.id
            if rng.random() < 0.5 and look.near[request]:
                beside = [number for other in look.near[request] for number in self.plan.get(other, ())]
            else:
                wish = int(rng.choice(look.of[request].tolist()))
                beside = look.colliding(wish, self._all)
            free.add(rng.choice(sorted(beside) or self.units))
        return free

    def _refused(self, opened: set[str], size: int) -> set[str]:
        """Requests that got less than they asked for, those near what is free first."""
        facts = self.landscape.facts
        short = [r for r, each in facts.requests.items() if len(self.plan.get(r, ())) < facts.asked(each)]
        near = {other for request in opened for other in self.landscape.near[request]}
        self.rng.shuffle(short)
        short.sort(key=lambda request: request not in near)
        return set(short[: max(3, size // 3)])

    def grown(self, start: set[str], size: int) -> set[str]:
        """Requests reached from some by rules that speak of both, until they have so many sessions."""
        found, front = set(start), sorted(start)
        count = sum(len(self.plan.get(request, ())) for request in found)
        while front and count < size:
            request = self.rng.choice(front)
            beside = sorted(self.landscape.near[request] - found)
            if not beside:
                front.remove(request)
                continue
            other = self.rng.choice(beside)
            found.add(other)
            front.append(other)
            count += max(1, len(self.plan.get(other, ())))
        return found

    def in_the_way(self, request: str, size: int) -> set[str]:
        """Requests of which one or few would have to move for a placement of this one, and some that they touch."""
        look = self.landscape
        there = look.of[request].tolist()
        found: set[str] = set()
        for number in self.rng.sample(there, min(len(there), 10)):
            rivals = {look.placements[other].request.id for other in look.colliding(number, self._all)}
            rivals |= look.broken_with(request, number, self.plan)
            if not found or len(found | rivals) <= size:
                found |= rivals
        return self.grown(found or {request}, size) & set(self.plan)

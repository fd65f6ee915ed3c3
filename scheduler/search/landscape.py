"""What is known of placements before there is any model: which cannot stand beside a plan, and what each would cost.

Arrays over all placements, filled once. Sound, not complete: what is left out here is impossible or too dear in every
model; what is kept may still be.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.relations import Relation
from scheduler.model.groups import groups_of
from scheduler.model.objective import wish_cost
from scheduler.model.posts.relations import IN_SPACE, broken
from scheduler.model.times import Pairs, Times
from scheduler.placements.candidates import Candidates
from scheduler.placements.facts import Facts
from scheduler.problem import Dated

Numbers = npt.NDArray[np.int64]
Plan = Mapping[str, tuple[int, ...]]
"""The placements taken, by request; a request that is refused is not in it."""
MOST_TIMES = 3000
"""Above this many times their pairs take too much memory: then nothing is known of them."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Another request of a wish about pairs, and for each time of its session (a row) the times that break it."""

    request: str
    broken: Pairs
    weight: int


class Landscape:
    """The placements of a problem as arrays: time, space and points of each, and the rules about pairs of times."""

    def __init__(self, facts: Facts, candidates: Candidates) -> None:
        self.facts = facts
        self.placements = candidates.placements
        self.times = Times(p.times for p in self.placements)
        self.time: Numbers = np.array([self.times.number[p.times] for p in self.placements], dtype=np.int64)
        spaces = {space: number for number, space in enumerate(facts.spaces)}
        self.space: Numbers = np.array([spaces[p.space] for p in self.placements], dtype=np.int64)
        self.points: Numbers = np.array([wish_cost(p) for p in self.placements], dtype=np.int64)
        self.series: Pairs = np.array([p.series for p in self.placements], dtype=bool)
        of: dict[str, list[int]] = {request: [] for request in facts.requests}
        for number, placement in enumerate(self.placements):
            of[placement.request.id].append(number)
        self.of: dict[str, Numbers] = {request: np.array(there, dtype=np.int64) for request, there in of.items()}
        atoms = [facts.atoms(space) for space in spaces]
        names = {atom: number for number, atom in enumerate(dict.fromkeys(atom for each in atoms for atom in each))}
        self.atoms = [[names[atom] for atom in each] for each in atoms]
        self.near: dict[str, set[str]] = {request: set() for request in facts.requests}
        self.must: dict[str, dict[int, tuple[Pairs, set[str]]]] = {request: {} for request in facts.requests}
        """Of each request, by the identity of the pairs: as of `Partner`, and the others with which they are broken."""
        self.should: dict[str, list[Partner]] = {request: [] for request in facts.requests}
        self._wishes: list[tuple[list[str], Pairs, int]] = []
        self.known = len(self.times.all) <= MOST_TIMES
        self._pairs()

    def _pairs(self) -> None:
        facts = self.facts
        for rule in [*facts.rules(Relation), *facts.wishes(Relation)]:
            of_times = self.known and rule.relation not in (*IN_SPACE, "not_adjacent")
            matrix = broken(self.times.seen_by(facts, rule), rule) if of_times else np.zeros((0, 0), dtype=bool)
            must = rule.strength == "must"
            turned = self._turned(matrix) if of_times else matrix
            weight = rule.weight * facts.problem.policy.wishes.rule_weight
            for group in groups_of(facts, rule):
                if of_times and rule.strength == "should":
                    self._wishes.append(([m.request for m in group if m.spaces is None], matrix, weight))
                for place, a in enumerate(group):
                    for b in group[place + 1 :]:
                        self.near[a.request].add(b.request)
                        self.near[b.request].add(a.request)
                        if of_times and a.spaces is None and b.spaces is None:
                            for one, other, pairs in ((a, b, turned), (b, a, matrix)):
                                if must:
                                    self.must[one.request].setdefault(id(pairs), (pairs, set()))[1].add(other.request)
                                else:
                                    self.should[one.request].append(Partner(other.request, pairs, weight))

    def _turned(self, matrix: Pairs) -> Pairs:
        """The same pairs the other way round, in rows: a row of a view of columns takes ten times as long to read."""
        even = bool((matrix == matrix.T).all())
        return self.times.once(("turned", id(matrix)), lambda: matrix if even else np.ascontiguousarray(matrix.T))

    def at_random(self, asked: Mapping[str, int], seed: int) -> Numbers | None:
        """So many placements of each request, wherever; None where one has fewer."""
        rng, found = random.Random(seed), list[int]()
        for request, count in asked.items():
            there = self.of[request].tolist()
            if len(there) < count:
                return None
            found += rng.sample(there, count)
        return np.array(found, dtype=np.int64)

    @property
    def meets(self) -> Pairs:
        """Whether two times overlap on a date."""
        return self.times.once("meets", lambda: self.times.together & (self.times.between < 0))

    def taken_spaces(self, fixed: Iterable[int]) -> Pairs:
        """For each space and time, whether a placement that stays is in the way: weekly slots and patterns alone.

        Where equal spaces are counted one is in nobody's way, and whether all are taken is left to the model.
        """
        busy = np.zeros((max((max(each, default=0) for each in self.atoms), default=0) + 1, len(self.times.all)), bool)
        for number in fixed:
            if self.series[number] and self.placements[number].rooms == 1:
                for atom in self.atoms[self.space[number]]:
                    busy[atom] |= self.meets[self.time[number]]
        none = np.zeros(len(self.times.all), dtype=bool)
        return np.array([busy[each].any(axis=0) if each else none for each in self.atoms])

    def open(self, requests: Collection[str], stays: Plan) -> dict[str, Numbers]:
        """The placements that requests could still take beside what stays, as far as pairs of times tell."""
        if not self.known:
            return {request: self.of[request] for request in requests}
        shared = bool(self.facts.rules(Sharing))
        busy = None if shared else self.taken_spaces(number for there in stays.values() for number in there)
        found: dict[str, Numbers] = {}
        times = {request: self.time[list(there)].tolist() for request, there in stays.items()}
        for request in requests:
            there = self.of[request]
            if isinstance(self.facts.requests[request].when, Dated):
                found[request] = there
                continue
            bad = np.zeros(len(self.times.all), dtype=bool)
            for pairs, others in self.must[request].values():
                taken = {time for other in others for time in times.get(other, ())}
                bad |= pairs[sorted(taken)].any(axis=0)
            free = ~bad[self.time[there]]
            if busy is not None:
                free &= ~busy[self.space[there], self.time[there]]
            found[request] = there[free]
        return found

    def cheap(self, there: Mapping[str, Numbers], plan: Plan, stays: Plan, most: int) -> dict[str, Numbers]:
        """Those of the open placements with which a plan could cost no more than `most` points.

        Every request in `plan` keeps its number of sessions. What stays costs its points and its broken wishes among
        pairs; each session that is free costs at least the least that any of its placements does.
        """
        if not self.known:
            return dict(there)
        costs = {
            request: self.points[each] + self._broken(request, stays)[self.time[each]]
            for request, each in there.items()
        }
        least = {request: int(each.min()) if len(each) else 0 for request, each in costs.items()}
        spare = most - sum(int(self.points[number]) for each in stays.values() for number in each)
        spare -= self._among(stays)
        for request in there:
            moving = len(plan.get(request, ())) - len(stays.get(request, ()))
            spare -= moving * least[request]
        return {request: each[costs[request] - least[request] <= spare] for request, each in there.items()}

    def _broken(self, request: str, stays: Plan) -> Numbers:
        points = np.zeros(len(self.times.all), dtype=np.int64)
        for partner in self.should[request]:
            for number in stays.get(partner.request, ()):
                points += partner.weight * partner.broken[self.time[number]]
        return points

    def _among(self, stays: Plan) -> int:
        """Points for wishes about pairs of requests that what stays breaks."""
        points = 0
        for requests, matrix, weight in self._wishes:
            there = [(place, self.time[number]) for place, r in enumerate(requests) for number in stays.get(r, ())]
            places, times = np.array([place for place, _ in there]), [time for _, time in there]
            if there:
                earlier = places[:, None] < places[None, :]
                points += weight * int((matrix[np.ix_(times, times)] & earlier).sum())
        return points

    def at_times_of(self, taken: Sequence[int], there: Numbers) -> Numbers:
        """Those of some placements that are at a time of others."""
        return there[np.isin(self.time[there], self.time[list(taken)])]

    def colliding(self, number: int, others: Numbers) -> list[int]:
        """Those of some placements that need a part which this one needs, at times that overlap, as far as is known."""
        there = others[self._shares[self.space[number], self.space[others]]]
        met = there[self.meets[self.time[number], self.time[there]]] if self.known else there
        return [int(each) for each in met]

    @cached_property
    def _shares(self) -> Pairs:
        """Whether two spaces have a part in common."""
        found = np.zeros((len(self.atoms), len(self.atoms)), dtype=bool)
        having: dict[int, list[int]] = {}
        for space, atoms in enumerate(self.atoms):
            for atom in atoms:
                having.setdefault(atom, []).append(space)
        for spaces in having.values():
            found[np.ix_(spaces, spaces)] = True
        return found

    def broken_with(self, request: str, number: int, plan: Plan) -> set[str]:
        """The requests of a plan with which a placement of this one breaks a rule about pairs of times."""
        time = self.time[number]
        return {
            other
            for pairs, others in self.must[request].values()
            for other in others
            if any(pairs[self.time[taken], time] for taken in plan.get(other, ()))
        }

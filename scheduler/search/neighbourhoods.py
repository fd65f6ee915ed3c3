"""Large neighbourhoods: most of a plan stays, a small model finds the best place for the rest, again and again.

Which sessions are set free is drawn in one of several ways (`choosing.KINDS`); what has paid is drawn more often, and
each way sets more free as long as its models are solved at once. Every small model is made by the same postings as the
whole one, so that what it finds holds.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from scheduler.model.build import build
from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Candidates
from scheduler.placements.facts import Facts
from scheduler.search.choosing import KINDS, Choice, Chooser
from scheduler.search.effort import STEP_SECONDS, Effort
from scheduler.search.landscape import Landscape, Numbers, Plan

Goals = Callable[[Variables], Sequence[Goal]]
AT_ONCE = 2
"""Threads: Python makes one small model while the solver, outside of Python, is at another."""
FIRST_SIZE, LEAST_SIZE = 25.0, 5.0
LEARNING = 0.1
LEAST_SHARE = 0.15
"""However little a way has gained lately, it is drawn this often beside the best one: what pays changes."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an earlier goal came to, and the values of the expressions that are held beside it."""

    value: int
    beside: tuple[int, ...]


@dataclass
class _Kind:
    """How one way of choosing has fared: what it gains in a unit of effort, and how many sessions it sets free."""

    rate: float | None = None
    size: float = FIRST_SIZE

    def learn(self, gain: int, effort: float, *, proved: bool) -> None:
        """From one small model: what it gained, and whether it could have been larger."""
        rate = gain / max(effort, 0.01)
        self.rate = rate if self.rate is None else (1 - LEARNING) * self.rate + LEARNING * rate
        if not proved:
            self.size = max(LEAST_SIZE, self.size * 0.93)
        elif effort < STEP_SECONDS / 3:
            self.size *= 1.5 if effort < STEP_SECONDS / 20 else 1.15 if effort < STEP_SECONDS / 8 else 1.05


class Neighbourhoods:
    """The search of one problem, for one goal after another: `held` are the goals before the one that is sought."""

    def __init__(self, facts: Facts, candidates: Candidates, goals: Goals) -> None:
        self.facts = facts
        self.goals = goals
        self.landscape = Landscape(facts, candidates)
        self.held: list[Held] = []
        self.best: Plan = {}
        self.value = 0
        self._lock = threading.Lock()

    def model(self, facts: Facts, opened: Mapping[str, Numbers], stays: Plan) -> Variables:
        """A model in which some placements are taken, others may be, and all further ones are not there."""
        numbers = {int(number) for there in opened.values() for number in there}
        numbers |= {number for there in stays.values() for number in there}
        placements = [self.landscape.placements[number] for number in sorted(numbers)]
        settled = frozenset(self.facts.requests) - frozenset(opened)
        variables = build(facts, Candidates(placements, []), settled=settled)
        for there in stays.values():
            for number in there:
                variables.model.proto.variables[variables.z[number].index].domain[0] = 1
        return variables

    def hold(self, variables: Variables, goals: Sequence[Goal]) -> None:
        """Keep what the goals came to that were sought before."""
        for goal, held in zip(goals, self.held, strict=False):
            if not isinstance(goal.terms, int):
                variables.model.add(goal.terms >= held.value if goal.sense == "max" else goal.terms <= held.value)
            for expression, value in zip(goal.held, held.beside, strict=True):
                if not isinstance(expression, int):
                    variables.model.add(expression == value)

    def improve(self, plan: Plan, value: int, bound: int, effort: Effort, poll: Callable[[int], bool]) -> None:
        """Better the goal after those that are held, from a plan, as long as the effort goes on; see `best`, `value`.

        Args:
            plan: one that holds.
            value: of the goal in this plan.
            bound: of the goal: nothing better is looked for.
            effort: what may be spent; a deterministic one is spent by one thread.
            poll: told the value twenty times a second, in the caller's thread; true ends the search.
        """
        self.best, self.value = plan, value
        kinds = {kind: _Kind() for kind in KINDS}
        errors: list[BaseException] = []

        def work(number: int) -> None:
            rng = random.Random(f"{effort.seed} {number} {len(self.held)}")
            try:
                while not effort.over and self.value != bound:
                    self._step(rng, kinds, effort)
            except BaseException as error:  # whatever it is, it is the caller's
                errors.append(error)
                effort.end()

        threads = [
            threading.Thread(target=work, args=(number,), name=f"neighbourhoods {number}", daemon=True)
            for number in range(1 if effort.deterministic else AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                for thread in threads:
                    thread.join(0.05 / len(threads))
                if poll(self.value):
                    effort.end()
        finally:
            effort.end()
            for thread in threads:
                thread.join()
        if errors:
            raise errors[0]

    def _step(self, rng: random.Random, kinds: Mapping[str, _Kind], effort: Effort) -> None:
        with self._lock:
            plan, value = self.best, self.value
            name = _draw(rng, kinds)
            kind = kinds[name]
        choice = Chooser(self.landscape, plan, rng).choose(name, int(kind.size))
        variables = self.model(self.facts, self._candidates(name, plan, value, choice), choice.stays)
        goals = self.goals(variables)
        self.hold(variables, goals)
        goal = goals[len(self.held)]
        if isinstance(goal.terms, int):  # nothing here has a part in it
            effort.used += 0.01
            return
        (variables.model.maximize if goal.sense == "max" else variables.model.minimize)(goal.terms)
        for there in plan.values():
            for number in there:
                variables.model.add_hint(variables.z[number], True)
        before = effort.spent
        status, solver = effort.solve(variables.model, rng.randrange(2**31))
        gain = 0
        with self._lock:
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                reached = solver.value(goal.terms)
                gain = max(0, reached - self.value if goal.sense == "max" else self.value - reached)
                # An equal plan is another starting point: plateaus are wide.
                if gain or (reached == self.value and plan is self.best):
                    self.best, self.value = taken_in(variables, solver), reached
            spent = effort.spent - before
            kind.learn(gain, spent, proved=status == cp_model.OPTIMAL)

    def _candidates(self, kind: str, plan: Plan, value: int, choice: Choice) -> dict[str, Numbers]:
        """What the requests that are free could take, and in any case what they have."""
        look = self.landscape
        there = look.open(choice.opened, choice.stays)
        if self._is_cost_alone(choice.opened):
            there = look.cheap(there, plan, choice.stays, value)
        if kind == "swap":
            there = {request: look.at_times_of(plan.get(request, ()), each) for request, each in there.items()}
        return {
            request: np.union1d(each, np.array(plan.get(request, ()), dtype=np.int64))
            for request, each in there.items()
        }

    def _is_cost_alone(self, opened: frozenset[str]) -> bool:
        """Whether the goal is what wishes cost, and the requests keep their numbers of sessions whatever happens."""
        number = len(self.held)
        stage = self.facts.once(("stage", number), lambda: self.goals(self.model(self.facts, {}, {}))[number].stage)
        return stage == "wishes" and all(self.facts.is_duty(self.facts.requests[request]) for request in opened)


def _draw(rng: random.Random, kinds: Mapping[str, _Kind]) -> str:
    """One of those that were never tried, else by what they gain."""
    fresh = [name for name, kind in kinds.items() if kind.rate is None]
    if fresh:
        return rng.choice(fresh)
    rates = [kind.rate or 0.0 for kind in kinds.values()]
    floor = LEAST_SHARE * max(rates) or 1.0
    return rng.choices(list(kinds), [max(floor, rate) for rate in rates])[0]


def taken_in(variables: Variables, solver: cp_model.CpSolver) -> Plan:
    """The plan of a solution."""
    plan: dict[str, tuple[int, ...]] = {}
    for placement in variables.candidates.placements:
        if solver.boolean_value(variables.z[placement.index]):
            plan[placement.request.id] = (*plan.get(placement.request.id, ()), placement.index)
    return plan

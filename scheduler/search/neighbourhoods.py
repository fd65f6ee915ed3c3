"""Large neighbourhoods: most of a plan stays, a small model finds the best place for the rest, again and again.

Which sessions are set free is drawn in one of several ways (`choosing.KINDS`); what has paid is drawn more often, and
each way sets more free as long as its models are solved at once. A small model is cut out of the whole one (`slices`);
where there is none, it is made by the same postings. Either way what it finds holds.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

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
from scheduler.search.slices import Objective, Slices
from scheduler.search.threads import in_threads

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

    def learn(self, gain: int, effort: float, *, proved: bool, most: int) -> None:
        """From one small model: what it gained, and whether it could have been larger, of `most` sessions at all."""
        rate = gain / max(effort, 0.01)
        self.rate = rate if self.rate is None else (1 - LEARNING) * self.rate + LEARNING * rate
        if not proved:
            self.size = max(LEAST_SIZE, self.size * 0.93)
        elif effort < STEP_SECONDS / 2:
            more = 1.5 if effort < STEP_SECONDS / 20 else 1.25 if effort < STEP_SECONDS / 5 else 1.1
            self.size = min(self.size * more, max(FIRST_SIZE, most))


@dataclass(frozen=True, slots=True)
class Whole:
    """The model of the whole problem, out of which small ones are cut, a solution of it, and the goal."""

    slices: Slices
    variables: Mapping[int, int]
    """Of each placement, the variable."""
    placements: Mapping[int, int]
    """Of each such variable, the placement."""
    solution: Numbers
    objective: Objective


@dataclass(frozen=True, slots=True)
class _Small:
    """A small model, and how the plan of one of its solutions and the value of its goal are read."""

    model: cp_model.CpModel
    read: Callable[[cp_model.CpSolver], tuple[Plan, int, Numbers | None]]


class Neighbourhoods:
    """The search of one problem, for one goal after another: `held` are the goals before the one that is sought."""

    def __init__(self, facts: Facts, candidates: Candidates, goals: Goals) -> None:
        self.facts = facts
        self.goals = goals
        self.landscape = Landscape(facts, candidates)
        self.held: list[Held] = []
        self.best: Plan = {}
        self.value = 0
        self.sense = "min"
        self.whole: Whole | None = None
        self._lock = threading.Lock()
        self._sought = -1
        self._kinds: dict[str, _Kind] = {}
        """How each way has fared with the goal that is sought, also before somebody else was at it."""

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

    def improve(
        self,
        plan: Plan,
        value: int,
        bound: int,
        effort: Effort,
        poll: Callable[[int], bool],
        *,
        whole: Whole | None = None,
    ) -> None:
        """Better the goal after those that are held, from a plan, as long as the effort goes on.

        What it comes to is in `best`, `value` and, where there is a whole model, in `whole`.

        Args:
            plan: one that holds.
            value: of the goal in this plan.
            bound: of the goal: nothing better is looked for.
            effort: what may be spent; a deterministic one is spent by one thread.
            poll: told the value twenty times a second, in the caller's thread; true ends the search.
            whole: the model of the whole problem, where there is one, with a solution that has this plan.
        """
        self.best, self.value, self.whole = plan, value, whole
        if self._sought != len(self.held):
            self._sought, self._kinds = len(self.held), {kind: _Kind() for kind in KINDS}
        kinds = self._kinds

        def work(number: int) -> None:
            rng = random.Random(f"{effort.seed} {number} {len(self.held)}")
            while not effort.over and self.value != bound:
                self._step(rng, kinds, effort)

        count = 1 if effort.deterministic else AT_ONCE
        in_threads("neighbourhoods", count, work, effort.end, lambda: poll(self.value))

    def _step(self, rng: random.Random, kinds: Mapping[str, _Kind], effort: Effort) -> None:
        with self._lock:
            plan, value, whole = self.best, self.value, self.whole
            name = _draw(rng, kinds)
            kind = kinds[name]
        chooser, size = Chooser(self.landscape, plan, rng), int(kind.size)
        broken = self._broken(whole, rng, size) if whole is not None and name == "broken" else []
        choice = chooser.around(broken, size) if broken else chooser.choose(name, size)
        there = self._candidates(name, plan, value, choice)
        small = self._posted(there, choice, plan) if whole is None else self._cut(there, choice, plan, whole)
        if small is None:  # nothing here has a part in the goal: more is to be set free
            effort.used += 0.01
            with self._lock:
                kind.learn(0, 0.01, proved=True, most=sum(map(len, plan.values())))
            return
        before = effort.spent
        status, solver = effort.solve(small.model, rng.randrange(2**31))
        gain = 0
        found = small.read(solver) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
        with self._lock:
            if found is not None:
                best, reached, solution = found
                gain = max(0, self._by(reached))
                # An equal plan is another starting point: plateaus are wide.
                if gain or (reached == self.value and plan is self.best):
                    self.best, self.value = best, reached
                    if whole is not None and solution is not None:
                        self.whole = replace(whole, solution=solution)
            kind.learn(
                gain, effort.spent - before, proved=status == cp_model.OPTIMAL, most=sum(map(len, plan.values()))
            )

    def _broken(self, whole: Whole, rng: random.Random, size: int) -> list[str]:
        """Requests whose sessions break some of the rules that should hold, drawn by what these cost."""
        if whole.objective.sense != "min":
            return []
        variables, costs = whole.slices.costing(whole.solution, whole.objective)
        if not len(variables):
            return []
        drawn = rng.choices(variables.tolist(), costs.tolist(), k=max(1, size // 15))
        found: dict[str, None] = {}
        for variable in dict.fromkeys(drawn):
            behind = whole.slices.behind(variable)
            for taken in behind[whole.solution[behind] == 1].tolist():
                found[self.landscape.placements[whole.placements[taken]].request.id] = None
        requests = list(found)
        rng.shuffle(requests)
        return requests

    def _by(self, reached: int) -> int:
        """How much better a value is than what there is."""
        return reached - self.value if self.sense == "max" else self.value - reached

    def _cut(self, there: Mapping[str, Numbers], choice: Choice, plan: Plan, whole: Whole) -> _Small | None:
        stays = {number for each in choice.stays.values() for number in each}
        free = [int(n) for each in there.values() for n in each if n not in stays]
        if not free:
            return None
        chosen = np.array([whole.variables[number] for number in free], dtype=np.int64)
        piece = whole.slices.cut(chosen, whole.solution, whole.objective)
        if not len(piece.sought):
            return None
        self.sense = whole.objective.sense

        def read(solver: cp_model.CpSolver) -> tuple[Plan, int, Numbers | None]:
            solution = piece.whole(whole.solution, solver.response_proto.solution)
            taken: dict[str, tuple[int, ...]] = {r: each for r, each in plan.items() if r not in there}
            for request, each in there.items():
                at = [int(n) for n in each if solution[whole.variables[int(n)]]]
                if at:
                    taken[request] = tuple(at)
            return taken, whole.objective.value(solution), solution

        return _Small(piece.model, read)

    def _posted(self, there: Mapping[str, Numbers], choice: Choice, plan: Plan) -> _Small | None:
        variables = self.model(self.facts, there, choice.stays)
        goals = self.goals(variables)
        self.hold(variables, goals)
        goal = goals[len(self.held)]
        if isinstance(goal.terms, int):
            return None
        self.sense = goal.sense
        (variables.model.maximize if goal.sense == "max" else variables.model.minimize)(goal.terms)
        for each in plan.values():
            for number in each:
                variables.model.add_hint(variables.z[number], True)
        return _Small(variables.model, lambda solver: (taken_in(variables, solver), solver.value(goal.terms), None))

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

"""What each rule cost in a timetable: whether it bound, and what would be had without it.

A rule whose removal leaves the model as it is bound nobody. For any other the problem is solved without it, and what
comes of it is compared with the timetable found, stage by stage, both counted as without the rule. The lot is
nobody's loss: it is not compared, and where it decides who of several bodies gets how many sessions, that is left as
it is in the timetable found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.constraints.rights import DateLoss
from scheduler.constraints.terms import ConstraintBase
from scheduler.effects import RuleCost, StageDifference, Told
from scheduler.explain.dead import allowed, without_rules
from scheduler.model.build import build, candidates_of
from scheduler.model.objective import Goal, goals, key_of
from scheduler.model.variables import Variables
from scheduler.placements.facts import Facts
from scheduler.problem import Problem
from scheduler.search.results import Limits, NoSolutionError, OutOfTimeError, Progress, Reached, Report
from scheduler.search.stages import run
from scheduler.timetable import Kept, Timetable
from scheduler.verify.core import examine
from scheduler.verify.score import stage_values
from scheduler.verify.wall import DAY, clock
from scheduler.verify.world import World

WORKERS = 8
"""Threads of a search under the wall clock, as in `scheduler.solve`."""
Values = dict[tuple[str, str | None], int]
"""(stage, class) -> what it comes to."""


def rule_costs(
    problem: Problem,
    timetable: Timetable,
    *,
    kept: Kept | None = None,
    time_limit: float = 60.0,
    progress: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[RuleCost, ...]:
    """What each rule of a problem cost in its timetable, in the order of the problem.

    Args:
        problem: the one that was solved.
        timetable: what came of it. Where it is not proved best, better may be had with the rule as well: then no cost
            is told of a rule, only that nothing is proved (`not_proved`).
        kept: what it keeps to, where it names anything; without that nothing is proved either.
        time_limit: seconds for all rules together; those that are not reached are `not_examined`.
        progress: called as it goes on, with the rule as the stage.
        stop: asked often; once true the rest is left.
    """
    began = time.monotonic()
    seen = allowed(problem)
    telling = _Telling(problem, timetable, kept)
    waiting: list[ConstraintBase] = []
    found: dict[str, RuleCost] = {}

    def left() -> float:
        return time_limit - (time.monotonic() - began)

    def over() -> bool:
        return left() <= 0 or (stop is not None and stop())

    for rule in problem.constraints:
        if isinstance(rule, DateLoss):
            found[rule.id] = telling.of(rule, False, "only_permits")
        elif over():
            found[rule.id] = telling.of(rule, None, "not_examined")
        elif allowed(without_rules(problem, [rule.id])) == seen:
            found[rule.id] = telling.of(rule, False, "changes_nothing")
        else:
            waiting.append(rule)
    for number, rule in enumerate(waiting):
        if progress is not None:
            progress(Progress("rules", rule.id, number, len(waiting), None, None, None, time_limit - left()))
        if over():
            found[rule.id] = telling.of(rule, None, "not_examined")
        else:
            # What one rule leaves unused is for those after it.
            found[rule.id] = telling.solved(rule, left() / (len(waiting) - number), stop)
    return tuple(found[rule.id] for rule in problem.constraints)


class _Telling:
    """One problem and its timetable, against which each rule is told."""

    def __init__(self, problem: Problem, timetable: Timetable, kept: Kept | None) -> None:
        self.problem = problem
        self.timetable = timetable
        given = tuple(each.fingerprint() if each is not None else None for each in kept or (None, None))
        known = given == (timetable.previous, timetable.released)
        self.kept = kept if known else None
        self.names = problem.names()
        self.best = timetable.status == "optimal" and known

    def of(
        self, rule: ConstraintBase, bound: bool | None, told: Told, differences: Sequence[StageDifference] = ()
    ) -> RuleCost:
        fallen = sum(missing.kind == "fallen" and missing.constraint == rule.id for missing in self.timetable.missing)
        return RuleCost(
            rule=rule.id,
            kind=rule.kind,
            sentence=rule.sentence(self.names),
            bound=bound,
            told=told,
            fallen_dates=fallen,
            differences=tuple(differences),
        )

    def solved(self, rule: ConstraintBase, seconds: float, stop: Callable[[], bool] | None) -> RuleCost:
        """A rule, by solving without it."""
        trial = _Trial(without_rules(self.problem, [rule.id]), self.timetable, self.kept)
        if trial.nothing_to_gain():
            return self.of(rule, False, "nothing_to_gain")
        try:
            differences, proved = trial.differences(seconds, stop)
        except NoSolutionError:  # a sharing rule, say, without which what is shared cannot be
            return self.of(rule, False, "only_permits")
        except OutOfTimeError:
            return self.of(rule, None, "not_examined")
        better = bool(differences) and _is_better(differences[0])
        if not self.best or not (better or proved):
            return self.of(rule, None, "not_proved", differences if better else ())
        return self.of(rule, better, "solved", differences if better else ())


def _is_better(difference: StageDifference) -> bool:
    gain = difference.without - difference.value
    return gain > 0 if difference.sense == "max" else gain < 0


@dataclass
class _Trial:
    """A problem without one of its rules, and the timetable that was found with it."""

    problem: Problem
    timetable: Timetable
    kept: Kept | None

    def __post_init__(self) -> None:
        facts = Facts(self.problem)
        self.variables: Variables = build(facts, candidates_of(facts))
        held = {key_of(session) for session in self.timetable.sessions}
        self.taken = {p.index for p in self.variables.candidates.placements if p.key in held}
        for index, literal in self.variables.z.items():
            self.variables.model.add_hint(literal, index in self.taken)
        asked = goals(self.variables, self.timetable.seed, self.kept)
        self.goals = [goal for goal in asked if goal.stage != "lot"]
        self.values = self._values()

    def _values(self) -> Values:
        """What the timetable found comes to without the rule, as the verifier counts."""
        late = {(s.request, s.number): clock(s.starts) >= DAY for s in self.timetable.sessions}
        plan, _ = examine(World(self.problem), self.timetable.bookings, late)
        return {(each.stage, each.of): each.value for each in stage_values(plan, self.timetable.seed, *self.kept or ())}

    def nothing_to_gain(self) -> bool:
        """Whether every stage is as good as it could ever be."""
        return all(
            self._value(goal) >= goal.limit if goal.sense == "max" else self._value(goal) <= goal.limit
            for goal in self.goals
            if goal.reported
        )

    def _value(self, goal: Goal) -> int:
        return self.values[goal.stage, goal.of]

    def differences(self, seconds: float, stop: Callable[[], bool] | None) -> tuple[list[StageDifference], bool]:
        """The stages that differ from the first such on, and whether everything as far as that is proved."""
        began = time.monotonic()
        proved = True
        for part in self._parts():
            left = max(0.1, seconds - (time.monotonic() - began))
            limits = Limits(left, deterministic=False, workers=WORKERS, seed=self.timetable.seed)
            reached = run(self.variables, part, limits, None, stop).reached
            proved = proved and all(each.value == each.bound for each in reached)
            if found := list(self._different(reached)):
                return found, proved
        return [], proved

    def _parts(self) -> Iterator[list[Goal]]:
        """The goals as far as a lot decides among bodies, and those after it, with its decision held as it was."""
        part: list[Goal] = []
        for goal in self.goals:
            if goal.reported:
                part.append(goal)
                continue
            if part:
                yield part
            part = []
            for expression in goal.held:
                if isinstance(expression, cp_model.LinearExpr):
                    self.variables.model.add(expression == self._before(expression))
        if part:
            yield part

    def _before(self, expression: cp_model.LinearExpr) -> int:
        """The value of a sum over placements in the timetable found."""
        flat = cp_model.FlatIntExpr(expression)
        there = {self.variables.z[index].index for index in self.taken}
        pairs = zip(flat.vars, flat.coeffs, strict=True)
        return flat.offset + sum(coefficient for variable, coefficient in pairs if variable.index in there)

    def _different(self, reached: Sequence[Reached]) -> Iterator[StageDifference]:
        for each in reached:
            if each.value != self._value(each.goal):
                yield StageDifference(
                    stage=each.goal.stage,
                    of=each.goal.of,
                    sense=each.goal.sense,
                    unit=each.goal.unit,
                    value=self._value(each.goal),
                    without=each.value,
                    proved=each.value == each.bound,
                )

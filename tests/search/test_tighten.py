"""What rules that should hold cost is told as the choices are, not as the solver happened to leave its auxiliaries."""

from __future__ import annotations

from ortools.sat.python.cp_model import OPTIMAL, CpSolver

from scheduler.constraints.relations import Relation
from scheduler.model.build import build, candidates_of
from scheduler.model.objective import goals
from scheduler.placements.facts import Facts
from scheduler.search.goal import GoalSearch
from scheduler.search.results import Limits, Reached
from tests.factories import problem, series, space


def test_an_auxiliary_that_is_too_high_is_brought_down() -> None:
    rule = Relation(id="r", source="x", relation="same_days", strength="should", weight=7)
    asks = [series("R1", "MO 19:00-20:30!"), series("R2", "MO 19:00-20:30!;TU 19:00-20:30!", spaces=("S2",))]
    facts = Facts(problem(asks, [rule], [space(), space("S2")]))
    variables = build(facts, candidates_of(facts))
    wishes = next(goal for goal in goals(variables, 1) if goal.stage == "wishes")
    worst, solver = variables.model.clone(), CpSolver()
    worst.add(variables.z[0] == 0)
    worst.maximize(wishes.terms)
    assert solver.solve(worst) == OPTIMAL
    search = GoalSearch(variables.model, (), Limits(budget=5, deterministic=True, workers=1, seed=1), None, None)
    search.solution = list(solver.response_proto.solution)
    assert search.value(wishes.terms) == 7
    search.tighten(variables, [Reached(wishes, 7, 0)])
    assert search.value(wishes.terms) == 0
    assert [search.value(z) for z in variables.z.values()] == [solver.value(z) for z in variables.z.values()]
    assert {tuple(variables.model.proto.variables[z.index].domain) for z in variables.z.values()} == {(0, 1)}

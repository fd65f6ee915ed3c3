"""The whole model of a problem with the best solution of it so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ortools.sat.python import cp_model

from scheduler.model.objective import Goal
from scheduler.model.variables import Variables
from scheduler.search.results import OutOfTimeError, Reached


class Incumbent:
    """A model, to which rows may be added as long as the solution holds in them, and its best solution, if any."""

    def __init__(self, model: cp_model.CpModel) -> None:
        self.model = model
        self.solution: list[int] | None = None

    def value(self, expression: cp_model.LinearExprT) -> int:
        """The value of an expression in the best solution so far."""
        if self.solution is None:
            raise OutOfTimeError
        if isinstance(expression, cp_model.IntVar):
            return self._literal(expression.index)
        if not isinstance(expression, cp_model.LinearExpr):
            return int(expression)
        flat = cp_model.FlatIntExpr(expression)
        return flat.offset + sum(
            coefficient * self._literal(variable.index)
            for variable, coefficient in zip(flat.vars, flat.coeffs, strict=True)
        )

    def _literal(self, index: int) -> int:
        solution = self.solution or []
        return solution[index] if index >= 0 else 1 - solution[-index - 1]

    def begin(self, variables: Variables, taken: frozenset[int], goal: Goal) -> None:
        """Start from a solution of which the placements are known, and in the rest of which a goal is best."""
        self.settle(goal.terms, goal.sense, [(z, int(index in taken)) for index, z in variables.z.items()])
        if self.solution is None:
            raise RuntimeError("a plan that was found does not hold in the model that it is brought into")

    @contextmanager
    def fixed(self, values: Sequence[tuple[int, int]]) -> Iterator[None]:
        """Variables, by number, held at values while this lasts, in the model itself: it is not to be copied."""
        domains = [self.model.proto.variables[number].domain for number, _ in values]
        before = [(domain[0], domain[1]) for domain in domains]
        try:
            for domain, (_, value) in zip(domains, values, strict=True):
                domain[0] = domain[1] = value
            yield
        finally:
            for domain, (least, most) in zip(domains, before, strict=True):
                domain[0], domain[1] = least, most

    def settle(self, terms: cp_model.LinearExprT, sense: str, values: Sequence[tuple[cp_model.BoolVarT, int]]) -> None:
        """Find the best solution in which some literals have these values.

        They are held by their domains, for this one solve, in the model itself: a large one is not to be copied.
        """
        self.model.clear_objective()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        (self.model.maximize if sense == "max" else self.model.minimize)(terms)
        self.model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False
        solver.parameters.max_deterministic_time = 10.0
        for literal, value in values:
            self._set_domain(literal, value, value)
        try:
            status = solver.solve(self.model)
        finally:
            for literal, _ in values:
                self._set_domain(literal, 0, 1)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.solution = list(solver.response_proto.solution)

    def tighten(self, variables: Variables, reached: Sequence[Reached]) -> None:
        """What rules that should hold cost, for the choices as they are, where time ran out before a proof.

        Their auxiliary literals are bounded from below alone, and a solution that is not proved best may have some of
        them higher than they need be: the value would not be that of the bookings.
        """
        wishes = next((each.goal for each in reached if each.goal.stage == "wishes"), None)
        if wishes is None or isinstance(wishes.terms, int):
            return
        choices = [*variables.z.values(), *variables.here.values(), *variables.lost.values()]
        self.settle(wishes.terms, wishes.sense, [(literal, self.value(literal)) for literal in choices])

    def _set_domain(self, literal: cp_model.BoolVarT, least: int, most: int) -> None:
        domain = self.model.proto.variables[literal.index].domain
        domain[0], domain[1] = least, most

    def hint(self) -> None:
        """Let the solver begin from the best solution."""
        if self.solution is not None:
            self.model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools left it untyped
            for index, value in enumerate(self.solution):
                self.model.add_hint(self.model.get_int_var_from_proto_index(index), value)

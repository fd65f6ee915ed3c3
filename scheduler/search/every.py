"""Every solution of a tiny model, for tests."""

from __future__ import annotations

from collections.abc import Iterator

from ortools.sat.python import cp_model

from scheduler.model.variables import Variables


def all_solutions(variables: Variables) -> Iterator[tuple[frozenset[int], frozenset[tuple[int, int]]]]:
    """Every solution of a tiny model: (placements taken, occurrences that do not take place). For tests.

    Each is forbidden once it is found, with all that is auxiliary in it: rules with many auxiliary literals would
    have thousands of solutions that differ in these alone.
    """
    model = variables.model.clone()
    chosen = [*variables.z, *variables.here]
    literals = [
        model.get_bool_var_from_proto_index(literal.index)
        for literal in (*variables.z.values(), *variables.here.values())
    ]
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.cp_model_presolve = False
    while (status := solver.solve(model)) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        values = [solver.boolean_value(literal) for literal in literals]
        taken = frozenset(key for key, value in zip(chosen, values, strict=True) if value and isinstance(key, int))
        gone = {key for key, value in zip(chosen, values, strict=True) if not value and isinstance(key, tuple)}
        yield taken, frozenset(key for key in gone if key[0] in taken)
        model.add_bool_or(~literal if value else literal for literal, value in zip(literals, values, strict=True))
    if status != cp_model.INFEASIBLE:
        raise RuntimeError(f"the enumeration ended with {solver.status_name(status)}")

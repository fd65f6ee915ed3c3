"""How CP-SAT is told: variables, one posting per rule family, the stages of the objective, reading the solution."""

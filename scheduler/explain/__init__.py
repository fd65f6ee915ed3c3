"""Why not; what a rule would do before it takes force, and what it cost afterwards."""

from scheduler.explain.costs import rule_costs
from scheduler.explain.effects import check_rules

__all__ = ["check_rules", "rule_costs"]

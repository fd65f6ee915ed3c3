"""Why not; what a rule would do before it takes force, whether it may, and what it cost afterwards."""

from scheduler.explain.costs import rule_costs
from scheduler.explain.effects import check_rules
from scheduler.explain.verdict import judge_rules

__all__ = ["check_rules", "judge_rules", "rule_costs"]

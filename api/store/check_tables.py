"""The table of checks of rules; the others are in `api.store.tables`."""

from __future__ import annotations

import sqlalchemy as sa

from api.store.rule_tables import metadata
from api.store.tables import Instant, community_id

__all__ = ["metadata", "rule_check"]

rule_check = sa.Table(
    "rule_check",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    community_id(),
    sa.Column("problem", sa.String(64), sa.ForeignKey("problem.fingerprint"), nullable=False, comment="as it is now"),
    sa.Column("proposal", sa.String(64), sa.ForeignKey("proposal.id"), comment="whose plan is in force; none: no plan"),
    sa.Column("asks", sa.String(20), nullable=False, comment="what is asked of the rules: what they do, cost, break"),
    sa.Column("rules", sa.Text, nullable=False, comment="JSON list of the rules that are asked about"),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("progress", sa.Text, nullable=False, default="", comment="JSON: how far it is"),
    sa.Column("outcome", sa.Text, comment="JSON: the effects, or why there are none"),
    sa.Column("created", Instant, nullable=False),
    sa.Column("finished", Instant),
    sa.Column("worker", sa.String(64), comment="who has it, or had it last"),
    sa.Column("handed", sa.Integer, nullable=False, server_default="0", comment="how often it went back to the queue"),
    sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
    sa.CheckConstraint("asks IN ('effects', 'costs', 'contradiction')", name="asks"),
    sa.Index(None, "state", "created"),
    sa.Index(None, "problem"),
    comment="What rules would do, have cost, or contradict: asked for, and answered by a worker.",
)

"""The tables of rules and of what is told of them; the others are in `api.store.tables`."""

from __future__ import annotations

import sqlalchemy as sa

from api.store.tables import Instant, community_id, metadata

__all__ = ["change", "constraint_version", "metadata", "webhook", "webhook_delivery"]

constraint_version = sa.Table(
    "constraint_version",
    metadata,
    community_id(),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="from 1; the last one tells where the rule stands"),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("external_ref", sa.Text, comment="the owner's own code"),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("safety", sa.Boolean, nullable=False, comment="a closure that acted at once, whatever it displaced"),
    sa.Column("withdraws", sa.Boolean, nullable=False, comment="submitted: what waits is that the rule goes"),
    sa.Column("why", sa.Text, nullable=False, comment="JSON list: what it would displace, so that it waits"),
    sa.Column("deadline", Instant, comment="submitted: the manager decides until then"),
    sa.Column("in_force_from_release", sa.Integer, comment="number of the first release that obeys it"),
    sa.PrimaryKeyConstraint("community", "id", "version"),
    sa.CheckConstraint(
        "state IN ('draft', 'checked', 'submitted', 'accepted', 'in_force', 'rejected', 'withdrawn')", name="state"
    ),
    sa.CheckConstraint("version >= 1", name="versions_from_one"),
    sa.Index(None, "owner"),
    comment="Every version of every rule, also of those that are gone. Append-only.",
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True, comment="the cursor: later changes have larger"),
    sa.Column("at", Instant, nullable=False),
    community_id(),
    sa.Column("owner", sa.String(64), nullable=False, comment="whose rule; empty: of the whole community"),
    sa.Column("kind", sa.String(20), nullable=False, comment="constraint, release"),
    sa.Column("subject", sa.String(64), nullable=False, comment="id of the rule, number of the release"),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index(None, "owner"),
    comment="What operators' programs are told, in the order in which it came to hold. Append-only.",
    sqlite_autoincrement=True,
)

webhook = sa.Table(
    "webhook",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, comment="whose changes are told; empty: all"),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.String(100), nullable=False, comment="what is told is signed with it, so it is kept"),
    sa.Column("cursor", sa.Integer, nullable=False, comment="changes up to here have their deliveries"),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("stopped_at", Instant),
    comment="Where operators' programs want to be told of changes.",
)

webhook_delivery = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("webhook", sa.String(64), sa.ForeignKey("webhook.id"), nullable=False),
    sa.Column("change", sa.Integer, sa.ForeignKey("change.id"), nullable=False),
    sa.Column("state", sa.String(9), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Instant, nullable=False, comment="not tried before"),
    sa.Column("told", sa.Text, nullable=False, comment="what the last attempt came to"),
    sa.Column("finished_at", Instant),
    sa.UniqueConstraint("webhook", "change"),
    sa.CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="state"),
    sa.Index(None, "state", "next_at"),
    comment="One change for one webhook: tried until it is taken, or given up as a dead letter.",
    sqlite_autoincrement=True,
)

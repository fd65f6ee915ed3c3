"""Every version of a rule is kept: who wrote it, when, why, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What is a rule already has one version. A release that is in force was made under it, as far as anybody can tell.
SEED = """
    INSERT INTO constraint_version (community, id, version, state, document, owner, external_ref, author, reason, at,
        safety, withdraws, why, deadline, in_force_from_release)
    SELECT e.community, e.id, 1, CASE WHEN c.in_force > 0 THEN 'in_force' ELSE 'accepted' END, e.document, e.owner,
        e.external_ref, '', '', e.modified, {no}, {no}, '[]', NULL, CASE WHEN c.in_force > 0 THEN c.in_force END
    FROM entity e JOIN community c ON c.id = e.community WHERE e.kind = 'constraint'
"""


def upgrade() -> None:
    op.create_table(
        "constraint_version",
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="from 1; the last one tells where the rule stands"),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=True, comment="the owner's own code"),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "safety", sa.Boolean(), nullable=False, comment="a closure that acted at once, whatever it displaced"
        ),
        sa.Column("withdraws", sa.Boolean(), nullable=False, comment="submitted: what waits is that the rule goes"),
        sa.Column("why", sa.Text(), nullable=False, comment="JSON list: what it would displace, so that it waits"),
        sa.Column(
            "deadline", sa.DateTime(timezone=True), nullable=True, comment="submitted: the manager decides until then"
        ),
        sa.Column(
            "in_force_from_release", sa.Integer(), nullable=True, comment="number of the first release that obeys it"
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'checked', 'submitted', 'accepted', 'in_force', 'rejected', 'withdrawn')",
            name=op.f("ck_constraint_version_state"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_constraint_version_versions_from_one")),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_constraint_version_community")),
        sa.PrimaryKeyConstraint("community", "id", "version", name=op.f("pk_constraint_version")),
        comment="Every version of every rule, also of those that are gone. Append-only.",
    )
    op.create_index(op.f("ix_constraint_version_owner"), "constraint_version", ["owner"])
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(SEED.format(no="false" if postgresql else "0"))
    if postgresql:
        op.execute(
            "CREATE TRIGGER constraint_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON constraint_version "
            "FOR EACH STATEMENT EXECUTE FUNCTION gongshi_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER constraint_version_no_{verb.lower()} BEFORE {verb} ON constraint_version "
            "BEGIN SELECT RAISE(ABORT, 'gongshi: append_only constraint_version'); END"
        )


def downgrade() -> None:
    # The rules that hold are parts of their problems, and stay; only how they came to be is given up.
    op.drop_table("constraint_version")

"""People sign in, have roles, and keys have scopes, an end and a successor. Owners' keys become keys of operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _keys()
    op.execute(
        "INSERT INTO api_key (id, name, prefix, hash, role, subject, communities, caller, created, revoked_at) "
        "SELECT id, '', 'gsk_', hash, 'operator', owner, communities, caller, created, revoked_at FROM owner_key"
    )
    op.drop_table("owner_key")


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False, comment="with which one signs in"),
        sa.Column("email", sa.String(length=254), nullable=True, comment="where one-time codes go, if anywhere"),
        sa.Column("password", sa.Text(), nullable=True, comment="Argon2 hash; none: no sign-in by password"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False, comment="sessions that carry another number are over"),
        sa.Column("created", AT, nullable=False),
        sa.Column("erased_at", AT, nullable=True, comment=ERASED),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
        comment="People with an account. Residents need none.",
    )
    op.create_table(
        "person_grant",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False, comment="empty: all"),
        sa.Column("site", sa.String(length=64), nullable=False, comment="empty: the whole community"),
        sa.Column("subject", sa.String(length=64), nullable=False, comment=SUBJECT),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("created", AT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_person_grant_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_grant")),
        sa.UniqueConstraint(
            "person", "role", "community", "site", "subject",
            name=op.f("uq_person_grant_person_role_community_site_subject"),
        ),
        comment="Who is what, where.",
    )  # fmt: skip
    op.create_table(
        "person_applicant",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("applicant", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_person_applicant_person")),
        sa.PrimaryKeyConstraint("person", "community", "applicant", name=op.f("pk_person_applicant")),
        comment="Applicants that a person belongs to: where these apply, the person does not decide alone.",
    )
    op.create_table(
        "sign_in_failure",
        sa.Column(
            "subject", sa.String(length=80), nullable=False, comment="hash of the name that was tried, or the address"
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failure")),
        comment="Sign-ins that failed lately, so that guessing is slow.",
    )


def _keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False, comment="what it is for"),
        sa.Column("prefix", sa.String(length=20), nullable=False, comment="how the key begins, to tell keys apart"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="SHA-256 of the key, which is not kept"),
        sa.Column(
            "former_hash", sa.String(length=64), nullable=True, comment="of the secret before, while it is still good"
        ),
        sa.Column("former_until", AT, nullable=True),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column(
            "subject", sa.String(length=64), nullable=False, comment="an operator's owner, a delegate's applicant"
        ),
        sa.Column("communities", sa.Text(), nullable=True, comment="JSON list: those that it is for; none: all"),
        sa.Column("scopes", sa.Text(), nullable=True, comment=SCOPES),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("created", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=True),
        sa.Column("last_used_at", AT, nullable=True, comment="to the minute"),
        sa.Column("revoked_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_key_hash")),
        sa.UniqueConstraint("former_hash", name=op.f("uq_api_key_former_hash")),
        comment="Keys with which programs call the API.",
    )
    op.create_index(op.f("ix_api_key_role_subject"), "api_key", ["role", "subject"])


def downgrade() -> None:
    op.create_table(
        "owner_key",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="SHA-256 of the key, which is not kept"),
        sa.Column("communities", sa.Text(), nullable=False, comment="JSON list: those that it may write to"),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("created", AT, nullable=False),
        sa.Column("revoked_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_owner_key_hash")),
        comment="Keys with which operators' programs write for an owner.",
    )
    # Only what the older form can say: the others would open more there than they do here.
    op.execute(
        "INSERT INTO owner_key (id, owner, hash, communities, caller, created, revoked_at) "
        "SELECT id, subject, hash, communities, caller, created, revoked_at FROM api_key "
        "WHERE role = 'operator' AND communities IS NOT NULL AND scopes IS NULL AND expires_at IS NULL"
    )
    for table in ("api_key", "sign_in_failure", "person_applicant", "person_grant", "person"):
        op.drop_table(table)


ERASED = "name, address and password were taken out; the id stays in the log"
SCOPES = "JSON list of permissions: no more than these; none: all of the role"
SUBJECT = "a delegate's applicant, an operator's owner"

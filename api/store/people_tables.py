"""The tables of people, what they may do, and keys; the others are in `api.store.tables`."""

from __future__ import annotations

import sqlalchemy as sa

from api.store.check_tables import metadata
from api.store.tables import Instant

__all__ = ["api_key", "metadata", "one_time_code", "person", "person_applicant", "person_grant", "sign_in_failure"]

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, unique=True, comment="with which one signs in"),
    sa.Column("email", sa.String(254), comment="where one-time codes go, if anywhere"),
    sa.Column("password", sa.Text, comment="Argon2 hash; none: no sign-in by password"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("session", sa.Integer, nullable=False, comment="sessions that carry another number are over"),
    sa.Column("created", Instant, nullable=False),
    sa.Column("erased_at", Instant, comment="name, address and password were taken out; the id stays in the log"),
    comment="People with an account. Residents need none.",
)

person_grant = sa.Table(
    "person_grant",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("person", sa.String(40), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("role", sa.String(30), nullable=False),
    sa.Column("community", sa.String(40), nullable=False, comment="empty: all"),
    sa.Column("site", sa.String(64), nullable=False, comment="empty: the whole community"),
    sa.Column("subject", sa.String(64), nullable=False, comment="a delegate's applicant, an operator's owner"),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.UniqueConstraint("person", "role", "community", "site", "subject"),
    comment="Who is what, where.",
)

person_applicant = sa.Table(
    "person_applicant",
    metadata,
    sa.Column("person", sa.String(40), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("community", sa.String(40), nullable=False),
    sa.Column("applicant", sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint("person", "community", "applicant"),
    comment="Applicants that a person belongs to: where these apply, the person does not decide alone.",
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, comment="what it is for"),
    sa.Column("prefix", sa.String(20), nullable=False, comment="how the key begins, to tell keys apart"),
    sa.Column("hash", sa.String(64), nullable=False, unique=True, comment="SHA-256 of the key, which is not kept"),
    sa.Column("former_hash", sa.String(64), unique=True, comment="of the secret before, while it is still good"),
    sa.Column("former_until", Instant),
    sa.Column("role", sa.String(30), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False, comment="an operator's owner, a delegate's applicant"),
    sa.Column("communities", sa.Text, comment="JSON list: those that it is for; none: all"),
    sa.Column("scopes", sa.Text, comment="JSON list of permissions: no more than these; none: all of the role"),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("last_used_at", Instant, comment="to the minute"),
    sa.Column("revoked_at", Instant),
    sa.Index(None, "role", "subject"),
    comment="Keys with which programs call the API.",
)

sign_in_failure = sa.Table(
    "sign_in_failure",
    metadata,
    sa.Column("subject", sa.String(80), primary_key=True, comment="hash of the name that was tried, or the address"),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("since", Instant, nullable=False),
    comment="Sign-ins that failed lately, so that guessing is slow.",
)

one_time_code = sa.Table(
    "one_time_code",
    metadata,
    sa.Column("person", sa.String(40), sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, comment="HMAC of the code by the service's secret"),
    sa.Column("until", Instant, nullable=False),
    comment="The last code that was sent to a person and not used.",
)

"""The tables of the street."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("in_force", sa.Integer(), nullable=False, comment="number of the release; 0: none yet"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
    )
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False, comment="method, path and body"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log")),
        comment="Who did what. Append-only.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "problem",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_problem")),
        comment="Full inputs, by their SHA-256. Append-only.",
    )
    op.create_table(
        "feed",
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="release it was rendered from"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("gzip_body", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(length=100), nullable=False),
        sa.Column("gzip_etag", sa.String(length=100), nullable=False),
        sa.Column("last_modified", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_feed_community")),
        sa.PrimaryKeyConstraint("community", "scope", "id", name=op.f("pk_feed")),
        comment="Calendars of the release in force, as bytes. Rendered anew with each release.",
    )
    op.create_table(
        "round",
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="season, policy, market"),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "closes_at IS NULL OR (opens_at IS NOT NULL AND opens_at < closes_at)",
            name=op.f("ck_round_closes_later"),
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR closes_at <= published_at", name=op.f("ck_round_published_after_closing")
        ),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_round_community")),
        sa.PrimaryKeyConstraint("community", "id", name=op.f("pk_round")),
    )
    op.create_table(
        "entity",
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=20),
            nullable=False,
            comment="space, use, applicant, request, constraint, ...",
        ),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "round",
            sa.String(length=64),
            nullable=True,
            comment="of a request; other kinds belong to the whole community",
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="order within the kind"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=True, comment="the owner's own code"),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'request') = (round IS NOT NULL)", name=op.f("ck_entity_requests_have_a_round")),
        sa.ForeignKeyConstraint(
            ["community", "round"], ["round.community", "round.id"], name=op.f("fk_entity_community_round")
        ),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_entity_community")),
        sa.PrimaryKeyConstraint("community", "kind", "id", name=op.f("pk_entity")),
        sa.UniqueConstraint(
            "community",
            "kind",
            "owner",
            "external_ref",
            name=op.f("uq_entity_community_kind_owner_external_ref"),
        ),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=False),
        sa.Column("timetable", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False, comment="what the verifier said"),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "round"], ["round.community", "round.id"], name=op.f("fk_proposal_community_round")
        ),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_proposal_community")),
        sa.ForeignKeyConstraint(["problem"], ["problem.fingerprint"], name=op.f("fk_proposal_problem")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        comment="Answers. Append-only.",
    )
    op.create_index(op.f("ix_proposal_community_created"), "proposal", ["community", "created"], unique=False)
    op.create_table(
        "solve",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True, comment="why there is no proposal, for people"),
        sa.Column("proposal", sa.String(length=64), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'infeasible', 'undecided', 'failed', 'cancelled')",
            name=op.f("ck_solve_state"),
        ),
        sa.ForeignKeyConstraint(
            ["community", "round"], ["round.community", "round.id"], name=op.f("fk_solve_community_round")
        ),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_solve_community")),
        sa.ForeignKeyConstraint(["problem"], ["problem.fingerprint"], name=op.f("fk_solve_problem")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solve")),
    )
    op.create_index(op.f("ix_solve_community_created"), "solve", ["community", "created"], unique=False)
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("proposal", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("audit", sa.Boolean(), nullable=False, comment="replayable to the byte"),
        sa.Column("report", sa.Text(), nullable=False, comment="what the verifier said when it was released"),
        sa.Column("catalogue", sa.Text(), nullable=False, comment="names of all that the bookings mention"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_release_numbers_from_one")),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_release_community")),
        sa.ForeignKeyConstraint(["problem"], ["problem.fingerprint"], name=op.f("fk_release_problem")),
        sa.ForeignKeyConstraint(["proposal"], ["proposal.id"], name=op.f("fk_release_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("community", "number", name=op.f("uq_release_community_number")),
        comment="The whole community's plan, version by version. Append-only.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "solve_event",
        sa.Column("solve", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["solve"], ["solve.id"], name=op.f("fk_solve_event_solve")),
        sa.PrimaryKeyConstraint("solve", "seq", name=op.f("pk_solve_event")),
        comment="What is shown of a running solve; replayed to whoever comes later.",
    )
    op.create_table(
        "booking",
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(length=64), nullable=False),
        sa.Column("applicant", sa.String(length=64), nullable=False),
        sa.Column("space", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(length=64), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "left_space",
            sa.String(length=64),
            nullable=True,
            comment="the place and time it had before it moved",
        ),
        sa.Column("left_starts", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_ends", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('confirmed', 'cancelled')", name=op.f("ck_booking_status")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_booking_ends_later")),
        sa.ForeignKeyConstraint(["release"], ["release.id"], name=op.f("fk_booking_release")),
        sa.PrimaryKeyConstraint("release", "uid", name=op.f("pk_booking")),
        comment="The bookings of each release, standing and cancelled. Append-only.",
    )
    op.create_index(op.f("ix_booking_release_starts"), "booking", ["release", "starts"], unique=False)
    op.create_table(
        "occupancy",
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("atom", sa.String(length=64), nullable=False),
        sa.Column("booking", sa.String(length=100), nullable=False, comment="uid"),
        sa.Column("cell", sa.BigInteger(), nullable=False, comment="release and atom as one number, for EXCLUDE"),
        sa.Column("from", sa.BigInteger(), nullable=False, comment="minutes since 1970-01-01 UTC"),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=9), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=True, comment="shared: the sharing rule"),
        sa.Column("seats", sa.Integer(), nullable=True, comment="shared: of the rule"),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=True, comment="hosted: the uid of the host"),
        sa.CheckConstraint("(mode = 'hosted') = (host IS NOT NULL)", name=op.f("ck_occupancy_hosted_has_host")),
        sa.CheckConstraint(
            "(mode = 'shared') = (seats IS NOT NULL AND pool IS NOT NULL)",
            name=op.f("ck_occupancy_shared_has_seats"),
        ),
        sa.CheckConstraint("mode IN ('exclusive', 'shared', 'host', 'hosted')", name=op.f("ck_occupancy_mode")),
        sa.CheckConstraint('"from" < "until"', name=op.f("ck_occupancy_until_later")),
        sa.ForeignKeyConstraint(
            ["release", "booking"],
            ["booking.release", "booking.uid"],
            name=op.f("fk_occupancy_release_booking"),
        ),
        sa.ForeignKeyConstraint(["release"], ["release.id"], name=op.f("fk_occupancy_release")),
        sa.PrimaryKeyConstraint("release", "atom", "booking", name=op.f("pk_occupancy")),
        comment="Who is in which atomic part, when: the database refuses a double booking. Append-only.",
    )
    op.create_index(op.f("ix_occupancy_release_atom_from"), "occupancy", ["release", "atom", "from"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_occupancy_release_atom_from"), table_name="occupancy")
    op.drop_table("occupancy")
    op.drop_index(op.f("ix_booking_release_starts"), table_name="booking")
    op.drop_table("booking")
    op.drop_table("solve_event")
    op.drop_table("release")
    op.drop_index(op.f("ix_solve_community_created"), table_name="solve")
    op.drop_table("solve")
    op.drop_index(op.f("ix_proposal_community_created"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_table("entity")
    op.drop_table("round")
    op.drop_table("feed")
    op.drop_table("problem")
    op.drop_table("log")
    op.drop_table("idempotency")
    op.drop_table("community")

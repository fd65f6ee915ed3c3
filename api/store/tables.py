"""The tables. What a table means is said here; how it came to be, in the migrations.

Documents (`document`, `timetable`, `report`) are the JSON text that pydantic wrote, byte for byte, so that
hashes of them hold. Releases and all that they rest on are append-only: triggers refuse UPDATE and DELETE.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To UTC; SQLite keeps no zone, so none is written there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Back to an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def community_id() -> sa.Column[str]:
    """The column that says of which community a row is."""
    return sa.Column("community", sa.String(40), sa.ForeignKey("community.id"), nullable=False)


community = sa.Table(
    "community",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("in_force", sa.Integer, nullable=False, default=0, comment="number of the release; 0: none yet"),
    sa.Column("created", Instant, nullable=False),
    sa.Column("modified", Instant, nullable=False),
)

round_ = sa.Table(
    "round",
    metadata,
    community_id(),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False, comment="season, policy, market"),
    sa.Column("opens_at", Instant),
    sa.Column("closes_at", Instant),
    sa.Column("published_at", Instant),
    sa.Column("released_at", Instant),
    sa.Column("created", Instant, nullable=False),
    sa.Column("modified", Instant, nullable=False),
    sa.PrimaryKeyConstraint("community", "id"),
    sa.CheckConstraint("closes_at IS NULL OR (opens_at IS NOT NULL AND opens_at < closes_at)", name="closes_later"),
    sa.CheckConstraint("published_at IS NULL OR closes_at <= published_at", name="published_after_closing"),
)

entity = sa.Table(
    "entity",
    metadata,
    community_id(),
    sa.Column("kind", sa.String(20), nullable=False, comment="space, use, applicant, request, constraint, ..."),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("round", sa.String(64), comment="of a request; other kinds belong to the whole community"),
    sa.Column("position", sa.Integer, nullable=False, comment="order within the kind"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("external_ref", sa.Text, comment="the owner's own code"),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("modified", Instant, nullable=False),
    sa.PrimaryKeyConstraint("community", "kind", "id"),
    sa.UniqueConstraint("community", "kind", "owner", "external_ref"),
    sa.ForeignKeyConstraint(["community", "round"], ["round.community", "round.id"]),
    sa.CheckConstraint("(kind = 'request') = (round IS NOT NULL)", name="requests_have_a_round"),
)

problem = sa.Table(
    "problem",
    metadata,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("created", Instant, nullable=False),
    comment="Full inputs, by their SHA-256. Append-only.",
)

solve = sa.Table(
    "solve",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    community_id(),
    sa.Column("round", sa.String(64), nullable=False),
    sa.Column("problem", sa.String(64), sa.ForeignKey("problem.fingerprint"), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("outcome", sa.Text, comment="why there is no proposal, for people"),
    sa.Column("proposal", sa.String(64)),
    sa.Column("created", Instant, nullable=False),
    sa.Column("started", Instant),
    sa.Column("finished", Instant),
    sa.Column("worker", sa.String(64), comment="who has it, or had it last"),
    sa.Column("handed", sa.Integer, nullable=False, server_default="0", comment="how often it went back to the queue"),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0", comment="the highest is begun first"),
    sa.ForeignKeyConstraint(["community", "round"], ["round.community", "round.id"]),
    sa.CheckConstraint(
        "state IN ('queued', 'running', 'done', 'infeasible', 'undecided', 'failed', 'cancelled')",
        name="state",
    ),
    sa.Index(None, "community", "created"),
)

solve_event = sa.Table(
    "solve_event",
    metadata,
    sa.Column("solve", sa.String(64), sa.ForeignKey("solve.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    comment="What is shown of a running solve; replayed to whoever comes later.",
)

proposal = sa.Table(
    "proposal",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    community_id(),
    sa.Column("round", sa.String(64), nullable=False),
    sa.Column("problem", sa.String(64), sa.ForeignKey("problem.fingerprint"), nullable=False),
    sa.Column("timetable", sa.Text, nullable=False),
    sa.Column("report", sa.Text, nullable=False, comment="what the verifier said"),
    sa.Column("holds", sa.Boolean, nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.ForeignKeyConstraint(["community", "round"], ["round.community", "round.id"]),
    sa.Index(None, "community", "created"),
    comment="Answers. Append-only.",
)

release = sa.Table(
    "release",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    community_id(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("round", sa.String(64), nullable=False),
    sa.Column("proposal", sa.String(64), sa.ForeignKey("proposal.id"), nullable=False),
    sa.Column("problem", sa.String(64), sa.ForeignKey("problem.fingerprint"), nullable=False),
    sa.Column("engine", sa.Text, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("audit", sa.Boolean, nullable=False, comment="replayable to the byte"),
    sa.Column("report", sa.Text, nullable=False, comment="what the verifier said when it was released"),
    sa.Column("catalogue", sa.Text, nullable=False, comment="names of all that the bookings mention"),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("released_at", Instant, nullable=False),
    sa.Column(
        "ledger",
        sa.Text,
        comment="JSON: what each body asked, got and is owed after it; none: released before there were ledgers",
    ),
    sa.UniqueConstraint("community", "number"),
    sa.CheckConstraint("number >= 1", name="numbers_from_one"),
    comment="The whole community's plan, version by version. Append-only.",
    sqlite_autoincrement=True,
)

booking = sa.Table(
    "booking",
    metadata,
    sa.Column("release", sa.Integer, sa.ForeignKey("release.id"), primary_key=True),
    sa.Column("uid", sa.String(100), primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("modified", Instant, nullable=False),
    sa.Column("status", sa.String(9), nullable=False),
    sa.Column("round", sa.String(64), nullable=False),
    sa.Column("request", sa.String(64), nullable=False),
    sa.Column("session", sa.Integer, nullable=False),
    sa.Column("use", sa.String(64), nullable=False),
    sa.Column("applicant", sa.String(64), nullable=False),
    sa.Column("space", sa.String(64), nullable=False),
    sa.Column("layout", sa.String(64), nullable=False),
    sa.Column("headcount", sa.Integer, nullable=False),
    sa.Column("starts", Instant, nullable=False),
    sa.Column("ends", Instant, nullable=False),
    sa.Column("left_space", sa.String(64), comment="the place and time it had before it moved"),
    sa.Column("left_starts", Instant),
    sa.Column("left_ends", Instant),
    sa.Column("left_at", Instant),
    sa.CheckConstraint("status IN ('confirmed', 'cancelled')", name="status"),
    sa.CheckConstraint("starts < ends", name="ends_later"),
    sa.Index(None, "release", "starts"),
    comment="The bookings of each release, standing and cancelled. Append-only.",
)

occupancy = sa.Table(
    "occupancy",
    metadata,
    sa.Column("release", sa.Integer, sa.ForeignKey("release.id"), primary_key=True),
    sa.Column("atom", sa.String(64), primary_key=True),
    sa.Column("booking", sa.String(100), primary_key=True, comment="uid"),
    sa.Column("cell", sa.BigInteger, nullable=False, comment="release and atom as one number, for EXCLUDE"),
    sa.Column("from", sa.BigInteger, nullable=False, comment="minutes since 1970-01-01 UTC"),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Column("mode", sa.String(9), nullable=False),
    sa.Column("pool", sa.String(64), comment="shared: the sharing rule"),
    sa.Column("seats", sa.Integer, comment="shared: of the rule"),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("host", sa.String(100), comment="hosted: the uid of the host"),
    sa.ForeignKeyConstraint(["release", "booking"], ["booking.release", "booking.uid"]),
    sa.CheckConstraint('"from" < "until"', name="until_later"),
    sa.CheckConstraint("mode IN ('exclusive', 'shared', 'host', 'hosted')", name="mode"),
    sa.CheckConstraint("(mode = 'shared') = (seats IS NOT NULL AND pool IS NOT NULL)", name="shared_has_seats"),
    sa.CheckConstraint("(mode = 'hosted') = (host IS NOT NULL)", name="hosted_has_host"),
    sa.Index(None, "release", "atom", "from"),
    comment="Who is in which atomic part, when: the database refuses a double booking. Append-only.",
)

publicity = sa.Table(
    "publicity",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    community_id(),
    sa.Column("round", sa.String(64), nullable=False),
    sa.Column("proposal", sa.String(64), sa.ForeignKey("proposal.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="within the round, from 1"),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False, comment="half-open"),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(["community", "round"], ["round.community", "round.id"]),
    sa.UniqueConstraint("community", "round", "number"),
    sa.CheckConstraint("starts_at < ends_at", name="ends_later"),
    comment="Plans shown to everybody before their release. Append-only.",
)

objection = sa.Table(
    "objection",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("publicity", sa.String(64), sa.ForeignKey("publicity.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="within the publicity, from 1"),
    sa.Column("author", sa.Text, nullable=False, comment="as they call themselves; empty: no name given"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("publicity", "number"),
    comment="What people say against a plan. Append-only.",
)

objection_answer = sa.Table(
    "objection_answer",
    metadata,
    sa.Column("objection", sa.String(64), sa.ForeignKey("objection.id"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    comment="The manager's answer, one for each objection. Append-only.",
)

market_draw = sa.Table(
    "market_draw",
    metadata,
    community_id(),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="within the month, from 1; the last one counts"),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.PrimaryKeyConstraint("community", "month", "number"),
    comment="Places of a market's months, verified. Append-only.",
)

market_change = sa.Table(
    "market_change",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    community_id(),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("vendor", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("stalls", sa.Text, nullable=False, comment="JSON list of numbers"),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.CheckConstraint("kind IN ('absent', 'no_show', 'taken')", name="kind"),
    sa.UniqueConstraint("community", "date", "vendor", "kind"),
    comment="Who stayed away on a date, who took a stall instead. Append-only.",
)

market_entry = sa.Table(
    "market_entry",
    metadata,
    community_id(),
    sa.Column("number", sa.Integer, nullable=False, comment="from 1; the last one counts"),
    sa.Column("entries", sa.Text, nullable=False, comment="JSON: every pitch with its identity"),
    sa.Column("at", Instant, nullable=False),
    sa.PrimaryKeyConstraint("community", "number"),
    comment="What the market's calendars were rendered from. Append-only.",
)

paper = sa.Table(
    "paper",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    community_id(),
    sa.Column("applicant", sa.String(64), nullable=False),
    sa.Column("name", sa.String(200), nullable=False, comment="such as a certificate of registration"),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.CheckConstraint("status IN ('present', 'missing', 'waived')", name="status"),
    comment="Required papers of an applicant; the last row of a name counts. Append-only.",
)

unit_booking = sa.Table(
    "unit_booking",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    community_id(),
    sa.Column("units", sa.String(64), nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("block", sa.Integer, nullable=False, comment="place in the list of blocks, from 0"),
    sa.Column("unit", sa.String(64), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False, comment="1, and one more for each that was released before it"),
    sa.Column("code", sa.String(64), nullable=False, comment="SHA-256 of what the holder was told"),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("signed_in_at", Instant),
    sa.Column("given_back_at", Instant),
    sa.UniqueConstraint("community", "units", "date", "block", "unit", "turn"),
    comment="Study seats and lockers, one holder a turn: the database refuses a second one.",
)

feed = sa.Table(
    "feed",
    metadata,
    community_id(),
    sa.Column("scope", sa.String(20), nullable=False),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="release it was rendered from"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("gzip_body", sa.LargeBinary, nullable=False),
    sa.Column("etag", sa.String(100), nullable=False),
    sa.Column("gzip_etag", sa.String(100), nullable=False),
    sa.Column("last_modified", Instant, nullable=False),
    sa.PrimaryKeyConstraint("community", "scope", "id"),
    comment="Calendars of the release in force, as bytes. Rendered anew with each release.",
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("caller", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False, comment="method, path and body"),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created", Instant, nullable=False),
)

log = sa.Table(
    "log",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("community", sa.String(40), nullable=False),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default="", comment="why, as they say"),
    sa.Column("before", sa.String(64), comment="SHA-256 of what was there; none: nothing was"),
    sa.Column("after", sa.String(64), comment="the same of what is there since"),
    comment="The trail: who did what, when, why. Append-only, for 180 days at least.",
    sqlite_autoincrement=True,
)

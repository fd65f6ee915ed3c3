"""The one clock of the service. Everything else takes the time as an argument, or asks here."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC, in whole seconds: what is stored, published and compared."""
    return datetime.now(UTC).replace(microsecond=0)

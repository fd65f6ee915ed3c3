"""The one clock of the service. Everything else takes the time as an argument, or asks here."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC, in whole seconds: what is stored, published and compared."""
    return datetime.now(UTC).replace(microsecond=0)


def use_own_zones() -> None:
    """Take time zones from the `tzdata` package alone; each process of ours does this before anything else.

    Python prefers the machine's own files, which are of another year on every machine: a lot drawn on one would
    not be replayed to the byte on another, and a worker and a server could disagree about when a session begins.
    """
    zoneinfo.reset_tzpath(())

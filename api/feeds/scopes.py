"""Which bookings belong in which calendar."""

from __future__ import annotations

SCOPES = ("spaces", "sites", "uses", "applicants", "requests", "community")
"""The scopes of calendar addresses. They live for years: later ones are added, none is renamed."""

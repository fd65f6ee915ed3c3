"""What is kept: tables, migrations, and reading and writing them. Documents go in and out as JSON text."""

from __future__ import annotations

from api.store.engine import Store
from api.store.migrate import migrate

__all__ = ["Store", "migrate"]

"""The trail is kept as long as the settings say, and no longer."""

from __future__ import annotations

from datetime import timedelta

from api import clock
from api.store import Store, deeds


def trim(store: Store, days: int) -> int:
    """Remove lines that are older, and note that in the trail; how many there were."""
    before = clock.now() - timedelta(days=days, hours=1)  # The hour: clocks of the database and ours may differ.
    with store.writing() as tx:
        removed = deeds.forget_before(tx, before)
        if removed:
            told = f"{removed} lines before {before.isoformat()}"
            deeds.note(tx, deeds.Line(clock.now(), "", "worker", "trim_trail", told))
    return removed

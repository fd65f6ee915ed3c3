"""How long a plan is publicised: whole days, the first not counted (Civil Code of China, article 201)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.flow.publicity import end_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("starts", "days", "ends"),
    [
        ("2026-09-01 10:00", 7, "2026-09-09 00:00"),
        ("2026-09-01 00:00", 1, "2026-09-03 00:00"),
        ("2026-09-01 23:59", 1, "2026-09-03 00:00"),
        ("2026-12-30 09:00", 3, "2027-01-03 00:00"),
    ],
)
def test_it_ends_at_the_midnight_after_its_last_day(starts: str, days: int, ends: str) -> None:
    began = datetime.fromisoformat(starts).replace(tzinfo=SHANGHAI)
    assert end_of(began.astimezone(UTC), days, SHANGHAI) == datetime.fromisoformat(ends).replace(tzinfo=SHANGHAI)

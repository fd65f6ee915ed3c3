"""Which rules may hold for a booking of which only the moment is known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from api.flow.validity import may_hold
from scheduler.constraints.changeover import Changeover

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 9, 8), date(2026, 9, 9)


@pytest.mark.parametrize(
    ("wall", "may"),
    [
        ("2026-09-07 23:59", False),
        ("2026-09-08 00:00", True),
        ("2026-09-09 23:59", True),
        ("2026-09-10 00:30", True),  # it may be 24:30 of the 9th
        ("2026-09-10 05:59", True),
        ("2026-09-10 06:00", False),
    ],
)
def test_the_date_of_its_start_or_in_the_small_hours_the_evening_before(wall: str, may: bool) -> None:
    rule = Changeover(id="c", source="s", valid_from=FIRST, valid_until=LAST)
    starts = datetime.fromisoformat(wall).replace(tzinfo=SHANGHAI)
    assert may_hold(rule, starts, SHANGHAI) is may
    assert may_hold(rule, starts.astimezone(UTC), SHANGHAI) is may


def test_without_dates_it_always_holds() -> None:
    starts = datetime(2026, 9, 7, 12, tzinfo=SHANGHAI)
    assert may_hold(Changeover(id="c", source="s"), starts, SHANGHAI)
    assert may_hold(Changeover(id="c", source="s", valid_from=date(2026, 9, 7)), starts, SHANGHAI)
    assert not may_hold(Changeover(id="c", source="s", valid_until=date(2026, 9, 6)), starts, SHANGHAI)

"""Whether a rule with validity dates may speak of a booking of a release, of which only the moment is known."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from scheduler.constraints.terms import DatedRule

NIGHT_HOURS = 6
"""A start before this hour may be one of the evening before, counted past 24:00; the rule may hold on either date."""


def may_hold(rule: DatedRule, starts: datetime, zone: tzinfo) -> bool:
    """Whether a rule may hold on the own date of a booking.

    Args:
        rule: one of the problem of the release.
        starts: when the booking starts, in any zone.
        zone: the community's.
    """
    wall = starts.astimezone(zone)
    dates = [wall.date(), *([wall.date() - timedelta(days=1)] if wall.hour < NIGHT_HOURS else [])]
    return any(
        (rule.valid_from is None or rule.valid_from <= day) and (rule.valid_until is None or day <= rule.valid_until)
        for day in dates
    )

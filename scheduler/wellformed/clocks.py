"""Clock times as minutes, for comparing what is written in one entity."""

from __future__ import annotations


def minutes_of(clock: str) -> int:
    """Minutes from the midnight before: `24:30` is 1470."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """The clock time of so many minutes from the midnight before."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"

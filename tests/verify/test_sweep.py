"""The sweeps against the plainest count: every pair, every minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from scheduler.verify.plan import Plan
from scheduler.verify.reading import read
from scheduler.verify.sweep import overlapping, stretches
from scheduler.verify.world import World
from tests.factories import problem
from tests.verify.small import made, once

BEGIN = datetime.fromisoformat("2026-09-07T00:00:00")
spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=8)


@given(spans)
def test_stretches_are_what_is_under_way_at_every_minute(drawn: list[tuple[int, int]]) -> None:
    minute = timedelta(minutes=1)
    items = [(BEGIN + s * minute, BEGIN + (s + n) * minute, name) for name, (s, n) in enumerate(drawn)]
    swept = {
        BEGIN + m * minute: set(together)
        for starts, ends, together in stretches(items)
        for m in range(60)
        if starts <= BEGIN + m * minute < ends
    }
    counted = {BEGIN + m * minute: {name for name, (s, n) in enumerate(drawn) if s <= m < s + n} for m in range(60)}
    assert swept == {moment: names for moment, names in counted.items() if names}


@given(spans)
def test_overlapping_finds_every_pair_once(drawn: list[tuple[int, int]]) -> None:
    wishes = [
        once(f"D{k}", f"2026-09-07 10:{s:02d}-11:{s + n - 1:02d}") for k, (s, n) in enumerate(drawn) if s + n < 60
    ]
    world, bookings = made(*wishes)
    plan, _ = read(World(world), bookings)
    swept = [frozenset((a.request.id, b.request.id)) for a, b in overlapping(plan.occurrences)]
    plain = [
        frozenset((a.request.id, b.request.id))
        for a, b in combinations(plan.occurrences, 2)
        if a.starts < b.ends and b.starts < a.ends
    ]
    assert sorted(map(sorted, swept)) == sorted(map(sorted, plain))


def test_nothing_is_under_way_in_an_empty_plan() -> None:
    plan = Plan(World(problem()), ())
    assert list(overlapping(plan.occurrences)) == []
    assert list(stretches([])) == []

"""Fairness: levels counted by hand, and in tiny worlds the worst-off are helped first, as trying every plan shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.problem import Applicant, Body, Fairness, LedgerEntry, Problem, Request, Series
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from scheduler.verify import verify
from scheduler.verify.fairness import level_of
from scheduler.verify.world import World
from tests.factories import CLASSES, problem, series
from tests.properties.test_random_worlds import CALM

HOURS = tuple(f"MO {hour:02d}:00-{hour + 1:02d}:00!" for hour in range(9, 13))
"""Four hours of one Monday, each a window of its own."""


def asks(name: str, sessions: int, *, hours: str = ";".join(HOURS), body: str = "", least: int = 1) -> Request:
    """Some sessions of an hour each, any of the hours; fewer are welcome."""
    return series(name, hours, minutes=60, per_week=sessions, min_sessions=least, applicant=body or f"O{name}")


def short(found: Timetable) -> dict[str, int]:
    return {s.of or "": s.value for s in found.stages if s.stage == "fairness" and s.status != "not_in_force"}


def granted(found: Timetable) -> dict[str, int]:
    return dict(sorted(Counter(s.request for s in found.sessions).items()))


def solved(asked: Problem) -> Timetable:
    outcome = solve(asked, time_limit=20)
    assert isinstance(outcome, Solved)
    assert verify(asked, outcome.timetable).holds
    return outcome.timetable


LEVELS = [
    # asked, granted, levels of shortfall when nothing is owed: whole fifths missing, at least one
    (1, 1, 0),
    (1, 0, 5),
    (2, 1, 2),
    (3, 2, 1),
    (3, 1, 3),
    (6, 5, 1),
    (7, 4, 2),
    (7, 0, 5),
]


@pytest.mark.parametrize(("asked", "got", "level"), LEVELS)
def test_a_shortfall_in_fifths(asked: int, got: int, level: int) -> None:
    assert level_of(World(problem([asks("A", asked)])), "OA", asked, got) == level


@pytest.mark.parametrize(
    ("owed", "since", "percent", "level"),
    [
        (0, 1, 100, 2),  # one of two is missing: two fifths
        (1, 1, 100, 4),  # one more of two is owed: two fifths on top
        (2, 1, 100, 7),
        (9, 1, 100, 7),  # no more than what it asks
        (2, 1, 50, 4),
        (1, 1, 50, 2),  # half a session is none
        (2, 4, 100, 7),
        (2, 5, 100, 2),  # forgotten after four rounds
    ],
)
def test_what_is_owed_counts_on_top_for_a_while(owed: int, since: int, percent: int, level: int) -> None:
    entry = LedgerEntry(body="OA", asked=20, granted=1, owed=owed, since=since)
    policy = {"fairness": Fairness(ledger_percent=percent)}
    world = problem([asks("A", 2)], ledger=(entry,), policy=policy)
    assert level_of(World(world), "OA", 2, 1) == level
    assert level_of(World(world), "OA", 2, 2) == 0


@pytest.mark.parametrize(("floor", "got", "level"), [(1, 0, 10), (1, 1, 3), (2, 1, 10), (2, 2, 1), (0, 0, 5)])
def test_a_newcomer_stands_before_everybody_until_it_has_its_first(floor: int, got: int, level: int) -> None:
    policy = {"fairness": Fairness(newcomer_sessions=floor)}
    world = problem([asks("A", 3)], ledger=(), policy=policy)
    assert level_of(World(world), "OA", 3, got) == level


def test_who_has_nothing_comes_before_who_has_something() -> None:
    """Four hours: a big body could have all four; with the small one it has three, and the class as many in all."""
    found = solved(problem([asks("A", 4), asks("B", 1)]))
    assert granted(found) == {"A": 3, "B": 1}
    assert short(found) == {"5": 0, "3": 0, "2": 0, "1": 1}


def test_requests_of_one_body_count_together() -> None:
    """Two teams of one body, and another: four hours for nine wishes. Each body has two of the hours it asked."""
    bodies = (Body(id="B1", applicants=("OA", "OB")),)
    found = solved(problem([asks("A", 2), asks("B", 2), asks("C", 4)], bodies=bodies))
    got = granted(found)
    assert got.get("A", 0) + got.get("B", 0) == 2 == got["C"]
    assert short(found) == {"5": 0, "3": 0, "2": 2, "1": 2}


def test_a_class_gives_up_no_session_for_fairness() -> None:
    """One alone needs all four hours or nothing; the others would have only one. The class comes first."""
    alone = series("A", ";".join(HOURS), minutes=60, per_week=4, applicant="OA")
    found = solved(problem([alone, asks("B", 1)]))
    assert granted(found) == {"A": 4}
    assert short(found)["5"] == 1


def test_a_higher_class_is_not_touched() -> None:
    first = series("A", ";".join(HOURS), minutes=60, per_week=4, min_sessions=1, applicant="OA", priority="P1")
    assert granted(solved(problem([first, asks("B", 1)]))) == {"A": 4}


def test_what_is_owed_decides_between_equals() -> None:
    for owed, of in (("OA", "A"), ("OB", "B")):
        entry = LedgerEntry(body=owed, asked=2, granted=1, owed=1)
        other = LedgerEntry(body="OB" if owed == "OA" else "OA", asked=2, granted=2, owed=0)
        asked = problem([asks("A", 1, hours=HOURS[0]), asks("B", 1, hours=HOURS[0])], ledger=(entry, other))
        assert granted(solved(asked)) == {of: 1}


def test_without_anybody_who_asks_it_is_not_in_force() -> None:
    duty = series("A", HOURS[0], minutes=60, priority="fix")
    found = solved(problem([duty]))
    assert [s.status for s in found.stages if s.stage == "fairness"] == ["not_in_force"]


# Exactness: in tiny worlds every plan is tried, and levels are counted by neither the model nor the verifier.


@st.composite
def worlds(draw: st.DrawFn) -> Problem:
    """Up to four requests of up to three bodies for four hours of one room, with a ledger or without."""
    number = draw(st.integers(2, 4))
    requests = []
    for place in range(number):
        sessions = draw(st.integers(1, 3))
        hours = draw(st.lists(st.sampled_from(HOURS), min_size=sessions, max_size=4, unique=True))
        least = draw(st.integers(1, sessions))
        cls = draw(st.sampled_from(("P1", "P2", "P2")))
        requests.append(
            series(
                f"R{place}",
                ";".join(hours),
                minutes=60,
                per_week=sessions,
                min_sessions=least,
                applicant=f"O{draw(st.integers(1, 4))}",
                priority=cls,
            )
        )
    applicants = [f"O{n}" for n in range(1, 5)]
    bodies = (Body(id="B1", applicants=("O1", "O2")),) if draw(st.booleans()) else ()
    asking = (["B1"] if bodies else ["O1", "O2"]) + ["O3", "O4"]
    ledger = None
    if draw(st.booleans()):
        ledger = tuple(
            LedgerEntry(body=body, asked=9, granted=3, owed=draw(st.integers(0, 4)), since=draw(st.integers(1, 6)))
            for body in asking
            if draw(st.booleans())
        )
    policy = {
        "stages": ("duties", "classes", "fairness"),
        "fairness": Fairness(
            levels=draw(st.sampled_from((2, 5))),
            ledger_percent=draw(st.sampled_from((50, 100))),
            newcomer_sessions=draw(st.integers(0, 2)),
        ),
    }
    named = tuple(Applicant(id=a, name=a, priority="P3") for a in applicants)
    return problem(requests, bodies=bodies, ledger=ledger, policy=policy, applicants=named)


def asked_of(request: Request) -> int:
    assert isinstance(request.when, Series)
    return request.when.per_week


def least_of(request: Request) -> int:
    assert isinstance(request.when, Series)
    return request.when.min_sessions or request.when.per_week


def plans(world: Problem) -> Iterator[dict[str, int]]:
    """The sessions of each request, in every plan: sets of hours that nobody shares."""
    each = []
    for request in world.requests:
        most, least = asked_of(request), least_of(request)
        hours = [window.starts for window in request.windows]
        each.append([set[str](), *(set(c) for n in range(least, most + 1) for c in combinations(hours, n))])
    for chosen in product(*each):
        if sum(map(len, chosen)) == len(set[str]().union(*chosen)):
            yield {request.id: len(hours) for request, hours in zip(world.requests, chosen, strict=True)}


def by_hand(world: Problem, got: dict[str, int]) -> list[int]:
    """The levels of all bodies, worst first, in whole numbers."""
    policy, of = world.policy.fairness, {a: b.id for b in world.bodies for a in b.applicants}
    ledger = {entry.body: entry for entry in world.ledger or ()}
    levels = []
    for body in {of.get(r.applicant, r.applicant) for r in world.requests}:
        mine = [r for r in world.requests if of.get(r.applicant, r.applicant) == body]
        all_of_it = sum(map(asked_of, mine))
        has = sum(got[r.id] for r in mine)
        if has == all_of_it:
            levels.append(0)
        elif world.ledger is not None and body not in ledger and has < policy.newcomer_sessions:
            levels.append(2 * policy.levels)
        else:
            owed = 0
            if body in ledger and ledger[body].since <= policy.ledger_rounds:
                owed = min(ledger[body].owed * policy.ledger_percent // 100, all_of_it)
            steps = [policy.levels * n // all_of_it or 1 for n in (all_of_it - has, owed) if n]
            levels.append(sum(steps))
    return sorted(levels, reverse=True)


@settings(max_examples=120, **CALM)
@given(worlds())
def test_it_is_leximin_exactly(world: Problem) -> None:
    """Of all plans that give each class its most, from the top, the one whose sorted levels are least."""

    def worth(got: dict[str, int]) -> tuple[list[int], list[int]]:
        classes = [-sum(got[r.id] for r in world.requests if r.priority == cls) for cls in CLASSES]
        return classes, by_hand(world, got)

    best = min(worth(got) for got in plans(world))
    found = solved(world)
    got = dict.fromkeys((r.id for r in world.requests), 0) | granted(found)
    assert worth(got) == best
    assert all(short(found)[of] == sum(level >= int(of) for level in best[1]) for of in short(found))

"""Story 12: a reading circle of twelve asks for the first time, beside ten-year regulars, over three rounds.

One room, five evenings. In autumn three regulars ask two evenings each, and one of them has to do with one. In spring
the circle comes; in the next autumn everybody asks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from scheduler.problem import Applicant, Problem, Request
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside
from tests.factories import problem, series

EVENINGS = ("MO", "TU", "WE", "TH", "FR")
REGULARS = ("choir", "calligraphy", "chess")
AUTUMN, SPRING, NEXT = ("2026-09-07", "2026-12-27"), ("2027-03-01", "2027-06-27"), ("2027-09-06", "2027-12-26")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Inside]:
    """The whole service without its worker."""
    with inside(Settings(home=tmp_path / "home")) as client:
        yield client


def wish(who: str, season: str, evenings: int, liked: Sequence[str] = ()) -> Request:
    """Evenings at 19:00, any of five; those liked are preferred."""
    windows = [f"{day} 19:00-20:30{'*' if day in liked else ''}" for day in EVENINGS]
    return series(f"{who}-{season}", ";".join(windows), per_week=evenings, min_sessions=1, applicant=who, headcount=12)


def round_of(requests: list[Request], season: tuple[str, str], **policy: Any) -> Problem:
    named = tuple(Applicant(id=who, name=who, priority="P3") for who in (*REGULARS, "circle"))
    return problem(requests, season=season, applicants=named, policy=policy)


def held(client: Inside, round: Any, instead_of: int) -> dict[str, set[str]]:
    """Hold a round that is there up to its release; who has which evenings in its proposal."""
    client.set_times(round, LONG_PAST, PAST)
    solve = client.solve(round)
    assert solve["state"] == "done"
    client.release(solve, instead_of)
    timetable = client.ask(200, "GET", f"{HOME}/proposals/{solve['proposal']}/timetable")
    assert timetable["status"] == "optimal"
    found: dict[str, set[str]] = {who: set() for who in (*REGULARS, "circle")}
    for session in timetable["sessions"]:
        found[session["request"].split("-")[0]].add(session["weekday"])
    return found


def owed(client: Inside, name: str) -> dict[str, tuple[int, bool]]:
    items = client.ask(200, "GET", f"{HOME}/rounds/{name}/ledger")["items"]
    return {item["body"]: (item["owed"], item["new"]) for item in items}


def test_the_newcomer_has_its_evening_and_the_regulars_keep_theirs(client: Inside) -> None:
    asked = round_of([wish(who, "autumn", 2) for who in REGULARS], AUTUMN)
    first = held(client, client.put(asked, query="?round=autumn"), 0)
    short = next(who for who in REGULARS if len(first[who]) == 1)
    assert sorted(map(len, first.values())) == [0, 1, 2, 2]

    # Everybody likes what they had. The circle likes nothing in particular, and pays for it in wishes.
    again = [wish(who, "spring", 2, sorted(first[who])) for who in REGULARS]
    spring = round_of([*again, wish("circle", "spring", 1)], SPRING)
    round = client.put(spring, query="?round=spring")
    assert owed(client, "spring") == {who: (int(who == short), False) for who in REGULARS} | {"circle": (0, True)}
    second = held(client, round, 1)
    assert len(second["circle"]) == 1
    # Who was short has both now; each of the others gives one up, and all keep evenings that they had.
    assert len(second[short]) == 2
    assert first[short] <= second[short]
    assert all(len(second[who]) == 1 and second[who] <= first[who] for who in REGULARS if who != short)

    # The debt is paid, and the two that gave way are owed now. The circle is nobody new any more.
    last = [wish(who, "next", 2, sorted(second[who])) for who in REGULARS]
    autumn = round_of([*last, wish("circle", "next", 1, sorted(second["circle"]))], NEXT)
    round = client.put(autumn, query="?round=next")
    assert owed(client, "next") == {who: (int(who != short), False) for who in REGULARS} | {"circle": (0, False)}
    third = held(client, round, 2)
    assert len(third["circle"]) == 1
    assert len(third[short]) == 1
    assert sorted(len(third[who]) for who in REGULARS if who != short) == [1, 2]


def test_without_fairness_the_newcomer_has_nothing(client: Inside) -> None:
    """The same spring by wishes alone: what makes the difference is the stage, not the luck of the lot."""
    stages = ("duties", "classes", "own_rank", "wishes", "lot")
    asked = round_of([wish(who, "autumn", 2) for who in REGULARS], AUTUMN, stages=stages)
    first = held(client, client.put(asked, query="?round=autumn"), 0)
    again = [wish(who, "spring", 2, EVENINGS) for who in REGULARS]
    spring = round_of([*again, wish("circle", "spring", 1)], SPRING, stages=stages)
    second = held(client, client.put(spring, query="?round=spring"), 1)
    assert sum(map(len, first.values())) == sum(map(len, second.values())) == 5
    assert second["circle"] == set()


def test_a_ledger_that_is_given_is_the_one_that_counts(client: Inside) -> None:
    asked = round_of([wish(who, "autumn", 2) for who in REGULARS], AUTUMN)
    held(client, client.put(asked, query="?round=autumn"), 0)
    spring = round_of([wish(who, "spring", 2) for who in REGULARS], SPRING)
    given = spring.model_copy(update={"ledger": ()})
    client.put(given, query="?round=spring")
    assert owed(client, "spring") == dict.fromkeys(REGULARS, (0, True))
    assert client.ask(200, "GET", f"{HOME}/problem?round=spring")["ledger"] == []


def test_an_export_that_comes_back_does_not_freeze_the_ledger(client: Inside) -> None:
    """The round before is decided anew, and the next one begins with what that leaves."""
    asked = round_of([wish(who, "autumn", 2) for who in REGULARS], AUTUMN)
    held(client, client.put(asked, query="?round=autumn"), 0)
    client.put(round_of([wish(who, "spring", 2) for who in REGULARS], SPRING), query="?round=spring")
    before = owed(client, "spring")
    exported = client.ask(200, "GET", f"{HOME}/problem?round=spring")
    assert exported["ledger"] is not None
    client.ask(200, "PUT", f"{HOME}/problem?round=spring", exported)
    fridays = {"kind": "typed_window", "id": "w1", "source": "x", "spaces": ["S1"], "days": ["FR"], "starts": "00:00"}
    rule = {**fridays, "ends": "24:00", "allows": {"tags": ["nobody"]}}
    client.ask(201, "POST", f"{HOME}/constraints", rule)
    held(client, client.ask(200, "GET", f"{HOME}/rounds/autumn"), 1)
    assert sum(sessions for sessions, _ in before.values()) == 1
    assert sum(sessions for sessions, _ in owed(client, "spring").values()) == 2


def test_a_first_round_has_no_ledger(client: Inside) -> None:
    """Nobody is new where nobody is old."""
    client.put(round_of([wish("choir", "autumn", 1)], AUTUMN), query="?round=autumn")
    assert owed(client, "autumn") == {"choir": (0, False)}
    assert client.ask(200, "GET", f"{HOME}/problem?round=autumn")["ledger"] is None

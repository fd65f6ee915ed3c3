"""A tiny made-up week: what is asked, what the real week is worth in fewer rooms, and what is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.toronto import Centre, kept, main, problem_of, read, witness, witnessed
from scheduler.solve import Solved, solve
from scheduler.verify import check, verify
from scheduler.wellformed import faults_of


def session(name: str, weekday: str, start: str, minutes: int, kind: str = "gym") -> dict[str, Any]:
    return {"id": name, "pool": kind, "weekday": weekday, "start": start, "minutes": minutes, "title": name}


def week(rooms: dict[str, int] | None = None, *sessions: dict[str, Any]) -> dict[str, Any]:
    """Four gyms with three at once on Monday morning, and one pool."""
    found = list(sessions) or [
        session("a", "MO", "09:10", 60),
        session("b", "MO", "09:10", 120),
        session("c", "MO", "10:00", 60),
        session("d", "SA", "20:00", 90),
        session("swim", "MO", "09:00", 60, "pool"),
    ]
    small = {"location": "small", "rooms": {"pool": 1}, "sessions": [session("s", "TU", "06:00", 45, "pool")]}
    large = {"location": "large", "rooms": rooms or {"gym": 4, "pool": 1}, "sessions": found}
    return {"week": "2025-12-08..2025-12-14", "locations": [small, large]}


def centre(*sessions: dict[str, Any], **rooms: int) -> Centre:
    return read(week(rooms or None, *sessions))[0]


def test_a_session_is_asked_for_at_its_time_and_around_it() -> None:
    problem = problem_of(centre())
    assert not faults_of(problem)
    asked = {request.id: request for request in problem.requests}
    assert asked["a"].spaces == ("gym-1", "gym-2", "gym-3", "gym-4")
    assert asked["swim"].spaces == ("pool-1",)
    # The centre is open from 09:00 to 21:30: nothing earlier than the first session of the week.
    told = [(w.days, w.starts, w.ends, w.kind) for w in asked["a"].windows]
    assert told == [
        (("MO",), "09:10", "10:10", "fixed"),
        (("MO",), "09:10", "12:10", "acceptable"),
        (("TU", "WE", "TH", "FR", "SA", "SU"), "09:10", "10:10", "acceptable"),
    ]
    assert (asked["d"].windows[1].starts, asked["d"].windows[1].ends) == ("18:00", "21:30")
    assert {len(request.windows) for request in problem_of(centre(), real_times_only=True).requests} == {1}


def test_of_every_kind_a_share_of_the_rooms_goes_and_one_stays() -> None:
    assert centre(gym=4, pool=1, studio=3, rink=8).cut(0.25).rooms == {"gym": 3, "pool": 1, "studio": 2, "rink": 6}
    assert centre(gym=10).cut(0.1).rooms == {"gym": 9}
    assert centre(gym=4).cut(0).rooms == {"gym": 4}


def test_the_real_week_is_an_answer() -> None:
    found = centre()
    assert witnessed(found)
    assert {booking.space for booking in witness(found)} == {"gym-1", "gym-2", "gym-3", "pool-1"}
    assert [str(b.starts) for b in witness(found) if b.request == "d"] == ["2025-12-13 20:00:00-05:00"]


def test_the_real_week_is_no_answer_in_too_few_rooms() -> None:
    few = centre(gym=2, pool=1)
    assert not witnessed(few)
    # What is kept of it holds all the same, and the longest has given way.
    assert {each.id for each, _ in kept(few)} == {"a", "c", "d", "swim"}
    assert check(problem_of(few), witness(few)) == ()


def test_of_the_real_week_as_much_is_kept_as_can_be() -> None:
    """The solver, asked with the real times alone, grants as many."""
    starts = ("09:00", "09:00", "09:30", "10:00", "10:00", "11:00", "11:30", "12:00")
    minutes = (240, 60, 60, 45, 120, 60, 60, 60)
    asked = [session(f"s{n}", "MO", at, m) for n, (at, m) in enumerate(zip(starts, minutes, strict=True))]
    for rooms in (1, 2, 3):
        found = centre(*asked, gym=rooms)
        outcome = solve(problem_of(found, real_times_only=True), time_limit=20.0)
        assert isinstance(outcome, Solved)
        assert outcome.timetable.status == "optimal"
        assert len(outcome.timetable.sessions) == len(kept(found))
        assert verify(problem_of(found, real_times_only=True), outcome.timetable).holds


def told(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(iter(path.iterdir())).read_text(encoding="utf-8"))
    return found


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One gym of four: the first or the third stays, the others go half an hour or a day away. All are granted."""
    path, kept_in = tmp_path / "week.json", tmp_path / "kept"
    path.write_text(json.dumps(week()), encoding="utf-8")
    arguments = ["--cut", "0.75", "--seeds", "2", "--time-limit", "20", "--results", str(kept_in)]
    assert main([str(path), *arguments]) == 0
    out = capsys.readouterr().out
    assert "the real week is verified in 1 of 1 centres" in out
    assert "large: 5 sessions, 2 rooms of 5; of the real week 3 fit at their real times" in out
    rows = told(kept_in)["rows"]
    assert [(row["which"], row["seed"]) for row in rows] == [("ours", 1), ("ours", 2), ("stock", 1), ("stock", 2)]
    assert {(row["granted"], row["wishes"], row["gaps"]["wishes"]) for row in rows} == {(5, 50, 0.0)}
    assert [row["moved"] for row in rows] == [2, 2, None, None]


def test_all_centres(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, kept_in = tmp_path / "week.json", tmp_path / "kept"
    path.write_text(json.dumps(week()), encoding="utf-8")
    arguments = ["--centre", "all", "--seeds", "1", "--no-baseline", "--results", str(kept_in)]
    assert main([str(path), *arguments]) == 0
    assert "which ours, seed 1, centres 2, asked 6, real_week 6, granted 6" in capsys.readouterr().out
    assert told(kept_in)["summary"][0]["wishes_proved"] == 2


def test_a_week_that_its_rooms_do_not_carry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "week.json"
    path.write_text(json.dumps(week({"gym": 1, "pool": 1})), encoding="utf-8")
    assert main([str(path), "--seeds", "1", "--no-baseline", "--results", str(tmp_path / "kept")]) == 1
    assert "the real week is verified in 0 of 1 centres" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["[1]", "{}", '{"week": "x", "locations": []}'])
def test_a_file_that_is_no_week(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "week.json"
    path.write_text(text, encoding="utf-8")
    assert main([str(path)]) == 2
    assert "is no week of sessions" in capsys.readouterr().err

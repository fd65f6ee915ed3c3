"""What rounds leave behind, counted by hand: a debt is made by a refusal, paid by a session, and carried over."""

from __future__ import annotations

import pytest

from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.ledger import carried_over, ledger_after
from scheduler.problem import Applicant, Body, Hours, LedgerEntry, Problem, Request
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from tests.factories import dated, problem, series, space

FULL = "MO 19:00-20:00!"


def entry(body: str, asked: int, granted: int, owed: int, *, rounds: int = 1, since: int = 1) -> LedgerEntry:
    return LedgerEntry(body=body, asked=asked, granted=granted, owed=owed, rounds=rounds, since=since)


def decided(asked: Problem) -> Timetable:
    outcome = solve(asked, time_limit=20)
    assert isinstance(outcome, Solved)
    return outcome.timetable


def after(asked: Problem) -> tuple[LedgerEntry, ...]:
    return ledger_after(asked, decided(asked))


def one(name: str, priority: str = "P3") -> Request:
    return series(name, FULL, applicant=f"O{name}", priority=priority)


def test_who_was_refused_is_owed_what_he_asked() -> None:
    assert after(problem([one("A", "P1"), one("B"), dated("D", "2026-09-08", "TU 09:00-10:00!")])) == (
        entry("O1", 1, 1, 0),
        entry("OA", 1, 1, 0),
        entry("OB", 1, 0, 1),
    )


@pytest.mark.parametrize(
    ("before", "priority", "now"),
    [
        (entry("OB", 3, 1, 2, rounds=2), "P1", entry("OB", 4, 2, 1, rounds=3)),  # granted: one is paid back
        (entry("OB", 3, 3, 0, rounds=2), "P1", entry("OB", 4, 4, 0, rounds=3)),  # granted, and nothing was owed
        (entry("OB", 3, 1, 2, rounds=2), "P5", entry("OB", 4, 1, 3, rounds=3)),  # refused: one more
        (entry("OB", 3, 1, 2, since=3), "P1", entry("OB", 4, 2, 1, rounds=2)),  # back after two rounds without it
    ],
)
def test_a_session_pays_back_and_a_refusal_adds(before: LedgerEntry, priority: str, now: LedgerEntry) -> None:
    asked = problem([one("A", "P2"), one("B", priority)], ledger=(before,))
    assert {each.body: each for each in after(asked)}["OB"] == now


def test_who_did_not_ask_grows_older() -> None:
    assert after(problem([one("A")], ledger=(entry("O1", 4, 1, 3),))) == (
        entry("O1", 4, 1, 3, since=2),
        entry("OA", 1, 1, 0),
    )


def test_a_wish_that_nobody_could_meet_is_not_owed() -> None:
    """Nor is who asked only such things known to the ledger: the next round, he is as new as before."""
    tuesdays = space(hours=[Hours(days=("TU",), starts="08:00", ends="22:00")])
    asked = problem([one("A"), one("B"), series("C", "TU 09:00-10:00!", applicant="OB")], spaces=[tuesdays])
    assert after(asked) == (entry("OB", 1, 1, 0),)


def test_duties_and_what_is_pinned_in_full_are_no_favours() -> None:
    whole = Pin(id="p1", source="x", request="B")
    slot = Pin(id="p2", source="x", request="C", slot=PinnedSlot(weekday="WE"))
    asks = [
        one("A", "fix"),
        series("B", "TU 09:00-10:00!", applicant="OB"),
        series("C", "WE 09:00-10:00!", applicant="OC"),
    ]
    assert after(problem(asks, [whole, slot])) == (entry("OC", 1, 1, 0),)


def test_several_sessions_and_several_applicants_of_one_body() -> None:
    asks = [
        series("A", "MO,TU,WE 19:00-20:00", per_week=3, min_sessions=1, applicant="OA"),
        series("B", FULL, applicant="OB"),
    ]
    bodies = (Body(id="both", applicants=("OA", "OB")),)
    assert after(problem(asks, bodies=bodies)) == (entry("both", 4, 3, 1),)


def test_a_ledger_is_carried_into_the_bodies_of_a_later_round() -> None:
    """OA and OB have become one body; OC is gone; OD is as before."""
    later = problem(
        bodies=(Body(id="both", applicants=("OA", "OB")),),
        applicants=tuple(Applicant(id=a, name=a, priority="P3") for a in ("OA", "OB", "OD")),
    )
    entries = (
        entry("OA", 3, 1, 2, rounds=2),
        entry("OB", 1, 0, 1, since=3),
        entry("OC", 1, 0, 1),
        entry("OD", 1, 1, 0),
    )
    assert carried_over(entries, later) == (entry("OD", 1, 1, 0), entry("both", 4, 1, 3, rounds=2))

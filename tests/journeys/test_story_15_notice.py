"""Story 15: the notice of the year comes after the plan; which dates it changes is told first, then it is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside
from tests.factories import problem, series

SEASON = ("2027-09-27", "2027-10-17")
NOTICE = {
    "year": 2027,
    "source": "notice of 2027",
    "days": [
        {"name": "国庆节", "date": "2027-10-01", "isOffDay": True},
        {"name": "国庆节", "date": "2027-10-06", "isOffDay": True},
        {"name": "国庆节", "date": "2027-10-09", "isOffDay": False},
    ],
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Inside]:
    """A community with a class on the school's calendar and a canteen on every date."""
    world = problem(
        [
            series("R1", "WE 16:30-18:00!", calendar="school"),
            series("R2", "WE 11:00-12:00!", calendar="always"),
        ],
        season=SEASON,
    )
    years = {"school": (2027,)}
    calendars = tuple(each.model_copy(update={"provisional_years": years.get(each.id, ())}) for each in world.calendars)
    with inside(Settings(home=tmp_path / "home")) as client:
        client.put(world.model_copy(update={"calendars": calendars}))
        yield client


def post(client: Inside, status: int = 200, **more: Any) -> Any:
    body = {**NOTICE, "takes": {"school": "working_days"}, **more}
    return client.ask(status, "POST", f"{HOME}/calendars:notice", body)


def calendars(client: Inside) -> dict[str, Any]:
    return {each["id"]: each for each in client.ask(200, "GET", f"{HOME}/calendars")["items"]}


def test_the_notice_is_shown_then_confirmed(home: Inside) -> None:
    before = calendars(home)
    shown = post(home)
    assert [(each["request"], each["date"], each["kind"]) for each in shown["changes"]] == [
        ("R1", "2027-10-06", "lost"),
        ("R1", "2027-10-09", "gained"),
    ]
    assert shown["unsaid"] == ["2027-10-09"]
    assert calendars(home) == before

    refused = post(home, 422, confirm=True)
    assert [each["pointer"] for each in refused["errors"]] == ["/days/2"]
    assert calendars(home) == before

    done = post(home, confirm=True, days=shown["days"])
    assert done["changes"] == shown["changes"]
    after = calendars(home)
    assert after["always"] == before["always"]
    school = after["school"]
    assert (school["version"], school["provisional_years"], school["source"]) == (2, [], "notice of 2027")
    assert (school["days_off"], school["counts_as"]) == (["2027-10-01", "2027-10-06"], {"2027-10-09": "WE"})

    assert post(home, confirm=True, days=shown["days"])["changes"] == []
    assert calendars(home) == after


def test_after_a_release_the_notice_changes_the_listed_dates_and_nothing_else(home: Inside) -> None:
    """Released while 2027 is provisional; the notice; released again. Other groups' events keep their bytes."""
    [round] = home.ask(200, "GET", f"{HOME}/rounds")["items"]
    round = home.set_times(round, LONG_PAST, PAST)
    home.release(home.solve(round), 0)
    mine, others = feed(home, "R1"), feed(home, "R2")
    assert (mine.count("STATUS:TENTATIVE"), others.count("STATUS:TENTATIVE")) == (3, 0)
    items = home.ask(200, "GET", f"{HOME}/bookings")["items"]
    assert {(each["request"], each["provisional"]) for each in items} == {("R1", True), ("R2", False)}
    assert "2027 年放假安排尚未公布" in home.send("GET", "/c/tiny/?as_of=2027-09-29").text

    shown = post(home)
    post(home, confirm=True, days=shown["days"])
    home.release(home.solve(round), 1)
    told = home.ask(200, "GET", f"{HOME}/releases/2/changes")
    moved = [(each["before"]["starts"][:10], each["after"]["starts"][:10]) for each in told["moved"]]
    assert (moved, told["new"], told["cancelled"]) == ([("2027-10-06", "2027-10-09")], [], [])

    again = feed(home, "R1")
    assert feed(home, "R2") == others
    assert (again.count("STATUS:TENTATIVE"), again.count("STATUS:CONFIRMED")) == (0, 3)
    # The other two stand on their dates, and say no more that these may change: clients must see them grow.
    assert again.count("SEQUENCE:1") == 3


def feed(client: Inside, request: str) -> str:
    """The events of a request's calendar as a subscriber gets it; the head before them names the release."""
    _, begin, events = client.send("GET", f"/c/tiny/calendars/requests/{request}.ics").text.partition("BEGIN:VEVENT")
    return begin + events

"""Story 15: the notice of the year comes after the plan; which dates it changes is told first, then it is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.api.inside import HOME, Inside, inside
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

"""Study seats and stroller lockers: by the half day, inside the host's dates, signed in or released."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.errors import Refused
from api.flow import units
from api.settings import Settings
from api.store import Store
from scheduler.problem import Problem
from scheduler.units import Block, Units
from scheduler.wellformed import faults_of
from tests.api.inside import LONG_PAST, PAST, Inside, inside
from tests.factories import problem, series, space

DAY = date(2199, 3, 4)
"""A Monday; the study room is open on Mondays 08:30-21:30, the toddlers' room 09:00-13:00."""
BASE = "/v1/communities/tiny"
ZONE = ZoneInfo("Asia/Shanghai")
HALVES = (Block(starts="08:30", ends="12:30"), Block(starts="12:30", ends="16:30"), Block(starts="17:30", ends="21:30"))
SEATS = Units(id="seats", name="自习座位", host="STUDY", names=("A1", "A2"), blocks=HALVES)
LOCKERS = Units(
    id="lockers", name="婴儿车柜", host="TODDLERS", count=2, blocks=(Block(starts="09:00", ends="13:00"), HALVES[1])
)


def world() -> Problem:
    asks = [
        series("STUDY", "MO 08:30-21:30!", priority="fix", spaces=("S1",)),
        series("TODDLERS", "MO 09:00-13:00!", priority="fix", spaces=("S2",)),
    ]
    rooms = [space("S1"), space("S2")]
    return problem(asks, spaces=rooms, season=("2199-03-01", "2199-03-31"), units=(SEATS, LOCKERS))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Inside]:
    with inside(Settings(home=tmp_path / "home")) as client:
        round = client.set_times(client.put(world()), LONG_PAST, PAST)
        client.release(client.solve(round), 0)
        yield client


def book(client: Inside, id: str, expected: int = 201, **order: Any) -> Any:
    return client.ask(expected, "POST", f"{BASE}/units/{id}/bookings", {"date": str(DAY), "block": 0, **order})


def free(client: Inside, id: str, day: date = DAY) -> list[list[str]]:
    told = client.ask(200, "GET", f"{BASE}/units/{id}?date={day}")
    return [each["free"] for each in told["blocks"]]


def at(clock: str, day: date = DAY) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def test_seats_have_names_lockers_are_a_pool(client: Inside) -> None:
    assert free(client, "seats") == [["A1", "A2"]] * 3
    assert free(client, "lockers") == [["1", "2"], []]  # nobody minds them in the afternoon
    assert free(client, "seats", DAY + timedelta(days=1)) == [[], [], []]
    assert book(client, "seats", unit="A2")["unit"] == "A2"
    assert book(client, "seats")["unit"] == "A1"
    assert free(client, "seats") == [[], ["A1", "A2"], ["A1", "A2"]]
    assert [book(client, "lockers")["unit"] for _ in range(2)] == ["1", "2"]


@pytest.mark.parametrize(
    ("id", "order", "status"),
    [
        ("seats", {"unit": "A9"}, 409),
        ("seats", {"block": 3}, 400),
        ("lockers", {"block": 1}, 409),
        ("seats", {"date": "2199-03-05"}, 409),
        ("seats", {"date": "2199-04-01"}, 409),
        ("none", {}, 404),
        ("seats", {"date": "soon"}, 422),
        ("seats", {"block": -1}, 422),
    ],
)
def test_what_cannot_be_booked(client: Inside, id: str, order: dict[str, Any], status: int) -> None:
    book(client, id, expected=status, **order)
    assert free(client, "seats")[0] == ["A1", "A2"]


def test_full_is_full_and_given_back_is_free(client: Inside) -> None:
    first = book(client, "seats", unit="A1")
    book(client, "seats", expected=409, unit="A1")
    path = f"{BASE}/unit-bookings/{first['id']}"
    client.ask(404, "POST", f"{path}:give-back", {"code": "another"})
    assert client.send("POST", f"{path}:give-back", {"code": first["code"]}).status_code == 204
    assert book(client, "seats", unit="A1")["id"] != first["id"]


def test_too_early_to_sign_in(client: Inside) -> None:
    held = book(client, "seats")
    client.ask(409, "POST", f"{BASE}/unit-bookings/{held['id']}:sign-in", {"code": held["code"]})
    client.ask(404, "POST", f"{BASE}/unit-bookings/{held['id']}:sign-in", {"code": "x"})
    client.ask(404, "POST", f"{BASE}/unit-bookings/none:sign-in", {"code": held["code"]})


@pytest.fixture
def store(client: Inside) -> Iterator[Store]:
    store = Store(client.settings.database)
    yield store
    store.close()


def held(store: Store, made: datetime, unit: str = "A1") -> dict[str, Any]:
    with store.writing() as tx:
        return units.book(tx, "tiny", "seats", DAY, 0, unit=unit, now=made)


def sign_in(store: Store, booking: dict[str, Any], now: datetime) -> dict[str, Any]:
    with store.writing() as tx:
        return units.sign_in(tx, "tiny", booking["id"], booking["code"], now)


def free_at(store: Store, now: datetime) -> list[str]:
    with store.reading() as tx:
        found: list[str] = units.free(tx, "tiny", "seats", DAY, now)["blocks"][0]["free"]
        return found


def test_signed_in_within_thirty_minutes_it_is_kept(store: Store) -> None:
    booking = held(store, at("07:00"))
    assert datetime.fromisoformat(booking["sign_in_by"]) == at("09:00")
    assert free_at(store, at("09:00")) == ["A2"]
    assert sign_in(store, booking, at("09:00"))["state"] == "signed_in"
    assert sign_in(store, booking, at("11:00"))["state"] == "signed_in"
    assert free_at(store, at("11:00")) == ["A2"]


def test_otherwise_it_is_released_to_the_next(store: Store) -> None:
    booking = held(store, at("07:00"))
    assert free_at(store, at("09:01")) == ["A1", "A2"]
    with pytest.raises(Refused, match="released"):
        sign_in(store, booking, at("09:01"))
    late = held(store, at("10:00"))
    assert datetime.fromisoformat(late["sign_in_by"]) == at("10:30")  # who books late has as long from then
    assert sign_in(store, late, at("10:20"))["unit"] == "A1"
    with pytest.raises(Refused, match="over"):
        held(store, at("12:30"), "A2")


def test_of_many_at_once_each_unit_has_one_holder(client: Inside) -> None:
    answers: list[int] = []

    def ask() -> None:
        answers.append(client.send("POST", f"{BASE}/units/seats/bookings", {"date": str(DAY), "block": 1}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [201, 201, 409, 409, 409, 409, 409, 409]


def test_units_are_a_pool_or_parts_and_blocks_end_later() -> None:
    both = world().model_copy(update={"units": (SEATS.model_copy(update={"count": 3}),)})
    assert [each.path for each in faults_of(both)] == ["units[0].count"]
    turned = world().model_copy(
        update={"units": (SEATS.model_copy(update={"blocks": (Block(starts="12:30", ends="08:30"),)}),)}
    )
    assert [each.path for each in faults_of(turned)] == ["units[0].blocks[0].ends"]
    nobody = world().model_copy(update={"units": (SEATS.model_copy(update={"host": "NOBODY"}),)})
    assert [each.path for each in faults_of(nobody)] == ["units[0].host"]

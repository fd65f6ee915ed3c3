"""Several clients at once, in any order, on both databases: nothing is booked twice, lost, unproved or skipped."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as plan_of
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from api.settings import Settings
from scheduler.problem import Community
from tests.api.inside import FUTURE, HOME, LONG_PAST, PAST, Inside, inside, tiny
from tests.api.postgres import Postgres
from tests.api.truths import ENDED_TWICE, OVERLAPS, STRAY_PROPOSALS, UNPROVED, questions
from tests.factories import series

pytestmark = pytest.mark.both_databases
OPERATIONS = int(os.environ.get("GONGSHI_TEST_OPERATIONS", "20000"))
STEPS = 20
OPEN = "/v1/communities/open"
CLIENTS = st.integers(0, 2)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of them gives, all begun in the same moment."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        gate.wait()
        answers[place] = acts[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_managers_who_release_at_once_one_hears_what_changed(settings: Settings) -> None:
    with inside(settings) as client:
        round = client.set_times(client.put(tiny()), LONG_PAST, PAST)
        first = client.solve(round)
        order = {"proposal": first["proposal"], "instead_of": 0, "note": "autumn"}
        answers = at_once(*[lambda: client.send("POST", f"{HOME}/releases", order)] * 2)
        won, lost = sorted(answers, key=lambda answer: int(answer.status_code))
        assert (won.status_code, lost.status_code) == (201, 409)
        told = lost.json()
        assert (told["code"], told["in_force"]) == ("release_moved_on", 1)
        [since] = told["since"]
        assert (since["number"], since["note"], since["round"], since["by"] != "") == (1, "autumn", round["id"], True)
        # Two series in two weeks, and one date.
        assert told["changes"] == 5 == len(told["changed"])
        assert {each["became"] for each in told["changed"]} == {"new"}

        closure = {"kind": "closed", "id": "c1", "source": "通知", "spaces": ["S1"], "dates": ["2026-09-14"]}
        client.ask(201, "POST", f"{HOME}/constraints", closure)
        second = client.solve(round)
        client.release(second, 1)
        told = client.release(second, 1, expected=409)
        assert [each["number"] for each in told["since"]] == [2]
        [gone] = told["changed"]
        assert (gone["became"], gone["request"], gone["after"]) == ("cancelled", "R1", None)
        assert gone["before"] == {
            "space": "S1",
            "starts": "2026-09-14T19:00:00+08:00",
            "ends": "2026-09-14T20:30:00+08:00",
        }


def test_a_key_is_known_after_a_restart(settings: Settings) -> None:
    with inside(settings) as client:
        round = client.set_times(client.put(tiny()), LONG_PAST, PAST)
        order = {"proposal": client.solve(round)["proposal"], "instead_of": 0}
        made = client.send("POST", f"{HOME}/releases", order, Idempotency_Key="k")
    with inside(settings) as client:
        again = client.send("POST", f"{HOME}/releases", order, Idempotency_Key="k")
        assert (again.status_code, again.json()) == (201, made.json())
        assert again.headers["idempotency-replayed"] == "true"
        assert len(client.ask(200, "GET", f"{HOME}/releases")["items"]) == 1
        assert client.ask(422, "POST", f"{HOME}/releases", order | {"note": "other"}, Idempotency_Key="k")


class Clients(RuleBasedStateMachine):
    """Three clients of one service, each with what it has seen last; the model is what they were answered."""

    fresh: Callable[[], Any]
    operations: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._database = type(self).fresh()
        self._settings = Settings(home=Path(self._folder.name), database_url=self._database.url)
        self._begin()
        self._numbers = count(1)
        self.round = self.client.set_times(self.client.put(tiny()), LONG_PAST, PAST)
        asked = tiny().model_copy(update={"community": Community(id="open", name="open", zone="Asia/Shanghai")})
        opened = self.client.put(asked)["id"]
        path = f"{OPEN}/rounds/{opened}"
        read = self.client.send("GET", path)
        times = read.json() | {"opens_at": PAST, "closes_at": FUTURE}
        self.client.ask(200, "PUT", path, times, If_Match=read.headers["etag"])
        self.seen = [0, 0, 0]
        self.proposals: list[str] = []
        self.released: list[tuple[int, str]] = []
        self.requests = {each.id for each in asked.requests}
        self.tags = [self._tag()] * 3
        self.written = 0
        self.keyed: list[tuple[Any, str, Any]] = []

    def _begin(self) -> None:
        self._inside = inside(self._settings)
        self.client: Inside = self._inside.__enter__()

    def teardown(self) -> None:
        self._inside.__exit__(None, None, None)
        self._database.drop()
        self._folder.cleanup()

    def _tag(self) -> str:
        return str(self.client.send("GET", f"{OPEN}/applicants/O1").headers["etag"])

    def _sent(self, method: str, path: str, document: Any = None, **headers: str) -> Any:
        response = self.client.send(method, path, document, **headers)
        assert response.status_code < 500, response.text
        self.operations[f"{method} {response.status_code}"] += 1
        return response

    @rule()
    def solve(self) -> None:
        solve = self.client.solve(self.round)
        self.operations["solve"] += 1
        assert solve["state"] == "done"
        self.proposals.append(solve["proposal"])

    @rule(who=CLIENTS, which=st.integers(0, 50))
    def release(self, who: int, which: int) -> None:
        """From what this client saw last, which may be old."""
        if self.proposals:
            self._released(who, self._order(who, which))

    def _order(self, who: int, which: int) -> Any:
        proposal = self.proposals[which % len(self.proposals)]
        order = {"proposal": proposal, "instead_of": self.seen[who]}
        return self._sent("POST", f"{HOME}/releases", order, Idempotency_Key=f"release {next(self._numbers)}")

    def _released(self, who: int, answer: Any) -> None:
        told = answer.json()
        if answer.status_code == 201:
            assert told["number"] == len(self.released) + 1
            self.released.append((told["number"], told["proposal"]))
            self.seen[who] = told["number"]
        else:
            assert (answer.status_code, told["code"]) == (409, "release_moved_on")
            assert told["in_force"] == len(self.released)
            assert [each["number"] for each in told["since"]] == list(range(self.seen[who] + 1, told["in_force"] + 1))
            self.seen[who] = told["in_force"]

    @rule(which=st.integers(0, 50))
    def two_release(self, which: int) -> None:
        """Both have seen the newest: one wins."""
        if self.proposals:
            self.seen = [len(self.released)] * 3
            answers = at_once(*[lambda who=who: self._order(who, which) for who in (0, 1)])
            assert sorted(answer.status_code for answer in answers) == [201, 409]
            for who in sorted((0, 1), key=lambda who: int(answers[who].status_code)):
                self._released(who, answers[who])

    @rule(together=st.integers(1, 3))
    def wish(self, together: int) -> None:
        """Requests from several at once, each sent twice under its key."""
        ids = [f"W{next(self._numbers)}" for _ in range(together)]
        wishes = [series(id, "TH 08:00-09:00").model_dump(mode="json") for id in ids]

        def send(wish: Any) -> Any:
            return self._sent("POST", f"{OPEN}/requests", wish, Idempotency_Key=wish["id"])

        answers = at_once(*[lambda wish=wish: send(wish) for wish in wishes for _ in range(2)])
        assert [answer.status_code for answer in answers] == [201] * 2 * together
        self.requests |= set(ids)
        self.keyed += [(wish, wish["id"], answer.json()) for wish, answer in zip(wishes, answers[::2], strict=True)]

    @rule(which=st.integers(0, 50))
    def repeat(self, which: int) -> None:
        """A request that was answered long ago is answered the same, and done no more."""
        if self.keyed:
            wish, key, before = self.keyed[which % len(self.keyed)]
            answer = self._sent("POST", f"{OPEN}/requests", wish, Idempotency_Key=key)
            assert (answer.status_code, answer.json()) == (201, before)

    @rule(who=CLIENTS)
    def rename(self, who: int) -> None:
        """An update is of what was read, or is refused."""
        self._renamed(who, self._rename(who))

    def _rename(self, who: int) -> Any:
        read = self.client.send("GET", f"{OPEN}/applicants/O1").json()
        document = read | {"name": f"name {next(self._numbers)}"}
        return self._sent("PUT", f"{OPEN}/applicants/O1", document, If_Match=self.tags[who])

    def _renamed(self, who: int, answer: Any) -> None:
        if answer.status_code == 200:
            self.written += 1
        else:
            assert (answer.status_code, answer.json()["code"]) == (412, "revision_changed")
        self.tags[who] = answer.headers["etag"]

    @rule()
    def all_rename(self) -> None:
        """All have read the same: one writes."""
        self.tags = [self._tag()] * 3
        answers = at_once(*[lambda who=who: self._rename(who) for who in range(3)])
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
        for who in range(3):
            self._renamed(who, answers[who])

    @rule()
    def restart(self) -> None:
        self._inside.__exit__(None, None, None)
        self._begin()

    @invariant()
    def nothing_is_booked_twice_lost_unproved_or_skipped(self) -> None:
        assert questions(self._settings.database, OVERLAPS, UNPROVED, ENDED_TWICE, STRAY_PROPOSALS) == [0] * 4
        stored = self.client.ask(200, "GET", f"{HOME}/releases")["items"]
        assert [(each["number"], each["proposal"]) for each in reversed(stored)] == self.released
        requests = [each["id"] for each in self.client.ask(200, "GET", f"{OPEN}/requests")["items"]]
        assert sorted(requests) == sorted(self.requests)
        assert int(self._tag().strip('"').partition("-")[0]) == 1 + self.written
        self.operations["checks"] += 1


class Fresh:
    """A database for one run of the machine."""

    def __init__(self, postgres: Postgres | None) -> None:
        self._postgres = postgres
        self.url = postgres.fresh() if postgres is not None else ""

    def drop(self) -> None:
        if self._postgres is not None:
            self._postgres.drop(self.url)


@pytest.fixture
def machine(request: pytest.FixtureRequest, database: str) -> type[Clients]:
    server = None if database == "sqlite" else request.getfixturevalue("postgres")
    return type("Machine", (Clients,), {"fresh": staticmethod(lambda: Fresh(server)), "operations": Counter()})


def driven(machine: type[Clients], runs: int, *, same: bool = True) -> int:
    """Let the clients do what they like, so many times; how many operations were answered."""
    plan = plan_of(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=same,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=plan)
    return sum(number for name, number in machine.operations.items() if name != "checks")


def test_some_interleavings(machine: type[Clients]) -> None:
    assert driven(machine, 2) >= 20


@pytest.mark.long
def test_many_interleavings(machine: type[Clients], capsys: pytest.CaptureFixture[str]) -> None:
    operations = 0
    while operations < OPERATIONS:
        operations = driven(machine, 50, same=False)
    with capsys.disabled():
        sys.stdout.write(f"\n{machine.operations}\n{operations} operations, no double booking, nothing lost\n")

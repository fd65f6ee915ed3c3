"""A service whose processes are killed at any moment, the people who use it meanwhile, and what must be true after."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, Literal

import httpx

from scheduler.problem import Community
from tests.api.inside import LONG_PAST, PAST, tiny
from tests.api.running import free_port
from tests.api.truths import ENDED_TWICE, OVERLAPS, STRAY_PROPOSALS, UNPROVED, questions

DYING = Path(__file__).parent / "dying.py"
WITHIN_SECONDS = 120.0
Kind = Literal["web", "worker"]


class Mortal:
    """A web process and a worker, each started and killed by itself, on one database."""

    def __init__(self, home: Path, database: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, port = home, free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.database = database or f"sqlite:///{home / 'gongshi.sqlite'}"
        own = {"GONGSHI_HOME": str(home), "GONGSHI_PORT": str(port), "GONGSHI_DATABASE_URL": self.database}
        self._environment = {**os.environ, **own}
        self._processes: dict[Kind, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def start(self, kind: Kind, *step: str) -> None:
        """Start a process, which may die at a step."""
        with (self.home / "log.txt").open("ab") as log:
            command = [sys.executable, str(DYING), kind, *step]
            self._processes[kind] = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def kill(self, kind: Kind) -> None:
        """Kill it, as a machine that loses its power does; it may be dead already."""
        self._processes[kind].kill()
        self._processes[kind].wait()

    def gone(self, kind: Kind) -> bool:
        """Whether it has died."""
        return self._processes[kind].poll() is not None

    def stop(self) -> None:
        """Kill both."""
        for kind in self._processes:
            self.kill(kind)


class People:
    """Those who use the service, and repeat what they were not answered, under the same key."""

    def __init__(self, mortal: Mortal) -> None:
        self.mortal = mortal
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []

    def insist(self, method: str, path: str, document: Any = None, **headers: str) -> httpx.Response:
        """Send it until it is answered; a fault of the service's (5xx) is no answer, but is told."""
        limit = time.monotonic() + WITHIN_SECONDS
        content = document if isinstance(document, bytes) else json.dumps(document).encode() if document else None
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            names |= {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        while time.monotonic() < limit:
            try:
                response = httpx.request(method, self.mortal.url + path, content=content, headers=names, timeout=30)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if response.status_code < 500:
                self.done[f"{method} {response.status_code}"] += 1
                return response
            self.faults.append(f"{method} {path}: {response.status_code} {response.text[:200]}")
            time.sleep(0.1)
        raise AssertionError(f"no answer: {method} {path}\n{(self.mortal.home / 'log.txt').read_text()[-3000:]}")

    def told(self, expected: int, method: str, path: str, document: Any = None, **headers: str) -> Any:
        """The JSON of the answer, whose status is the expected one."""
        response = self.insist(method, path, document, **headers)
        assert response.status_code == expected, f"{method} {path}: {response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def import_closed(self, community: str) -> str:
        """A community with a closed round; the round's id."""
        asked = tiny().model_copy(update={"community": Community(id=community, name=community, zone="Asia/Shanghai")})
        document = asked.model_dump_json().encode()
        round = str(self.told(201, "PUT", f"/v1/communities/{community}/problem", document)["id"])
        path = f"/v1/communities/{community}/rounds/{round}"
        read = self.insist("GET", path)
        times = read.json() | {"opens_at": LONG_PAST, "closes_at": PAST}
        self.told(200, "PUT", path, times, If_Match=read.headers["etag"])
        return round

    def solve(self, community: str, round: str) -> str:
        """A proposal of a solve; one that killers have struck three times is asked for anew."""
        base = f"/v1/communities/{community}/solves"
        while True:
            id = self.told(202, "POST", base, {"round": round, "audit": True, "time_limit_seconds": 20})["id"]
            limit = time.monotonic() + WITHIN_SECONDS
            while (solve := self.told(200, "GET", f"{base}/{id}"))["state"] in {"queued", "running"}:
                assert time.monotonic() < limit, solve
                time.sleep(0.05)
            if solve["state"] == "done":
                return str(solve["proposal"])
            assert (solve["state"], solve["attempts"]) == ("failed", 3), solve
            self.done["given up"] += 1

    def release(self, community: str, round: str, number: int) -> None:
        """Solve, and release as this number."""
        order = {"proposal": self.solve(community, round), "instead_of": number - 1}
        assert self.told(201, "POST", f"/v1/communities/{community}/releases", order)["number"] == number

    def rename(self, community: str, times: Callable[[], bool]) -> int:
        """Rename an applicant again and again, each time from what was read; how often it was done."""
        path = f"/v1/communities/{community}/applicants/O1"
        read = self.insist("GET", path)
        document, tag, renamed = read.json(), read.headers["etag"], 0
        while not renamed or times():
            renamed += 1
            answer = self.insist("PUT", path, document | {"name": f"name {renamed}"}, If_Match=tag)
            assert answer.status_code == 200, answer.text
            tag = answer.headers["etag"]
        return renamed


def revision(people: People, community: str) -> tuple[int, str]:
    """How often the applicant was written, and the name that it has."""
    read = people.insist("GET", f"/v1/communities/{community}/applicants/O1")
    return int(read.headers["etag"].strip('"').partition("-")[0]), read.json()["name"]


@contextmanager
def ear() -> Iterator[tuple[str, list[str]]]:
    """A receiver of webhooks: its address, and the cursors that it has heard."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append(str(body["cursor"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", heard
    finally:
        server.shutdown()
        server.server_close()


class Killer:
    """Kills a random process at a random moment, again and again, and starts it anew."""

    def __init__(self, mortal: Mortal, kills: int, seed: int) -> None:
        self.mortal, self.kills, self.killed = mortal, kills, 0
        self._random = random.Random(seed)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        kinds: tuple[Kind, ...] = ("web", "worker")
        while self.killed < self.kills:
            time.sleep(self._random.uniform(0.3, 4.0))
            victims = self._random.choice([kinds[:1], kinds[1:], kinds])
            for kind in victims:
                self.mortal.kill(kind)
            self.killed += 1
            for kind in victims:
                self.mortal.start(kind)

    def start(self) -> None:
        self._thread.start()

    def going_on(self) -> bool:
        """Whether it is not done yet."""
        return self._thread.is_alive()


UNTOLD = "SELECT COUNT(*) FROM webhook_delivery WHERE state <> 'delivered'"


def survived(mortal: Mortal, kills: int, *, seed: int, writers: int = 2) -> dict[str, int]:
    """Use the service while its processes are killed so often; the figures, each as it was counted."""
    people, stream = People(mortal), count(1)
    mortal.start("web")
    mortal.start("worker")
    with ear() as (address, heard):
        round = people.import_closed("tiny")
        for each in range(writers):
            people.import_closed(f"writer{each}")
        people.told(201, "POST", "/v1/webhooks", {"url": address, "owner": ""})
        before = [revision(people, f"writer{each}")[0] for each in range(writers)]
        renamed = [0] * writers
        killer = Killer(mortal, kills, seed)

        def write(place: int) -> None:
            renamed[place] = people.rename(f"writer{place}", killer.going_on)

        threads = [threading.Thread(target=write, args=(each,)) for each in range(writers)]
        killer.start()
        for thread in threads:
            thread.start()
        releases = 0
        while killer.going_on():
            releases = next(stream)
            people.release("tiny", round, releases)
        for thread in threads:
            thread.join()
        limit = time.monotonic() + WITHIN_SECONDS
        told = people.told(200, "GET", "/v1/changes")["items"]
        while {str(each["cursor"]) for each in told} - set(heard) or questions(mortal.database, UNTOLD) != [0]:
            assert time.monotonic() < limit, "changes are not told"
            time.sleep(0.2)
    stored = people.told(200, "GET", "/v1/communities/tiny/releases")["items"]
    after = [revision(people, f"writer{each}") for each in range(writers)]
    overlaps, unproved, twice, stray = questions(mortal.database, OVERLAPS, UNPROVED, ENDED_TWICE, STRAY_PROPOSALS)
    numbers = sorted(each["number"] for each in stored)
    counted = [now - was for (now, _), was in zip(after, before, strict=True)]
    return {
        "kills": killer.killed,
        "operations": sum(people.done.values()),
        "releases": releases,
        "changes told": len(told),
        "given up": people.done["given up"],
        "double bookings": overlaps,
        "releases without proof": unproved,
        "lost writes": sum(max(0, want - got) for want, got in zip(renamed, counted, strict=True))
        + sum(name != f"name {want}" for (_, name), want in zip(after, renamed, strict=True))
        + len(set(range(1, releases + 1)) - set(numbers)),
        "duplicates": sum(max(0, got - want) for want, got in zip(renamed, counted, strict=True))
        + len(numbers)
        - len(set(numbers))
        + max(0, len(numbers) - releases)
        + twice
        + stray,
        "faults": len(people.faults),
    }

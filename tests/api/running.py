"""A real `gongshi serve` for tests, with a home and a port of its own; and a client that says what it expects."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

STARTS_WITHIN_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """One server on one home; it can be killed and started again."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "GONGSHI_HOME": str(home), "GONGSHI_PORT": str(self.port), **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home / "log.txt"

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "api.cli", "serve"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self._until_it_answers()

    def _until_it_answers(self) -> None:
        limit = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < limit:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Send the signal; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(15)

    def workers(self) -> list[int]:
        """Process ids of the worker that this server started."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for each in children for pid in each.read_text().split()]


@contextmanager
def running(home: Path, **environment: str) -> Iterator[Running]:
    server = Running(home, **environment)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)


class Client(httpx.Client):
    """`ask` sends a request and asserts its status; it gives the JSON of the answer."""

    def ask(self, expected: int, method: str, path: str, document: Any = None, **headers: str) -> Any:
        content = None if document is None else json.dumps(document)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            names.setdefault("Content-Type", "application/json")
        response = self.request(method, path, content=content, headers=names)
        assert response.status_code == expected, f"{method} {path}: {response.status_code} {response.text[:2000]}"
        return response.json() if response.content else None


def client_of(server: Running) -> Client:
    return Client(base_url=server.url, timeout=30)


def events(client: httpx.Client, path: str, **headers: str) -> Iterator[dict[str, Any]]:
    """Server-sent events as they come: `id`, `event`, and the fields of their data."""
    with client.stream("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()}) as response:
        assert response.status_code in {200, 204}
        event: dict[str, Any] = {}
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name == "data":
                event |= json.loads(value)
            elif name in {"id", "event"}:
                event[name] = value
            elif not line and event:
                yield event
                event = {}


def ended(client: Client, path: str, within_seconds: float = 90) -> dict[str, Any]:
    """The solve, as soon as it has ended."""
    limit = time.monotonic() + within_seconds
    while True:
        solve: dict[str, Any] = client.ask(200, "GET", path)
        if solve["state"] not in {"queued", "running"}:
            return solve
        assert time.monotonic() < limit, solve
        time.sleep(0.2)

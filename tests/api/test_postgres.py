"""The PostgreSQL of the tests is a real one, fresh for every test, and never left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.api.postgres import Postgres

DIES = """
import os, signal
from tests.api.postgres import Postgres
server = Postgres()
print(server.folder, int((server.data / "postmaster.pid").read_text().split()[0]), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def one(url: str, query: bytes) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_it_speaks_utf_8_and_has_its_own_time_zone(empty_postgres_url: str) -> None:
    """Tests rely on both: Chinese names go in and out, and an instant does not depend on where the server stands."""
    assert one(empty_postgres_url, b"SHOW server_encoding") == "UTF8"
    assert one(empty_postgres_url, b"SHOW TimeZone") == "Asia/Shanghai"
    assert one(empty_postgres_url, b"SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_a_database_of_its_own_with_all_tables(postgres_url: str, turn: int) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("INSERT INTO community VALUES ('c', 1, '{}', 0, now(), now())")
    assert one(postgres_url, b"SELECT count(*) FROM community") == 1


def test_it_is_killed_and_started_again_with_what_was_committed() -> None:
    server = Postgres()
    try:
        server.run("CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)")
        server.stop(signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url())
        server.start()
        assert one(server.url(), b"SELECT n FROM kept") == 42
    finally:
        server.close()
    assert not server.folder.exists()


def test_it_does_not_outlive_tests_that_are_killed() -> None:
    started = subprocess.run([sys.executable, "-c", DIES], stdout=subprocess.PIPE, text=True, check=False)
    folder, pid = started.stdout.split()
    assert started.returncode == -signal.SIGKILL
    limit = time.monotonic() + 20
    while Path(folder).exists():
        assert time.monotonic() < limit
        time.sleep(0.1)
    assert b"postgres" not in b"".join(each.read_bytes() for each in Path("/proc").glob(f"{pid}/cmdline"))

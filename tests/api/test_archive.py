"""A backup is one file that goes from either database into either, byte for byte, or is refused before anything."""

# ruff: noqa: S608 - raw SQL, made of constants of this file
from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from typer.testing import CliRunner

from api.cli import app
from api.settings import Settings
from api.store import Store, migrate
from api.store.backup import DamagedError, OccupiedError, back_up, restore
from api.store.migrate import config_of
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, inside, tiny
from tests.api.postgres import Postgres
from tests.api.store.history import add_rows, contents

NOW = datetime(2026, 9, 1, tzinfo=UTC)
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
FEEDS = ("community/tiny", "spaces/S1", "uses/U1", "requests/R1", "requests/D1")
both = pytest.mark.both_databases


@pytest.fixture
def elsewhere(database: str, to_the_other: bool, tmp_path: Path, postgres: Postgres) -> Iterator[Store]:
    """A database without a table, of the same kind or of the other."""
    with another(OTHER[database] if to_the_other else database, tmp_path, postgres) as store:
        yield store


@pytest.fixture
def round(client: Inside) -> Any:
    """A round of `tiny` that is released."""
    round = client.set_times(client.put(tiny()), LONG_PAST, PAST)
    client.release(client.solve(round), 0)
    return round


@contextmanager
def another(kind: str, place: Path, postgres: Postgres) -> Iterator[Store]:
    """A database without a table."""
    store = Store(f"sqlite:///{place / 'other.sqlite'}" if kind == "sqlite" else postgres.fresh(empty=True))
    yield store
    store.close()


def feeds(client: Inside) -> list[tuple[int, bytes, Any, Any]]:
    told = [client.send("GET", f"/c/tiny/calendars/{each}.ics") for each in FEEDS]
    return [
        (each.status_code, each.content, each.headers.get("etag"), each.headers.get("last-modified")) for each in told
    ]


def kept(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All rows as JSON would tell them, so that SQLite and PostgreSQL compare."""
    with store.reading() as tx:
        found = contents(tx)
    for rows in found.values():
        for row in rows:
            row |= {name: each.replace(tzinfo=UTC) for name, each in row.items() if isinstance(each, datetime)}
        rows.sort(key=repr)
    return found


@both
@pytest.mark.parametrize("to_the_other", [False, True])
def test_feeds_are_the_same_bytes_after_a_restore(
    client: Inside, round: Any, elsewhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the service goes on: the next release has number 2, keeps the bookings' identities, and finds the log."""
    before, file = feeds(client), tmp_path / "all.gongshi"
    assert [each[0] for each in before] == [200] * len(FEEDS)
    with closing(Store(client.settings.database)) as store:
        back_up(store, file, secret="ab", now=NOW)
        rows = kept(store)
    uids = {each["uid"] for each in client.ask(200, "GET", f"{HOME}/bookings")["items"]}
    counts, secret = restore(elsewhere, file, replace=False)
    assert secret == "ab"
    assert (counts["release"], counts["booking"]) == (1, 5)
    assert kept(elsewhere) == rows
    monkeypatch.setenv("GONGSHI_DATABASE_URL", elsewhere.engine.url.render_as_string(hide_password=False))
    with inside(Settings(home=tmp_path / "elsewhere")) as again:
        assert feeds(again) == before
        assert again.release(again.solve(round), 1)["number"] == 2
        assert {each["uid"] for each in again.ask(200, "GET", f"{HOME}/bookings")["items"]} == uids
        with pytest.raises(sa.exc.IntegrityError, match="append_only"):
            again.sql("UPDATE release SET note = 'x'")


@both
@pytest.mark.parametrize("version", ["0001", "0007", "0012"])
def test_a_file_of_an_older_version_comes_to_the_newest(
    database: str, version: str, tmp_path: Path, postgres: Postgres
) -> None:
    file = tmp_path / "old.gongshi"
    with another(database, tmp_path, postgres) as old:
        with old.writing() as tx:
            command.upgrade(config_of(tx), version)
            add_rows(tx)
        back_up(old, file, secret="", now=NOW)
        migrate(old)
        (tmp_path / "new").mkdir()
        with another(OTHER[database], tmp_path / "new", postgres) as new:
            restore(new, file, replace=False)
            assert not migrate(new)
            assert kept(new) == kept(old)


def whole(tmp_path: Path, store: Store) -> Path:
    """A backup with a row in every table."""
    with store.writing() as tx:
        add_rows(tx)
    file = tmp_path / "whole.gongshi"
    back_up(store, file, secret="", now=NOW)
    return file


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def without_a_row(data: bytes) -> bytes:
    lines = gzip.decompress(data).splitlines(keepends=True)
    return gzip.compress(b"".join(lines[:2] + lines[3:]))


def without_the_end(data: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(data).splitlines(keepends=True)[:-1]))


def of_tomorrow(data: bytes) -> bytes:
    """As a later version of this program would write it, checksum and all."""
    lines = gzip.decompress(data).splitlines(keepends=True)
    lines[0] = json.dumps(json.loads(lines[0]) | {"version": "9999"}).encode() + b"\n"
    end = json.loads(lines[-1]) | {"sha256": hashlib.sha256(b"".join(lines[:-1])).hexdigest()}
    return gzip.compress(b"".join([*lines[:-1], json.dumps(end).encode()]))


@pytest.mark.parametrize(
    "damage", [cut, flipped, without_a_row, without_the_end, of_tomorrow, lambda _: b"", gzip.compress]
)
def test_a_damaged_file_is_refused_before_anything_is_written(store: Store, tmp_path: Path, damage: Any) -> None:
    file = whole(tmp_path, store)
    before = kept(store)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DamagedError):
        restore(store, file, replace=True)
    assert kept(store) == before


@both
def test_only_an_empty_database_is_filled_unless_it_may_be_replaced(store: Store, tmp_path: Path) -> None:
    file = whole(tmp_path, store)
    with store.writing() as tx:
        tx.exec_driver_sql("INSERT INTO community VALUES ('later', 1, '{}', 0, '2026-09-01', '2026-09-01')")
    before = kept(store)
    with pytest.raises(OccupiedError):
        restore(store, file, replace=False)
    assert kept(store) == before
    restore(store, file, replace=True)
    assert [row["id"] for row in kept(store)["community"]] == ["x"]
    assert {name: len(rows) for name, rows in kept(store).items()} == dict.fromkeys(before, 1)


@both
def test_a_backup_is_of_one_moment_while_others_write(store: Store, tmp_path: Path) -> None:
    """Every community has its round from the same transaction: a file with one and not the other is of no moment."""
    written, stop = Event(), Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with store.writing() as tx:
                tx.exec_driver_sql(f"INSERT INTO community VALUES ('c{number}', 1, '{{}}', 0, '{NOW}', '{NOW}')")
                tx.exec_driver_sql(
                    "INSERT INTO round (community, id, revision, document, created, modified)"
                    f" VALUES ('c{number}', 'r', 1, '{{}}', '{NOW}', '{NOW}')"
                )
            number += 1
            written.set()

    writer = Thread(target=write)
    writer.start()
    assert written.wait(20)
    counts = [back_up(store, tmp_path / f"{turn}", secret="", now=NOW) for turn in range(5)]
    stop.set()
    writer.join()
    assert [each["community"] for each in counts] == [each["round"] for each in counts]
    assert counts[0]["community"] < counts[-1]["community"]


def test_the_commands_say_what_they_did(client: Inside, round: Any, tmp_path: Path) -> None:
    file, fresh = tmp_path / "all.gongshi", tmp_path / "fresh"

    def run(home: Path, *words: str) -> int:
        return CliRunner().invoke(app, list(words), env={"GONGSHI_HOME": str(home)}).exit_code

    assert run(fresh, "backup", str(file)) == 1
    assert run(client.settings.home, "backup", str(tmp_path / "nowhere" / "x")) == 2
    assert run(client.settings.home, "backup", str(file)) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    (fresh / "secret.key").unlink()
    assert run(fresh, "restore", str(file)) == 0
    assert (fresh / "secret.key").read_text() == (client.settings.home / "secret.key").read_text()
    with closing(Store(Settings(home=fresh).database)) as new, closing(Store(client.settings.database)) as old:
        assert kept(new) == kept(old)
    assert run(fresh, "restore", str(file)) == 1
    assert run(fresh, "restore", str(file), "--replace") == 0
    assert run(fresh, "restore", str(tmp_path / "nowhere")) == 2

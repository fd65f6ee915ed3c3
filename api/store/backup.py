"""All that is kept in one file, which goes back into SQLite or PostgreSQL, whichever it came from.

The file is gzip of lines of JSON. First a head: the form, the version of the database, the secret of links and
sessions. Then for each table, those that others refer to first, a line with its columns and a line for each row. Last
an end with the number of rows and the SHA-256 of all lines before it, so that a file that was cut off or changed is
known before anything is written. Moments are in UTC, bytes in base64.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from api.store.engine import Store
from api.store.migrate import PLACE, config_of

FORM = "gongshi-backup-1"
ROWS_AT_ONCE = 500
OWN_TABLE = "alembic_version"


class DamagedError(Exception):
    """The file is not a whole backup; the message says what is wrong with it."""


class OccupiedError(Exception):
    """There is something already where a backup should go."""


def back_up(store: Store, file: Path, *, secret: str, now: datetime) -> dict[str, int]:
    """Write all that is kept, as of one moment, while the service runs. The file is whole or not there.

    Returns:
        The number of rows of each table.

    Raises:
        OSError: the file cannot be written.
        OccupiedError: the database has no tables yet.
    """
    new = file.with_name(f"{file.name}.new")
    new.touch(mode=0o600)  # it holds the secret, and personal data
    hashed, counts = hashlib.sha256(), {}
    with store.reading() as tx, gzip.open(new, "wb", compresslevel=6) as out:

        def line(value: object) -> None:
            data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            hashed.update(data)
            out.write(data)

        version = MigrationContext.configure(tx).get_current_revision()
        if version is None:
            raise OccupiedError
        line({"form": FORM, "version": version, "made": now.astimezone(UTC).isoformat(), "secret": secret})
        for table in _tables(tx):
            line({"table": table.name, "columns": [column.name for column in table.c]})
            counts[table.name] = 0
            ordered = sa.select(table).order_by(*table.primary_key.columns)
            for row in tx.execute(ordered, execution_options={"yield_per": ROWS_AT_ONCE}):
                line([_coded(value) for value in row])
                counts[table.name] += 1
        line({"rows": sum(counts.values()), "sha256": hashed.hexdigest()})
    new.replace(file)
    return counts


def restore(store: Store, file: Path, *, replace: bool) -> tuple[dict[str, int], str]:
    """Make the database what the file says, all or nothing, and bring it to the present form.

    Args:
        store: where to; nobody else should use it meanwhile.
        file: a backup of this or any earlier version.
        replace: whatever is there may go.

    Returns:
        The number of rows of each table, and the secret.

    Raises:
        OSError: the file cannot be read.
        DamagedError: it is not a whole backup, or of a later version.
        OccupiedError: the database holds something, and it may not be replaced.
    """
    head = check(file)
    with store.writing() as tx:
        if any(tx.execute(sa.select(table).limit(1)).first() for table in _tables(tx)) and not replace:
            raise OccupiedError
        _clear(tx)
        command.upgrade(config_of(tx), head["version"])
        with _without_triggers(tx):
            counts = _load(tx, file)
        if tx.dialect.name == "postgresql":
            _continue_sequences(tx)
        command.upgrade(config_of(tx), "head")
    return counts, head["secret"]


def check(file: Path) -> dict[str, Any]:
    """The head of a backup that is whole.

    Raises:
        OSError: the file cannot be read.
        DamagedError: it is not whole, or of a later version.
    """
    hashed, rows = hashlib.sha256(), 0
    head: dict[str, Any] | None = None
    end: dict[str, Any] | None = None
    for data in _lines(file):
        if end is not None:
            raise DamagedError("lines behind the end")
        value = _parsed(data)
        if head is None:
            if not isinstance(value, dict) or value.get("form") != FORM:
                raise DamagedError(f"not of the form {FORM}")
            head = value
        elif isinstance(value, dict) and "sha256" in value:
            end = value
            if (end["sha256"], end.get("rows")) != (hashed.hexdigest(), rows):
                raise DamagedError("the checksum is another")
        elif isinstance(value, list):
            rows += 1
        hashed.update(data)
    if head is None or end is None:
        raise DamagedError("it ends too early")
    known = {each.revision for each in ScriptDirectory(str(PLACE)).walk_revisions()}
    if head["version"] not in known:
        raise DamagedError(f"of version {head['version']}, which this program does not know")
    return head


def _lines(file: Path) -> Iterator[bytes]:
    with gzip.open(file, "rb") as lines:
        try:
            yield from lines
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DamagedError(str(error)) from None


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise DamagedError("a line is not JSON") from None


def _tables(tx: sa.Connection) -> list[sa.Table]:
    """All tables as they are, those that others refer to first."""
    there = sa.MetaData()
    there.reflect(tx)
    return [table for table in there.sorted_tables if table.name != OWN_TABLE]


def _clear(tx: sa.Connection) -> None:
    there = sa.MetaData()
    there.reflect(tx)
    there.drop_all(tx)
    if tx.dialect.name == "postgresql":
        ours = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
        for name in tx.execute(sa.text(ours)).scalars().all():
            tx.exec_driver_sql(f"DROP FUNCTION {name}")


@contextmanager
def _without_triggers(tx: sa.Connection) -> Iterator[None]:
    """What triggers refuse comes about in an order that is not kept: a release is in force before it has bookings.

    Keys, CHECKs and PostgreSQL's exclusion hold meanwhile.
    """
    if tx.dialect.name == "postgresql":
        names = [table.name for table in _tables(tx)]
        for name in names:
            tx.exec_driver_sql(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        yield
        for name in names:
            tx.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        return
    triggers = tx.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid").all()
    for name, _ in triggers:
        tx.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, text in triggers:
        tx.exec_driver_sql(text)


def _load(tx: sa.Connection, file: Path) -> dict[str, int]:
    tables = {table.name: table for table in _tables(tx)}
    for table in reversed(tables.values()):
        tx.execute(table.delete())  # what the migrations themselves wrote
    naive, counts = tx.dialect.name == "sqlite", dict.fromkeys(tables, 0)
    now: sa.Table | None = None
    columns: list[sa.Column[Any]] = []
    waiting: list[dict[str, Any]] = []

    def write() -> None:
        if now is not None and waiting:
            tx.execute(now.insert(), waiting)
            counts[now.name] += len(waiting)
            waiting.clear()

    for value in map(json.loads, _lines(file)):
        if isinstance(value, list):
            waiting.append({each.name: _decoded(each, item, naive) for each, item in zip(columns, value, strict=True)})
            if len(waiting) == ROWS_AT_ONCE:
                write()
        elif "table" in value:
            write()
            now = tables[value["table"]]
            columns = [now.c[name] for name in value["columns"]]
    write()
    return counts


def _continue_sequences(tx: sa.Connection) -> None:
    """What counts by itself goes on behind the highest number that was given."""
    for table in _tables(tx):
        for column in table.primary_key.columns:
            place = sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            if tx.execute(sa.select(place)).scalar_one() is not None:
                tx.execute(sa.select(sa.func.setval(place, sa.func.max(column)))).all()


def _coded(value: Any) -> Any:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _decoded(column: sa.Column[Any], value: Any, naive: bool) -> Any:
    if value is None:
        return None
    match column.type:
        case sa.DateTime():
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=None) if naive else moment
        case sa.Date():
            return date.fromisoformat(value)
        case sa.LargeBinary():
            return base64.b64decode(value)
    return value

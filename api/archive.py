"""The commands that keep a copy of everything and bring it back: `gongshi backup`, `gongshi restore`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from api.terminal import UNREADABLE, fail, say, settings_of

REFUSED = 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Write all that is kept into one file, as of one moment; the service may run meanwhile. It holds secrets.

    Exit: 0 written, 1 there is nothing yet, 2 it cannot be written.
    """
    from api import clock
    from api.store import Store
    from api.store.backup import OccupiedError, back_up

    settings = settings_of()
    try:
        settings.prepare()
        with closing(Store(settings.database)) as store:
            counts = back_up(store, file, secret=settings.secret().hex(), now=clock.now())
    except OccupiedError:
        fail(REFUSED, "数据库还是空的，没有可备份的内容", "the database is empty: there is nothing to back up")
    except OSError as error:
        fail(UNREADABLE, f"无法写入 {file}：{error}", f"cannot write {file}: {error}")
    rows = sum(counts.values())
    say(f"已备份 {len(counts)} 张表、{rows} 行到 {file}", f"{len(counts)} tables, {rows} rows are in {file}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Whatever is there now may go.")] = False,
) -> None:
    """Make the database what a backup says, on SQLite or PostgreSQL; stop the service first.

    Exit: 0 restored; 1 something is there already (see --replace); 2 the file is damaged. Then nothing is changed.
    """
    from api.store import Store
    from api.store.backup import DamagedError, OccupiedError, check
    from api.store.backup import restore as bring_back

    settings = settings_of()
    settings.prepare()
    key = settings.home / "secret.key"
    occupied = "这里已有数据；确要覆盖请加 --replace", "there are data here; --replace if they may go"
    try:
        secret = check(file)["secret"]
        if not replace and key.exists() and key.read_text() != secret:
            fail(REFUSED, *occupied)
        with closing(Store(settings.database)) as store:
            counts, secret = bring_back(store, file, replace=replace)
    except OccupiedError:
        fail(REFUSED, *occupied)
    except (DamagedError, OSError) as error:
        fail(UNREADABLE, f"备份文件无法使用：{error}", f"this backup cannot be used: {error}")
    new = key.with_name("secret.key.restored")
    new.touch(mode=0o600)
    new.write_text(secret)
    new.replace(key)
    say(f"已恢复 {sum(counts.values())} 行", f"{sum(counts.values())} rows are back")

"""Addresses for those who run the service: is it alive, is it ready, how does it do."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import sqlalchemy as sa
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from api.errors import Refused
from api.logs import brief
from api.metrics import Metrics
from api.rights import Permission
from api.routes.http import Service, needs
from api.store import Store
from api.store.migrate import is_present
from scheduler import __version__
from scheduler.constraints.terms import Sentence

PROBE_SECONDS = 3.0
"""A part that has not answered by then counts as away."""
PROBES_AT_ONCE = 8
"""Probes have threads of their own: those that hang take none from requests."""
PROBE_BYTES = 64 * 1024
RETRY_SECONDS = 5
PARTS = {
    "database": ("数据库连不上", "the database cannot be reached"),
    "migration": (
        "数据库结构与程序版本不符，请运行 gongshi migrate",
        "it has another form: run gongshi migrate",
    ),
    "queue": ("任务队列连不上，或还没有 worker 启动过", "the job queue cannot be reached, or no worker ever ran"),
    "disk": ("磁盘无法写入", "the disk cannot be written to"),
}
NO_STORE = {"Cache-Control": "no-store"}
log = logging.getLogger(__name__)


class AnotherVersionError(Exception):
    """The database is of another version."""


def install(app: FastAPI, service: Service, metrics: Metrics) -> None:
    """Add `/healthz`, `/readyz` and `/metrics`."""
    limiter = anyio.CapacityLimiter(PROBES_AT_ONCE)

    @app.get("/healthz", dependencies=[needs(Permission.PUBLIC)], tags=["service"])
    def healthz() -> Response:
        """Whether the service answers and its database does."""
        _ask_database(service.store)
        return JSONResponse({"status": "ok", "version": __version__}, headers=NO_STORE)

    @app.get("/readyz", dependencies=[needs(Permission.PUBLIC)], tags=["service"])
    async def readyz() -> Response:
        """Whether all that the service needs is there; which part is not, as `parts` of a problem document."""
        parts = dict.fromkeys(PARTS, "ok")
        probes: dict[str, Callable[[], None]] = {
            "database": partial(_ask_database, service.store),
            "migration": partial(_ask_form, service.store),
            "queue": service.queue.probe,
            "disk": partial(_write, service.settings.home),
        }
        async with anyio.create_task_group() as group:
            for name, probe in probes.items():
                group.start_soon(_look, name, probe, parts, limiter)
        # A database that is away has no form.
        away = [name for name, told in parts.items() if told != "ok"]
        if not away:
            return JSONResponse({"status": "ok", "parts": parts}, headers=NO_STORE)
        detail = Sentence(zh="；".join(PARTS[each][0] for each in away), en="; ".join(PARTS[each][1] for each in away))
        headers = {**NO_STORE, "Retry-After": str(RETRY_SECONDS)}
        raise Refused("not_ready", detail, more={"parts": parts}, headers=headers)

    @app.get(
        "/metrics",
        dependencies=[needs(Permission.READ_SYSTEM)],
        tags=["service"],
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus's."}},
    )
    def figures() -> Response:
        """What Prometheus reads; a key of an auditor or a system administrator with the scope `system.read` will do."""
        media_type = "text/plain; version=0.0.4; charset=utf-8"
        return Response(metrics.text(), headers=NO_STORE, media_type=media_type)


async def _look(name: str, probe: Callable[[], None], parts: dict[str, str], limiter: anyio.CapacityLimiter) -> None:
    parts[name] = "no answer in time"
    try:
        with anyio.move_on_after(PROBE_SECONDS):
            await anyio.to_thread.run_sync(probe, abandon_on_cancel=True, limiter=limiter)
            parts[name] = "ok"
    except AnotherVersionError:
        parts[name] = "another version"
    except Exception as error:
        # Anybody may ask this: what a driver says, with its addresses and paths, is for the log.
        log.warning("%s is not ready: %s", name, brief(error))
        parts[name] = type(error).__name__


def _ask_database(store: Store) -> None:
    with store.reading() as tx:
        tx.execute(sa.text("SELECT 1"))


def _ask_form(store: Store) -> None:
    with store.reading() as tx:
        if not is_present(tx):
            raise AnotherVersionError


def _write(home: Path) -> None:
    """Write a little, down to the disk: one that is full says so only then."""
    path = home / f"probe.{os.getpid()}"
    try:
        with path.open("wb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        path.unlink(missing_ok=True)

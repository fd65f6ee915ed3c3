"""Logs: one JSON object a line (for terminals: text), each with the id of the request; never a secret, never a body.

Three things keep secrets out. What is logged of a request is named in `api.metrics`: its route, never its query,
headers or body. Of an exception the places are told, and what it says only where that is no piece of the input. And
whatever looks like a secret, or is one of the settings, is struck out of each line before it is written.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, TextIO

import sqlalchemy as sa
import structlog

WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""A request's id as a client or a proxy may name it: nothing that would need quoting anywhere."""
HIDDEN = "[hidden]"
SECRETS = re.compile(
    r"gsk_[\w-]+|whsec_\w+"  # our own keys, and what webhooks are signed with
    r"|(?i:\b(?:bearer|basic)\s+)[^\s\"'\\,]+"
    r"|(?i:\b(?:set-)?cookie\b\W{1,4})[^\"'\\]+"
    r"|(?<=://)[^/\s@\"']+(?=@)"  # user and password of an address
)
QUIET = {"alembic": logging.WARNING, "uvicorn": logging.WARNING}
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; empty outside of one."""
Event = structlog.typing.EventDict
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def id_for(given: str) -> str:
    """The id of a request: the one that it names when that is well formed, else a new one."""
    return given if WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


def configure(
    form: str = "auto", level: str = "INFO", *, hide: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send all logs of this process to one stream.

    Args:
        form: `json`, `text`, or `auto`: text on a terminal, else JSON.
        level: the least that is logged.
        hide: secrets of the settings, which are struck out wherever they stand.
        stream: none given: the standard error.
    """
    stream = stream or sys.stderr
    as_text = form == "text" or (form == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(_text if as_text else _json, hide))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    # DBOS brings a handler and a form of its own, unless there is one already.
    dbos = logging.getLogger("dbos")
    dbos.handlers[:] = [logging.NullHandler()]
    dbos.propagate = True
    logging.captureWarnings(True)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Renders records of the standard library, ours and those of libraries, and strikes out secrets."""

    def __init__(self, render: structlog.typing.Processor, hide: Iterable[str]) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                structlog.stdlib.ExtraAdder(allow={"http"}),
                _with_request_id,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _exception, render],
        )
        # In a line of JSON a secret stands as JSON writes it.
        told = {form for each in hide if each for form in (each, json.dumps(each, ensure_ascii=False)[1:-1])}
        self._hide = [*(re.compile(re.escape(each)) for each in sorted(told, key=len, reverse=True)), SECRETS]

    def format(self, record: logging.LogRecord) -> str:
        """One record as it is written."""
        line = super().format(record)
        for pattern in self._hide:
            line = pattern.sub(HIDDEN, line)
        return line


def _with_request_id(_logger: Any, _name: str, event: Event) -> Event:
    if id := request_id.get():
        event["request_id"] = id
    return event


def _exception(_logger: Any, _name: str, event: Event) -> Event:
    """What went wrong: kinds and places, from the first cause to the last."""
    info: ExcInfo | bool | None = event.pop("exc_info", None)
    if isinstance(info, bool):
        current = sys.exc_info()
        info = current if info and current[0] is not None else None
    if info is not None:
        event["exception"] = [_told(each) for each in _chain(info[1])]
    return event


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return found[::-1]


def _told(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    told: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    # These speak of files, addresses and statements (whose parameters are hidden, see `api.store.engine`). What
    # others say may be a piece of what somebody sent.
    if isinstance(error, OSError | sa.exc.SQLAlchemyError):
        told["said"] = brief(error)
    return told


def brief(error: BaseException) -> str:
    """What a database or the system says, without what it quotes: PostgreSQL tells whole rows below the first line."""
    said = str(error.orig) if isinstance(error, sa.exc.DBAPIError) else str(error)
    return said.partition("\n")[0][:300]


def _json(_logger: Any, _name: str, event: Event) -> str:
    http: dict[str, Any] = event.pop("http", {})
    return json.dumps({**event, **http}, ensure_ascii=False, default=str)


def _text(_logger: Any, _name: str, event: Event) -> str:
    """`INFO api.metrics: answered method=GET status=200`, and each step of an exception on a line of its own."""
    head = f"{event.pop('level', '').upper()} {event.pop('logger', '')}: {event.pop('event', '')}"
    event.pop("at", None)
    exception = event.pop("exception", ())
    http: dict[str, Any] = event.pop("http", {})
    fields = "".join(f" {name}={value}" for name, value in {**event, **http}.items())
    lines = [f"  {'; '.join([each['type'], each.get('said', '')])}" for each in exception]
    places = [f"    {place}" for each in exception for place in each["at"]]
    # Whatever a name or an address brought with it does not begin a line of its own.
    return "\n".join([(head + fields).replace("\r", "\\r").replace("\n", "\\n"), *lines, *places])

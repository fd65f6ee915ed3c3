"""The web server: uvicorn, with patience that ends.

Uvicorn alone waits for ever for the rest of a request's head, takes a head of any length, and keeps what a client does
not fetch as long as the client likes. So a connection has some seconds for each of these, and when there are too many
connections, the one that has kept us waiting longest is closed for the one that has come.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api import logs
from api.routes.http import STOPPING
from api.settings import Settings

MOST_HEAD_BYTES = 64_000
"""Of a request's first line and headers, while they are read; `api.limits` refuses less with a proper answer."""
OTHER_FILES = 200
"""Files that are open beside connections: databases, the log, the program."""
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Config(uvicorn.Config):
    """Uvicorn's settings, with those of ours, and the connections whose request is not whole, the oldest first."""

    settings: Settings
    waiting: dict[Guarded, None]


class Guarded(HttpToolsProtocol):
    """One connection."""

    config: Config

    def connection_made(self, transport: Any) -> None:
        """A new one; room is made for it."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._fetching: asyncio.TimerHandle | None = None
        self._await_request()
        self._time_head()
        if len(self.connections) > self.config.settings.most_connections:
            # When all others are being answered, it is this one.
            longest = next(iter(self.config.waiting))
            longest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self.config.waiting.pop(self, None)
        self._head_came()
        self._fetched()
        super().connection_lost(exc)

    def _await_request(self) -> None:
        """It is alive, and nothing of a request is here yet: the time for one begins with its first byte."""
        self._head: int | None = 0
        self.config.waiting.pop(self, None)
        self.config.waiting[self] = None

    def _time_head(self) -> None:
        self._timer = self.loop.call_later(self.config.settings.slow_seconds, self.transport.abort)

    def _head_came(self) -> None:
        self._head = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def data_received(self, data: bytes) -> None:
        """Bytes of a head or a body; or of what was refused already, which has no more time than a head."""
        if self._head is not None and self._timer is None:
            self._time_head()
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(TOO_LARGE)
                self.transport.close()

    def on_headers_complete(self) -> None:
        """The head is whole; for the body `api.limits` has patience of its own."""
        self._head_came()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole: it is our turn now."""
        super().on_message_complete()
        if self.cycle.response_complete:
            # The rest of what was answered before it was whole: uvicorn would keep this connection for ever.
            self._head_came()
            self._await_request()
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            self.config.waiting.pop(self, None)

    def on_response_complete(self) -> None:
        """The answer is written, though perhaps not fetched."""
        super().on_response_complete()
        if not self.pipeline and not self.transport.is_closing():
            self._await_request()

    def timeout_keep_alive_handler(self) -> None:
        """No other request came; a client that is still fetching the last answer is waited for."""
        if self.transport.get_write_buffer_size():
            self._look(self.transport.get_write_buffer_size() + 1)
        else:
            super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        """The client fetches more slowly than we write."""
        super().pause_writing()
        if self._fetching is None:
            self._look(self.transport.get_write_buffer_size() + 1)

    def resume_writing(self) -> None:
        """It has fetched most of it."""
        self._fetched()
        super().resume_writing()

    def _fetched(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            self._fetching = None

    def _look(self, before: int) -> None:
        """Whether it fetches at all."""
        left = self.transport.get_write_buffer_size()
        self._fetching = None
        if left >= before:
            self.transport.abort()
        elif left:
            self._fetching = self.loop.call_later(self.config.settings.slow_seconds, self._look, left)
        elif self in self.config.waiting:
            self.transport.close()


class Server(uvicorn.Server):
    """Uvicorn's, which tells what goes on without end that it is to end."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop."""
        STOPPING.set()
        super().handle_exit(sig, frame)


def serve(listener: socket.socket, settings: Settings) -> None:
    """Serve on an open socket until a signal stops it: what was begun is ended, within `shutdown_seconds`."""
    logs.configure(settings.log_form, settings.log_level, hide=settings.secrets())
    _allow_files(settings.most_connections + OTHER_FILES)
    config = Config(
        "api.app:create_app",
        factory=True,
        http=Guarded,
        ws="none",
        log_config=None,  # what it says goes where all our logs go
        access_log=False,
        server_header=False,
        backlog=1024,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    config.settings, config.waiting = settings, {}
    # When uvicorn has stopped cleanly, it raises once more what stopped it.
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])


def _allow_files(wanted: int) -> None:
    """Each connection is an open file; what the system allows beyond what it gives at first is asked for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

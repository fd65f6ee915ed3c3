"""The web server: uvicorn with settings of ours."""

from __future__ import annotations

import contextlib
import socket

import uvicorn

from api import logs
from api.settings import Settings


def serve(listener: socket.socket, settings: Settings) -> None:
    """Serve on an open socket until a signal stops it."""
    logs.configure(settings.log_form, settings.log_level, hide=settings.secrets())
    config = uvicorn.Config(
        "api.app:create_app",
        factory=True,
        log_config=None,  # what it says goes where all our logs go
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    # When uvicorn has stopped cleanly, it raises once more what stopped it.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])

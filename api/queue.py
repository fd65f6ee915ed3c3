"""Enqueues work by name. Solves are durable jobs on DBOS; this module is all that the web process sees of it.

DBOS has a database of its own. That a solve is wanted is kept in ours, in the same transaction as its problem; what
is lost between the two is given to the queue again by the worker (see `api.worker`). The job's id is the solve's, so
that giving it twice starts it once.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbos import DBOSClient

QUEUE = "solves"
SOLVE = "solve"
PROTOCOL = "gongshi-jobs-1"
"""The form of the jobs. A worker takes up unfinished jobs of the same form, whatever version of ours it is."""


class Queue:
    """The web process's end of the job queue."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()

    def _connected(self) -> DBOSClient:
        from dbos import DBOSClient  # noqa: PLC0415 - 0.5 s that commands like `gongshi verify` need not spend

        with self._lock:
            if self._client is None:
                self._client = DBOSClient(system_database_url=self._url)
            return self._client

    def enqueue(self, solve: str) -> None:
        """Give a solve to the workers; one that they know already is left as it is."""
        self._connected().enqueue(
            {"workflow_name": SOLVE, "queue_name": QUEUE, "workflow_id": solve, "app_version": PROTOCOL}, solve
        )

    def cancel(self, solve: str) -> None:
        """Take a solve from the workers. One that runs already is stopped by our own state of the solve."""
        self._connected().cancel_workflow(solve)

    def take_over(self, executor: str) -> None:
        """Give the unfinished jobs of a worker that is gone to the others."""
        client = self._connected()
        unfinished = client.list_workflows(
            status="PENDING", executor_id=executor, app_version=PROTOCOL, load_input=False, load_output=False
        )
        for status in unfinished:
            client.resume_workflow(status.workflow_id, queue_name=QUEUE)

    def state(self, solve: str) -> str | None:
        """DBOS's own word for the state of the job; None when it does not know it."""
        for status in self._connected().list_workflows(workflow_ids=[solve], load_input=False, load_output=False):
            return status.status
        return None

    def close(self) -> None:
        """Close the connection."""
        with self._lock, contextlib.suppress(Exception):
            if self._client is not None:
                self._client.destroy()
            self._client = None

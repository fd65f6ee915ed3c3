"""Enqueues work by name. Solves are durable jobs on DBOS; this module is all that the web process sees of it.

DBOS has a database of its own. That a solve is wanted is kept in ours, in the same transaction as its problem; what
is lost between the two is given to the queue again by the worker (see `api.worker`). The job's id is the solve's, so
that giving it twice starts it once.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal

import sqlalchemy as sa

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

log = logging.getLogger(__name__)

JobName = Literal["solve", "check", "judge"]
SOLVE: Final = "solve"
CHECK: Final = "check"
JUDGE: Final = "judge"
QUEUES: dict[str, str] = {SOLVE: "solves", CHECK: "checks", JUDGE: "verdicts"}
"""A queue for each kind of job: a check of rules, which somebody waits for, waits for no solve; and the verdict on a
rule, which is refused when it comes too late, waits for no check."""
MOST_URGENT = 9
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
                # A queue that is away is said so at once: whoever asks has a request to answer.
                self._client = DBOSClient(system_database_url=self._url, retry_connection_errors=False)
            return self._client

    def enqueue(self, id: str, job: JobName = SOLVE, *, handed: int = 0, priority: int = 0) -> bool:
        """Give a solve, or something to say of rules, to the workers; one that they know already is left as it is.

        Args:
            id: the job's.
            job: what it is.
            handed: how often it came back from a worker: DBOS does nothing twice under one id, so that a job that
                comes back is given under another. Who may do it, and that it is done once, is said by `api.store.jobs`.
            priority: of a solve, from -9 to 9: the highest is begun first.

        Returns:
            Whether the queue has it. It has not when its database is away, or not made yet since no worker ever ran:
            the job is kept all the same, and the next worker takes it up.
        """
        options: EnqueueOptions = {
            "workflow_name": job,
            "queue_name": QUEUES[job],
            "workflow_id": f"{id}.{handed}" if handed else id,
            "app_version": PROTOCOL,
            "priority": MOST_URGENT + 1 - priority,  # For DBOS 1 is before 2.
        }
        with self._told_only(f"{job} {id} waits for a worker"):
            self._connected().enqueue(options, id)
            return True
        return False

    def cancel(self, solve: str) -> None:
        """Take a solve from the workers. One that runs, or is begun all the same, stops by our own state of it."""
        with self._told_only(f"solve {solve} is cancelled without the queue"):
            self._connected().cancel_workflow(solve)

    @contextlib.contextmanager
    def _told_only(self, what: str) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            log.warning("%s: %s", what, error.orig)

    def take_over(self, executor: str) -> None:
        """Give the unfinished jobs of a worker that is gone to the others."""
        client = self._connected()
        unfinished = client.list_workflows(
            status="PENDING", executor_id=executor, app_version=PROTOCOL, load_input=False, load_output=False
        )
        for status in unfinished:
            client.resume_workflow(status.workflow_id, queue_name=QUEUES[status.name])

    def state(self, solve: str) -> str | None:
        """DBOS's own word for the state of the job; None when it does not know it."""
        for status in self._connected().list_workflows(workflow_ids=[solve], load_input=False, load_output=False):
            return status.status
        return None

    def probe(self) -> None:
        """Ask the queue for next to nothing; raises whatever its database does."""
        self._connected().list_workflows(limit=1, load_input=False, load_output=False)

    def close(self) -> None:
        """Close the connection."""
        with self._lock, contextlib.suppress(Exception):
            if self._client is not None:
                self._client.destroy()
            self._client = None

"""Several threads at one search, and the caller's, which goes on listening."""

from __future__ import annotations

import threading
from collections.abc import Callable

LISTEN_SECONDS = 0.05


def in_threads(
    name: str, count: int, work: Callable[[int], None], end: Callable[[], None], poll: Callable[[], bool]
) -> None:
    """Do some work in so many threads until all have come to an end of their own, or are told to.

    Args:
        name: of the threads, for who looks at the process.
        count: how many.
        work: what each does, given its number. What it raises ends all, and is raised here.
        end: lets all threads come to an end soon; called more than once.
        poll: asked twenty times a second, in the caller's thread; true ends the work.
    """
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # whatever it is, it is the caller's
            errors.append(error)
            end()

    threads = [
        threading.Thread(target=guarded, args=(number,), name=f"{name} {number}", daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(LISTEN_SECONDS / count)
            if poll():
                end()
    finally:
        end()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]

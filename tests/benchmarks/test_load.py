"""The figures of the load benchmark are wrk's own, and worthless where an answer was an error."""

from __future__ import annotations

import pytest

from benchmarks.load import FEED_BYTES, body_of, rate_of

TOLD = """Running 5s test @ http://127.0.0.1:1/304
  1 threads and 32 connections
  60163 requests in 5.00s, 15.09MB read
{more}Requests/sec:  12031.77
Transfer/sec:      3.02MB
"""


def test_the_rate_is_what_wrk_says() -> None:
    assert rate_of(TOLD.format(more="")) == 12031.77


@pytest.mark.parametrize(
    "more", ["  Non-2xx or 3xx responses: 3\n", "  Socket errors: connect 0, read 1, write 0, timeout 0\n"]
)
def test_errors_are_no_answers(more: str) -> None:
    with pytest.raises(ValueError, match=r"errors|responses"):
        rate_of(TOLD.format(more=more))


def test_the_calendar_has_the_size_that_is_said() -> None:
    body = body_of(FEED_BYTES)
    assert FEED_BYTES <= len(body) < FEED_BYTES + 1000
    assert body.endswith(b"END:VCALENDAR\r\n")

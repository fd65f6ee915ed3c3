"""Addresses of the residents' pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from api.feeds.release import Release


def pages_router(current_release: Callable[[str], Release | None], now: Callable[[], datetime]) -> APIRouter:
    """Routes under `/c/{community}`, `/static` and `/robots.txt`.

    Args:
        current_release: the release in force of a community, or none where there is no such community or release.
        now: the service's clock (aware).
    """
    raise NotImplementedError

"""Calendars that people subscribe to: pure functions of a release, rendered once and kept as bytes."""

from __future__ import annotations

from api.feeds.check import FeedError
from api.feeds.release import Entry, Left, Named, Release, SpaceInfo
from api.feeds.render import RenderedFeed, render_all
from api.feeds.scopes import SCOPES

__all__ = [
    "SCOPES",
    "Entry",
    "FeedError",
    "Left",
    "Named",
    "Release",
    "RenderedFeed",
    "SpaceInfo",
    "render_all",
]

"""What a feed must satisfy before it is published."""

from __future__ import annotations


class FeedError(Exception):
    """A rendered feed is not fit to be published; nothing of its release may be."""

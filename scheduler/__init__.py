"""Decide who gets which room, when, in which layout: pure, without files, network or wall clock."""

__version__ = "0.1.0"

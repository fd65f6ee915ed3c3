"""Both ends of the street: what is stored becomes a problem, and a timetable becomes a verified release.

The worker stands between. This is the only package that publishes.
"""

from __future__ import annotations

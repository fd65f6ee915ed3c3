"""Whether a timetable holds: an independent proof, from dated bookings, by another algorithm than the model's.

Shares nothing with the model: neither clock arithmetic, nor calendars, nor candidates. Knows no solver.
"""

from scheduler.verify.core import Report, check, verify
from scheduler.verify.plan import Violation

__all__ = ["Report", "Violation", "check", "verify"]

"""Whether a problem can be meant: what the fields alone cannot say, said about the place where it stands.

Nothing is guessed and nothing repaired. Every fault names its path in the document, what was found and what
was expected, in both languages, and all faults are told at once. The shape of other documents of ours is told alike.
"""

from __future__ import annotations

from scheduler.wellformed.batch import read_rules
from scheduler.wellformed.check import faults_of
from scheduler.wellformed.faults import NOTHING, Fault, ProblemError, fault, nearest
from scheduler.wellformed.read import read_as, read_object, read_problem

__all__ = [
    "NOTHING",
    "Fault",
    "ProblemError",
    "fault",
    "faults_of",
    "nearest",
    "read_as",
    "read_object",
    "read_problem",
    "read_rules",
]

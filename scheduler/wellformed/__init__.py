"""Whether a problem can be meant: what the fields alone cannot say, said about the place where it stands.

Nothing is guessed and nothing repaired. Every fault names its path in the document, what was found and what
was expected, in both languages, and all faults are told at once.
"""

from __future__ import annotations

from scheduler.wellformed.check import faults_of
from scheduler.wellformed.faults import Fault, ProblemError
from scheduler.wellformed.read import read_problem

__all__ = ["Fault", "ProblemError", "faults_of", "read_problem"]

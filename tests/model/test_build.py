"""The model is put together, unless nobody wants it any more."""

from __future__ import annotations

from itertools import count

import pytest

from scheduler.model.build import StoppedError, build, candidates_of
from scheduler.placements.facts import Facts
from scheduler.solve import Undecided, solve
from tests.factories import problem, series

ASKED = problem([series("R1", "MO,TU 19:00-20:30!"), series("R2", "MO,WE 19:00-20:30!")])


def test_a_stop_is_heard_between_two_postings() -> None:
    """A large model takes minutes: a cancelled solve does not hold up the next one for so long."""
    facts, asked = Facts(ASKED), count()
    with pytest.raises(StoppedError):
        build(facts, candidates_of(facts), lambda: next(asked) == 2)
    assert next(asked) == 3


def test_a_solve_that_is_stopped_before_its_search_has_found_nothing() -> None:
    asked = count()
    assert isinstance(solve(ASKED, stop=lambda: next(asked) >= 2), Undecided)
    assert next(asked) == 3

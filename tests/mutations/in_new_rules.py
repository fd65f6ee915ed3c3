"""Rules that the reference timetable did not know, one of each kind that it does not have: each is told."""

from __future__ import annotations

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.loads import Load
from scheduler.constraints.offers import Limits, Offer, OfferedHours
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import ConstraintBase, Scope
from tests.mutations.draft import Draft
from tests.mutations.in_timetables import FAULTS, told

__all__ = ["FAULTS"]


def _with(d: Draft, rule: ConstraintBase) -> None:
    d.problem = d.problem.model_copy(update={"constraints": (*d.problem.constraints, rule)})


@told("relation")
def all_in_one_space(d: Draft) -> None:
    _with(d, Relation(id="new", source="test", relation="same_space"))


@told("load")
def one_space_open_in_all(d: Draft) -> None:
    _with(d, Load(id="new", source="test", measure="spaces_open", at_most=1))


@told("offer", "missing")
def a_room_that_is_offered_on_mondays_alone(d: Draft) -> None:
    # Dates that were lost on other days are now not offered at all, and should be listed so.
    hours = OfferedHours(days=("MO",), starts="00:00", ends="24:00")
    _with(d, Offer(id="new", source="test", spaces=("S10",), hours=(hours,)))


@told("limits")
def nobody_longer_than_an_hour(d: Draft) -> None:
    _with(d, Limits(id="new", source="test", at_most_minutes=60, scope=Scope(requests=("R053",))))


@told("choice")
def at_most_ten_requests(d: Draft) -> None:
    _with(d, Choice(id="new", source="test", at_most=10))


@told("growth")
def nobody_before_the_others(d: Draft) -> None:
    _with(d, Growth(id="new", source="test", scope=Scope(requests=("R001", "R023"))))

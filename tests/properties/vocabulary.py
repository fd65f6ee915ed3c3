"""Rules about several sessions, offers and choices, drawn at random for the tiny worlds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

from hypothesis import strategies as st

from scheduler.constraints.choices import Choice, Growth
from scheduler.constraints.loads import Load
from scheduler.constraints.offers import Limits, Offer, OfferedHours
from scheduler.constraints.relations import Beside, Relation
from scheduler.constraints.resources import PooledResource, UseAmount
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.problem import Space

some = st.sampled_from
GROUPS = some(["all", "all", "request", "applicant", "body", "person", "use", "space"])
RELATIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((name, {}) for name in ("same_start", "same_time", "different_time", "same_days", "different_days")),
    *((name, {}) for name in ("same_weeks", "different_weeks", "overlap", "not_overlap", "precedence")),
    *((name, {}) for name in ("same_attendees", "same_space", "different_space")),
    ("min_gap", {"minutes": 30}),
    ("work_day", {"minutes": 90}),
    ("consecutive", {"minutes": 15}),
    ("days_between", {"at_most": 0}),
)
LOADS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("max_days", {"at_most": 1}),
    ("max_day_load", {"minutes": 90}),
    ("max_breaks", {"gap_minutes": 15}),
    ("max_block", {"minutes": 75}),
    ("min_working_days", {"at_least": 2}),
    ("compactness", {}),
    ("space_stability", {}),
    ("max_sessions", {"at_most": 1}),
    ("max_minutes", {"minutes": 90, "per": "day"}),
    ("min_minutes", {"minutes": 60, "per": "season"}),
    ("share_of_supply", {"percent": 50, "scope": Scope(uses=("eat",))}),
    ("spaces_open", {"at_most": 1}),
    ("sites_open", {"at_most": 1}),
    ("useless_gap", {"minutes": 45}),
)


def makers(
    draw: st.DrawFn, spaces: Sequence[Space], opens: str, closes: str, last: date
) -> dict[str, Callable[[], ConstraintBase]]:
    """Name of a rule -> how it is drawn."""
    names = [place.id for place in spaces]
    who = some([Scope(), Scope(), Scope(uses=("eat", "read")), Scope(spaces=(names[0],)), NOT_EXEMPT])

    def relation() -> Relation:
        name, more = draw(some(RELATIONS))
        fields: dict[str, Any] = {"relation": name, "each": draw(GROUPS), "scope": draw(who)} | more
        return Relation(id="relation", source="x", **fields)

    def adjacent() -> Relation:
        name: Literal["adjacent_spaces", "not_adjacent"] = draw(some(["adjacent_spaces", "not_adjacent"]))
        pairs = (Beside(spaces=(names[0], names[-1])),)
        return Relation(id="adjacent", source="x", relation=name, beside=pairs)

    def load() -> Load:
        name, more = draw(some(LOADS))
        fields: dict[str, Any] = {"each": draw(GROUPS), "scope": draw(who)} | more
        return Load(id="load", source="x", measure=name, **fields)

    def offer() -> Offer:
        hours = OfferedHours(starts="08:00", ends=closes, dates=draw(some([(), (last,)])))
        people = draw(some([None, 10]))
        return Offer(id="offer", source="x", spaces=(draw(some(names)),), hours=(hours,), at_most_people=people)

    def limits() -> Limits:
        more: dict[str, Any] = draw(
            some([{"start_every": 30}, {"at_most_minutes": 45}, {"at_least_minutes": 45}, {"at_least_percent": 50}])
        )
        return Limits(id="limits", source="x", scope=draw(who), **more)

    def choice() -> Choice:
        more: dict[str, Any] = draw(some([{"linked": True}, {"at_most": 1}]))
        return Choice(id="choice", source="x", scope=draw(who), **more)

    def amount() -> PooledResource:
        amounts = (UseAmount(use="eat", amount=2),)
        return PooledResource(
            id="amount", source="x", resource="amount", at_once=2, amounts=amounts, starts=opens, scope=draw(who)
        )

    return {
        "relation": relation,
        "adjacent": adjacent,
        "load": load,
        "offer": offer,
        "limits": limits,
        "choice": choice,
        "growth": lambda: Growth(id="growth", source="x", scope=draw(who)),
        "amount": amount,
    }


NOT_EXEMPT = Scope(none_of=(Scope(tags=("exempt",)),))

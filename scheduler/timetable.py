"""What is answered: slots, dated bookings, the dates that are missing and why, refusals, and the value of each stage.

Data only. A timetable carries nothing of the machine or the moment it was made on, so that the same solve gives the
same bytes.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from scheduler.constraints.terms import Clock, Date, Entity, Id, Sentence, Weekday


class Session(Entity):
    """A granted slot: a weekday of the season for a series, a date for a dated request, or a pattern."""

    request: Id
    number: Annotated[int, Field(ge=1, description="1.. within the request, in order of weekday and time.")]
    weekday: Weekday
    date: Date | None = None
    days: tuple[Weekday, ...] = Field(default=(), description="Of a pattern: all of its weekdays; else none.")
    weeks: tuple[int, ...] = Field(default=(), description="Of a pattern: the weeks of the season in which it meets.")
    starts: Clock
    ends: Clock
    space: Id
    layout: Id


class Booking(Entity):
    """One dated occurrence, half-open, in the community's zone."""

    request: Id
    session: Annotated[int, Field(ge=1)]
    starts: AwareDatetime
    ends: AwareDatetime
    space: Id
    layout: Id


class MissingDate(Entity):
    """A date on which a granted session does not take place.

    `lost`: to a rival (a wish is lost). `fallen`: to a closure, opening hours or another rule about that date.
    `replaced`: another request of the series' own stands in its stead.
    """

    request: Id
    session: Annotated[int, Field(ge=1)]
    date: Date
    kind: Literal["lost", "fallen", "replaced"]
    rule: Id = Field(description="Kind of the rule, such as date_loss, closed, opening_hours, replaces.")
    constraint: Id | None = Field(default=None, description="The instance, where the kind has instances.")
    to: tuple[Id, ...] = Field(default=(), description="The requests to which a date was lost, or that replace it.")


class Reason(Entity):
    """Why one of the wishes of a request was not met."""

    code: Id = Field(description="Kind of the rule that refuses.")
    constraint: Id | None = None
    source: str = ""
    space: Id
    weekday: Weekday
    starts: Clock
    rivals: tuple[Id, ...] = Field(default=(), description="Requests that stand in the way.")
    sentence: Sentence


class Refusal(Entity):
    """A request that did not get all its sessions; `reasons` go by its own order of wish, the first is the headline."""

    request: Id
    asked: int
    granted: int
    before_solving: bool = Field(description="No wish was possible at all, whoever else asks.")
    code: Id
    constraint: Id | None = None
    reasons: tuple[Reason, ...]
    sentence: Sentence


class InVain(Entity):
    """Wishes of a request granted in full that could never have been met, whoever else asks, each with its reason."""

    request: Id
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]


class StageResult(Entity):
    """One stage: its value, the proved bound and the gap between them (share of the larger, 0 when proved)."""

    stage: Id
    of: Id | None = Field(
        default=None, description="The class, for the stage `classes`; the level of shortfall, for `fairness`."
    )
    sense: Literal["max", "min"]
    unit: str
    value: int
    bound: int
    gap: float
    status: Literal["optimal", "feasible", "not_in_force"]


class Timetable(Entity):
    """The answer to one problem."""

    format: Literal["gongshi.timetable/1"] = "gongshi.timetable/1"
    problem: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the problem's canonical JSON.")]
    engine: str
    seed: int
    audit: bool = Field(description="Made by one worker under a deterministic limit: replayable to the byte.")
    previous: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="Fingerprint of the timetable that this one keeps to (stage `stability`)."
    )
    released: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="Fingerprint of the release in force: its sessions weigh more in that stage."
    )
    status: Literal["optimal", "feasible"]
    stages: tuple[StageResult, ...]
    sessions: tuple[Session, ...]
    bookings: tuple[Booking, ...]
    missing: tuple[MissingDate, ...]
    refusals: tuple[Refusal, ...]
    in_vain: tuple[InVain, ...] = ()

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON of this timetable, as 64 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Kept(NamedTuple):
    """What a timetable keeps to: the one before it, and the one in force, of which people know."""

    previous: Timetable
    released: Timetable | None = None


class Pitch(Entity):
    """A vendor's stalls on one night of the week's pattern, side by side in one row."""

    vendor: Id
    night: Weekday
    stalls: Annotated[tuple[int, ...], Field(min_length=1)]


class GoalResult(Entity):
    """One goal of a market: its value and the proved bound, equal when it is optimal."""

    goal: Literal[
        "vendors_without",
        "vendor_nights",
        "seniority",
        "should_broken",
        "wishes_missed",
        "stalls_beyond",
        "wish_ranks",
        "lot",
    ]
    sense: Literal["max", "min"]
    value: int
    bound: int
    status: Literal["optimal", "feasible"]


class NightRefused(Entity):
    """A night that a vendor asked for and did not get, with the reason."""

    vendor: Id
    night: Weekday
    code: Literal["category_cap", "stalls"]
    sentence: Sentence


class MarketDraw(Entity):
    """The places of one month's market: the same on every week's nights, drawn anew each month."""

    format: Literal["gongshi.market/1"] = "gongshi.market/1"
    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    seed: int
    goals: tuple[GoalResult, ...]
    pitches: tuple[Pitch, ...]
    refused: tuple[NightRefused, ...]

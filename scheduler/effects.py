"""What is told of rules: before one takes force what it would do, and after a solve what it cost. Data only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scheduler.constraints.terms import Clock, Date, Entity, Id, Sentence, Weekday
from scheduler.verify.plan import Violation

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RuleEffect(Entity):
    """What one new rule does by itself.

    `dead`: `matches_nothing`: no wish of the season is one that it forbids. `adds_nothing`: what it forbids cannot be
    booked anyway, for other rules, opening hours or duties forbid it. `not_examined`: the time ran out before.
    """

    rule: Id
    kind: Id
    sentence: Sentence = Field(description="The rule as it will be published.")
    dead: Literal["no", "matches_nothing", "adds_nothing", "not_examined"]
    duplicate_of: Id | None = Field(default=None, description="A rule that says the same, whoever wrote it.")
    violated_by: tuple[Violation, ...] = Field(
        default=(), description="Bookings of the plan in force that break it, as the verifier finds them."
    )


class Contradiction(Entity):
    """A smallest set of rules and requests that no timetable meets: without any one of them there is one."""

    rules: tuple[Id, ...]
    requests: tuple[Id, ...]
    kinds: tuple[Id, ...]
    sentence: Sentence


class Verdict(Entity):
    """Whether rules may take force: not where no timetable meets them, though there is one without them."""

    format: Literal["gongshi.verdict/1"] = "gongshi.verdict/1"
    problem: Fingerprint = Field(description="Of the problem as it was, without the rules.")
    rules: tuple[Id, ...] = Field(description="Those that were judged, together.")
    contradictions: tuple[Contradiction, ...] = ()


class Slot(Entity):
    """Where a session stands: every week on a weekday, or on one date."""

    weekday: Weekday
    date: Date | None = None
    starts: Clock
    ends: Clock
    space: Id
    layout: Id


class Move(Entity):
    """Something that cannot stay, and where it could go.

    Without `date` a whole session moves, with all its dates. With `date` the session keeps its slot and that one date
    cannot take place; `to` is then a place of that same week where the date could be made up, one that stands beside
    everything else. It is proposed, and nobody has been asked. No `to`: nothing was found.
    """

    request: Id
    session: Annotated[int, Field(ge=1, description="Its number in the plan in force.")]
    date: Date | None = None
    dates: tuple[Date, ...] = Field(description="The booked dates that are concerned.")
    was: Slot
    to: Slot | None = None
    wished: bool = Field(default=True, description="`to` is in a space that the request names.")
    rules: tuple[Id, ...] = Field(default=(), description="The new rules that it breaks; none: it makes room.")
    sentence: Sentence


class Loss(Entity):
    """A request that gets fewer sessions than it has now, and why."""

    request: Id
    had: int
    has: int
    sentence: Sentence


class Effects(Entity):
    """What a batch of rules would do to the plan in force.

    Rules that contradict something are `set_aside`: moves and losses are those of the others.
    """

    format: Literal["gongshi.effects/1"] = "gongshi.effects/1"
    problem: Fingerprint = Field(description="Of the problem with the new rules.")
    timetable: Fingerprint | None = Field(description="The plan in force; none: there is none yet.")
    rules: tuple[RuleEffect, ...]
    contradictions: tuple[Contradiction, ...] = ()
    set_aside: tuple[Id, ...] = ()
    moves: tuple[Move, ...] = ()
    impossible: tuple[Loss, ...] = Field(default=(), description="Granted now; no timetable could grant them.")
    lost: tuple[Loss, ...] = Field(default=(), description="Granted now, possible still, and refused by the repair.")
    gained: tuple[Id, ...] = Field(default=(), description="Requests that would get more than they have.")
    proved: bool = Field(default=True, description="No repair grants more, and none of those moves fewer sessions.")
    complete: bool = True
    not_looked_at: tuple[Literal["dead", "contradictions", "repair", "other_places"], ...] = ()


class StageDifference(Entity):
    """A stage whose value is another without a rule."""

    stage: Id
    of: Id | None = None
    sense: Literal["max", "min"]
    unit: str
    value: int = Field(description="Of the timetable found, counted as without the rule.")
    without: int = Field(description="What is had without the rule.")
    proved: bool = Field(description="`without` is the best there is; else it may be better still.")


Told = Literal["solved", "changes_nothing", "nothing_to_gain", "only_permits", "not_proved", "not_examined"]


class RuleCost(Entity):
    """Whether a rule bound, and what it cost: the value lost because of it, found by solving without it.

    `bound`: without it something better would be had. None: that is not known, see `told`. `differences` are stages in
    the order in which they count: the first is what was lost; the later ones only go with it. Dates that fall to a
    rule count in no stage, and are told by themselves.
    """

    rule: Id
    kind: Id
    sentence: Sentence
    bound: bool | None
    told: Told
    fallen_dates: int = Field(default=0, description="Dates of granted sessions that fell to it.")
    differences: tuple[StageDifference, ...] = ()


class Costs(Entity):
    """What the rules of a problem cost in one of its timetables."""

    format: Literal["gongshi.costs/1"] = "gongshi.costs/1"
    problem: Fingerprint
    timetable: Fingerprint
    rules: tuple[RuleCost, ...]

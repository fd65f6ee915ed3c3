"""The night market as data: stalls, vendors, rules of its own monthly round."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from scheduler.constraints.terms import Count, Date, Entity, Id, Name, Text, Weekday


class Stall(Entity):
    """One pitch of a market. `equipment` beside power and water; `trades` for which it is kept first."""

    no: int
    row: int
    powered: bool
    water: bool
    blocked: bool
    equipment: tuple[Id, ...] = ()
    trades: tuple[Name, ...] = ()


class PitchFee(Entity):
    """What a pitch costs; shown, never collected."""

    currency: Text
    per: Text
    amount: Count
    free_for: tuple[Name, ...] = ()
    source: Text = ""


class MarketRule(Entity):
    """A rule of the market's own round."""

    id: Id
    kind: Id
    strength: Literal["must", "should"]
    weight: Count = 0
    parameters: dict[str, Any]
    source: Text


class Vendor(Entity):
    """An applicant for stalls.

    `own` are stalls that it holds for good: it stands on these, on stalls of its
    `wishes`, or on some of both. Others stand on stalls of
    their `wishes` (in order), and `anywhere` else unless they would rather stay away.
    """

    id: Id
    category: Name
    min_stalls: Count
    max_stalls: Count
    power: bool
    water: bool
    nights: tuple[Weekday, ...]
    seniority_rank: Count
    goods: Text = ""
    equipment: tuple[Id, ...] = Field(default=(), description="Needed at every stall.")
    wishes: tuple[int, ...] = Field(default=(), description="Numbers of stalls in order of wish.")
    anywhere: bool = True
    own: tuple[int, ...] = ()


class Market(Entity):
    """The night market: its own monthly round inside a host request. Carried as data; its round joins later."""

    host: Id
    space: Id
    round: Text
    nights: tuple[Weekday, ...]
    first_date: Date
    last_date: Date
    adjacent: Text
    pitch_fee: PitchFee
    stalls: tuple[Stall, ...]
    rules: tuple[MarketRule, ...]
    goals: tuple[Text, ...]
    vendors: tuple[Vendor, ...]

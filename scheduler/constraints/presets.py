"""Every name of the vocabulary, and how it is said: which kind, with which parameters, or by which data.

Few kinds say many things. This table is what the generated page docs/constraints.md shows, and what a program that
offers rules by name may read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Preset:
    """One name: the kind that says it (None: data, the policy, or the market), and the parameters that make it so.

    `who` may submit it: O operator or owner, M manager, R regulator. `itc2019` is the competition's name for it.
    """

    name: str
    kind: str | None
    parameters: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    who: str = "O M R"
    itc2019: str = ""


def _relation(name: str, note: str = "", itc2019: str = "", **more: Any) -> Preset:
    return Preset(name, "relation", {"relation": name, **more}, note, itc2019=itc2019)


def _load(name: str, measure: str, note: str = "", itc2019: str = "", who: str = "O M R", **more: Any) -> Preset:
    return Preset(name, "load", {"measure": measure, **more}, note, who, itc2019)


AVAILABILITY = (
    Preset("closed", "closed", {"dates": ["2026-10-01"]}, "a space, a floor or a site shut on dates", "O M"),
    Preset("opening_hours", "opening_hours", note="data of the space: `hours` and `dated_hours`", who="O M"),
    Preset("typed_window", "typed_window", {"days": ["MO"], "starts": "10:50", "ends": "13:00"}, "", "O R"),
    Preset(
        "typed_window, released",
        "typed_window",
        {"days": ["MO"], "starts": "10:50", "ends": "13:00", "released_on": "2026-08-20"},
        "kept until a day, then free (the policy's `as_of`)",
        "O R",
    ),
    Preset("capacity", "capacity", note="data of the space: layouts with their places"),
    Preset("min_occupancy", "limits", {"at_least_percent": 40, "strength": "should", "weight": 10}),
    Preset(
        "suitability",
        "typed_window",
        {"days": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "starts": "00:00", "ends": "24:00"},
        "the whole week; `allows` names the uses or, by tags, the ages",
    ),
    Preset("features", "features", note="data of space and request; floors and lifts by the kind `floors`"),
    Preset("floors", "floors", note="data of space and request"),
    Preset("horizon", "horizon", {"first_date": "2026-09-07", "last_date": "2026-11-29"}, who="M"),
    Preset("notice", "notice", {"days": 15}, who="O M"),
    Preset("booking_horizon", "notice", {"at_most_days": 90}, "not earlier than so many days ahead", "O M"),
    Preset("start_grid", "limits", {"start_every": 30}, who="O M"),
    Preset("duration_limits", "limits", {"at_least_minutes": 60, "at_most_minutes": 180}, who="O M"),
    Preset("offer", "offer", {"hours": [{"days": ["MO"], "starts": "09:00", "ends": "12:00"}]}, who="O"),
    Preset("calendar", "calendar", note="data: the working calendar that a series names", who="M R"),
    Preset("clock_change", "clock_change", note="built in: an hour that summer time skips is nobody's"),
)
SPACE = (
    Preset("no overlap", "overlap", note="built in, always on"),
    Preset("sharing", "sharing", note="uses together up to the seats", who="O"),
    Preset("changeover", "changeover", note="with the pair table of each space", who="O"),
    Preset("split_attendance", None, note="data: a space over `parts`, whose layout holds the sum", who="M"),
    Preset("pooled_resource", "pooled_resource", {"resource": "amount", "at_once": 2}, "projectors, kW, staff", "O"),
    Preset(
        "pooled_resource, rooms open",
        "pooled_resource",
        {"resource": "space_in_session", "at_once": 6, "starts": "18:30"},
        who="O",
    ),
    Preset("pooled_resource, crews", "pooled_resource", {"resource": "conversion_crew", "at_once": 2}, who="O"),
    Preset("noise", "noise", note="quiet hours of a neighbour", who="O R"),
    Preset("curfew", "curfew", note="amplified sound ends", who="R"),
    Preset(
        "blocking", "typed_window", {"days": ["MO"], "starts": "14:00", "ends": "16:00"}, "`allows` applicants", "O"
    ),
)
TIME = (
    _relation("same_start", itc2019="SameStart"),
    _relation("same_time", "containment", "SameTime"),
    _relation("different_time", itc2019="DifferentTime"),
    _relation("same_days", "subset", "SameDays"),
    _relation("different_days", "the kind `different_days` says it for the sessions of one request", "DifferentDays"),
    _relation("same_weeks", "subset", "SameWeeks"),
    _relation("different_weeks", itc2019="DifferentWeeks"),
    _relation("overlap", itc2019="Overlap"),
    _relation("not_overlap", itc2019="NotOverlap"),
    _relation("precedence", "in the order of the list", "Precedence"),
    _relation("consecutive", minutes=15),
    _relation("days_between", at_least=2, at_most=3),
    _relation("min_gap", itc2019="MinGap", minutes=30),
    _relation("work_day", itc2019="WorkDay", minutes=480),
    Preset("linked", "choice", {"linked": True}, "all or none"),
    Preset("at_most_k_of", "choice", {"at_most": 2}),
    Preset("mutually_exclusive", "choice", {"at_most": 1}),
)
PLACE = (
    _relation("same_space", itc2019="SameRoom"),
    _relation("different_space", itc2019="DifferentRoom"),
    _load("space_stability", "space_stability", "a series keeps its room", each="request", strength="should", weight=1),
    _relation("adjacent_spaces", beside=[{"spaces": ["A", "B"]}]),
    _relation("not_adjacent", beside=[{"spaces": ["A", "B"]}]),
    _relation("same_attendees", "the kind `same_attendees` says it for the people of requests", "SameAttendees"),
)
LOAD = (
    _load("max_days", "max_days", itc2019="MaxDays", at_most=3),
    _load("max_day_load", "max_day_load", itc2019="MaxDayLoad", minutes=360),
    _load("max_breaks", "max_breaks", itc2019="MaxBreaks", at_most=1, gap_minutes=30),
    _load("max_block", "max_block", itc2019="MaxBlock", minutes=240, gap_minutes=15),
    _load("max_hours", "max_minutes", minutes=600, per="week"),
    _load("min_working_days", "min_working_days", at_least=3, strength="should", weight=5),
    _load("compactness", "compactness", strength="should", weight=2),
)
RIGHTS = (
    Preset("quota", "quota", {"at_most": 2}, "sessions a week in prime time, per body", "O R"),
    _load("quota, per day, month or season", "max_sessions", who="O R", at_most=4, per="month", each="body"),
    _load("entitlement", "min_minutes", who="R", minutes=120, per="week", each="body", strength="should", weight=1),
    _load("share_of_supply", "share_of_supply", "of the minutes that are granted", who="R", percent=30),
    Preset("category_cap", None, note="rule of the market: `category_cap`", who="M R"),
    Preset("category_reserved", None, note="rule of the market: stalls kept for a trade first", who="M R"),
    Preset("date_loss", "date_loss", {"to": ["dated_request"]}, who="M R"),
    Preset("priority_class", None, note="data: the order of the list `priorities`", who="R"),
    Preset("standing_claim", "pin", {"request": "R1", "strength": "should", "weight": 50}, "no rule: no claim"),
    Preset("seniority", None, note="goal of the market's round", who="M R"),
    _load("newcomer_floor", "min_minutes", "the scope names the newcomers' tag", minutes=600, per="season", who="M R"),
    Preset("round_robin_growth", "growth", {}, who="R"),
    Preset(
        "fair_share", None, note="stage `fairness` of the policy; it keeps its place and is not in force yet", who="R"
    ),
)
CHANGE = (
    Preset("pin", "pin", {"request": "R1"}, who="O M"),
    Preset("stability", None, note="stage `stability` of the policy, when there is a plan to keep to", who="M"),
    _load("spaces_open", "spaces_open", at_most=4, strength="should", weight=20),
    _load("sites_open", "sites_open", at_most=1, strength="should", weight=20),
    Preset("oversized_room", "limits", {"at_least_percent": 25, "strength": "should", "weight": 10}),
    _load("useless_gap", "useless_gap", each="space", minutes=45, strength="should", weight=5),
)
FAMILIES: dict[str, tuple[Preset, ...]] = {
    "Availability": AVAILABILITY,
    "Space": SPACE,
    "Time relations between sessions": TIME,
    "Place relations": PLACE,
    "Load of a person, applicant, use or space": LOAD,
    "Rights and shares": RIGHTS,
    "Change and waste": CHANGE,
}

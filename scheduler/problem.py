"""What is asked: the spaces, uses, applicants, requests and rules of one community and season. Data only.

Nothing here is computed or repaired. What fields alone cannot say (unknown identities, a window shorter than its
session, a changeover table that breaks the triangle condition) is checked by `scheduler.wellformed`.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import Field

from scheduler.constraints import Constraint
from scheduler.constraints.changeover import ChangeoverRow
from scheduler.constraints.terms import WEEKDAYS, Clock, Count, Date, Entity, Id, Minutes, Name, Names, Text, Weekday
from scheduler.stalls import Market as Market
from scheduler.stalls import MarketRule as MarketRule
from scheduler.stalls import PitchFee as PitchFee
from scheduler.stalls import Stall as Stall
from scheduler.stalls import Vendor as Vendor
from scheduler.units import Units


class Community(Entity):
    """The community whose plan this is, and the zone of its wall clock (IANA name)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Short name, used in addresses.")]
    name: Name
    name_en: Text = ""
    zone: Annotated[str, Field(min_length=1, max_length=64, description="IANA time zone, such as Asia/Shanghai.")]


class Season(Entity):
    """First and last date of the plan, both included."""

    first_date: Date
    last_date: Date


class Calendar(Entity):
    """A working calendar: the dates on which its series do not run, and the weekday that a date counts as.

    On a date in `counts_as` (a working weekend) the sessions of the named weekday run, and none of the date's own.
    """

    id: Id
    meaning: Text = ""
    days_off: tuple[Date, ...] = ()
    counts_as: dict[str, Weekday] = Field(default={}, description="ISO date -> the weekday whose sessions run.")
    provisional_years: tuple[int, ...] = ()
    source: Text = ""
    version: Annotated[int, Field(ge=1)] = 1


class Label(Entity):
    """What a layout, a feature or a tag is called."""

    id: Id
    zh: Name
    en: Text = ""


class Site(Entity):
    """A place with spaces; travel is counted between sites."""

    id: Id
    name: Name
    name_en: Text = ""
    address: Text = ""


class Travel(Entity):
    """Minutes on the way between two sites, the same in both directions."""

    between: tuple[Id, Id]
    minutes: Minutes


class Hours(Entity):
    """An opening interval on some weekdays, half-open; an end after 24:00 runs into the next morning."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    starts: Clock
    ends: Clock


class Interval(Entity):
    """A half-open interval of one date's wall clock."""

    starts: Clock
    ends: Clock


class DatedHours(Entity):
    """The opening intervals of one date, instead of the weekly ones; none: shut."""

    date: Date
    intervals: tuple[Interval, ...] = ()


class Layout(Entity):
    """A way to furnish a space, and the people it then holds."""

    id: Id
    capacity: Count


class Space(Entity):
    """A room, square or hall; with `parts`, a combination or a whole made of them. A space without parts is atomic.

    A combination is used only when all its parts are open; `hours` may be left empty for it.
    """

    id: Id
    name: Name
    name_en: Text = ""
    site: Id
    floor: int = 1
    outdoor: bool = False
    unlimited: bool = Field(default=False, description="Any number at once: online, elsewhere, in the open.")
    area_m2: Count = 0
    layouts: Annotated[tuple[Layout, ...], Field(min_length=1)]
    features: tuple[Id, ...] = ()
    parts: tuple[Id, ...] = ()
    hours: tuple[Hours, ...] = ()
    dated_hours: tuple[DatedHours, ...] = ()
    changeover: tuple[ChangeoverRow, ...] = ()
    note: Text = ""


class Use(Entity):
    """A kind of activity. The usual hours, duration and layout are for people; requests state their own."""

    id: Id
    name: Name
    name_en: Text = ""
    kind: Text = ""
    noise: Annotated[int, Field(ge=0, le=3)]
    calendar: Id
    usual_hours: Text = ""
    usual_duration: Text = ""
    usual_layout: Text = ""


class PriorityClass(Entity):
    """One class of priority; the order of the list is the order of the classes, highest first."""

    id: Id
    meaning: Text = ""
    duty: bool = Field(default=False, description="Its requests are all placed, and lose no date.")


class Applicant(Entity):
    """An organisation that asks."""

    id: Id
    name: Name
    name_en: Text = ""
    priority: Id


class Body(Entity):
    """Applicants who are the same people. The ground is stated; lists of members are not kept."""

    id: Id
    applicants: Annotated[tuple[Id, ...], Field(min_length=1)]
    basis: Text = ""


class Person(Entity):
    """Somebody needed by several requests (a teacher), named by what they do."""

    id: Id
    what: Text = ""


class Window(Entity):
    """When a session may lie: from `starts` to `ends` on one of the days.

    `fixed` has one start, and costs nothing; `preferred` costs nothing; `acceptable` costs a wish. In the last two a
    session starts at `starts` or a whole number of steps later, and ends by `ends`. Where windows overlap the better
    kind counts.
    """

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    starts: Clock
    ends: Clock
    kind: Literal["fixed", "preferred", "acceptable"]


class Series(Entity):
    """The same sessions every week, on every date of the weekday within season and validity that stays open."""

    kind: Literal["series"] = "series"
    per_week: Annotated[int, Field(ge=1, le=50)]
    min_sessions: Annotated[int, Field(ge=1, le=50)] | None = Field(
        default=None, description="Fewer sessions than asked are welcome, from this number on. None: all or nothing."
    )
    first_date: Date | None = None
    last_date: Date | None = None
    calendar: Id


class Pattern(Entity):
    """One way for a session to lie: all of these weekdays, in all of these weeks, at one start."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    weeks: tuple[Annotated[int, Field(ge=1, le=200)], ...] = Field(
        default=(), description="Weeks of the season, Monday to Sunday, from 1; none: all of them."
    )
    starts: Clock
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = Field(default=None, description="None: the request's own.")
    cost: Count = Field(default=0, description="Points of the stage `wishes`, once.")


class Patterns(Entity):
    """One session that meets on several dates at the same hour in the same space: one of the options, whole.

    No date of it may fall or be lost: an option with a date on which a rule forbids it is not offered. Its dates are
    those of the days and weeks within the season; no calendar applies.
    """

    kind: Literal["patterns"] = "patterns"
    options: Annotated[tuple[Pattern, ...], Field(min_length=1)]


class Replaces(Entity):
    """The date of a series in whose stead a dated request stands."""

    request: Id


class Dated(Entity):
    """One occurrence, on one date, which names itself: no calendar applies."""

    kind: Literal["dated"] = "dated"
    date: Date
    published_on: Date | None = None
    replaces: Replaces | None = Field(
        default=None, description="When granted, it takes its own date out of that series; no wish is lost by it."
    )


class Request(Entity):
    """A wish for time in a space."""

    id: Id
    applicant: Id
    use: Id
    headcount: Annotated[int, Field(ge=1, le=100_000)]
    minutes: Annotated[int, Field(ge=1, le=1440, description="Length of one session, minutes.")]
    when: Series | Dated | Patterns = Field(discriminator="kind")
    windows: tuple[Window, ...] = Field(default=(), description="At least one, but for patterns: these say it all.")
    spaces: Annotated[tuple[Id, ...], Field(min_length=1, description="In order of wish.")]
    space_costs: tuple[Count, ...] = Field(
        default=(),
        description="Points for each of `spaces`, on each date (of patterns: once), instead of those of its rank.",
    )
    layouts: Annotated[tuple[Id, ...], Field(min_length=1, description="In order of wish.")]
    features: tuple[Id, ...] = ()
    floors: tuple[int, ...] = ()
    noise: Annotated[int, Field(ge=0, le=3)]
    priority: Id
    priority_reason: Text = ""
    own_rank: Annotated[int, Field(ge=1, le=10_000)] | None = None
    people: tuple[Id, ...] = ()
    tags: tuple[Id, ...] = ()
    hosts: Literal["market"] | None = Field(default=None, description="Inside its occurrences others are booked.")
    external_ref: Text = ""
    note: Text = ""


class WishCosts(Entity):
    """Stage "wishes" in points: whole numbers, `points_per_occurrence` of them make one occurrence-equivalent."""

    points_per_occurrence: Annotated[int, Field(ge=1, le=10_000)] = 100
    lost_date: Count = 100
    acceptable_window: Count = 25
    space_rank: Count = 10
    rule_weight: Count = Field(default=1, description="Of each unit of weight of the rules that should hold.")
    idle_space: Count = Field(default=0, description="For each atomic space that a request names and nobody gets.")


class Fairness(Entity):
    """Stage "fairness": in how many levels a body's shortfall is counted, and what else counts beside it."""

    levels: Annotated[int, Field(ge=1, le=20)] = Field(
        default=5, description="A body that gets nothing is at this level; what is missing counts in such parts of it."
    )
    ledger_percent: Annotated[int, Field(ge=0, le=100)] = Field(
        default=100, description="How much of what the ledger owes counts, percent."
    )
    ledger_rounds: Count = Field(default=4, description="What is owed counts so many rounds after a body last asked.")
    newcomer_sessions: Count = Field(
        default=1, description="A body new to the ledger is at the worst level until it has so many sessions."
    )


class Stability(Entity):
    """Stage "stability": points for each session of the timetable that is kept to which is not there any more."""

    session: Count = Field(default=0, description="For each session that is gone.")
    person: Count = Field(default=1, description="For each person affected: the headcount of the request.")
    published: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=4, description="So many times as much for a session of the release in force: people know of it."
    )


class LedgerEntry(Entity):
    """What a body (or an applicant outside every body) asked for and got in earlier rounds, in sessions."""

    body: Id
    asked: Count
    granted: Count
    owed: Count = Field(description="Sessions refused that no later round has made good.")
    rounds: Annotated[int, Field(ge=1, le=10_000)] = Field(default=1, description="Rounds in which it asked.")
    since: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=1, description="How many rounds ago it last asked; 1: in the last one."
    )


Stage = Literal["duties", "classes", "fairness", "own_rank", "wishes", "stability", "lot"]


class Policy(Entity):
    """How the answer is chosen: stages in order, each solved with the earlier ones held.

    `stability` has its place here, and is reported as not in force in a solve that is given no timetable to keep to.
    """

    start_step_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    stages: tuple[Stage, ...] = ("duties", "classes", "fairness", "own_rank", "wishes", "stability", "lot")
    fairness: Fairness = Fairness()
    stability: Stability = Stability()
    wishes: WishCosts = WishCosts()
    as_of: Date | None = Field(default=None, description="The day on which the plan is made: what is released by then.")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="Published before the round closes.")] = 0


class Problem(Entity):
    """Everything that one solve of one community and season knows."""

    format: Literal["gongshi.problem/1"] = "gongshi.problem/1"
    community: Community
    season: Season
    policy: Policy = Policy()
    priorities: Annotated[tuple[PriorityClass, ...], Field(min_length=1)]
    calendars: Annotated[tuple[Calendar, ...], Field(min_length=1)]
    sites: Annotated[tuple[Site, ...], Field(min_length=1)]
    travel: tuple[Travel, ...] = ()
    spaces: Annotated[tuple[Space, ...], Field(min_length=1)]
    uses: Annotated[tuple[Use, ...], Field(min_length=1)]
    applicants: Annotated[tuple[Applicant, ...], Field(min_length=1)]
    bodies: tuple[Body, ...] = ()
    ledger: tuple[LedgerEntry, ...] | None = Field(
        default=None, description="What earlier rounds left owing. None: there is none, and nobody is new."
    )
    people: tuple[Person, ...] = ()
    labels: tuple[Label, ...] = Field(default=(), description="Names for layouts, features and tags.")
    requests: tuple[Request, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    market: Market | None = None
    units: tuple[Units, ...] = Field(default=(), description="Study seats, lockers: booked one by one inside a host.")

    def names(self) -> Names:
        """What the identities of this problem are called; a request is called by its use and applicant.

        An identity that two different things share (a space and an applicant, say) is called by itself: better
        bare than wrong.
        """
        named: dict[str, tuple[str, str]] = {}
        listed: tuple[Site | Space | Use | Applicant, ...] = (*self.sites, *self.spaces, *self.uses, *self.applicants)
        pairs = [(thing.id, (thing.name, thing.name_en)) for thing in listed]
        for id, name in [*pairs, *((label.id, (label.zh, label.en)) for label in self.labels)]:
            named[id] = name if named.get(id, name) == name else (id, id)
        called = Names(dict(named))
        for request in self.requests:
            zh = f"{called.zh(request.use)}（{called.zh(request.applicant)}）"
            en = f"{called.en(request.use)} ({called.en(request.applicant)})"
            named[request.id] = (zh, en) if request.id not in named else (request.id, request.id)
        return Names(named)

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON of this problem, as 64 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

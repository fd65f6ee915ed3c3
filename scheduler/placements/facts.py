"""What the model looks up about a problem, indexed once. The verifier has its own; nothing here is shared with it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.availability import Closed
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, DatedRule, OccurrenceRule, Scope
from scheduler.problem import Calendar, Dated, Patterns, Problem, Request, Series, Space

_Occupant = tuple[str, str, str]
Rule = TypeVar("Rule", bound=ConstraintBase)
Made = TypeVar("Made")
DAY = 1440
"""Minutes of a day."""


def minutes(clock: str) -> int:
    """Minutes since midnight of the date that a clock time belongs to; `24:30` is 1470."""
    return int(clock[:2]) * 60 + int(clock[3:])


def hhmm(minute: int) -> str:
    """The clock text of a minute of the day, `24:30` for 1470."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Facts:
    """Indexes over one problem.

    The requests in `freed` need not be placed, whatever their class and pins say: so culprits are looked for.
    """

    def __init__(self, problem: Problem, freed: frozenset[str] = frozenset()) -> None:
        self.problem = problem
        self.freed = freed
        self.zone = ZoneInfo(problem.community.zone)
        self.names = problem.names()
        self.spaces: dict[str, Space] = {space.id: space for space in problem.spaces}
        self.requests: dict[str, Request] = {request.id: request for request in problem.requests}
        self.rank = {priority.id: rank for rank, priority in enumerate(problem.priorities)}
        self._duty_classes = {priority.id for priority in problem.priorities if priority.duty}
        self._body = {applicant: body.id for body in problem.bodies for applicant in body.applicants}
        self._travel = {frozenset(way.between): way.minutes for way in problem.travel}
        self._calendars = {calendar.id: calendar for calendar in problem.calendars}
        self._atoms: dict[str, tuple[str, ...]] = {}
        self._steady: dict[int, bool] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._known: dict[object, object] = {}
        self._scopes: dict[int, tuple[Scope, bool]] = {}
        self._selected: dict[tuple[int, str, str], bool] = {}
        self._rules: dict[tuple[type[ConstraintBase], str], list[ConstraintBase]] = {}
        for rule in problem.constraints:
            self._rules.setdefault((type(rule), rule.strength), []).append(rule)
        self.rows: dict[tuple[str, _Occupant, _Occupant], ChangeoverRow | None] = {}
        """Changeover rows already looked up, by atom and the occupants before and after: (use, layout, space) each."""
        self.spans: dict[tuple[str, int], list[tuple[Space, list[tuple[int, int]]]]] = {}
        """Opening hours already worked out, by space and ordinal of a date: of each part, in minutes of that date."""
        pins = self.rules(Pin)
        self.pinned = {pin.request for pin in pins if pin.slot is None}
        self.held = {pin.request for pin in pins}

    def once(self, key: object, make: Callable[[], Made]) -> Made:
        """What was made for this key before, or is now: of one problem many models may be built."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]  # type: ignore[return-value]  # each key is made by one function

    def rules(self, schema: type[Rule]) -> list[Rule]:
        """The instances of one kind that must hold, in the order of the problem."""
        return self._rules.get((schema, "must"), [])  # type: ignore[return-value]  # keyed by the type itself

    def wishes(self, schema: type[Rule]) -> list[Rule]:
        """The instances of one kind that should hold, each violation at its weight; in the order of the problem."""
        return self._rules.get((schema, "should"), [])  # type: ignore[return-value]  # keyed by the type itself

    def atoms(self, space: str) -> tuple[str, ...]:
        """The atomic parts of a space; itself when it has no parts; none where any number may be at once."""
        if space not in self._atoms:
            there = self.spaces[space]
            below = [atom for part in there.parts for atom in self.atoms(part)]
            itself = () if there.unlimited else (space,)
            self._atoms[space] = tuple(dict.fromkeys(below)) if there.parts else itself
        return self._atoms[space]

    @cached_property
    def all_atoms(self) -> tuple[str, ...]:
        """All atomic spaces, in the order of the problem."""
        return tuple(space.id for space in self.problem.spaces if not space.parts and not space.unlimited)

    @cached_property
    def closures(self) -> dict[tuple[str, int], list[tuple[int, Closed, int, int]]]:
        """(atom, ordinal of a date) -> the closures that bookings of that date may reach into.

        Of each its place in the list, its rule, and from and until when it is, in minutes of that date.
        """
        found: dict[tuple[str, int], list[tuple[int, Closed, int, int]]] = {}
        for number, rule in enumerate(self.rules(Closed)):
            shut = {
                atom
                for space in self.problem.spaces
                if space.id in rule.spaces or space.floor in rule.floors or space.site in rule.sites
                for atom in self.atoms(space.id)
            }
            hours = (rule.starts, rule.ends) if rule.starts and rule.ends else ("00:00", "24:00")
            starts, ends = minutes(hours[0]), minutes(hours[1])
            # No booking starts before the midnight of its own date: it reaches into no closure that is over by then.
            near = [later for later in range(-2, 3) if ends > later * DAY]
            for atom in shut:
                for day in rule.dates:
                    for later in near:
                        entry = (number, rule, starts - later * DAY, ends - later * DAY)
                        found.setdefault((atom, day.toordinal() + later), []).append(entry)
        return found

    @cached_property
    def impartial(self) -> bool:
        """Whether every rule about single dates looks at time and place alone, never at whose booking it is."""
        return all(
            isinstance(rule, Closed) and rule.scope == EVERYTHING
            for rule in self.problem.constraints
            if isinstance(rule, OccurrenceRule)
        )

    @cached_property
    def replacers(self) -> dict[tuple[str, int], list[str]]:
        """(series, ordinal of a date) -> the dated requests that stand in its stead on that date when granted."""
        found: dict[tuple[str, int], list[str]] = {}
        for request in self.problem.requests:
            if isinstance(request.when, Dated) and request.when.replaces is not None:
                key = (request.when.replaces.request, request.when.date.toordinal())
                found.setdefault(key, []).append(request.id)
        return found

    @cached_property
    def turns(self) -> list[int]:
        """Ordinals of the dates on which a rule about bookings side by side comes into force, or is over."""
        rules = [rule for kind in SIDE_BY_SIDE for rule in self.rules(kind)]
        first = {rule.valid_from.toordinal() for rule in rules if rule.valid_from is not None}
        over = {rule.valid_until.toordinal() + 1 for rule in rules if rule.valid_until is not None}
        return sorted(first | over)

    def era(self, day: int) -> int:
        """A number for a date (an ordinal); on dates with the same number the same rules of `SIDE_BY_SIDE` hold."""
        return bisect_right(self.turns, day)

    def season_of(self, rule: DatedRule) -> int | None:
        """The dates of the season on which a rule holds, as a bit set (bit 0: the first date); None: it has no dates.

        One that has dates sees of a session only those among them, even where that is the whole season.
        """
        if rule.valid_from is None and rule.valid_until is None:
            return None
        first, last = self.problem.season.first_date, self.problem.season.last_date
        begins = max(0, (rule.valid_from - first).days) if rule.valid_from else 0
        ends = (min(last, rule.valid_until or last) - first).days + 1
        return ((1 << ends) - 1) >> begins << begins if begins < ends else 0

    def of_duty_class(self, request: Request) -> bool:
        """Of a duty class, pinned or not."""
        return request.priority in self._duty_classes

    def is_duty(self, request: Request) -> bool:
        """Of a duty class, or pinned in full: all its sessions are placed."""
        return request.id not in self.freed and (self.of_duty_class(request) or request.id in self.pinned)

    def keeps_dates(self, request: Request) -> bool:
        """A duty, anything pinned, or a pattern, which is taken whole: it loses no date."""
        return self.of_duty_class(request) or request.id in self.held or isinstance(request.when, Patterns)

    def body(self, request: Request) -> str:
        """The body that a request's applicant belongs to; an applicant outside every body is a body of one."""
        return self._body.get(request.applicant, request.applicant)

    def calendar(self, series: Series) -> Calendar:
        """The working calendar that a series follows."""
        return self._calendars[series.calendar]

    def days_off(self, series: Series) -> frozenset[int]:
        """Ordinals of the days off in the calendar of a series."""
        return self.once(
            ("off", series.calendar), lambda: frozenset(day.toordinal() for day in self.calendar(series).days_off)
        )

    def runs_as(self, series: Series, day: int) -> int:
        """The weekday whose sessions of a series run on a date (an ordinal): its own, or the one it counts as."""
        counted = self._counted(series.calendar).get(day)
        return weekday_of(day) if counted is None else counted

    def made_up(self, series: Series, weekday: int) -> tuple[int, ...]:
        """Ordinals of the dates of another weekday that count as this one under the calendar of a series."""
        counted = self._counted(series.calendar)
        return tuple(day for day in sorted(counted) if counted[day] == weekday != weekday_of(day))

    def _counted(self, calendar: str) -> dict[int, int]:
        if calendar not in self._counts:
            self._counts[calendar] = {
                date.fromisoformat(day).toordinal(): WEEKDAY_NO[as_]
                for day, as_ in self._calendars[calendar].counts_as.items()
            }
        return self._counts[calendar]

    def travel(self, space_a: str, space_b: str) -> int:
        """Minutes on the way between the sites of two spaces."""
        return self.way(self.spaces[space_a].site, self.spaces[space_b].site)

    def way(self, site_a: str, site_b: str) -> int:
        """Minutes on the way between two sites, 0 where the problem states none."""
        return self._travel.get(frozenset((site_a, site_b)), 0)

    def selects(self, scope: Scope, request: Request, space: str) -> bool:
        """Whether a scope speaks of the bookings of a request in a space (see `Scope`)."""
        if id(scope) not in self._scopes:
            # Kept, so that no other scope is ever found by its number.
            self._scopes[id(scope)] = scope, scope == EVERYTHING
        if self._scopes[id(scope)][1]:
            return True
        key = (id(scope), request.id, space)
        if key not in self._selected:
            self._selected[key] = self._speaks_of(scope, request, space)
        return self._selected[key]

    def _speaks_of(self, scope: Scope, request: Request, space: str) -> bool:
        tags = set(request.tags)
        return (
            (not scope.requests or request.id in scope.requests)
            and (not scope.applicants or request.applicant in scope.applicants)
            and (not scope.bodies or self.body(request) in scope.bodies)
            and (not scope.priorities or request.priority in scope.priorities)
            and (not scope.uses or request.use in scope.uses)
            and (not scope.tags or not tags.isdisjoint(scope.tags))
            and tags.isdisjoint(scope.without_tags)
            and (not scope.spaces or self._within(space, scope.spaces))
            and (not scope.sites or self.spaces[space].site in scope.sites)
            and (not scope.any_of or any(self.selects(each, request, space) for each in scope.any_of))
            and not any(self.selects(each, request, space) for each in scope.none_of)
        )

    def _within(self, space: str, spaces: tuple[str, ...]) -> bool:
        if space in spaces:
            return True
        here = self.atoms(space)
        return any(atom in here for each in spaces for atom in self.atoms(each))

    @cached_property
    def weeks(self) -> int:
        """Weeks of the season, Monday to Sunday, those included of which it has only some days."""
        return self.week_of(self.problem.season.last_date.toordinal())

    def weeks_of(self, rule: DatedRule) -> int:
        """Weeks of the season on a date of which a rule holds."""
        dates, first = self.season_of(rule), self.problem.season.first_date.toordinal()
        if dates is None:
            return self.weeks
        return (
            self.week_of(first + dates.bit_length() - 1) - self.week_of(first + (dates & -dates).bit_length() - 1) + 1
        )

    def week_of(self, day: int) -> int:
        """The week of the season that a date lies in, from 1."""
        first = self.problem.season.first_date.toordinal()
        return (day - (first - weekday_of(first))) // 7 + 1

    def exists(self, day: int, minute: int) -> bool:
        """Whether a wall-clock minute, counted from a date, exists in the zone (summer time skips some)."""
        if day not in self._steady:
            around = [datetime.fromordinal(day + later).replace(tzinfo=self.zone).utcoffset() for later in range(4)]
            self._steady[day] = len(set(around)) == 1
        if self._steady[day]:
            return True
        naive = datetime.fromordinal(day) + timedelta(minutes=minute)
        there = naive.replace(tzinfo=self.zone).astimezone(UTC).astimezone(self.zone)
        return there.replace(tzinfo=None) == naive

    @staticmethod
    def asked(request: Request) -> int:
        """Sessions that a request asks for."""
        return request.when.per_week if isinstance(request.when, Series) else 1


def in_force(rule: DatedRule, *days: int) -> bool:
    """Whether a rule holds on all of some dates (their ordinals)."""
    return (rule.valid_from is None or rule.valid_from.toordinal() <= min(days)) and (
        rule.valid_until is None or max(days) <= rule.valid_until.toordinal()
    )


def weekday_of(day: int) -> int:
    """Weekday of a date given as its ordinal, 0 for Monday; ordinal 1 is Monday, 1 January of year 1."""
    return (day - 1) % 7


EVERYTHING = Scope()
SIDE_BY_SIDE: tuple[type[DatedRule], ...] = (Sharing, Changeover, SameAttendees, PooledResource)
"""Kinds that are posted date by date."""
WEEKDAY_NO = {name: number for number, name in enumerate(WEEKDAYS)}

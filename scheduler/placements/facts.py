"""What the model looks up about a problem, indexed once. The verifier has its own; nothing here is shared with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from scheduler.constraints.changeover import ChangeoverRow
from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, Scope
from scheduler.problem import Calendar, Dated, Problem, Request, Series, Space

_Occupant = tuple[str, str, str]
Rule = TypeVar("Rule", bound=ConstraintBase)
DAY = 1440
"""Minutes of a day."""


def minutes(clock: str) -> int:
    """Minutes since midnight of the date that a clock time belongs to; `24:30` is 1470."""
    return int(clock[:2]) * 60 + int(clock[3:])


def hhmm(minute: int) -> str:
    """The clock text of a minute of the day, `24:30` for 1470."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Facts:
    """Indexes over one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
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
        self._rules: dict[type[ConstraintBase], list[ConstraintBase]] = {}
        for rule in problem.constraints:
            self._rules.setdefault(type(rule), []).append(rule)
        self.rows: dict[tuple[str, _Occupant, _Occupant], ChangeoverRow | None] = {}
        """Changeover rows already looked up, by atom and the occupants before and after: (use, layout, space) each."""
        pins = self.rules(Pin)
        self.pinned = {pin.request for pin in pins if pin.slot is None}
        self.held = {pin.request for pin in pins}

    def rules(self, schema: type[Rule]) -> list[Rule]:
        """The instances of one kind, in the order of the problem."""
        return self._rules.get(schema, [])  # type: ignore[return-value]  # keyed by the type itself

    def atoms(self, space: str) -> tuple[str, ...]:
        """The atomic parts of a space; itself when it has no parts."""
        if space not in self._atoms:
            parts = self.spaces[space].parts
            below = [atom for part in parts for atom in self.atoms(part)]
            self._atoms[space] = tuple(dict.fromkeys(below)) if parts else (space,)
        return self._atoms[space]

    @cached_property
    def all_atoms(self) -> tuple[str, ...]:
        """All atomic spaces, in the order of the problem."""
        return tuple(space.id for space in self.problem.spaces if not space.parts)

    @cached_property
    def replacers(self) -> dict[tuple[str, int], list[str]]:
        """(series, ordinal of a date) -> the dated requests that stand in its stead on that date when granted."""
        found: dict[tuple[str, int], list[str]] = {}
        for request in self.problem.requests:
            if isinstance(request.when, Dated) and request.when.replaces is not None:
                key = (request.when.replaces.request, request.when.date.toordinal())
                found.setdefault(key, []).append(request.id)
        return found

    def of_duty_class(self, request: Request) -> bool:
        """Of a duty class, pinned or not."""
        return request.priority in self._duty_classes

    def is_duty(self, request: Request) -> bool:
        """Of a duty class, or pinned in full: all its sessions are placed."""
        return self.of_duty_class(request) or request.id in self.pinned

    def keeps_dates(self, request: Request) -> bool:
        """A duty or anything pinned: it loses no date."""
        return self.of_duty_class(request) or request.id in self.held

    def body(self, request: Request) -> str:
        """The body that a request's applicant belongs to; an applicant outside every body is a body of one."""
        return self._body.get(request.applicant, request.applicant)

    def calendar(self, series: Series) -> Calendar:
        """The working calendar that a series follows."""
        return self._calendars[series.calendar]

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
        return self._travel.get(frozenset((self.spaces[space_a].site, self.spaces[space_b].site)), 0)

    def selects(self, scope: Scope, request: Request) -> bool:
        """Whether a scope speaks of a request (see `Scope`)."""
        tags = set(request.tags)
        return (
            (not scope.requests or request.id in scope.requests)
            and (not scope.applicants or request.applicant in scope.applicants)
            and (not scope.bodies or self.body(request) in scope.bodies)
            and (not scope.priorities or request.priority in scope.priorities)
            and (not scope.uses or request.use in scope.uses)
            and (not scope.tags or not tags.isdisjoint(scope.tags))
            and tags.isdisjoint(scope.without_tags)
        )

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


def weekday_of(day: int) -> int:
    """Weekday of a date given as its ordinal, 0 for Monday; ordinal 1 is Monday, 1 January of year 1."""
    return (day - 1) % 7


WEEKDAY_NO = {name: number for number, name in enumerate(WEEKDAYS)}

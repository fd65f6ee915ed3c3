"""The facts of one problem, looked up once: atoms, classes, duties, pins, bodies, nominal dates, windows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import ConstraintBase, DatedRule, Scope, ScopedRule, Weekday
from scheduler.problem import Dated, Problem, Request, Series, Space, Window
from scheduler.verify.wall import DAY, clock, weekday

Rule = TypeVar("Rule", bound=ConstraintBase)
Liking = Literal["liked", "acceptable"]
"""What a start is to its request: in a fixed or preferred window, or only in an acceptable one."""


class World:
    """One well-formed problem, with everything that the checks look up.

    Answers are remembered, so a World may serve any number of `examine` calls on the same problem.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.zone = ZoneInfo(problem.community.zone)
        self.requests = {r.id: r for r in problem.requests}
        self.spaces = {s.id: s for s in problem.spaces}
        self.atoms = {s.id: frozenset(self._parts(s)) for s in problem.spaces}
        self.rank = {c.id: place for place, c in enumerate(problem.priorities)}
        self.names = problem.names()
        self._duty_classes = {c.id for c in problem.priorities if c.duty}
        self._step = timedelta(minutes=problem.policy.start_step_minutes)
        self._travel = {frozenset(t.between): timedelta(minutes=t.minutes) for t in problem.travel}
        self._rules: dict[type[ConstraintBase], tuple[ConstraintBase, ...]] = {}
        self._in_scope: dict[tuple[int, str], bool] = {}
        self._calendars = {c.id: c for c in problem.calendars}
        self._nominal: dict[tuple[str, Weekday], tuple[date, ...]] = {}
        self._likings: dict[tuple[str, Weekday, timedelta], Liking | None] = {}
        self._bodies: dict[str, list[str]] = defaultdict(list)
        for body in problem.bodies:
            for applicant in body.applicants:
                self._bodies[applicant].append(body.id)
        self._pins: dict[str, list[Pin]] = defaultdict(list)
        for pin in self.rules(Pin):
            self._pins[pin.request].append(pin)

    def _parts(self, space: Space) -> set[str]:
        if not space.parts:
            return {space.id}
        return set().union(*(self._parts(self.spaces[part]) for part in space.parts))

    def rules(self, kind: type[Rule]) -> tuple[Rule, ...]:
        """The instances of one kind of rule, in the order of the problem."""
        if kind not in self._rules:
            self._rules[kind] = tuple(c for c in self.problem.constraints if isinstance(c, kind))
        return self._rules[kind]  # type: ignore[return-value] # the key is the type of the value

    def atoms_of(self, spaces: tuple[str, ...]) -> frozenset[str]:
        """The atoms of several spaces together."""
        return frozenset().union(*(self.atoms[s] for s in spaces))

    def matches(self, scope: Scope, request: Request) -> bool:
        """The request is one that the scope speaks of."""
        key = (id(scope), request.id)  # scopes live as long as the problem
        if key not in self._in_scope:
            limits = (
                (scope.requests, (request.id,)),
                (scope.applicants, (request.applicant,)),
                (scope.bodies, self.bodies(request.applicant)),
                (scope.priorities, (request.priority,)),
                (scope.uses, (request.use,)),
                (scope.tags, request.tags),
            )
            within = all(not named or not set(named).isdisjoint(has) for named, has in limits)
            self._in_scope[key] = within and set(scope.without_tags).isdisjoint(request.tags)
        return self._in_scope[key]

    def judges(self, rule: ScopedRule, request: Request, day: date) -> bool:
        """The rule speaks of this request, on the booking's own date `day`."""
        if isinstance(rule, DatedRule):
            if rule.valid_from is not None and day < rule.valid_from:
                return False
            if rule.valid_until is not None and day > rule.valid_until:
                return False
        return self.matches(rule.scope, request)

    def bodies(self, applicant: str) -> tuple[str, ...]:
        """The bodies that an applicant belongs to by the problem's list."""
        return tuple(self._bodies.get(applicant, ()))

    def duty(self, request: Request) -> bool:
        """The request's class is placed in full, and loses no date."""
        return request.priority in self._duty_classes

    def pinned(self, request: Request) -> bool:
        """The request, or a session of it, is pinned: it loses no date."""
        return request.id in self._pins

    def wholly_pinned(self, request: Request) -> bool:
        """The request is placed in full by a pin without a slot."""
        return any(pin.slot is None for pin in self._pins.get(request.id, ()))

    def asked(self, request: Request) -> int:
        """Sessions that a request asks for."""
        return request.when.per_week if isinstance(request.when, Series) else 1

    def travel(self, one: str, other: str) -> timedelta:
        """The way between two sites; none is counted within a site, or where the problem states none."""
        return timedelta() if one == other else self._travel.get(frozenset((one, other)), timedelta())

    def longest_way(self) -> timedelta:
        """No way between two sites takes longer."""
        return max(self._travel.values(), default=timedelta())

    def nominal_dates(self, request: Request, day: Weekday) -> tuple[date, ...]:
        """All dates that a session on this weekday has, before any rule is asked.

        Of a series: those of the weekday within the season and its own validity, and those that count as it in its
        calendar. Of a dated request: its own date.
        """
        key = (request.id, day)
        if key not in self._nominal:
            self._nominal[key] = tuple(d for d in self._span(request) if day in (weekday(d), self.runs_as(request, d)))
        return self._nominal[key]

    def weekly_dates(self, request: Request, day: Weekday) -> tuple[date, ...]:
        """The nominal dates that have the weekday itself: on these the slots of two series are compared."""
        return tuple(d for d in self.nominal_dates(request, day) if weekday(d) == day)

    def runs_as(self, request: Request, day: date) -> Weekday:
        """The weekday whose sessions of a request run on a date: of a series, what its calendar counts it as."""
        if isinstance(request.when, Dated):
            return weekday(day)
        return self._calendars[request.when.calendar].counts_as.get(day.isoformat(), weekday(day))

    def day_off(self, request: Request, day: date) -> bool:
        """The calendar of a series has this date off. A dated request names its date itself."""
        return isinstance(request.when, Series) and day in self._calendars[request.when.calendar].days_off

    def _span(self, request: Request) -> list[date]:
        if isinstance(request.when, Dated):
            return [request.when.date]
        season = self.problem.season
        first = max(season.first_date, request.when.first_date or season.first_date)
        last = min(season.last_date, request.when.last_date or season.last_date)
        return [first + n * DAY for n in range((last - first).days + 1)]

    def liking(self, request: Request, day: Weekday, starts: timedelta) -> Liking | None:
        """What a start is to its request: the best window that has it on its grid; None: no window has."""
        key = (request.id, day, starts)
        if key not in self._likings:
            length = timedelta(minutes=request.minutes)
            kinds = {w.kind for w in request.windows if day in w.days and self._has_start(w, starts, length)}
            liked = kinds & {"fixed", "preferred"}
            self._likings[key] = "liked" if liked else "acceptable" if kinds else None
        return self._likings[key]

    def _has_start(self, window: Window, starts: timedelta, length: timedelta) -> bool:
        after = starts - clock(window.starts)
        if after < timedelta() or starts + length > clock(window.ends):
            return False
        return not after if window.kind == "fixed" else not after % self._step

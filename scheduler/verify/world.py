"""The facts of one problem, looked up once: atoms, classes, duties, pins, bodies, nominal dates, windows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import ConstraintBase, DatedRule, Scope, ScopedRule, Weekday
from scheduler.problem import Dated, Pattern, Patterns, Problem, Request, Series, Space, Window
from scheduler.verify.wall import DAY, clock, weekday

Rule = TypeVar("Rule", bound=ConstraintBase)
Liking = Literal["liked", "acceptable"]
"""What a start is to its request: in a fixed or preferred window, or only in an acceptable one."""


def holds_on(rule: DatedRule, day: date) -> bool:
    """The rule speaks of what happens on this date."""
    begun = rule.valid_from is None or day >= rule.valid_from
    return begun and (rule.valid_until is None or day <= rule.valid_until)


class World:
    """One well-formed problem, with everything that the checks look up.

    Answers are remembered, so a World may serve any number of `examine` calls on the same problem.
    """

    def __init__(self, problem: Problem, strength: Literal["must", "should"] = "must") -> None:
        self.problem = problem
        self.strength = strength
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
        self._in_scope: dict[tuple[int, str, str], bool] = {}
        self._calendars = {c.id: c for c in problem.calendars}
        self._runs: dict[tuple[str, date], Weekday] = {}
        self._nominal: dict[tuple[object, ...], tuple[date, ...]] = {}
        self._weekly: dict[tuple[str, Weekday], tuple[date, ...]] = {}
        self._likings: dict[tuple[str, Weekday, timedelta], Liking | None] = {}
        self._patterns: dict[str, dict[tuple[timedelta, timedelta, frozenset[date]], Pattern]] = {}
        self._bodies: dict[str, list[str]] = defaultdict(list)
        for body in problem.bodies:
            for applicant in body.applicants:
                self._bodies[applicant].append(body.id)
        self._pins: dict[str, list[Pin]] = defaultdict(list)
        for pin in self.rules(Pin):
            self._pins[pin.request].append(pin)

    def _parts(self, space: Space) -> set[str]:
        if not space.parts:
            return set() if space.unlimited else {space.id}
        return set().union(*(self._parts(self.spaces[part]) for part in space.parts))

    def rules(self, kind: type[Rule]) -> tuple[Rule, ...]:
        """The instances of one kind of rule, in the order of the problem: of those that must hold, or should."""
        if kind not in self._rules:
            ours = (c for c in self.problem.constraints if c.strength == self.strength)
            self._rules[kind] = tuple(c for c in ours if isinstance(c, kind))
        return self._rules[kind]  # type: ignore[return-value] # the key is the type of the value

    def atoms_of(self, spaces: tuple[str, ...]) -> frozenset[str]:
        """The atoms of several spaces together."""
        return frozenset().union(*(self.atoms[s] for s in spaces))

    def matches(self, scope: Scope, request: Request, space: Space) -> bool:
        """A booking of the request in the space is one that the scope speaks of."""
        key = (id(scope), request.id, space.id)  # scopes live as long as the problem
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
            here = not scope.spaces or space.id in scope.spaces or self.shares_part(space, scope.spaces)
            there = not scope.sites or space.site in scope.sites
            other = not scope.any_of or any(self.matches(each, request, space) for each in scope.any_of)
            excepted = any(self.matches(each, request, space) for each in scope.none_of)
            marked = not set(scope.without_tags).isdisjoint(request.tags)
            self._in_scope[key] = within and here and there and other and not excepted and not marked
        return self._in_scope[key]

    def shares_part(self, space: Space, others: tuple[str, ...]) -> bool:
        """The space has an atomic part in common with one of the others."""
        return not self.atoms[space.id].isdisjoint(self.atoms_of(others))

    def judges(self, rule: ScopedRule, request: Request, space: Space, day: date) -> bool:
        """The rule speaks of this request in this space, on the booking's own date `day`."""
        return holds_on(rule, day) and self.matches(rule.scope, request, space)

    def bodies(self, applicant: str) -> tuple[str, ...]:
        """The bodies that an applicant belongs to by the problem's list."""
        return tuple(self._bodies.get(applicant, ()))

    def duty(self, request: Request) -> bool:
        """The request's class is placed in full, and loses no date."""
        return request.priority in self._duty_classes

    def pinned(self, request: Request) -> bool:
        """The request, or a session of it, is pinned: it loses no date."""
        return request.id in self._pins

    def whole(self, request: Request) -> bool:
        """The request is for a pattern, which stands on all of its dates or not at all."""
        return isinstance(request.when, Patterns)

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
        when = request.when
        # All series of one calendar and validity have the same.
        whose = (when.calendar, when.first_date, when.last_date) if isinstance(when, Series) else (request.id,)
        key = (*whose, day)
        if key not in self._nominal:
            self._nominal[key] = tuple(d for d in self._span(request) if day in (weekday(d), self.runs_as(request, d)))
        return self._nominal[key]

    def weekly_dates(self, request: Request, day: Weekday) -> tuple[date, ...]:
        """The nominal dates that have the weekday itself: on these the slots of two series are compared."""
        key = (request.id, day)
        if key not in self._weekly:
            self._weekly[key] = tuple(d for d in self.nominal_dates(request, day) if weekday(d) == day)
        return self._weekly[key]

    def runs_as(self, request: Request, day: date) -> Weekday:
        """The weekday whose sessions of a request run on a date: of a series, what its calendar counts it as."""
        if not isinstance(request.when, Series):
            return weekday(day)
        key = (request.when.calendar, day)
        if key not in self._runs:
            self._runs[key] = self._calendars[key[0]].counts_as.get(day.isoformat(), weekday(day))
        return self._runs[key]

    def day_off(self, request: Request, day: date) -> bool:
        """The calendar of a series has this date off. A dated request names its date itself."""
        return isinstance(request.when, Series) and day in self._calendars[request.when.calendar].days_off

    def _span(self, request: Request) -> list[date]:
        if isinstance(request.when, Dated):
            return [request.when.date]
        season = self.problem.season
        if isinstance(request.when, Patterns):
            return [season.first_date + n * DAY for n in range((season.last_date - season.first_date).days + 1)]
        first = max(season.first_date, request.when.first_date or season.first_date)
        last = min(season.last_date, request.when.last_date or season.last_date)
        return [first + n * DAY for n in range((last - first).days + 1)]

    def week_of(self, day: date) -> int:
        """The week of the season, Monday to Sunday, that a date lies in, from 1."""
        first = self.problem.season.first_date
        return (day - (first - first.weekday() * DAY)) // (7 * DAY) + 1

    def days(self, rule: DatedRule) -> list[date]:
        """The dates of the season on which a rule holds, in order."""
        season = self.problem.season
        every = (season.first_date + n * DAY for n in range((season.last_date - season.first_date).days + 1))
        return [day for day in every if holds_on(rule, day)]

    def weeks(self, rule: DatedRule) -> int:
        """The weeks of the season that have a date on which a rule holds."""
        return len({self.week_of(day) for day in self.days(rule)})

    def dates_of_options(self, request: Request) -> frozenset[date]:
        """The dates of all patterns that a request would take."""
        return frozenset(day for *_, dates in self._options(request) for day in dates)

    def option(self, request: Request, starts: timedelta, minutes: timedelta, dates: frozenset[date]) -> Pattern | None:
        """The pattern of the request that has these dates and hours, the cheapest where several have; None: none."""
        return self._options(request).get((starts, minutes, dates))

    def _options(self, request: Request) -> dict[tuple[timedelta, timedelta, frozenset[date]], Pattern]:
        if not isinstance(request.when, Patterns):
            return {}
        if request.id not in self._patterns:
            days = self._span(request)
            known: dict[tuple[timedelta, timedelta, frozenset[date]], Pattern] = {}
            for each in request.when.options:
                weeks, own = set(each.weeks), set(each.days)
                met = frozenset(d for d in days if weekday(d) in own and (not weeks or self.week_of(d) in weeks))
                key = (clock(each.starts), timedelta(minutes=each.minutes or request.minutes), met)
                if key not in known or each.cost < known[key].cost:
                    known[key] = each
            self._patterns[request.id] = known
        return self._patterns[request.id]

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

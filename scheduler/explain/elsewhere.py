"""Where single dates could be made up in the same week: in a place that is free, beside everything else.

Possible places come from the request's own windows, as placements do; whether one stands beside the bookings is asked
of the verifier's checks, one occurrence at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.model.build import judges_of
from scheduler.placements.candidates import generate
from scheduler.placements.facts import Facts
from scheduler.problem import Problem, Request, Series
from scheduler.timetable import Booking
from scheduler.verify.absences import BY_THEMSELVES
from scheduler.verify.checks import CHECKS
from scheduler.verify.plan import Occurrence, Plan
from scheduler.verify.reading import read
from scheduler.verify.wall import at
from scheduler.verify.world import World

NEAR = timedelta(days=4)
"""Farther apart no two bookings clash."""
TOGETHER = tuple(check for check in CHECKS.values() if check not in BY_THEMSELVES)


@dataclass(frozen=True, slots=True)
class Option:
    """A place for one date: `wished` when the request names the space."""

    day: date
    start: int
    end: int
    space: str
    layout: str
    wished: bool


class Elsewhere:
    """The bookings as they would be, to which dates that are made up elsewhere are added one by one."""

    def __init__(self, problem: Problem, bookings: Sequence[Booking]) -> None:
        self._problem = problem
        self._world = World(problem)
        plan, _ = read(self._world, bookings)
        self._there = list(plan.occurrences)
        self._options: dict[tuple[str, date], list[Option]] = {}

    def place(self, request: Request, session: int, day: date, space: str, start: int) -> Option | None:
        """Take the nearest place in the week of a date for a session that cannot stand there; None: there is none.

        Args:
            request: a series; it is put nowhere on a day on which it has a booking.
            session: its number.
            day: the date that cannot take place.
            space: where the session is.
            start: of the session, in minutes of its date.
        """
        taken = {one.date for one in self._there if one.request.id == request.id}
        options = [option for option in self._in_week(request, day) if option.day not in taken]
        options.sort(
            key=lambda o: (o.day != day, not o.wished, abs(o.start - start), o.space != space, abs(o.day - day), o.day)
        )
        for option in options:
            thought = self._thought(request, session, option)
            if self._stands(thought):
                self._there.append(thought)
                return option
        return None

    def _in_week(self, request: Request, day: date) -> list[Option]:
        monday = day - timedelta(days=day.weekday())
        if (request.id, monday) not in self._options:
            self._options[request.id, monday] = list(_options(self._problem, request, monday))
        return self._options[request.id, monday]

    def _thought(self, request: Request, session: int, option: Option) -> Occurrence:
        return Occurrence(
            request=self._world.requests[request.id],
            session=session,
            date=option.day,
            weekday=self._world.runs_as(request, option.day),
            starts=at(option.day, timedelta(minutes=option.start)),
            ends=at(option.day, timedelta(minutes=option.end)),
            space=self._world.spaces[option.space],
            layout=option.layout,
            atoms=self._world.atoms[option.space],
        )

    def _stands(self, thought: Occurrence) -> bool:
        near = [one for one in self._there if abs(one.starts - thought.starts) < NEAR]
        alone, trial = Plan(self._world, [thought]), Plan(self._world, [*near, thought])
        return not any(check_finds for check in BY_THEMSELVES for check_finds in check(alone)) and not any(
            one is thought for check in TOGETHER for finding in check(trial) for one in finding.involved
        )


def _options(problem: Problem, request: Request, monday: date) -> Iterator[Option]:
    """Every place of a week that a request's windows and the rules about single occurrences allow, in any space."""
    assert isinstance(request.when, Series)
    season, when = problem.season, request.when
    week = when.model_copy(
        update={
            "first_date": max(monday, season.first_date, when.first_date or season.first_date),
            "last_date": min(monday + timedelta(days=6), season.last_date, when.last_date or season.last_date),
        }
    )
    others = [space.id for space in problem.spaces if space.id not in request.spaces]
    narrowed = request.model_copy(update={"when": week, "spaces": (*request.spaces, *others)})
    facts = Facts(problem.model_copy(update={"requests": (narrowed,)}))
    for placement in generate(facts, *judges_of(facts)).placements:
        for day in sorted(placement.days):
            yield Option(
                day=date.fromordinal(day),
                start=placement.start,
                end=placement.end,
                space=placement.space,
                layout=placement.layout,
                wished=placement.space in request.spaces,
            )

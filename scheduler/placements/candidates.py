"""From windows, dates and spaces to candidate placements; what falls out remembers the rule that dropped it.

Which rules judge is handed in by the caller, so that each family keeps its judging in one file of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, Sentence
from scheduler.placements.facts import WEEKDAY_NO, Facts, hhmm, minutes, weekday_of
from scheduler.problem import Request, Series, Space


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's "no": its kind, the instance if the kind has instances, and a sentence about this very case."""

    kind: str
    rule: ConstraintBase | None
    sentence: Sentence
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a possible session: `day` is the date's ordinal, `start` and `end` minutes of that date.

    `slot` is the weekday of the session, 0 Monday .. 6 Sunday; on a working weekend that of the date is another.
    """

    request: Request
    space: Space
    atoms: tuple[str, ...]
    slot: int
    day: int
    start: int
    end: int

    @property
    def weekday(self) -> int:
        """Of the date itself, 0 Monday .. 6 Sunday."""
        return weekday_of(self.day)


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """One way to meet one session of a request, all of its dates together.

    `start` and `end` are minutes of the session's own date (an end past midnight goes on counting); `nominal` are
    the ordinals of all dates of the slot, `days` those that no rule forbids, `fallen` the others with the verdict.
    Of the nominal dates some are `made_up`: they have another weekday, and count as the slot's under its calendar.
    """

    index: int
    request: Request
    weekday: int
    start: int
    end: int
    space: str
    layout: str
    atoms: tuple[str, ...]
    space_rank: int
    acceptable: bool
    nominal: tuple[int, ...]
    days: frozenset[int]
    fallen: dict[int, Verdict] = field(hash=False)

    @property
    def series(self) -> bool:
        """Whether it is a weekly slot."""
        return isinstance(self.request.when, Series)

    @property
    def weekly(self) -> tuple[int, ...]:
        """The nominal dates that have the slot's own weekday, whatever the calendar says of them."""
        return tuple(day for day in self.nominal if weekday_of(day) == self.weekday)

    @property
    def made_up(self) -> frozenset[int]:
        """The dates left to it that have another weekday."""
        return frozenset(day for day in self.days if weekday_of(day) != self.weekday)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from every other placement: request, weekday, start, space."""
        return self.request.id, WEEKDAYS[self.weekday], hhmm(self.start), self.space


@dataclass(frozen=True, slots=True)
class Dropped:
    """A wish that cannot be met, whoever else asks, and why. `start` is None where the space as such will not do."""

    request: str
    weekday: int
    start: int | None
    space: str
    verdict: Verdict


SpaceJudge = Callable[[Facts, Request, Space], Verdict | None]
DateJudge = Callable[[Facts, Occurrence], Verdict | None]


@dataclass(frozen=True, slots=True)
class Candidates:
    """All placements, by index, and all wishes that were dropped, in the order of the requests' own wishes."""

    placements: list[Placement]
    dropped: list[Dropped]

    def of(self, request: str) -> list[Placement]:
        """The placements of one request."""
        return [placement for placement in self.placements if placement.request.id == request]


def nominal_days(facts: Facts, request: Request, weekday: int) -> tuple[int, ...]:
    """Ordinals of the dates of a slot: the weekday within season and validity, or the one date of a dated request.

    To the dates of the weekday come those that count as it under the calendar of the series. Its days off, and the
    dates that count as another weekday, are nominal all the same: they fall to the rule `calendar`.
    """
    when = request.when
    if not isinstance(when, Series):
        day = when.date.toordinal()
        return (day,) if weekday_of(day) == weekday else ()
    season = facts.problem.season
    first = max(season.first_date, when.first_date or season.first_date).toordinal()
    last = min(season.last_date, when.last_date or season.last_date).toordinal()
    made_up = [day for day in facts.made_up(when, weekday) if first <= day <= last]
    weekly = range(first + (weekday - weekday_of(first)) % 7, last + 1, 7)
    return tuple(sorted([*weekly, *made_up]))


def starts_of(facts: Facts, request: Request) -> dict[tuple[int, int], bool]:
    """(weekday, start) -> whether only an acceptable window offers it. Sorted by weekday, then start."""
    step = facts.problem.policy.start_step_minutes
    found: dict[tuple[int, int], bool] = {}
    for window in request.windows:
        opens, closes = minutes(window.starts), minutes(window.ends)
        latest = opens if window.kind == "fixed" else closes - request.minutes
        for day in window.days:
            for start in range(opens, latest + 1, step):
                key = (WEEKDAY_NO[day], start)
                found[key] = found.get(key, True) and window.kind == "acceptable"
    return dict(sorted(found.items()))


def layout_of(request: Request, space: Space) -> str | None:
    """The first layout of the request's list that the space has with places for its headcount."""
    room = {layout.id: layout.capacity for layout in space.layouts}
    return next((wish for wish in request.layouts if room.get(wish, -1) >= request.headcount), None)


def generate(facts: Facts, space_judges: Sequence[SpaceJudge], date_judges: Sequence[DateJudge]) -> Candidates:
    """All placements of all requests, each settled against every rule that speaks of one occurrence by itself."""
    generator = _Generator(facts, space_judges, date_judges)
    for request in facts.problem.requests:
        starts = {key: only for key, only in starts_of(facts, request).items() if nominal_days(facts, request, key[0])}
        for rank, space in enumerate(request.spaces):
            generator.offer(request, starts, rank, facts.spaces[space])
    return generator.found


@dataclass(frozen=True, slots=True)
class _Generator:
    facts: Facts
    space_judges: Sequence[SpaceJudge]
    date_judges: Sequence[DateJudge]
    found: Candidates = field(default_factory=lambda: Candidates([], []))

    def offer(self, request: Request, starts: dict[tuple[int, int], bool], rank: int, space: Space) -> None:
        """Every start of a request in one space: a placement, or a dropped wish."""
        verdict = next(filter(None, (judge(self.facts, request, space) for judge in self.space_judges)), None)
        if verdict is not None:
            self.found.dropped.extend(Dropped(request.id, day, start, space.id, verdict) for day, start in starts)
            return
        layout = layout_of(request, space)
        assert layout is not None, "a space without a fitting layout is refused by the rule `capacity`"
        atoms = self.facts.atoms(space.id)
        for (weekday, start), acceptable in starts.items():
            end, nominal = start + request.minutes, nominal_days(self.facts, request, weekday)
            cases = (Occurrence(request, space, atoms, weekday, day, start, end) for day in nominal)
            fallen = {case.day: verdict for case in cases if (verdict := self._judge(case)) is not None}
            if len(fallen) == len(nominal):
                self.found.dropped.append(Dropped(request.id, weekday, start, space.id, fallen[nominal[0]]))
                continue
            self.found.placements.append(
                Placement(
                    index=len(self.found.placements),
                    request=request,
                    weekday=weekday,
                    start=start,
                    end=end,
                    space=space.id,
                    layout=layout,
                    atoms=atoms,
                    space_rank=rank,
                    acceptable=acceptable,
                    nominal=nominal,
                    days=frozenset(nominal) - fallen.keys(),
                    fallen=fallen,
                )
            )

    def _judge(self, case: Occurrence) -> Verdict | None:
        return next(filter(None, (judge(self.facts, case) for judge in self.date_judges)), None)

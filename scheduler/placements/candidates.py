"""From windows, dates and spaces to candidate placements; what falls out remembers the rule that dropped it.

Which rules judge is handed in by the caller, so that each family keeps its judging in one file of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, DatedRule, Sentence
from scheduler.placements.facts import WEEKDAY_NO, Facts, hhmm, in_force, minutes, weekday_of
from scheduler.problem import Dated, Pattern, Patterns, Request, Space


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


def bits(mask: int) -> list[int]:
    """The numbers of the bits of a set, in order."""
    return [number for number in range(mask.bit_length()) if mask >> number & 1]


@dataclass(frozen=True, slots=True)
class Footprint:
    """When a session is, however many dates that makes: what rules about the times of two sessions compare.

    `weekdays` and `weeks` are bit sets: bit 0 is Monday, and the first week of the season. A series has its weekday
    and the weeks in which it has a date on it; a dated request those of its date. `dates` is the set of the dates,
    bit 0 for the first of the season. Dates outside the season, and those that were made up on a working weekend, are
    in none of the three.
    """

    start: int
    end: int
    weekdays: int
    weeks: int
    dates: int


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """One way to meet one session of a request, all of its dates together.

    `start` and `end` are minutes of the session's own date (an end past midnight goes on counting); `nominal` are
    the ordinals of all dates of the slot, `days` those that no rule forbids, `fallen` the others with the verdict.
    Of the nominal dates some are `made_up`: they have another weekday, and count as the slot's under its calendar.
    `points` is what it costs on one date, or where it is a pattern in all. `option` is the number of its pattern.
    `rooms` is the number of equal spaces for which `space` stands, where they are counted (see `model.equal`).

    Asked for again and again, and so written down: `series`, whether it is a weekly slot or a pattern, which have
    several dates, and not of a dated request; `weekly`, the nominal dates that have the slot's own weekday, whatever
    the calendar says of them, and of a pattern all; `made_up`, the dates left to it that are none of these.
    """

    index: int
    request: Request
    weekday: int
    start: int
    end: int
    space: str
    layout: str
    atoms: tuple[str, ...]
    points: int
    nominal: tuple[int, ...]
    days: frozenset[int]
    fallen: dict[int, Verdict] = field(hash=False)
    times: Footprint
    series: bool
    weekly: tuple[int, ...]
    made_up: frozenset[int]
    option: int | None = None
    rooms: int = 1

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from every other placement: request, days, start, space."""
        return self.request.id, self.slot, hhmm(self.start), self.space

    @property
    def slot(self) -> str:
        """When it is, but for the hour: the weekday, the date, or the weekdays and weeks of a pattern."""
        if isinstance(self.request.when, Dated):
            return self.request.when.date.isoformat()
        if self.option is None:
            return WEEKDAYS[self.weekday]
        days = "+".join(WEEKDAYS[day] for day in bits(self.times.weekdays))
        weeks = ",".join(str(week + 1) for week in bits(self.times.weeks))
        return f"{days} {weeks} {self.end - self.start}"


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


@dataclass(frozen=True)
class Candidates:
    """All placements, by index, and all wishes that were dropped, in the order of the requests' own wishes.

    Neither list changes once somebody has asked `of` or `dropped_of`.
    """

    placements: list[Placement]
    dropped: list[Dropped]

    def of(self, request: str) -> list[Placement]:
        """The placements of one request."""
        return self._of.get(request, [])

    def dropped_of(self, request: str) -> list[Dropped]:
        """The wishes of one request that were dropped."""
        return self._dropped_of.get(request, [])

    @cached_property
    def _of(self) -> dict[str, list[Placement]]:
        found: dict[str, list[Placement]] = {}
        for placement in self.placements:
            found.setdefault(placement.request.id, []).append(placement)
        return found

    @cached_property
    def _dropped_of(self) -> dict[str, list[Dropped]]:
        found: dict[str, list[Dropped]] = {}
        for wish in self.dropped:
            found.setdefault(wish.request, []).append(wish)
        return found


def nominal_days(facts: Facts, request: Request, weekday: int) -> tuple[int, ...]:
    """Ordinals of the dates of a slot: the weekday within season and validity, or the one date of a dated request.

    To the dates of the weekday come those that count as it under the calendar of the series. Its days off, and the
    dates that count as another weekday, are nominal all the same: they fall to the rule `calendar`. Patterns have no
    slots of one weekday (see `dates_of`).
    """
    when = request.when
    if isinstance(when, Patterns):
        return ()
    if isinstance(when, Dated):
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


def dates_of(facts: Facts, pattern: Pattern) -> tuple[int, ...]:
    """Ordinals of the dates of a pattern within the season."""
    season, days = facts.problem.season, {WEEKDAY_NO[day] for day in pattern.days}
    everything = range(season.first_date.toordinal(), season.last_date.toordinal() + 1)
    weeks = set(pattern.weeks)
    return tuple(d for d in everything if weekday_of(d) in days and (not weeks or facts.week_of(d) in weeks))


def meets_on(facts: Facts, rule: DatedRule, request: Request) -> bool:
    """Whether some session that a request asks for would have a date on which a rule holds, seen as a slot."""
    if facts.season_of(rule) is None:
        return True
    when = request.when
    if isinstance(when, Patterns):
        dates = (day for option in when.options for day in dates_of(facts, option))
    else:
        asked = {WEEKDAY_NO[day] for window in request.windows for day in window.days}
        dates = (day for each in asked for day in nominal_days(facts, request, each) if weekday_of(day) == each)
    return any(in_force(rule, day) for day in dates)


def counted_by(rule: DatedRule, placement: Placement) -> bool:
    """Whether a session, seen as a slot, has a date on which a rule holds; a rule without dates counts them all."""
    always = rule.valid_from is None and rule.valid_until is None
    return always or any(in_force(rule, day) for day in placement.weekly)


def footprint(facts: Facts, start: int, end: int, dates: Sequence[int]) -> Footprint:
    """The footprint of a session at these dates."""
    own = tuple(dates)
    return Footprint(start, end, *facts.once(("sets", own), lambda: _sets(facts, own)))


def _sets(facts: Facts, dates: tuple[int, ...]) -> tuple[int, int, int]:
    weekdays = weeks = bits = 0
    season = facts.problem.season
    first, last = season.first_date.toordinal(), season.last_date.toordinal()
    for day in dates:
        if first <= day <= last:
            weekdays |= 1 << weekday_of(day)
            weeks |= 1 << (facts.week_of(day) - 1)
            bits |= 1 << (day - first)
    return weekdays, weeks, bits


def cut(facts: Facts, times: Footprint, dates: int) -> Footprint:
    """A footprint with those of its dates that are in a set, and the weekdays and weeks that these have."""
    first = facts.problem.season.first_date.toordinal()
    return footprint(facts, times.start, times.end, [first + bit for bit in bits(times.dates & dates)])


def points_of(facts: Facts, request: Request, rank: int) -> int:
    """Points for the space of that rank on the request's list."""
    if request.space_costs:
        return request.space_costs[rank]
    return rank * facts.problem.policy.wishes.space_rank


def generate(facts: Facts, space_judges: Sequence[SpaceJudge], date_judges: Sequence[DateJudge]) -> Candidates:
    """All placements of all requests, each settled against every rule that speaks of one occurrence by itself."""
    generator = _Generator(facts, space_judges, date_judges)
    for request in facts.problem.requests:
        times = list(_times(facts, request))
        for rank, space in enumerate(request.spaces):
            generator.offer(request, times, rank, facts.spaces[space])
    return generator.found


@dataclass(frozen=True, slots=True)
class _Time:
    """One way for a session to lie in time, with the points that this costs on each date (of a pattern: in all)."""

    weekday: int
    nominal: tuple[int, ...]
    weekly: tuple[int, ...]
    points: int
    times: Footprint
    option: int | None = None


def _times(facts: Facts, request: Request) -> Iterator[_Time]:
    if isinstance(request.when, Patterns):
        for number, option in enumerate(request.when.options):
            if dates := dates_of(facts, option):
                start = minutes(option.starts)
                times = footprint(facts, start, start + (option.minutes or request.minutes), dates)
                yield _Time(weekday_of(dates[0]), dates, dates, option.cost, times, number)
        return
    cost = facts.problem.policy.wishes.acceptable_window
    of_weekday = [nominal_days(facts, request, weekday) for weekday in range(7)]
    weekly = [tuple(day for day in of_weekday[weekday] if weekday_of(day) == weekday) for weekday in range(7)]
    for (weekday, start), acceptable in starts_of(facts, request).items():
        if nominal := of_weekday[weekday]:
            times = footprint(facts, start, start + request.minutes, weekly[weekday])
            yield _Time(weekday, nominal, weekly[weekday], cost * acceptable, times)


@dataclass(frozen=True, slots=True)
class _Generator:
    facts: Facts
    space_judges: Sequence[SpaceJudge]
    date_judges: Sequence[DateJudge]
    found: Candidates = field(default_factory=lambda: Candidates([], []))
    seen: dict[tuple[str, Footprint], Verdict | None] = field(default_factory=dict)
    sets: dict[tuple[int, ...], frozenset[int]] = field(default_factory=dict)

    def offer(self, request: Request, ways: Sequence[_Time], rank: int, space: Space) -> None:
        """Every time of a request in one space: a placement, or a dropped wish."""
        verdict = next(filter(None, (judge(self.facts, request, space) for judge in self.space_judges)), None)
        if verdict is not None:
            self._drop(request, ((way, verdict) for way in ways), space)
            return
        layout = layout_of(request, space)
        assert layout is not None, "a space without a fitting layout is refused by the rule `capacity`"
        atoms, points = self.facts.atoms(space.id), points_of(self.facts, request, rank)
        refused: list[tuple[_Time, Verdict]] = []
        for way in ways:
            cases = (
                Occurrence(request, space, atoms, way.weekday, day, way.times.start, way.times.end)
                for day in way.nominal
            )
            fallen: dict[int, Verdict] = {}
            if way.option is not None:
                if (verdict := self._whole(way, space, cases)) is not None:
                    refused.append((way, verdict))
                    continue
            else:
                fallen = {case.day: verdict for case in cases if (verdict := self._judge(case)) is not None}
                if len(fallen) == len(way.nominal):
                    refused.append((way, fallen[way.nominal[0]]))
                    continue
            days = frozenset(way.nominal).difference(fallen) if fallen else self._all(way.nominal)
            self.found.placements.append(
                Placement(
                    index=len(self.found.placements),
                    request=request,
                    weekday=way.weekday,
                    start=way.times.start,
                    end=way.times.end,
                    space=space.id,
                    layout=layout,
                    atoms=atoms,
                    points=way.points + points,
                    nominal=way.nominal,
                    days=days,
                    fallen=fallen,
                    times=way.times,
                    series=not isinstance(request.when, Dated),
                    weekly=way.weekly,
                    made_up=days.difference(way.weekly),
                    option=way.option,
                )
            )
        self._drop(request, refused, space)

    def _drop(self, request: Request, refused: Iterable[tuple[_Time, Verdict]], space: Space) -> None:
        for way, verdict in refused:
            self.found.dropped.append(Dropped(request.id, way.weekday, way.times.start, space.id, verdict))

    def _all(self, nominal: tuple[int, ...]) -> frozenset[int]:
        """One set for all that have these dates: a large problem has many placements and few sets."""
        if nominal not in self.sets:
            self.sets[nominal] = frozenset(nominal)
        return self.sets[nominal]

    def _whole(self, way: _Time, space: Space, cases: Iterable[Occurrence]) -> Verdict | None:
        """The first "no" to any date of a pattern. Where rules look at time and place alone, it is asked for once."""
        if not self.facts.impartial:
            return next(filter(None, map(self._judge, cases)), None)
        key = (space.id, way.times)
        if key not in self.seen:
            self.seen[key] = next(filter(None, map(self._judge, cases)), None)
        return self.seen[key]

    def _judge(self, case: Occurrence) -> Verdict | None:
        for judge in self.date_judges:
            if (verdict := judge(self.facts, case)) is not None:
                return verdict
        return None

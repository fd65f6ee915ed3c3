"""What is under examination: dated occurrences and weekly slots, in naive wall-clock time; and what is found wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a type that fields named `date` do not hide
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, Id, Sentence, Weekday
from scheduler.constraints.terms import Entity as _Entity
from scheduler.problem import Dated, Request, Space
from scheduler.verify.wall import Span, at, weekday
from scheduler.verify.world import World


class Violation(_Entity):
    """One thing that does not hold, named so that people find it: rule, requests, space, date, sentence."""

    rule: Id
    constraint: Id | None = None
    requests: tuple[Id, ...] = ()
    space: Id | None = None
    date: Date | None = None
    sentence: Sentence

    def order(self) -> tuple[str, ...]:
        """The key by which violations are listed: by rule, date, space and requests."""
        day = self.date.isoformat() if self.date else ""
        return (self.rule, day, self.space or "", *self.requests, self.constraint or "", self.sentence.en)


@dataclass(frozen=True, eq=False, slots=True)
class Occurrence:
    """One dated occurrence of a session, booked or only thought of. Two are the same only by identity.

    `date` is its own date: the date on which it starts by its count, so 24:30 belongs to the evening before.
    `weekday` is that of its session; on a working weekend the date itself has another.
    """

    request: Request
    session: int
    date: Date
    weekday: Weekday
    starts: datetime
    ends: datetime
    space: Space
    layout: str
    atoms: frozenset[str]

    @property
    def made_up(self) -> bool:
        """It stands on a date of another weekday, which counts as its own."""
        return weekday(self.date) != self.weekday

    @property
    def span(self) -> Span:
        """Start and end on the wall clock."""
        return self.starts, self.ends

    def order(self) -> tuple[datetime, datetime, str, str, int]:
        """The key by which occurrences are swept."""
        return (self.starts, self.ends, self.space.id, self.request.id, self.session)


@dataclass(frozen=True, eq=False, slots=True)
class Slot:
    """A granted session, as it is read from its bookings: weekday, start (since midnight of its date), place."""

    request: Request
    number: int
    weekday: Weekday
    starts: timedelta
    space: Space
    layout: str
    booked: tuple[Occurrence, ...]

    def order(self) -> tuple[int, timedelta, str]:
        """The key by which the sessions of one request are numbered."""
        return (WEEKDAYS.index(self.weekday), self.starts, self.space.id)

    @property
    def lasts(self) -> timedelta:
        """From its start to its end, as most of its bookings say."""
        return self.booked[0].ends - self.booked[0].starts

    @property
    def dates(self) -> frozenset[Date]:
        """The dates that are booked."""
        return frozenset(one.date for one in self.booked)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Finding:
    """Something that does not hold, with the very occurrences that are involved in it."""

    rule: str
    sentence: Sentence
    involved: tuple[Occurrence, ...] = ()
    constraint: ConstraintBase | None = None
    requests: tuple[str, ...] = ()
    space: str | None = None
    date: Date | None = None
    cost: int | None = None
    """Of a rule that should hold: what this costs, in points; None: its weight."""

    def violation(self) -> Violation:
        """The finding as it is reported. What it does not name itself is taken from those involved."""
        named = self.requests or tuple(sorted({o.request.id for o in self.involved}))
        last = self.involved[-1] if self.involved else None
        return Violation(
            rule=self.rule,
            constraint=self.constraint.id if self.constraint else None,
            requests=named,
            space=self.space or (last.space.id if last else None),
            date=self.date or (last.date if last else None),
            sentence=self.sentence,
        )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Absence:
    """A nominal date of a granted session that is not booked, with everything that could justify it."""

    slot: Slot
    thought: Occurrence
    """The occurrence that is missing."""
    fallen: tuple[Finding, ...]
    """The rules that forbid it by itself."""
    replaced_by: tuple[str, ...]
    """Granted dated requests that stand in its stead."""
    in_the_way: tuple[str, ...]
    """Requests with which it would clash, were it put back; whether or not it may be lost to them."""
    lost_to: Mapping[str, tuple[str, ...]]
    """Date-loss rule -> those of the requests in the way to which that rule lets it be lost."""

    @property
    def kind(self) -> Literal["fallen", "replaced", "lost"] | None:
        """How it is to be listed; None: nothing justifies it."""
        if self.fallen:
            return "fallen"
        if self.replaced_by:
            return "replaced"
        return "lost" if any(self.lost_to.values()) else None


class Plan:
    """Occurrences of one world, in order of time, and the slots they were read from.

    Checks of single occurrences, pairs and sums look at `occurrences` only, so that they can be asked about
    occurrences that are merely thought of: the nominal dates of slots, or a missing date put back.
    """

    def __init__(
        self,
        world: World,
        occurrences: Iterable[Occurrence],
        slots: Iterable[Slot] = (),
        absences: Iterable[Absence] = (),
    ) -> None:
        self.world = world
        self.occurrences = tuple(sorted(occurrences, key=Occurrence.order))
        self.slots = tuple(slots)
        self.absences = tuple(absences)

    @cached_property
    def on_atoms(self) -> Mapping[str, tuple[Occurrence, ...]]:
        """Atom -> the occurrences that occupy it, in order of time."""
        found: dict[str, list[Occurrence]] = defaultdict(list)
        for occurrence in self.occurrences:
            for atom in occurrence.atoms:
                found[atom].append(occurrence)
        return {atom: tuple(found[atom]) for atom in sorted(found)}

    @cached_property
    def by_request(self) -> Mapping[str, tuple[Slot, ...]]:
        """Request -> its granted sessions; nothing for those that got none."""
        found: dict[str, list[Slot]] = defaultdict(list)
        for slot in self.slots:
            found[slot.request.id].append(slot)
        return {request: tuple(slots) for request, slots in found.items()}

    @cached_property
    def replaced(self) -> Mapping[tuple[str, Date], tuple[str, ...]]:
        """(series, date) -> the granted dated requests that stand in its stead on that date."""
        found: dict[tuple[str, Date], list[str]] = defaultdict(list)
        for request in self.world.problem.requests:
            when = request.when
            if isinstance(when, Dated) and when.replaces and request.id in self.by_request:
                found[when.replaces.request, when.date].append(request.id)
        return {key: tuple(ids) for key, ids in found.items()}


Check = Callable[[Plan], Iterator[Finding]]
"""A check yields what does not hold in a plan, each with the occurrences involved."""


def occurrence(world: World, slot: Slot, day: Date) -> Occurrence:
    """The occurrence that a slot would have on a date."""
    starts = at(day, slot.starts)
    return Occurrence(
        request=slot.request,
        session=slot.number,
        date=day,
        weekday=slot.weekday,
        starts=starts,
        ends=starts + (slot.lasts if world.whole(slot.request) else timedelta(minutes=slot.request.minutes)),
        space=slot.space,
        layout=slot.layout,
        atoms=world.atoms[slot.space.id],
    )

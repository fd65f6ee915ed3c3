"""From a solution to sessions, dated bookings and the dates that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date  # noqa: N812 - beside a variable of this name
from datetime import datetime, timedelta
from functools import partial

from scheduler.constraints.terms import WEEKDAYS
from scheduler.model.clash import clash
from scheduler.model.losses import permits
from scheduler.model.moments import Item
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Placement, bits
from scheduler.placements.facts import DAY, Facts, hhmm
from scheduler.timetable import Booking, MissingDate, Session

Absent = frozenset[tuple[int, int]]
"""(placement, ordinal of a date) of the occurrences that a solution lost or replaced."""


def numbered(facts: Facts, taken: Iterable[Placement]) -> list[tuple[int, Placement]]:
    """(session number, placement): by request in the problem's order, then by weekday, start and space."""
    order = {request: i for i, request in enumerate(facts.requests)}
    found: list[tuple[int, Placement]] = []
    previous, number = "", 0
    for placement in sorted(taken, key=lambda p: (order[p.request.id], p.weekday, p.start, p.space)):
        number = number + 1 if placement.request.id == previous else 1
        previous = placement.request.id
        found.append((number, placement))
    return found


def sessions(facts: Facts, taken: Iterable[Placement]) -> tuple[Session, ...]:
    """The granted slots."""
    return tuple(
        Session(
            request=p.request.id,
            number=number,
            weekday=WEEKDAYS[p.weekday],
            date=None if p.series else Date.fromordinal(p.nominal[0]),
            days=() if p.option is None else tuple(WEEKDAYS[day] for day in bits(p.times.weekdays)),
            weeks=() if p.option is None else tuple(week + 1 for week in bits(p.times.weeks)),
            starts=hhmm(p.start),
            ends=hhmm(p.end),
            space=p.space,
            layout=p.layout,
        )
        for number, p in numbered(facts, taken)
    )


def at(facts: Facts, day: int, minute: int) -> datetime:
    """The aware moment of a wall-clock minute counted from a date."""
    return (datetime.fromordinal(day) + timedelta(minutes=minute)).replace(tzinfo=facts.zone)


def bookings(facts: Facts, taken: Iterable[Placement], absent: Absent) -> tuple[Booking, ...]:
    """The dated occurrences, in order of time, then request and session."""
    made = [
        Booking(
            request=p.request.id,
            session=number,
            starts=at(facts, day, p.start),
            ends=at(facts, day, p.end),
            space=p.space,
            layout=p.layout,
        )
        for number, p in numbered(facts, taken)
        for day in sorted(p.days)
        if (p.index, day) not in absent
    ]
    return tuple(sorted(made, key=lambda b: (b.starts, b.request, b.session)))


def missing(variables: Variables, taken: list[Placement], absent: Absent) -> tuple[MissingDate, ...]:
    """The dates of granted sessions that do not take place, each with its rule and rivals."""
    facts, replacers = variables.facts, variables.facts.replacers
    granted = {placement.request.id for placement in taken}
    found: list[MissingDate] = []
    for number, p in numbered(facts, taken):
        for day in p.nominal:
            instead = tuple(r for r in replacers.get((p.request.id, day), ()) if r in granted)
            note = partial(MissingDate, request=p.request.id, session=number, date=Date.fromordinal(day))
            if day in p.fallen:
                verdict = p.fallen[day]
                found.append(
                    note(kind="fallen", rule=verdict.kind, constraint=verdict.rule.id if verdict.rule else None)
                )
            elif instead:
                found.append(note(kind="replaced", rule="replaces", to=instead))
            elif (p.index, day) in absent:
                rule, rivals = _lost_to(variables, taken, absent, p, day)
                found.append(note(kind="lost", rule="date_loss", constraint=rule, to=rivals))
    return tuple(sorted(found, key=lambda m: (m.date, m.request, m.session)))


def _lost_to(
    variables: Variables, taken: list[Placement], absent: Absent, loser: Placement, day: int
) -> tuple[str | None, tuple[str, ...]]:
    """The rule by which a date was lost, and to whom: granted rivals that clash with it, else all that crowd it out."""
    facts = variables.facts
    item = Item(variables.z[loser.index], loser, loser.start, loser.end, day)
    clashing, near = dict[str, list[str]](), dict[str, list[str]]()
    for rival in taken:
        for date in sorted(rival.days):
            if abs(date - day) > 2 or (rival.index, date) in absent:
                continue
            shift = (date - day) * DAY
            other = Item(variables.z[rival.index], rival, rival.start + shift, rival.end + shift, date)
            for rule in permits(facts, other, item):
                if clash(facts, item, other):
                    clashing.setdefault(rule.id, []).append(rival.request.id)
                elif other.start < item.end and item.start < other.end:
                    near.setdefault(rule.id, []).append(rival.request.id)
    rule_id, rivals = next(iter((clashing or near).items()), (None, []))
    return rule_id, tuple(dict.fromkeys(rivals))

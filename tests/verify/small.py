"""One line for one wish and its bookings, so that a test reads as a row of a truth table.

    broken(once("D1", "2026-09-07 09:00-10:00"), once("D2", "2026-09-07 09:30-10:30"))
        == ["overlap D1+D2 S1 2026-09-07"]

Monday is 2026-09-07; the season has two weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from scheduler.constraints.terms import WEEKDAYS, ConstraintBase
from scheduler.problem import Problem, Request, Space
from scheduler.timetable import Booking
from scheduler.verify import Violation, check
from tests.factories import booking, dated, dates, problem, series

Rule = TypeVar("Rule", bound=ConstraintBase)


@dataclass(frozen=True)
class Wish:
    """A request, and when and where it is booked: session number, `2026-09-07 09:00-10:00`, place."""

    request: Request
    booked: tuple[tuple[int, str, str], ...]


def once(name: str, when: str, place: str = "S1", **more: Any) -> Wish:
    """A dated request for exactly this time and place, booked so."""
    day, _, clocks = when.partition(" ")
    weekday = WEEKDAYS[date.fromisoformat(day).weekday()]
    fields: dict[str, Any] = {"spaces": (place,)} | more
    return Wish(dated(name, day, f"{weekday} {clocks}!", **fields), ((1, when, place),))


def every(name: str, slots: str, place: str = "S1", *, but: Iterable[str] = (), **more: Any) -> Wish:
    """A series for exactly these weekly slots (`MO 09:00-10:00; TU 09:00-10:00`), booked on all dates `but` some."""
    weekly = [slot.strip() for slot in slots.split(";")]
    fields: dict[str, Any] = {"spaces": (place,), "per_week": len(weekly)} | more
    request = series(name, ";".join(f"{slot}!" for slot in weekly), **fields)
    world, left_out = problem([request]), set(but)
    return Wish(
        request,
        tuple(
            (number, f"{day} {slot.partition(' ')[2]}", place)
            for number, slot in enumerate(weekly, start=1)
            for day in dates(world, name, slot.partition(" ")[0])
            if str(day) not in left_out
        ),
    )


def unmet(request: Request) -> Wish:
    """A request without any booking."""
    return Wish(request, ())


def rule(kind: type[Rule], name: str = "rule", **fields: Any) -> Rule:
    """A rule of a kind; its identity and source do not matter here."""
    return kind(id=name, source="by-law", **fields)


def made(
    *wishes: Wish, rules: Iterable[ConstraintBase] = (), spaces: Iterable[Space] | None = None, **more: Any
) -> tuple[Problem, list[Booking]]:
    """The problem of these wishes, and their bookings."""
    world = problem([wish.request for wish in wishes], rules, spaces, **more)
    return world, [
        booking(world, wish.request.id, when, place, session=number)
        for wish in wishes
        for number, when, place in wish.booked
    ]


def broken(
    *wishes: Wish, rules: Iterable[ConstraintBase] = (), spaces: Iterable[Space] | None = None, **more: Any
) -> list[str]:
    """What the checker finds, a line each: rule, requests, space, date."""
    return check_lines(*made(*wishes, rules=rules, spaces=spaces, **more))


def lines(violations: Sequence[Violation]) -> list[str]:
    """Violations in one line each, without their sentences; `-` where there is no space or date."""
    return [f"{v.rule} {'+'.join(v.requests) or '-'} {v.space or '-'} {v.date or '-'}" for v in violations]


def check_lines(world: Problem, bookings: Sequence[Booking]) -> list[str]:
    """What the checker finds in these bookings, a line each."""
    return lines(check(world, bookings))

"""When a hall must be clear: a booking's start, less the minutes that the hall's table asks for before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.flow.published import atoms_of
from api.flow.validity import may_hold
from api.store import work
from api.store.parts import Row
from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Problem, Space


@dataclass(frozen=True, slots=True)
class _Halls:
    """What the problem of a release says of its spaces."""

    spaces: Mapping[str, Space]
    changeovers: tuple[Changeover, ...]
    sharings: tuple[Sharing, ...]
    zone: ZoneInfo


def clear_by(tx: sa.Connection, problem: str, bookings: Iterable[Row]) -> dict[str, datetime]:
    """For each booking, by its uid, the moment from which nobody else may be in its space.

    Args:
        tx: the transaction.
        problem: fingerprint of the problem that was released.
        bookings: all standing bookings of the release, in order of time.
    """
    halls = _halls(Problem.model_validate_json(work.problem_text(tx, problem)))
    last: dict[str, list[Row]] = defaultdict(list)
    found: dict[str, datetime] = {}
    for each in bookings:
        space = halls.spaces.get(each.space)
        owed = timedelta()
        for atom in atoms_of(space, dict(halls.spaces)) if space is not None else ():
            before = [one for one in last[atom] if one.ends <= each.starts and not _together(halls, one, each)]
            latest = max((one.ends for one in before), default=None)
            for one in before:
                if one.ends == latest and _owes(halls, one, each):
                    owed = max(owed, _owed(halls.spaces[atom].changeover, one, each))
            last[atom].append(each)
        found[each.uid] = each.starts - owed
    return found


def _halls(problem: Problem) -> _Halls:
    return _Halls(
        {each.id: each for each in problem.spaces},
        tuple(each for each in problem.constraints if isinstance(each, Changeover)),
        tuple(each for each in problem.constraints if isinstance(each, Sharing)),
        ZoneInfo(problem.community.zone),
    )


def _owes(halls: _Halls, before: Any, after: Any) -> bool:
    """A changeover rule speaks of both, and the gap is not so long that nothing is owed."""
    return any(
        after.starts - before.ends < timedelta(minutes=rule.nothing_owed_after_minutes)
        and all(may_hold(rule, each.starts, halls.zone) for each in (before, after))
        for rule in halls.changeovers
    )


def _owed(table: Iterable[ChangeoverRow], before: Any, after: Any) -> timedelta:
    """By the first row that matches the two, as the table is meant."""
    for row in table:
        if row.layout_changes and before.layout == after.layout:
            continue
        if _fits(row.before, before) and _fits(row.after, after):
            return timedelta(minutes=row.minutes)
    return timedelta()


def _fits(side: Occupant, booking: Any) -> bool:
    return (
        (not side.uses or booking.use in side.uses)
        and booking.use not in side.not_uses
        and (not side.layouts or booking.layout in side.layouts)
        and (not side.spaces or booking.space in side.spaces)
    )


def _together(halls: _Halls, one: Any, other: Any) -> bool:
    """One sharing rule covers both: they owe each other nothing."""
    return any(
        all(
            each.space == rule.space
            and each.layout == rule.layout
            and each.use in rule.uses
            and may_hold(rule, each.starts, halls.zone)
            for each in (one, other)
        )
        for rule in halls.sharings
    )

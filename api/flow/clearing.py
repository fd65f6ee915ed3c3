"""When a hall must be clear: a booking's start, less the minutes that the hall's table asks for before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from api.flow.published import atoms_of
from api.store import work
from api.store.parts import Row
from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.constraints.occupancy import Sharing
from scheduler.problem import Problem, Space


@dataclass(frozen=True, slots=True)
class _Halls:
    """What the problem of a release says of its spaces."""

    spaces: Mapping[str, Space]
    patience: timedelta
    sharings: tuple[Sharing, ...]


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
                if one.ends == latest and each.starts - one.ends < halls.patience:
                    owed = max(owed, _owed(halls.spaces[atom].changeover, one, each))
            last[atom].append(each)
        found[each.uid] = each.starts - owed
    return found


def _halls(problem: Problem) -> _Halls:
    patience = [each.nothing_owed_after_minutes for each in problem.constraints if isinstance(each, Changeover)]
    return _Halls(
        {each.id: each for each in problem.spaces},
        timedelta(minutes=max(patience, default=0)),
        tuple(each for each in problem.constraints if isinstance(each, Sharing)),
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
        all(each.space == rule.space and each.layout == rule.layout and each.use in rule.uses for each in (one, other))
        for rule in halls.sharings
    )

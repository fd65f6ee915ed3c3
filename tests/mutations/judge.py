"""What a truth table and its worlds say about a scheduler; imported anew around each fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from types import ModuleType
from typing import Any

from scheduler.verify import check
from tests.constraints.both_ways import checker_side, plan, show, solver_side
from tests.constraints.cases import Truth, World


def evidence(module: ModuleType, kind: str, direction: str, side: str, known: Sequence[Any]) -> str:
    """The first thing that goes wrong in the given direction, in words; empty when nothing does."""
    found = _in_model if side == "model" else _in_verifier
    return next((text for way, text in found(module, kind, known) if direction in (way, "any")), "")


def _rows(module: ModuleType, kind: str) -> list[Truth]:
    rows: list[Truth] = module.TRUTH
    return sorted(rows, key=lambda row: row.kind != kind)


def _worlds(module: ModuleType, kind: str, known: Sequence[Any]) -> list[tuple[World, Any]]:
    worlds: list[World] = module.WORLDS
    return sorted(zip(worlds, known, strict=True), key=lambda pair: pair[0].kind != kind)


def _in_model(module: ModuleType, kind: str, known: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for row in _rows(module, kind):
        holds = plan(row.bookings) in solver_side(row.problem)
        if holds is not row.holds:
            yield "loose" if holds else "strict", f"truth table, {row}"
    for world, right in _worlds(module, kind, known):
        yield from _sets(world, solver_side(world.problem), right)


def _in_verifier(module: ModuleType, kind: str, known: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for row in _rows(module, kind):
        broken = {violation.rule for violation in check(row.problem, row.bookings)}
        if broken != (set() if row.holds else {row.breaks}):
            loose = not row.holds and row.breaks not in broken
            yield "loose" if loose else "strict", f"truth table, {row}: {sorted(broken)}"
    for world, right in _worlds(module, kind, known):
        first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in world.span)
        starts = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(first, last + 1, world.step)]
        found = checker_side(world.problem, starts, [date.fromisoformat(day) for day in world.dates])
        yield from _sets(world, found, right)


def _sets(world: World, found: Any, right: Any) -> Iterator[tuple[str, str]]:
    for more in sorted(map(show, found - right))[:1]:
        yield "loose", f"world, {world}: accepts {more}"
    for less in sorted(map(show, right - found))[:1]:
        yield "strict", f"world, {world}: refuses {less}"

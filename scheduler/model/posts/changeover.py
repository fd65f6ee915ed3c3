"""`changeover`: minutes between two consecutive occupants of an atom, by its pair table."""

from __future__ import annotations

from scheduler.constraints.changeover import Changeover, ChangeoverRow, Occupant
from scheduler.model.cliques import cover
from scheduler.model.moments import Item, Timeline
from scheduler.model.posts.occupancy import overlap, shared_by
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import Facts, in_force


def _matches(pattern: Occupant, use: str, layout: str, space: str) -> bool:
    return (
        (not pattern.uses or use in pattern.uses)
        and use not in pattern.not_uses
        and (not pattern.layouts or layout in pattern.layouts)
        and (not pattern.spaces or space in pattern.spaces)
    )


def _first_row(
    table: tuple[ChangeoverRow, ...], before: tuple[str, str, str], after: tuple[str, str, str]
) -> ChangeoverRow | None:
    for row in table:
        if row.layout_changes and before[1] == after[1]:
            continue
        if _matches(row.before, *before) and _matches(row.after, *after):
            return row
    return None


def row_between(facts: Facts, atom: str, before: Placement, after: Placement) -> ChangeoverRow | None:
    """The first row of an atom's table that matches a pair of occupants."""
    key = (atom, _kind(before), _kind(after))
    if key not in facts.rows:
        facts.rows[key] = _first_row(facts.spaces[atom].changeover, key[1], key[2])
    return facts.rows[key]


def _kind(placement: Placement) -> tuple[str, str, str]:
    return placement.request.use, placement.layout, placement.space


def owing(facts: Facts, a: Item, b: Item) -> Changeover | None:
    """The rule under which a, which ends no later than b starts, may owe b something: it holds on both their dates."""
    gap = b.start - a.end
    rules = (rule for rule in facts.rules(Changeover) if in_force(rule, a.day, b.day))
    return next((rule for rule in rules if gap < rule.nothing_owed_after_minutes), None)


def too_close(facts: Facts, atom: str, a: Item, b: Item) -> ChangeoverRow | None:
    """The row that a (which ends no later than b starts) owes b and has no time for; None if all is well."""
    if owing(facts, a, b) is None or shared_by(facts, a, b) is not None:
        return None
    row = row_between(facts, atom, a.placement, b.placement)
    return row if row is not None and b.start - a.end < row.minutes else None


def post_changeover(variables: Variables, timeline: Timeline) -> None:
    """For each atom and each pair a before b with b.start - a.end < c(a, b): not both.

    Pairs are covered by cliques of items that exclude each other on the atom, by overlap or by changeover.
    """
    facts = variables.facts
    if not facts.rules(Changeover):
        return
    for atom in timeline.atoms:
        items = timeline.on_atom(atom)
        longest = max((row.minutes for row in facts.spaces[atom].changeover), default=0)
        apart, close = [0] * len(items), []
        for i, a in enumerate(items):
            for j in range(i + 1, len(items)):
                b = items[j]
                if b.start >= a.end + longest:
                    break
                if b.start >= a.end and too_close(facts, atom, a, b) is not None:
                    close.append((i, j))
                elif not overlap(facts, a, b):
                    continue
                apart[i] |= 1 << j
                apart[j] |= 1 << i
        if timeline.real:
            close = [(i, j) for i, j in close if items[i].single or items[j].single]
        for clique in cover(apart, close):
            variables.exclude(items[i].literal for i in clique)


POSTS = {"changeover": post_changeover}

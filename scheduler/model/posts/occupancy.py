"""`overlap` and `sharing`: who may be on an atom at the same moment."""

from __future__ import annotations

from itertools import groupby

from ortools.sat.python.cp_model import BoolVarT

from scheduler.constraints.occupancy import Sharing
from scheduler.model.moments import Item, Timeline
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import Facts, in_force


def shared_by(facts: Facts, a: Item, b: Item) -> Sharing | None:
    """The sharing rule that covers both items, if any."""
    if a.placement.space != b.placement.space or a.placement.layout != b.placement.layout:
        return None
    return next((rule for rule in facts.rules(Sharing) if covers(rule, a) and covers(rule, b)), None)


def covers(rule: Sharing, item: Item) -> bool:
    """Whether an item uses its space under a sharing rule, which holds on its own date."""
    return shares(rule, item.placement) and in_force(rule, item.day)


def shares(rule: Sharing, placement: Placement) -> bool:
    """Whether a placement uses its space as a sharing rule says, on the dates on which that holds."""
    return placement.space == rule.space and placement.layout == rule.layout and placement.request.use in rule.uses


def overlap(facts: Facts, a: Item, b: Item) -> bool:
    """Whether two items on a common atom overlap in time without sharing."""
    return a.start < b.end and b.start < a.end and shared_by(facts, a, b) is None


def crowded(facts: Facts, a: Item, b: Item) -> Sharing | None:
    """The sharing rule under which two overlapping items by themselves exceed the seats."""
    if a.start < b.end and b.start < a.end:
        rule = shared_by(facts, a, b)
        if rule and a.placement.request.headcount + b.placement.request.headcount > rule.seats:
            return rule
    return None


def post_overlap(variables: Variables, timeline: Timeline) -> None:
    """For each atom and each start on it: at most one of the items there, sharers excepted among themselves.

    With S the sharers and E the others at that moment: s + Σ E <= 1 for each s in S. Where equal spaces are counted
    nobody shares, and at most as many items are there as there are rooms: Σ E <= rooms.
    """
    rules = variables.facts.rules(Sharing)
    for atom in timeline.atoms:
        items = timeline.on_atom(atom)
        for start, _ in groupby(item.start for item in items):
            there = [item for item in items if item.start <= start < item.end]
            if timeline.real and not any(item.single for item in there):
                continue
            sharers = [item for item in there if any(covers(rule, item) for rule in rules)]
            others = [item.literal for item in there if item not in sharers]
            variables.exclude(others, there[0].placement.rooms)
            for index, sharer in enumerate(sharers):
                apart = [b.literal for b in sharers[:index] if shared_by(variables.facts, sharer, b) is None]
                variables.exclude([sharer.literal, *others])
                for literal in apart:
                    variables.exclude([sharer.literal, literal])


def post_sharing(variables: Variables, timeline: Timeline) -> None:
    """For each sharing rule and each start: Σ headcount x literal of the sharers there <= seats."""
    for rule in variables.facts.rules(Sharing):
        items = [item for item in timeline.items if covers(rule, item)]
        for start in sorted({item.start for item in items}):
            there = [item for item in items if item.start <= start < item.end]
            if timeline.real and not any(item.single for item in there):
                continue
            heads = [item.placement.request.headcount for item in there]
            if sum(heads) > rule.seats:
                literals = [item.literal for item in there]
                variables.model.add(sum(w * z for w, z in zip(heads, literals, strict=True)) <= rule.seats)


def post_overlap_of_patterns(variables: Variables) -> None:
    """For each atom and each moment of a date: at most one placement there. Only where all are patterns, unshared.

    What timelines find date by date is asked of times here, for all atoms at once.
    """
    times = variables.times
    on_atom: dict[str, dict[int, list[BoolVarT]]] = {}
    for placement in variables.candidates.placements:
        number = times.number[placement.times]
        for atom in placement.atoms:
            on_atom.setdefault(atom, {}).setdefault(number, []).append(variables.z[placement.index])
    for by_time in on_atom.values():
        numbers = sorted(by_time)
        rows = times.of_the_night(numbers)
        alone = [literals for number, literals in by_time.items() if times.together[number, number]]
        for row in rows:
            variables.exclude(z for place in row.nonzero()[0] for z in by_time[numbers[place]])
        for literals in alone:
            variables.exclude(literals)


POSTS = {"overlap": post_overlap, "sharing": post_sharing}

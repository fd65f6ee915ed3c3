"""Moves of annealing, compiled: a session goes elsewhere, maybe with who was in its way, and stays or goes back."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from scheduler.search.following import EQUAL, HARD
from scheduler.search.slices import Numbers
from scheduler.search.weighing import BROKEN, GOAL, PRICED, Model, State, compiled, follow, put, undo

WIDEST_ROW = 2000
"""In wider rows nobody is looked for who might stand in the way: they are sums over everything."""
EJECTED = 0.5
"""How often somebody who is in the way of a move is moved as well."""
LOOK = 40
"""So many placements at a time are looked at for the best one."""
SLACK = 5.0
"""A move that breaks something is looked into as far as this many temperatures could make good for it."""
NOTHING = 2**62


class Places(NamedTuple):
    """Of each placement: variable, time, space, and from where to where its like is in two orders.

    The like: of the same request; at the same time besides, in the order by time; in the same space, in the other.
    """

    variable: Numbers
    time: Numbers
    space: Numbers
    by_time: Numbers
    by_space: Numbers
    of_from: Numbers
    of_to: Numbers
    time_from: Numbers
    time_to: Numbers
    space_from: Numbers
    space_to: Numbers


@compiled
def taken_in(model: Model, state: State, row: int, but: int, left: int) -> int:
    """Somebody in a row who is there, other than two; -1 when nobody is, or it is not known who."""
    if model.begins[row + 1] - model.begins[row] > WIDEST_ROW:
        return -1
    for entry in range(model.begins[row], model.begins[row + 1]):
        variable = model.vars[entry]
        there = model.choice[variable] >= 0 and state.value[variable] > 0
        if there and variable != but and variable != left:  # noqa: PLR1714  # no sets here
            return int(variable)
    return -1


@compiled
def taken_behind(model: Model, state: State, row: int, but: int, left: int) -> int:
    """The same, of a row of variables that equations make of choices."""
    if model.begins[row + 1] - model.begins[row] > WIDEST_ROW:
        return -1
    for entry in range(model.begins[row], model.begins[row + 1]):
        variable = model.vars[entry]
        begin = model.own_begins[variable]
        if state.value[variable] <= 0 or begin == model.own_begins[variable + 1]:
            continue
        if model.does[model.own_rows[begin]] == EQUAL:
            found = taken_in(model, state, model.own_rows[begin], but, left)
            if found >= 0:
                return found
    return -1


@compiled
def in_the_way(model: Model, state: State, choice: int, left: int) -> int:
    """A choice that breaks a row together with one that was just taken, for another that was left; or -1.

    Looked for in the rows of the choice, and in those of what equations make of it.
    """
    for entry in range(model.beside_begins[choice], model.beside_begins[choice + 1]):
        row = model.beside_rows[entry]
        if model.does[row] == HARD and state.act[row] > model.hi[row]:
            found = taken_in(model, state, row, choice, left)
            if found >= 0:
                return found
        if model.does[row] != EQUAL:
            continue
        said = model.owner[row]
        for farther in range(model.beside_begins[said], model.beside_begins[said + 1]):
            row = model.beside_rows[farther]
            if model.does[row] == HARD and state.act[row] > model.hi[row]:
                found = taken_in(model, state, row, choice, left)
                if found < 0:
                    found = taken_behind(model, state, row, choice, left)
                if found >= 0:
                    return found
    return -1


@compiled
def any_between(order: Numbers, begin: int, end: int) -> int:
    """One of some numbers in an order."""
    return int(order[begin + np.random.randint(end - begin)])


@compiled
def stands_free(model: Model, state: State, variable: int) -> bool:
    """Whether a choice breaks none of its own rows if it is taken beside all others."""
    for entry in range(model.beside_begins[variable], model.beside_begins[variable + 1]):
        row = model.beside_rows[entry]
        limits = model.does[row] == HARD and model.lo[row] != model.hi[row]
        if limits and state.act[row] + model.beside_coefs[entry] > model.hi[row]:
            return False
    return True


@compiled
def at_its_best(model: Model, places: Places, state: State, number: int) -> int:
    """Of the placements at a time, or some of many, the cheapest one that stands free, if one does."""
    begin, end = places.time_from[number], places.time_to[number]
    count = end - begin
    first = np.random.randint(count)
    best, cost = number, NOTHING
    for step in range(min(count, LOOK)):
        there = places.by_time[begin + (first + step) % count]
        variable = places.variable[there]
        if model.cost[variable] < cost and stands_free(model, state, variable):
            best, cost = there, model.cost[variable]
    return best


@compiled
def same_time(places: Places, number: int, like: int, space: int) -> int:
    """Where in the order by time a request has the first placement at another's time, from some space on; or -1."""
    time = places.time[like]
    low, high = places.of_from[number], places.of_to[number]
    end = high
    while low < high:
        middle = (low + high) // 2
        there = places.by_time[middle]
        if places.time[there] < time or (places.time[there] == time and places.space[there] < space):
            low = middle + 1
        else:
            high = middle
    return low if low < end and places.time[places.by_time[low]] == time else -1


@compiled
def elsewhere(model: Model, places: Places, state: State, number: int, left: int) -> int:
    """Where somebody who is in the way goes: to the place or the hours that were left, elsewhere, or anywhere."""
    how = np.random.random()
    if how < 0.3:
        at = same_time(places, number, left, places.space[left])
        if at >= 0 and places.space[places.by_time[at]] == places.space[left]:
            return int(places.by_time[at])
    elif how < 0.6:
        at = same_time(places, number, left, 0)
        if at >= 0:
            return at_its_best(model, places, state, places.by_time[at])
    elif how < 0.8:
        return any_between(places.by_time, places.time_from[number], places.time_to[number])
    return at_its_best(model, places, state, any_between(places.by_time, places.of_from[number], places.of_to[number]))


@compiled
def move(model: Model, places: Places, state: State, number: int, to: int) -> None:
    """Put a session elsewhere; what follows is not computed yet."""
    put(model, state, places.variable[number], 0)
    put(model, state, places.variable[to], 1)


@compiled
def target(model: Model, places: Places, state: State, number: int) -> int:
    """Where a session could go: to other hours, elsewhere at its own, or to other hours in its space."""
    how = np.random.random()
    if how < 0.5:
        there = any_between(places.by_time, places.of_from[number], places.of_to[number])
        return at_its_best(model, places, state, there) if how < 0.4 else there
    if how < 0.9:
        return any_between(places.by_time, places.time_from[number], places.time_to[number])
    return any_between(places.by_space, places.space_from[number], places.space_to[number])


@compiled
def anneal(model: Model, places: Places, state: State, temperature: float, steps: int) -> None:
    """Try so many moves at one temperature.

    Args:
        model: what follows from what.
        places: the placements.
        state: as it is with its sessions; it stays so.
        temperature: a move that costs so much more is taken once in e times.
        steps: how many moves.
    """
    total, sessions = state.total, state.sessions
    for _ in range(steps):
        at = np.random.randint(len(sessions))
        number = sessions[at]
        to = target(model, places, state, number)
        if state.value[places.variable[to]] != 0:
            continue
        goal, broken, priced = total[GOAL], total[BROKEN], total[PRICED]
        limit = -temperature * math.log(1.0 - np.random.random())
        most = priced + limit + SLACK * temperature
        move(model, places, state, number, to)
        holds = follow(model, state, most)
        second, second_to = -1, -1
        if not holds and np.random.random() < EJECTED:
            other = in_the_way(model, state, places.variable[to], places.variable[number])
            if other >= 0:
                second = model.choice[other]
                second_to = elsewhere(model, places, state, second, number)
                if state.value[places.variable[second_to]] == 0:
                    move(model, places, state, second, second_to)
                    holds = follow(model, state, most)
        if not holds or total[GOAL] - goal + total[PRICED] - priced > limit:
            undo(state, goal, broken, priced)
            continue
        state.filled[:] = 0
        sessions[at] = to
        if second >= 0:
            for place in range(len(sessions)):
                if sessions[place] == second:
                    sessions[place] = second_to
                    break
        if total[BROKEN] == 0 and total[GOAL] < state.found[0]:
            state.found[0] = total[GOAL]
            state.best[:] = sessions


@compiled
def sow(number: int) -> None:
    """Begin the random numbers of this thread."""
    np.random.seed(number)


@compiled
def differences(model: Model, places: Places, state: State, count: int) -> Numbers:
    """By how much single moves that break nothing more change the goal; only those that change it, of so many tried."""
    found = np.zeros(count, dtype=np.int64)
    filled = 0
    for _ in range(count):
        number = state.sessions[np.random.randint(len(state.sessions))]
        to = target(model, places, state, number)
        if state.value[places.variable[to]] != 0:
            continue
        goal, broken, priced = state.total[GOAL], state.total[BROKEN], state.total[PRICED]
        move(model, places, state, number, to)
        if follow(model, state, priced) and state.total[GOAL] != goal:
            found[filled] = abs(state.total[GOAL] - goal)
            filled += 1
        undo(state, goal, broken, priced)
    return found[:filled]

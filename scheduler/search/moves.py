"""The compiled core of annealing: a session goes elsewhere, what follows is computed, and it stays or goes back.

All of it is in one file: the machine code that is kept is made anew when this file changes, and not when another does.
"""

from __future__ import annotations

import math

import numpy as np

from scheduler.search.arrays import BROKEN, GOAL, PRICED, Model, Places, State, compiled
from scheduler.search.following import ANY, EQUAL, HARD, LOWEST
from scheduler.search.slices import Numbers

WIDEST_ROW = 2000
"""In wider rows nobody is looked for who might stand in the way: they are sums over everything."""
EJECTED = 0.5
"""How often somebody who is in the way of a move is moved as well."""
LOOK = 40
"""So many placements at a time are looked at for the best one."""
SLACK = 5.0
"""A move that breaks something is looked into as far as this many temperatures could make good for it."""
NOTHING = 2**62


@compiled
def outside(value: int, least: int, most: int) -> int:
    """By how much a number is outside of its bounds."""
    return int(max(0, value - most) + max(0, least - value))


@compiled
def put(model: Model, state: State, variable: int, value: int) -> None:
    """Give one variable a value, and note what is out of date because of that."""
    filled, total = state.filled, state.total
    if filled[0] >= len(state.changed):
        filled[2] = 1
        return
    old = state.value[variable]
    state.value[variable] = value
    state.changed[filled[0]] = variable
    state.was[filled[0]] = old
    filled[0] += 1
    total[GOAL] += model.cost[variable] * (value - old)
    least, most = model.least[variable], model.most[variable]
    more = outside(value, least, most) - outside(old, least, most)
    if more != 0:
        total[BROKEN] += more
        total[PRICED] += state.price[-1] * more
    for entry in range(model.beside_begins[variable], model.beside_begins[variable + 1]):
        if filled[1] >= len(state.touched):
            filled[2] = 1
            return
        row = model.beside_rows[entry]
        step = model.beside_coefs[entry] * (value - old)
        before = state.act[row]
        state.act[row] = before + step
        state.touched[filled[1]] = row
        state.by[filled[1]] = step
        filled[1] += 1
        if model.does[row] == HARD:
            more = outside(before + step, model.lo[row], model.hi[row]) - outside(before, model.lo[row], model.hi[row])
            if more != 0:
                total[BROKEN] += more
                total[PRICED] += state.price[row] * more
        else:
            owner = model.owner[row]
            if state.after[owner] == -2:
                level = model.level[owner]
                state.after[owner] = state.turn[level]
                state.turn[level] = owner


@compiled
def follows(model: Model, state: State, variable: int) -> int:
    """What a variable is, by the rows that it owns."""
    begin, end = model.own_begins[variable], model.own_begins[variable + 1]
    row = model.own_rows[begin]
    does = model.does[row]
    if does == EQUAL:
        return int((model.hi[row] - state.act[row]) * model.weight[row])
    if does == ANY:
        return 1 if state.act[row] > 0 else 0
    if does == LOWEST:
        value = model.least[variable]
        for entry in range(begin, end):
            row = model.own_rows[entry]
            value = max(value, -((model.hi[row] - state.act[row]) // -model.weight[row]))
        return int(value)
    value = model.most[variable]
    for entry in range(begin, end):
        row = model.own_rows[entry]
        value = min(value, (model.hi[row] - state.act[row]) // model.weight[row])
    return int(value)


@compiled
def follow(model: Model, state: State, most: float) -> bool:
    """Compute what is out of date, level by level; false when what is broken costs too much, and it is left at that."""
    for level in range(1, len(state.turn)):
        if state.total[PRICED] > most:
            return False
        while state.turn[level] != -1:
            variable = state.turn[level]
            state.turn[level] = state.after[variable]
            state.after[variable] = -2
            value = follows(model, state, variable)
            if value != state.value[variable]:
                put(model, state, variable, value)
    return bool(state.total[PRICED] <= most and state.filled[2] == 0)


@compiled
def undo(state: State, goal: int, broken: int, priced: int) -> None:
    """Take everything in the log back."""
    for level in range(1, len(state.turn)):
        while state.turn[level] != -1:
            variable = state.turn[level]
            state.turn[level] = state.after[variable]
            state.after[variable] = -2
    for at in range(state.filled[0] - 1, -1, -1):
        state.value[state.changed[at]] = state.was[at]
    for at in range(state.filled[1]):
        state.act[state.touched[at]] -= state.by[at]
    state.total[GOAL], state.total[BROKEN], state.total[PRICED] = goal, broken, priced
    state.filled[:] = 0


@compiled
def settle(model: Model, state: State) -> None:
    """Compute everything from the choices."""
    for variable in range(len(state.value)):
        if model.own_begins[variable] < model.own_begins[variable + 1]:
            level = model.level[variable]
            state.after[variable] = state.turn[level]
            state.turn[level] = variable
    for level in range(1, len(state.turn)):
        while state.turn[level] != -1:
            variable = state.turn[level]
            state.turn[level] = state.after[variable]
            state.after[variable] = -2
            state.filled[:] = 0
            put(model, state, variable, follows(model, state, variable))
    state.filled[:] = 0


@compiled
def weigh(model: Model, state: State, base: int, more: float, less: float) -> None:
    """Prices of what is broken rise by a factor, those of what holds fall to what all cost at least."""
    total = state.total
    total[PRICED] = 0
    priced = 0
    for row in range(len(model.lo)):
        if model.does[row] == HARD:
            broken = outside(state.act[row], model.lo[row], model.hi[row])
            factor = more if broken else less
            state.price[row] = min(max(base, int(state.price[row] * factor) + (1 if broken else 0)), 10**9)
            total[PRICED] += state.price[row] * broken
            priced += broken
    state.price[-1] = base
    total[PRICED] += base * (total[BROKEN] - priced)


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

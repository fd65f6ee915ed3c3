"""Annealing beside the solver: a plan is shaken less and less, hundreds of thousands of moves a second.

It needs no plan to begin with, and finds good ones where the solver has none yet; it proves nothing. Rules that must
hold may be broken on the way, at a price that rises for what stays broken (docs/adr/0020). What it finds is taken for
nothing until every row of the whole model holds in it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scheduler.search import arrays, moves
from scheduler.search.effort import Effort
from scheduler.search.following import HARD, Following, following
from scheduler.search.landscape import Landscape
from scheduler.search.mending import mended
from scheduler.search.neighbourhoods import Whole
from scheduler.search.slices import Numbers
from scheduler.search.threads import in_threads

AT_ONCE = 2
"""Threads: each has a plan of its own."""
BATCH_SECONDS, MOST_STEPS = 0.05, 10_000
"""How long moves go on between two looks at the clock and at the prices, and how many there are at most."""
SAMPLE, SAMPLES = 500, 40
WARM, COLD = 25, 10
"""Temperatures are read off what single moves change: as much as so many of a hundred change at most, and an eighth of
what the other so many do."""
COLDER = 0.12
CHEAP, DEAR = 0.25, 5.0
"""What it costs to break something, at first and at last, in units of what half of all moves change at most."""
RISING, FALLING = 1.1, 0.999
"""What a price is multiplied with while its row is broken, and while it holds."""
MENDING, MOST_MENDING = 0.1, 15.0
"""The share of the time, and how many seconds at most, that are kept to mend what is broken at the end."""
LOG = 1 << 17
_BEGIN = threading.Lock()
_BEGUN, _COMPILED, _ENDED = threading.Event(), threading.Event(), threading.Event()


class Annealing:
    """Annealing of one goal in one model; None is made where its rows are not of the kind (see `of`)."""

    def __init__(self, whole: Whole, landscape: Landscape, follows: Following) -> None:
        self.whole = whole
        self.landscape = landscape
        self.follows = follows
        self.places = _places(whole, landscape)
        self.model = _model(follows, self.places.variable)
        self._lock = threading.Lock()
        self.found = moves.NOTHING
        self.best: Numbers | None = None

    @classmethod
    def of(cls, whole: Whole, landscape: Landscape) -> Annealing | None:
        """What follows from what is told once, for all runs."""
        follows = following(whole.slices, whole.objective)
        return None if follows is None else cls(whole, landscape, follows)

    def ready(self, ends: float, stop: Callable[[], bool]) -> bool:
        """Whether the core is in machine code, at the latest at some moment of the monotonic clock.

        The first time on a machine that takes some fifteen seconds, which nothing can interrupt: a thread of its own
        does it, and whoever has no time for that does without.
        """
        with _BEGIN:
            if not _BEGUN.is_set():
                _BEGUN.set()
                threading.Thread(target=self._compile, name="compiling annealing", daemon=True).start()
        while not _ENDED.wait(0.05) and time.monotonic() < ends and not stop():
            pass
        return _COMPILED.is_set()

    def _compile(self) -> None:
        try:
            self._once()
            _COMPILED.set()
        finally:  # where the machine code cannot be made or kept, searches do without
            _ENDED.set()

    def _once(self) -> None:
        moves.sow(0)
        state = self._state(np.zeros(1, dtype=np.int64), None)
        moves.differences(self.model, self.places, state, 1)
        moves.weigh(self.model, state, 1, RISING, FALLING)
        moves.anneal(self.model, self.places, state, 1.0, 1)

    def run(
        self,
        sessions: Numbers,
        base: Numbers | None,
        seconds: float,
        seed: int,
        poll: Callable[[int | None], bool],
        *,
        enough: bool = False,
    ) -> Numbers | None:
        """The best solution of the whole model that was found in so many seconds, or None.

        Args:
            sessions: the placements to begin with; as many of each request are taken throughout.
            base: a solution, for what follows from nothing; None: that is as low as it can be.
            seconds: how long.
            seed: of the random numbers.
            poll: told the value of the goal, or None, twenty times a second, in the caller's thread; true ends it.
            enough: any plan in which everything holds is enough.
        """
        mending = min(MENDING * seconds, MOST_MENDING)
        ends, over = time.monotonic() + seconds - mending, threading.Event()
        self.found, self.best = moves.NOTHING, None
        if not len(sessions):
            return None
        states = [self._state(sessions, base) for _ in range(AT_ONCE)]
        in_threads(
            "annealing",
            AT_ONCE,
            lambda number: self._anneal(states[number], seed + number, ends, over, enough=enough),
            over.set,
            lambda: poll(self.value),
        )
        if not (poll(self.value) or (enough and self.best is not None)):
            self._mend(states, Effort(mending, deterministic=False, seed=seed), poll)
        return self._solution(base)

    def _mend(self, states: list[arrays.State], effort: Effort, poll: Callable[[int | None], bool]) -> None:
        """Take a plan that breaks little for the best if, mended, it is."""
        broken = [each for each in states if each.total[arrays.BROKEN] and each.total[arrays.GOAL] < self.found]

        def work(number: int) -> None:
            value = mended(replace(self.whole, solution=broken[number].value), self.landscape, effort)
            if value is not None:
                goal = int(self.follows.cost @ value)
                with self._lock:
                    if goal < self.found:
                        self.found, self.best = goal, np.flatnonzero(value[self.places.variable] == 1)

        if broken:
            in_threads("mending", len(broken), work, effort.end, lambda: poll(self.value))

    @property
    def value(self) -> int | None:
        """Of the goal, in the best plan so far."""
        if self.best is None:
            return None
        objective = self.whole.objective
        return objective.offset + (self.found if objective.sense == "min" else -self.found)

    def _anneal(self, state: arrays.State, seed: int, ends: float, over: threading.Event, *, enough: bool) -> None:
        moves.sow(seed % 2**31)
        samples = []
        for _ in range(SAMPLES):
            if over.is_set() or time.monotonic() > ends:
                return
            samples.append(moves.differences(self.model, self.places, state, SAMPLE))
        changes = np.concatenate(samples)
        half, warm, cold = np.percentile(changes, (50, WARM, COLD)) if len(changes) else (1.0, 1.0, 1.0)
        cold *= COLDER
        cheap, dear = max(1.0, CHEAP * half), max(1.0, DEAR * half)
        began, steps = time.monotonic(), MOST_STEPS // 20
        while not over.is_set() and (now := time.monotonic()) < ends:
            share = (now - began) / max(1e-9, ends - began)
            moves.weigh(self.model, state, int(cheap * (dear / cheap) ** share), RISING, FALLING)
            temperature = warm * (cold / warm) ** share
            moves.anneal(self.model, self.places, state, temperature, steps)
            pace = BATCH_SECONDS / max(1e-4, time.monotonic() - now)
            steps = max(20, min(MOST_STEPS, int(steps * min(2.0, pace))))
            with self._lock:
                if state.found[0] < self.found:
                    self.found, self.best = int(state.found[0]), state.best.copy()
                    if enough:
                        over.set()

    def _state(self, sessions: Numbers, base: Numbers | None) -> arrays.State:
        follows, rows = self.follows, self.follows.rows
        value = follows.least.copy() if base is None else base.copy()
        value[follows.choices] = 0
        value[self.places.variable[sessions]] = 1
        number = rows.numbers
        beside = rows.vars != follows.owner[number]
        act = np.bincount(number, np.where(beside, rows.coefs * value[rows.vars], 0), len(rows.lo)).astype(np.int64)
        hard = follows.does == HARD
        over = np.maximum(0, act - rows.hi) + np.maximum(0, rows.lo - act)
        outside = np.maximum(0, value - follows.most) + np.maximum(0, follows.least - value)
        total = np.array([follows.cost @ value, over[hard].sum() + outside.sum(), 0], dtype=np.int64)
        state = arrays.State(
            value=value,
            act=act,
            price=np.ones(len(rows.lo) + 1, dtype=np.int64),
            total=total,
            turn=np.full(int(follows.level.max(initial=0)) + 1, -1, dtype=np.int32),
            after=np.full(len(value), -2, dtype=np.int32),
            changed=np.zeros(LOG, dtype=np.int32),
            was=np.zeros(LOG, dtype=np.int64),
            touched=np.zeros(8 * LOG, dtype=np.int32),
            by=np.zeros(8 * LOG, dtype=np.int64),
            filled=np.zeros(3, dtype=np.int64),
            sessions=sessions.copy(),
            best=sessions.copy(),
            found=np.array([moves.NOTHING], dtype=np.int64),
        )
        moves.settle(self.model, state)
        return state

    def _solution(self, base: Numbers | None) -> Numbers | None:
        """The best plan as a solution of the whole model, if it is one."""
        if self.best is None:
            return None
        value = self._state(self.best, base).value
        return value if self.whole.slices.holds(value) else None


def _places(whole: Whole, look: Landscape) -> arrays.Places:
    numbers = {request: number for number, request in enumerate(look.of)}
    request = np.array([numbers[placement.request.id] for placement in look.placements], dtype=np.int64)
    by_time = np.lexsort((look.space, look.time, request))
    by_space = np.lexsort((look.time, look.space, request))
    return arrays.Places(
        np.array([whole.variables[number] for number in range(len(look.placements))], dtype=np.int64),
        look.time,
        look.space,
        by_time,
        by_space,
        *_alike(by_time, request),
        *_alike(by_time, request, look.time),
        *_alike(by_space, request, look.space),
    )


def _alike(order: Numbers, *keys: Numbers) -> tuple[Numbers, Numbers]:
    """Of each, from where to where in an order those are that have the same keys."""
    sorted_keys = np.stack([key[order] for key in keys])
    new = np.ones(len(order), dtype=bool)
    new[1:] = (sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0)
    begins, group = np.flatnonzero(new), np.cumsum(new) - 1
    ends = np.append(begins[1:], len(order))
    first, last = np.empty(len(order), dtype=np.int64), np.empty(len(order), dtype=np.int64)
    first[order], last[order] = begins[group], ends[group]
    return first, last


def _model(follows: Following, variable: Numbers) -> arrays.Model:
    rows, count = follows.rows, len(follows.least)
    number = rows.numbers
    beside = np.flatnonzero(rows.vars != follows.owner[number])
    beside = beside[np.argsort(rows.vars[beside], kind="stable")]
    own = np.flatnonzero(follows.owner >= 0)
    own = own[np.argsort(follows.owner[own], kind="stable")]
    every = np.arange(count + 1)
    choice = np.full(count, -1, dtype=np.int64)
    choice[variable] = np.arange(len(variable))
    return arrays.Model(
        begins=_short(rows.begins),
        vars=_short(rows.vars),
        lo=rows.lo,
        hi=rows.hi,
        does=_short(follows.does),
        owner=_short(follows.owner),
        weight=follows.weight,
        beside_begins=_short(np.searchsorted(rows.vars[beside], every)),
        beside_rows=_short(number[beside]),
        beside_coefs=rows.coefs[beside],
        own_begins=_short(np.searchsorted(follows.owner[own], every)),
        own_rows=_short(own),
        level=_short(follows.level),
        least=follows.least,
        most=follows.most,
        cost=follows.cost,
        choice=_short(choice),
    )


def _short(numbers: Numbers) -> arrays.Indices:
    return numbers.astype(np.int32)

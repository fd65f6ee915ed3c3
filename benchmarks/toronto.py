"""A real week of drop-in sessions in Toronto's community centres, asked again in the rooms there are, or in fewer.

    python -m benchmarks.toronto WEEK.json [--cut 0.25] [--centre NAME|largest|all] [--time-limit 60] [--seeds 3]

A centre has rooms of some kinds, of each as many as carry its real week. Each real session is a request for a room of
its kind (whichever), its length and its real time, which is preferred. Acceptable, at 0.25 of a wish, are the same
day up to two hours earlier or later in steps of half an hour, and the same hour on the six other days, within the
hours from the week's earliest start in the centre to its latest end. One class asks; the stages are the grants, the
wishes and the lot.

The real week is the witness: with all rooms, its sessions at their real times in rooms of their kind are checked by
the verifier, so that what is found must be as good. `--cut` takes a share of the rooms of each kind away, what is
left rounded down, and one room at least. The real week in these rooms is then what can be kept of it if nobody
moves: of every kind the most sessions at their real times, which is exact. Beside it stand ours and stock CP-SAT.
"""

from __future__ import annotations

import argparse
import heapq
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import results
from scheduler.constraints.terms import WEEKDAYS, Weekday
from scheduler.problem import (
    Applicant,
    Calendar,
    Community,
    Hours,
    Layout,
    Policy,
    PriorityClass,
    Problem,
    Request,
    Season,
    Series,
    Site,
    Space,
    Use,
    Window,
)
from scheduler.timetable import Booking
from scheduler.verify import check, verify
from scheduler.wellformed import faults_of

ZONE = "America/Toronto"
STEP, SHIFT = 30, 120
"""Minutes between two acceptable starts, and how far from the real one they go."""


@dataclass(frozen=True)
class Session:
    """A real session; `start` and `end` are minutes of its day."""

    id: str
    kind: str
    day: int
    start: int
    end: int


@dataclass(frozen=True)
class Centre:
    """A centre's rooms by kind, and its real week from a Monday."""

    name: str
    monday: date
    rooms: dict[str, int]
    sessions: tuple[Session, ...]

    def cut(self, share: float) -> Centre:
        """The same with a share of the rooms of each kind taken away; one at least stays."""
        kept = 1 - Fraction(str(share))
        return replace(self, rooms={kind: max(1, int(count * kept)) for kind, count in self.rooms.items()})


def read(document: dict[str, Any]) -> list[Centre]:
    """The centres of a file, the one with the most sessions first."""
    monday = date.fromisoformat(document["week"].split("..")[0])
    centres = [
        Centre(each["location"], monday, dict(each["rooms"]), tuple(_session(s) for s in each["sessions"]))
        for each in document["locations"]
    ]
    return sorted(centres, key=lambda centre: -len(centre.sessions))


def _session(told: dict[str, Any]) -> Session:
    hours, minutes = map(int, told["start"].split(":"))
    start = 60 * hours + minutes
    return Session(told["id"], told["pool"], WEEKDAYS.index(told["weekday"]), start, start + told["minutes"])


def problem_of(centre: Centre, *, real_times_only: bool = False) -> Problem:
    """The centre's week as a problem."""
    opens = min(session.start for session in centre.sessions)
    closes = max(session.end for session in centre.sessions)
    rooms = {kind: [f"{kind}-{n + 1}" for n in range(count)] for kind, count in centre.rooms.items()}
    return Problem(
        community=Community(id="toronto", name=centre.name, zone=ZONE),
        season=Season(first_date=centre.monday, last_date=centre.monday + timedelta(days=6)),
        policy=Policy(start_step_minutes=STEP, stages=("duties", "classes", "wishes", "lot")),
        priorities=(PriorityClass(id="residents"),),
        calendars=(Calendar(id="always"),),
        sites=(Site(id="centre", name=centre.name),),
        spaces=tuple(
            Space(
                id=room,
                name=room,
                site="centre",
                layouts=(Layout(id="room", capacity=1),),
                hours=(Hours(starts=_clock(opens), ends=_clock(closes)),),
            )
            for kind in rooms
            for room in rooms[kind]
        ),
        uses=tuple(Use(id=kind, name=kind, noise=0, calendar="always") for kind in rooms),
        applicants=(Applicant(id="residents", name="residents", priority="residents"),),
        requests=tuple(
            Request(
                id=session.id,
                applicant="residents",
                use=session.kind,
                headcount=1,
                minutes=session.end - session.start,
                when=Series(per_week=1, calendar="always"),
                windows=tuple(_windows(session, opens, closes))[: 1 if real_times_only else None],
                spaces=tuple(rooms[session.kind]),
                space_costs=(0,) * len(rooms[session.kind]),
                layouts=("room",),
                noise=0,
                priority="residents",
            )
            for session in centre.sessions
        ),
    )


def _windows(session: Session, opens: int, closes: int) -> Iterator[Window]:
    """The real time first; then the same day around it, on its own half hours, and the other days."""
    day, others = WEEKDAYS[session.day], tuple(each for each in WEEKDAYS if each != WEEKDAYS[session.day])

    def window(days: tuple[Weekday, ...], starts: int, ends: int, kind: Any) -> Window:
        return Window(days=days, starts=_clock(starts), ends=_clock(ends), kind=kind)

    yield window((day,), session.start, session.end, "fixed")
    earlier = min(SHIFT, session.start - opens) // STEP * STEP
    later = min(SHIFT, closes - session.end) // STEP * STEP
    if earlier or later:
        yield window((day,), session.start - earlier, session.end + later, "acceptable")
    yield window(others, session.start, session.end, "acceptable")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def kept(centre: Centre) -> list[tuple[Session, int]]:
    """The most sessions that the rooms carry at their real times, each with the number of its room.

    Where one too many is on, the one that ends last gives way; of intervals this keeps the most there can be.
    """
    found = []
    for kind, count in centre.rooms.items():
        for day in range(7):
            asked = (s for s in centre.sessions if s.kind == kind and s.day == day)
            on: list[tuple[Session, int]] = []
            free = list(range(count))
            for session in sorted(asked, key=lambda s: (s.start, s.end)):
                over = [each for each in on if each[0].end <= session.start]
                found += over
                on = [each for each in on if each not in over]
                for _, room in over:
                    heapq.heappush(free, room)
                if not free:
                    last = max(on, key=lambda each: each[0].end)
                    if last[0].end <= session.end:
                        continue
                    on.remove(last)
                    heapq.heappush(free, last[1])
                on.append((session, heapq.heappop(free)))
            found += on
    return found


def witness(centre: Centre) -> tuple[Booking, ...]:
    """The sessions that stay at their real times, as bookings: with all rooms the real week."""
    midnight = datetime(centre.monday.year, centre.monday.month, centre.monday.day, tzinfo=ZoneInfo(ZONE))
    return tuple(
        Booking(
            request=session.id,
            session=1,
            starts=midnight + timedelta(days=session.day, minutes=session.start),
            ends=midnight + timedelta(days=session.day, minutes=session.end),
            space=f"{session.kind}-{room + 1}",
            layout="room",
        )
        for session, room in kept(centre)
    )


def witnessed(centre: Centre) -> bool:
    """Whether all of the real week is an answer, by the verifier."""
    bookings = witness(centre)
    return len(bookings) == len(centre.sessions) and not check(problem_of(centre), bookings)


def moved(answer: Any, centre: Centre) -> int | None:
    """Granted sessions that are not at their real time; None where there is no timetable."""
    if answer.timetable is None:
        return None
    real = {session.id: (WEEKDAYS[session.day], _clock(session.start)) for session in centre.sessions}
    return sum(real[session.request] != (session.weekday, session.starts) for session in answer.timetable.sessions)


def measured(centre: Centre, cut: float, which: str, seed: int, asked: argparse.Namespace) -> dict[str, Any]:
    """One solve of a centre by one of the two."""
    from benchmarks.stock import ours, staged

    smaller = centre.cut(cut)
    problem = problem_of(smaller)
    solver = ours if which == "ours" else staged
    answer = solver(problem, time_limit=asked.time_limit, seed=seed, workers=asked.workers)
    holds = verify(problem, answer.timetable).holds if answer.timetable is not None else None
    return {
        "centre": centre.name,
        "which": which,
        "seed": seed,
        "asked": len(centre.sessions),
        "rooms": sum(smaller.rooms.values()),
        "rooms_of": sum(centre.rooms.values()),
        "real_week": len(kept(smaller)),
        "granted": answer.granted,
        "wishes": answer.value_of("wishes"),
        "moved": moved(answer, smaller),
        "gaps": {stage: answer.gap_of(stage) for stage in ("classes", "wishes", "lot")},
        "seconds": answer.seconds,
        "status": answer.status,
        "verified": holds,
    }


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One centre: a line for each solve, then the medians of both."""
    first = rows[0]
    yield (
        f"{first['centre']}: {first['asked']} sessions, {first['rooms']} rooms of {first['rooms_of']}; "
        f"of the real week {first['real_week']} fit at their real times"
    )
    yield f"{'':<14}{'granted':>9}{'gap %':>8}{'wishes':>8}{'gap %':>8}{'lot gap %':>10}{'moved':>7}{'seconds':>9}"
    for row in rows:
        yield _line(f"{row['which']}, seed {row['seed']}", row)
    for which in dict.fromkeys(row["which"] for row in rows):
        yield _line(f"{which}, median", _median([row for row in rows if row["which"] == which]))


def _line(name: str, row: dict[str, Any]) -> str:
    gaps = row["gaps"]
    wishes, far = ("-" if row[key] is None else f"{row[key]:.0f}" for key in ("wishes", "moved"))
    return (
        f"{name:<14}{row['granted']:>9.0f}{100 * gaps['classes']:>8.2f}{wishes:>8}{100 * gaps['wishes']:>8.2f}"
        f"{100 * gaps['lot']:>10.2f}{far:>7}{row['seconds']:>9.1f}"
    )


def _median(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def middle(values: list[Any]) -> float | None:
        found = [value for value in values if value is not None]
        return statistics.median(found) if found else None

    keys = ("granted", "wishes", "moved", "seconds")
    return {key: middle([row[key] for row in rows]) for key in keys} | {
        "gaps": {stage: statistics.median(row["gaps"][stage] for row in rows) for stage in rows[0]["gaps"]}
    }


def overall(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All centres together, for each of the two, by seed."""
    told = []
    for which, seed in dict.fromkeys((row["which"], row["seed"]) for row in rows):
        mine = [row for row in rows if (row["which"], row["seed"]) == (which, seed)]
        told.append(
            {
                "which": which,
                "seed": seed,
                "centres": len(mine),
                **{key: sum(row[key] for row in mine) for key in ("asked", "real_week", "granted", "seconds")},
                "wishes": sum(row["wishes"] or 0 for row in mine),
                "all_granted": sum(row["granted"] == row["asked"] for row in mine),
                "grants_proved": sum(row["gaps"]["classes"] == 0 for row in mine),
                "wishes_proved": sum(row["gaps"]["wishes"] == 0 for row in mine),
                "within_1_percent": sum(max(row["gaps"].values()) <= 0.01 for row in mine),
                "slowest": max(row["seconds"] for row in mine),
            }
        )
    return told


def main(arguments: list[str] | None = None) -> int:
    """Solve a centre or all of them; 0 only when the real week is verified with all rooms, and so is every answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--cut", type=float, default=0.0, help="share of the rooms of each kind to take away")
    parser.add_argument("--centre", default="largest", metavar="NAME", help="or largest, or all")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="SECONDS", help="of a solve")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=8, help="CP-SAT's threads in each solve")
    parser.add_argument("--no-baseline", action="store_true")
    results.option(parser)
    asked = parser.parse_args(arguments)
    try:
        centres = read(json.loads(asked.file.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{asked.file} is no week of sessions: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if asked.centre != "all":
        centres = centres[:1] if asked.centre == "largest" else [c for c in centres if c.name == asked.centre]
    if not centres or not 0 <= asked.cut < 1:
        print("no such centre, or no such cut", file=sys.stderr)
        return 2
    began = time.perf_counter()
    good = [centre for centre in centres if not faults_of(problem_of(centre)) and witnessed(centre)]
    print(f"the real week is verified in {len(good)} of {len(centres)} centres ({time.perf_counter() - began:.1f} s)")
    rows = []
    for number, centre in enumerate(centres, 1):
        solvers = ("ours",) if asked.no_baseline else ("ours", "stock")
        seeds = range(1, asked.seeds + 1)
        mine = [measured(centre, asked.cut, which, seed, asked) for seed in seeds for which in solvers]
        rows += sorted(mine, key=lambda row: row["which"])
        if len(centres) == 1:
            print(*table(rows), sep="\n")
        else:
            print(f"{number} of {len(centres)} centres, {time.perf_counter() - began:.0f} s", file=sys.stderr)
    summed = overall(rows)
    if len(centres) > 1:
        print(*(", ".join(f"{key} {_short(value)}" for key, value in each.items()) for each in summed), sep="\n")
    results.keep("toronto", asked, rows if len(centres) == 1 else [_brief(row) for row in rows], summary=summed)
    failed = [row for row in rows if row["which"] == "ours" and not row["verified"]]
    return 1 if failed or len(good) < len(centres) else 0


def _short(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a centre among many."""
    keys = ("centre", "which", "seed", "asked", "rooms", "real_week", "granted", "wishes", "seconds", "status")
    return {key: row[key] for key in keys} | {"gap": max(row["gaps"].values())}


if __name__ == "__main__":
    sys.exit(main())

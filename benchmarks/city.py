"""The city: as many copies of the reference centre as it has circles, each with a demand of its own, all solved.

    python -m benchmarks.city [--centres 134] [--seed 1] [--workers 8] [--processes CORES] [--sample 12]

Every centre has the real spaces and rules. Of its requests some are dropped and some asked twice, the second time
on another day and with another headcount; they are 121 a centre on average, 16,214 in the city. As many warm processes
as there are cores read, solve and verify them. On a sample, spread over the city, stock CP-SAT solves the same models
and stages after that, in the same processes and time.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks import results
from scheduler.constraints.terms import WEEKDAYS, Weekday
from scheduler.problem import Dated, Problem, Request, Window

PROBLEM = Path(__file__).parent.parent / "fixtures" / "badahu" / "problem.json"
CITY = 134
MOST_DROPPED, MOST_MORE = 18, 8
"""Requests that a centre drops, and by which its number differs from the reference's, at most."""


def demand(problem: Problem, centres: int, seed: int) -> Iterator[Problem]:
    """The centres, each with its own demand. Two neighbours together ask as much as two references."""
    more = 0
    for number in range(centres):
        draw = random.Random(f"{seed}:{number}")
        alone = number == centres - 1
        more = -more if number % 2 else 0 if alone else draw.randint(-MOST_MORE, MOST_MORE)
        yield varied(problem, number, more, draw)


def varied(problem: Problem, number: int, more: int, draw: random.Random) -> Problem:
    """A centre that asks `more` than the reference: some requests are dropped, others are asked for twice.

    Duties stay, and what other parts of the problem name (the host of the market, a series that is replaced). Not
    asked twice is what ranks its applicant's wishes, or stands in another's stead: there is one of that.
    """
    duties = {priority.id for priority in problem.priorities if priority.duty}
    named = set(_named(problem))
    free = [r for r in problem.requests if r.priority not in duties and r.id not in named]
    again = [r for r in free if r.own_rank is None and not (isinstance(r.when, Dated) and r.when.replaces)]
    dropping = draw.randint(max(4, -more), MOST_DROPPED)
    dropped = {request.id for request in draw.sample(free, dropping)}
    asked = [*(r for r in problem.requests if r.id not in dropped)]
    kept = [r for r in again if r.id not in dropped]
    asked += [_otherwise(problem, request, draw) for request in draw.sample(kept, dropping + more)]
    community = problem.community.model_copy(update={"id": f"{problem.community.id}-{number:03d}"})
    policy = problem.policy.model_copy(update={"seed": problem.policy.seed + number})
    return problem.model_copy(update={"community": community, "policy": policy, "requests": tuple(asked)})


def _named(problem: Problem) -> Iterator[str]:
    """Requests that others, rules, the market or units refer to."""
    known = {request.id for request in problem.requests}
    rest = problem.model_dump(mode="json", include={"constraints", "market", "units"})
    yield from (word for word in _words(rest) if word in known)
    for request in problem.requests:
        if isinstance(request.when, Dated) and request.when.replaces:
            yield request.when.replaces.request


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _words(each)


def _otherwise(problem: Problem, request: Request, draw: random.Random) -> Request:
    """The same wish of another group: other days of the week, or another week, and another headcount."""
    later, heads = draw.randint(1, 4), draw.uniform(0.6, 1.1)
    changed: dict[str, Any] = {"id": f"{request.id}-2", "headcount": max(1, round(request.headcount * heads))}
    when = request.when
    if isinstance(when, Dated):
        season, week = problem.season, timedelta(weeks=1)
        others = [when.date + n * week for n in range(-12, 13) if n]
        others = [day for day in others if season.first_date <= day <= season.last_date] or [when.date]
        changed["when"] = when.model_copy(update={"date": draw.choice(others)})
    else:
        windows = tuple(_on_other_days(window, later) for window in request.windows)
        if windows == request.windows:  # every day of the week as it was: then another hour
            minutes = draw.choice((-60, -30, 30, 60))
            windows = tuple(_at_another_hour(window, minutes) for window in windows)
        changed["windows"] = windows
    return request.model_copy(update=changed)


def _on_other_days(window: Window, later: int) -> Window:
    """So many days later, a working day for a working day; at a weekend the other day, or the same."""

    def moved(day: Weekday) -> Weekday:
        number = WEEKDAYS.index(day)
        return WEEKDAYS[(number + later) % 5 if number < 5 else 5 + (number - 5 + later) % 2]

    days = sorted({moved(day) for day in window.days}, key=WEEKDAYS.index)
    return window.model_copy(update={"days": tuple(days)})


def _at_another_hour(window: Window, later: int) -> Window:
    def moved(clock: str) -> str:
        minutes = 60 * int(clock[:2]) + int(clock[3:]) + later
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    return window.model_copy(update={"starts": moved(window.starts), "ends": moved(window.ends)})


def warm(gate: Any) -> None:
    """What a worker has done before it is asked: everything is imported, and one centre solved."""
    from benchmarks.stock import ours
    from scheduler.wellformed import read_problem

    ours(read_problem(PROBLEM.read_bytes()), time_limit=10.0)
    gate.wait(timeout=300)


def one(number: int, document: bytes, which: str, time_limit: float, workers: int) -> dict[str, Any]:
    """Read, solve and verify a centre; the baseline, which writes no timetable, reads and solves."""
    from benchmarks.stock import GRANTS, ours, staged
    from scheduler.verify import verify
    from scheduler.wellformed import read_problem

    began = time.perf_counter()
    problem = read_problem(document)
    answer = (ours if which == "ours" else staged)(problem, time_limit=time_limit, workers=workers)
    holds = answer.timetable is not None and verify(problem, answer.timetable).holds
    return {
        "centre": number,
        "which": which,
        "requests": len(problem.requests),
        "seconds": time.perf_counter() - began,
        "status": answer.status,
        "verified": holds,
        "granted": answer.granted,
        "gap_of_grants": answer.gap_of_grants,
        "proved_grants": all(row.gap == 0 for row in answer.rows if row.stage in GRANTS),
        "open_stages": [row.stage for row in answer.rows if row.gap],
        "peak_mib": results.peak_mib(),
    }


def all_of(
    pool: ProcessPoolExecutor, jobs: Sequence[tuple[int, bytes]], which: str, asked: argparse.Namespace
) -> tuple[list[dict[str, Any]], float]:
    """Solve the centres, telling how far it is; what came of each, and seconds in all."""
    began = time.perf_counter()
    waiting = [pool.submit(one, number, text, which, asked.time_limit, asked.workers) for number, text in jobs]
    rows = []
    for done in as_completed(waiting):
        rows.append(done.result())
        seconds = time.perf_counter() - began
        # On a terminal one line that counts; into a file every tenth centre.
        if sys.stderr.isatty() or not len(rows) % 10 or len(rows) == len(jobs):
            end = "\r" if sys.stderr.isatty() and len(rows) < len(jobs) else "\n"
            print(
                f"{which}: {len(rows)} of {len(jobs)} centres, {seconds:.0f} s ", end=end, file=sys.stderr, flush=True
            )
    return sorted(rows, key=lambda row: row["centre"]), time.perf_counter() - began


def spread(count: int, sample: int) -> list[int]:
    """So many of the numbers below `count`, evenly spread."""
    sample = min(sample, count)
    return sorted({number * count // sample for number in range(sample)})


def summary(rows: Iterable[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """The figures of some centres; `seconds` is from the first's beginning to the last's end."""
    rows = list(rows)
    each = [row["seconds"] for row in rows]
    return {
        "centres": len(rows),
        "requests": sum(row["requests"] for row in rows),
        "granted": sum(row["granted"] for row in rows),
        "seconds": seconds,
        "median": statistics.median(each),
        "max": max(each),
        "proved": sum(row["status"] == "optimal" for row in rows),
        "grants_proved": sum(row["proved_grants"] for row in rows),
        "gap_of_grants": statistics.mean(row["gap_of_grants"] for row in rows),
        "unverified": sum(not row["verified"] for row in rows),
        "peak_mib": max(row["peak_mib"] for row in rows),
    }


def lines(told: dict[str, Any], sample: dict[str, Any] | None, theirs: dict[str, Any] | None) -> Iterator[str]:
    """The report."""
    columns = {"ours": told, "ours, sample": sample, "stock, sample": theirs}
    shown = {name: column for name, column in columns.items() if column}
    yield f"{'':<40}" + "".join(f"{name:>16}" for name in shown)
    names = {
        "centres": "centres",
        "requests": "requests",
        "granted": "sessions granted",
        "seconds": "seconds in all",
        "median": "seconds a centre, median",
        "max": "seconds a centre, most",
        "proved": "all stages proved",
        "grants_proved": "duties and classes proved",
        "gap_of_grants": "mean gap of duties and classes, %",
        "peak_mib": "peak memory of a process, MiB",
    }
    for key, name in names.items():
        values = [100 * column[key] if key == "gap_of_grants" else column[key] for column in shown.values()]
        yield f"{name:<40}" + "".join(f"{value:>16.2f}" if value % 1 else f"{value:>16.0f}" for value in values)
    if sample and theirs:
        yield f"ours / stock on the sample, seconds in all: {sample['seconds'] / theirs['seconds']:.2f}"
    yield f"verified: {told['centres'] - told['unverified']} of {told['centres']}"


def main(arguments: list[str] | None = None) -> int:
    """Solve the city; the exit code is 0 only when every centre's timetable is verified."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--centres", type=int, default=CITY)
    parser.add_argument("--seed", type=int, default=1, help="of the demand")
    parser.add_argument("--workers", type=int, default=8, help="CP-SAT's threads in each solve")
    parser.add_argument("--processes", type=int, default=results.cores())
    parser.add_argument("--time-limit", type=float, default=30.0, metavar="SECONDS", help="of a centre")
    parser.add_argument("--sample", type=int, default=12, help="centres that the baseline solves too; 0: none")
    results.option(parser)
    asked = parser.parse_args(arguments)
    from scheduler.wellformed import read_problem

    reference = read_problem(PROBLEM.read_bytes())
    problems = list(demand(reference, asked.centres, asked.seed))
    jobs = [(number, problem.model_dump_json().encode()) for number, problem in enumerate(problems)]
    context = get_context("spawn")
    gate = context.Barrier(asked.processes + 1)
    with ProcessPoolExecutor(asked.processes, context, warm, (gate,)) as pool:
        # A process is started for each job that finds none idle: these are for nothing else. All meet at the gate.
        for _ in range(asked.processes):
            pool.submit(int)
        gate.wait(timeout=300)
        rows, seconds = all_of(pool, jobs, "ours", asked)
        told, again, stock = summary(rows, seconds), None, None
        chosen = [jobs[number] for number in spread(asked.centres, asked.sample)] if asked.sample else []
        if chosen:
            # Once more by themselves: the seconds in all of twelve centres are no part of those of the city.
            mine, seconds = all_of(pool, chosen, "ours", asked)
            again = summary(mine, seconds)
            theirs, seconds = all_of(pool, chosen, "stock", asked)
            stock = summary(theirs, seconds)
            rows += theirs
    print(*lines(told, again, stock), sep="\n")
    left_open = Counter(stage for row in rows if row["which"] == "ours" for stage in set(row["open_stages"]))
    print("left open: " + (", ".join(f"{stage} in {count}" for stage, count in left_open.items()) or "nothing"))
    summed = {"ours": told, "ours_sample": again, "stock_sample": stock}
    results.keep("city", asked, rows, summary=summed)
    return 1 if told["unverified"] else 0


if __name__ == "__main__":
    sys.exit(main())

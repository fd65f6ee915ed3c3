"""A warm worker and the reference centre: the first verified timetable, all of it proved, and solving once more.

    python -m benchmarks.again [--seeds 3] [--time-limit 60]

The process is warm, as the worker's is: a first solve is not counted. Then, for each seed, from the document:
seconds until the first timetable found is verified, until all stages are proved and that is verified, and, with one
constraint more, until a timetable that keeps to the one before (`previous`) is proved and verified. Each beside stock
CP-SAT on the same model and stages, which reads, but neither writes nor verifies a timetable. The time of the
first timetable has no baseline of its own: its stage, the duties, is one that every search begins with.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import results
from scheduler.constraints.availability import Closed, TypedWindow
from scheduler.constraints.loads import Load
from scheduler.constraints.offers import Offer, OfferedHours
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import Quota
from scheduler.constraints.terms import ConstraintBase, Scope
from scheduler.problem import Problem

if TYPE_CHECKING:
    from benchmarks.stock import Answer

PROBLEM = Path(__file__).parent.parent / "fixtures" / "badahu" / "problem.json"
FIRST_FLOOR, PROOF_FLOOR, AGAIN_FLOOR = 1.0, 10.0, 2.0
SOURCE = "a notice"


def changes(problem: Problem) -> dict[str, ConstraintBase]:
    """One constraint more, in eight ways: closures, an evening kept free, a quota, staff, an offer, a load, a pin."""
    first = problem.season.first_date + timedelta(weeks=5)
    week = tuple(first + timedelta(days=day) for day in range(7))
    days = (problem.season.last_date - problem.season.first_date).days + 1
    season = [problem.season.first_date + timedelta(days=day) for day in range(days)]

    def closed(space: str, dates: Sequence[date], **hours: Any) -> Closed:
        return Closed(id="more", source=SOURCE, spaces=(space,), dates=tuple(dates), **hours)

    fixed = Scope(priorities=("fix",))
    begins, ends = "18:00", "21:00"
    return {
        "a room closed for a week": closed("S04", week),
        "a room closed on Tuesday evenings": closed(
            "S03", [d for d in season if d.weekday() == 1], starts=begins, ends=ends
        ),
        "a hall kept free on Thursday evenings": TypedWindow(
            id="more", source=SOURCE, spaces=("S07",), days=("TH",), allows=fixed, starts=begins, ends=ends
        ),
        "one prime session a body": Quota(
            id="more",
            source=SOURCE,
            at_most=1,
            indoor_only=True,
            scope=Scope(priorities=("P3",)),
            prime=next(rule for rule in problem.constraints if isinstance(rule, Quota)).prime,
        ),
        "five rooms in the evening": PooledResource(
            id="more",
            source=SOURCE,
            resource="space_in_session",
            at_once=5,
            days=("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
            starts="18:30",
            ends="24:00",
            spaces=tuple(space.id for space in problem.spaces if not space.parts and not space.outdoor),
        ),
        "a room offered until 20:00": Offer(
            id="more", source=SOURCE, spaces=("S10",), hours=(OfferedHours(starts="08:30", ends="20:00"),)
        ),
        "at most 40 sessions of P3": Load(
            id="more", source=SOURCE, measure="max_sessions", at_most=40, scope=Scope(priorities=("P3",))
        ),
        "a class pinned to its second wish": Pin(
            id="more", source=SOURCE, author="manager", request="R041", slot=PinnedSlot(weekday="SU")
        ),
    }


def first_verified(problem: Problem, seed: int, asked: argparse.Namespace) -> bool:
    """Stop at the first timetable that is found, and verify it."""
    from scheduler.search.results import Progress
    from scheduler.solve import Solved, solve
    from scheduler.verify import verify

    found = False

    def look(told: Progress) -> None:
        nonlocal found
        found = found or told.incumbent is not None

    outcome = solve(
        problem, time_limit=asked.time_limit, seed=seed, workers=asked.workers, progress=look, stop=lambda: found
    )
    return isinstance(outcome, Solved) and verify(problem, outcome.timetable).holds


def timed(document: bytes, asked: argparse.Namespace, seed: int) -> Iterator[dict[str, Any]]:
    """All that is measured with one seed."""
    from benchmarks.stock import ours, staged
    from scheduler.verify import verify
    from scheduler.wellformed import faults_of, read_problem

    how: dict[str, Any] = {"time_limit": asked.time_limit, "seed": seed, "workers": asked.workers}
    began = time.perf_counter()
    problem = read_problem(document)
    good = first_verified(problem, seed, asked)
    yield _row("first verified timetable", seed, (time.perf_counter() - began, None), "found" if good else "none", good)
    began = time.perf_counter()
    problem = read_problem(document)
    plan = ours(problem, **how)
    assert plan.timetable is not None
    good = verify(problem, plan.timetable).holds
    seconds = time.perf_counter() - began
    stock = _stock(document, lambda problem: staged(problem, **how))
    yield _row("all stages proved", seed, (seconds, stock), plan.status, good)
    for name, rule in changes(problem).items():
        changed = problem.model_copy(update={"constraints": (*problem.constraints, rule)})
        if faults := faults_of(changed):
            raise SystemExit(f"{name}: {faults[0]}")
        text = changed.model_dump_json().encode()
        began = time.perf_counter()
        again = read_problem(text)
        answer = ours(again, previous=plan.timetable, **how)
        good = answer.timetable is not None and verify(again, answer.timetable, plan.timetable).holds
        seconds = time.perf_counter() - began
        stock = _stock(text, lambda problem: staged(problem, previous=plan.timetable, **how))
        row = _row(f"again: {name}", seed, (seconds, stock), answer.status, good)
        yield row | {"granted": answer.granted - plan.granted, "changed": answer.value_of("stability")}


def _stock(document: bytes, solver: Callable[[Problem], Answer]) -> float:
    from scheduler.wellformed import read_problem

    began = time.perf_counter()
    solver(read_problem(document))
    return time.perf_counter() - began


def _row(what: str, seed: int, times: tuple[float, float | None], status: str, verified: bool) -> dict[str, Any]:
    seconds, stock = times
    return {"what": what, "seed": seed, "seconds": seconds, "stock": stock, "status": status, "verified": verified}


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Medians over the seeds, and the three figures that were promised."""
    yield f"{'warm, seconds':<44}{'median':>8}{'max':>8}{'stock':>8}  what came of it"
    for what in dict.fromkeys(row["what"] for row in rows):
        mine = [row for row in rows if row["what"] == what]
        told = ", ".join(dict.fromkeys(_told(row) for row in mine))
        yield f"{what:<44}{_median(mine, 'seconds')}{_most(mine):>8.2f}{_median(mine, 'stock')}  {told}"
    again = [row for row in rows if row["what"].startswith("again")]
    yield f"{'again, all of these':<44}{_median(again, 'seconds')}{_most(again):>8.2f}{_median(again, 'stock')}"
    shown = {"first verified timetable": FIRST_FLOOR, "all stages proved": PROOF_FLOOR, "again": AGAIN_FLOOR}
    for what, floor in shown.items():
        most = _most([row for row in rows if row["what"].startswith(what)])
        yield f"{what}: at most {most:.2f} s of {floor:.0f}"


def _told(row: dict[str, Any]) -> str:
    verified = "" if row["verified"] else ", NOT VERIFIED"
    more = f" ({row['granted']:+d} granted, {row['changed']} changed)" if "changed" in row else ""
    return f"{row['status']}{verified}{more}"


def _median(rows: Sequence[dict[str, Any]], key: str) -> str:
    found = [row[key] for row in rows if row[key] is not None]
    return f"{statistics.median(found):>8.2f}" if found else f"{'-':>8}"


def _most(rows: Sequence[dict[str, Any]]) -> float:
    return max(float(row["seconds"]) for row in rows)


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 0 only when every timetable was verified."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="SECONDS", help="of a solve")
    parser.add_argument("--workers", type=int, default=8, help="CP-SAT's threads in each solve")
    results.option(parser)
    asked = parser.parse_args(arguments)
    from benchmarks.stock import ours
    from scheduler.wellformed import read_problem

    document = PROBLEM.read_bytes()
    ours(read_problem(document), time_limit=asked.time_limit)
    rows: list[dict[str, Any]] = []
    for seed in range(1, asked.seeds + 1):
        print(f"seed {seed} of {asked.seeds} ...", file=sys.stderr)
        rows += timed(document, asked, seed)
    print(*table(rows), sep="\n")
    results.keep("again", asked, rows)
    return 0 if all(row["verified"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Checking rules before they take force, at the size of the reference centre: one rule, and twenty.

    python -m benchmarks.check [--runs 5] [--limit 3]

The process is warm, as the worker's is: the first check of each kind is not counted. The baseline is what a manager
would do without it: solve again with the rules in force, keeping to the plan.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import results
from scheduler.constraints.availability import Closed, TypedWindow
from scheduler.constraints.terms import WEEKDAYS, Scope, Weekday

PROBLEM = Path(__file__).parent.parent / "fixtures" / "badahu" / "problem.json"


def batches(problem: Any) -> dict[str, list[Any]]:
    """Rules as operators send them: a closure, an evening kept free, closures by the dozen, a contradiction."""
    rooms = [space.id for space in problem.spaces if not space.parts]
    first = problem.season.first_date + timedelta(weeks=5)

    def week(later: int) -> tuple[date, ...]:
        return tuple(first + timedelta(weeks=later, days=day) for day in range(7))

    def closure(number: int, room: str, dates: Sequence[date], **hours: Any) -> Any:
        return Closed(id=f"closed-{number}", source="a notice", spaces=(room,), dates=tuple(dates), **hours)

    def kept_free(number: int, room: str, day: Weekday, starts: str, ends: str) -> Any:
        allows = Scope(priorities=("fix",))
        return TypedWindow(
            id=f"free-{number}",
            source="a notice",
            spaces=(room,),
            days=(day,),
            starts=starts,
            ends=ends,
            allows=allows,
        )

    season = (problem.season.last_date - problem.season.first_date).days + 1
    fridays = [day for n in range(season) if (day := problem.season.first_date + timedelta(n)).weekday() == 4]
    evenings = [kept_free(n, rooms[n % len(rooms)], WEEKDAYS[n % 7], "19:00", "21:00") for n in range(20)]
    closures = [closure(n, rooms[3 * n % len(rooms)], week(n % 5)) for n in range(20)]
    mixed = [*evenings[:10], *closures[10:19], closure(99, "S01", fridays, starts="11:30", ends="13:00")]
    return {
        "1 closure of a week": [closure(0, "S04", week(0))],
        "1 evening every week": [kept_free(0, "S03", "TU", "18:00", "21:00")],
        "1 contradiction": [closure(0, "S01", fridays, starts="11:30", ends="13:00")],
        "20 evenings": evenings,
        "20 closures of a week": closures,
        "20 of all sorts": mixed,
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=3.0, help="time limit of a check, seconds")
    results.option(parser)
    options = parser.parse_args(arguments)
    from scheduler.explain import check_rules
    from scheduler.solve import Solved, solve
    from scheduler.wellformed import read_problem

    problem = read_problem(PROBLEM.read_bytes())
    outcome = solve(problem)
    assert isinstance(outcome, Solved)
    print(f"{'rules':<24}{'median s':>9}{'max':>7}{'again s':>9}  what came of it")
    rows = []
    for name, rules in batches(problem).items():
        seconds, found = [], check_rules(problem, rules, outcome.timetable, time_limit=options.limit)
        for _ in range(options.runs):
            began = time.perf_counter()
            found = check_rules(problem, rules, outcome.timetable, time_limit=options.limit)
            seconds.append(time.perf_counter() - began)
        began = time.perf_counter()
        with_them = problem.model_copy(update={"constraints": (*problem.constraints, *rules)})
        solve(with_them, previous=outcome.timetable)
        again = time.perf_counter() - began
        told = (
            f"{len(found.moves)} moves, {sum(move.to is not None for move in found.moves)} with a place, "
            f"{len(found.impossible) + len(found.lost)} lost, {len(found.contradictions)} contradictions, "
            f"{sum(rule.dead not in {'no', 'not_examined'} for rule in found.rules)} dead"
        )
        cut = "" if found.complete else f"; no time for {', '.join(found.not_looked_at)}"
        print(f"{name:<24}{statistics.median(seconds):>9.2f}{max(seconds):>7.2f}{again:>9.2f}  {told}{cut}")
        rows.append({"rules": name, "seconds": seconds, "again": again, "found": told, "complete": found.complete})
    results.keep("check", options, rows)


if __name__ == "__main__":
    main()

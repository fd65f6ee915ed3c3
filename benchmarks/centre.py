"""The reference centre, step by step: reading, placements, model, first solution, proof, verify, feeds, peak memory.

    python -m benchmarks.centre [--runs 5] [--problem PROBLEM.json]

Every run is a process of its own, so that its peak memory is its own, and is followed by a run of the baseline on the
same problem: stock CP-SAT, all its defaults, on one weighted sum of the same goals in the same model (without the lot,
whose weights would not fit beside the others). Medians are printed, and the ratio of each pair.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import results

PROBLEM = Path(__file__).parent.parent / "fixtures" / "badahu" / "problem.json"
FLOOR_SECONDS, FLOOR_MIB = 20.0, 1024.0
STEPS = ("import", "read", "placements", "model", "first solution", "proof", "verify", "release", "whole")


class Clock:
    """Seconds of each step, in order."""

    def __init__(self) -> None:
        self.began = self.last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, step: str) -> None:
        """The step that ends now."""
        now = time.perf_counter()
        self.seconds[step], self.last = now - self.last, now


def ours(path: Path) -> dict[str, Any]:
    """One run of ours, from the file to released feeds in a database of its own."""
    clock = Clock()
    from scheduler.model.build import build, candidates_of
    from scheduler.model.objective import goals
    from scheduler.placements.facts import Facts
    from scheduler.search.results import Limits, Progress
    from scheduler.search.stages import run
    from scheduler.solve import Solved, solve
    from scheduler.verify import verify
    from scheduler.wellformed import read_problem

    clock.lap("import")
    problem = read_problem(path.read_bytes())
    clock.lap("read")
    facts = Facts(problem)
    candidates = candidates_of(facts)
    clock.lap("placements")
    variables = build(facts, candidates)
    clock.lap("model")
    seed = problem.policy.seed
    run(variables, goals(variables, seed)[:1], Limits(60.0, deterministic=False, workers=8, seed=seed))
    clock.lap("first solution")
    told: list[Progress] = []
    outcome = solve(problem, time_limit=60.0, progress=told.append)
    if not isinstance(outcome, Solved):
        raise SystemExit(f"not solved: {outcome}")
    clock.lap("proof")
    if not verify(problem, outcome.timetable).holds:
        raise SystemExit("the timetable does not hold")
    clock.lap("verify")
    feeds = released(path.read_bytes(), outcome.timetable)
    clock.lap("release")
    clock.seconds["whole"] = time.perf_counter() - clock.began
    stages = outcome.timetable.stages
    return {
        "seconds": clock.seconds,
        "peak_mib": results.peak_mib(),
        "placements": len(candidates.placements),
        "bookings": len(outcome.timetable.bookings),
        "feeds": feeds,
        "status": outcome.timetable.status,
        "wishes": next(stage.value for stage in stages if stage.stage == "wishes"),
    }


def released(document: bytes, timetable: Any) -> int:
    """Store, release and render all feeds, as `gongshi demo` does; the number of feeds."""
    import sqlalchemy as sa

    from api import clock
    from api.flow import demonstration
    from api.flow.rounds import Deed
    from api.store import Store, migrate

    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/centre.sqlite")
        migrate(store)
        deed = Deed("benchmark", clock.now())
        with store.writing() as tx:
            round_id, problem, _ = demonstration.loaded(tx, "badahu", document, deed)
            proposal = demonstration.proposed(tx, problem.community.id, round_id, timetable, deed)
            demonstration.publish(tx, problem.community.id, proposal, base_url="http://127.0.0.1:8000", deed=deed)
            return int(tx.execute(sa.text("SELECT count(*) FROM feed")).scalar_one())


def baseline(path: Path) -> dict[str, Any]:
    """Stock CP-SAT on one weighted sum of the same goals; its seconds are those of model and search."""
    from benchmarks.stock import one_sum
    from scheduler.wellformed import read_problem

    answer = one_sum(read_problem(path.read_bytes()), time_limit=60.0)
    return {
        "seconds": {"model and proof": answer.seconds},
        "peak_mib": results.peak_mib(),
        "status": answer.status,
        "wishes": answer.value_of("wishes"),
    }


def in_a_process(which: str, path: Path) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.centre", "--only", which, "--problem", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--problem", type=Path, default=PROBLEM)
    parser.add_argument("--only", choices=("ours", "baseline"), help=argparse.SUPPRESS)
    results.option(parser)
    options = parser.parse_args(arguments)
    if options.only:
        one: dict[str, Callable[[Path], dict[str, Any]]] = {"ours": ours, "baseline": baseline}
        print(json.dumps(one[options.only](options.problem)))
        return
    pairs = []
    for number in range(options.runs):
        print(f"run {number + 1} of {options.runs} ...", file=sys.stderr)
        pairs.append((in_a_process("ours", options.problem), in_a_process("baseline", options.problem)))
    print(report(pairs))
    results.keep("centre", options, [{"ours": mine, "stock": theirs} for mine, theirs in pairs])


def report(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    """The table: medians, and the ratio to the baseline pair by pair."""
    mine, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    lines = [f"{'step':<16}{'median s':>10}{'min':>8}{'max':>8}"]
    for step in STEPS:
        seconds = [run["seconds"][step] for run in mine]
        lines.append(f"{step:<16}{statistics.median(seconds):>10.3f}{min(seconds):>8.3f}{max(seconds):>8.3f}")
    proof = [run["seconds"]["model and proof"] for run in theirs]
    # Ours makes its placements and model anew within `proof`, and tells the refusals.
    ratios = [a["seconds"]["proof"] / b["seconds"]["model and proof"] for a, b in pairs]
    whole = statistics.median(run["seconds"]["whole"] for run in mine)
    peak = max(run["peak_mib"] for run in mine)
    first, base = mine[0], theirs[0]
    lines += [
        f"placements {first['placements']}, bookings {first['bookings']}, feeds {first['feeds']}, "
        f"{first['status']}, wishes {first['wishes']} points",
        f"baseline, one weighted sum in stock CP-SAT: model and proof {statistics.median(proof):.3f} s "
        f"({base['status']}, wishes {base['wishes']} points); ours / baseline {statistics.median(ratios):.2f}",
        f"whole {whole:.1f} s of {FLOOR_SECONDS:.0f}; peak memory {peak:.0f} MiB of {FLOOR_MIB:.0f}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

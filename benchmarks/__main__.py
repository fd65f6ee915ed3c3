"""`make bench`: every benchmark that needs no data from outside.

    python -m benchmarks [--all]

The city is a few centres, of which the baseline solves two, unless all of it is asked for.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import again, centre, check, city

FEW = ("--centres", "8", "--sample", "2")


def main(arguments: list[str] | None = None) -> int:
    """One after another; the exit code is 0 only when all of them say so."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--all", action="store_true", help="the whole city: some minutes")
    asked = parser.parse_args(arguments)
    print("The reference centre, step by step, each run in a process of its own", flush=True)
    centre.main([])
    print("\nThe reference centre in a warm worker", flush=True)
    codes = [again.main([])]
    print("\nChecking rules before they take force", flush=True)
    check.main([])
    print("\nThe city", flush=True)
    codes.append(city.main([] if asked.all else list(FEW)))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())

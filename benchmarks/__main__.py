"""`make bench`: every benchmark that needs no data from outside."""

from __future__ import annotations

from benchmarks import centre, check

if __name__ == "__main__":
    centre.main([])
    check.main([])

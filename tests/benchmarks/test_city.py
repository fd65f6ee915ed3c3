"""The city's demand: varied, well formed, as much in all as so many references; and a city of one, solved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.city import CITY, PROBLEM, demand, lines, main, spread, summary
from scheduler.problem import Dated, Problem
from scheduler.wellformed import faults_of, read_problem


@pytest.fixture(scope="module")
def reference() -> Problem:
    return read_problem(PROBLEM.read_bytes())


@pytest.fixture(scope="module")
def city(reference: Problem) -> list[Problem]:
    return list(demand(reference, CITY, seed=1))


def test_the_city_asks_as_much_as_so_many_references(city: list[Problem]) -> None:
    sizes = [len(problem.requests) for problem in city]
    assert (len(sizes), sum(sizes)) == (134, 16_214)
    assert len(set(sizes)) > 5
    assert sum(len(problem.requests) for problem in city[:7]) != 7 * 121


def test_an_odd_number_of_centres_asks_as_much(reference: Problem) -> None:
    assert sum(len(problem.requests) for problem in demand(reference, 5, seed=3)) == 5 * 121


def test_every_centre_is_another_and_well_formed(city: list[Problem]) -> None:
    assert len({problem.fingerprint() for problem in city}) == 134
    assert len({frozenset(request.id for request in problem.requests) for problem in city}) == 134
    for problem in city[::15]:
        assert not faults_of(problem)


def test_spaces_rules_and_duties_are_the_real_ones(reference: Problem, city: list[Problem]) -> None:
    duties = [request for request in reference.requests if request.priority == "fix"]
    for problem in city:
        assert (problem.spaces, problem.constraints) == (reference.spaces, reference.constraints)
        assert [request for request in problem.requests if request.priority == "fix"] == duties


def test_what_is_asked_twice_is_asked_otherwise(reference: Problem, city: list[Problem]) -> None:
    originals = {request.id: request for request in reference.requests}
    changed = []
    for problem in city:
        for request in problem.requests:
            if request.id not in originals:
                first = originals[request.id.removesuffix("-2")]
                changed.append((request.windows, request.when) != (first.windows, first.when))
                assert request.minutes == first.minutes
                if isinstance(request.when, Dated):
                    assert isinstance(first.when, Dated)
                    assert request.when.date.weekday() == first.when.date.weekday()
    assert len(changed) > 1000
    assert all(changed)


def test_the_same_seed_is_the_same_demand(reference: Problem, city: list[Problem]) -> None:
    def prints(seed: int) -> list[str]:
        return [problem.fingerprint() for problem in demand(reference, 2, seed)]

    assert prints(1) == [problem.fingerprint() for problem in city[:2]]
    assert not set(prints(1)) & set(prints(2))


def test_a_sample_is_spread_over_the_city() -> None:
    assert spread(134, 4) == [0, 33, 67, 100]
    assert spread(3, 12) == [0, 1, 2]


def test_what_was_not_found_or_verified_is_not_hidden() -> None:
    good = {"seconds": 1.0, "status": "optimal", "verified": True, "granted": 9, "requests": 5, "peak_mib": 100.0}
    good |= {"gap_of_grants": 0.0, "proved_grants": True}
    bad = good | {"status": "unknown", "verified": False, "granted": 0, "gap_of_grants": 1.0, "proved_grants": False}
    told = summary([good, good, bad], 2.0)
    assert (told["proved"], told["grants_proved"], told["unverified"], told["granted"]) == (2, 2, 1, 18)
    assert told["gap_of_grants"] == pytest.approx(1 / 3)
    assert "verified: 2 of 3" in list(lines(told, None, None))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["--centres", "1", "--sample", "1", "--processes", "1", "--results", str(tmp_path)]
    assert main([*few, "--time-limit", "20"]) == 0
    assert "verified: 1 of 1" in capsys.readouterr().out
    [path] = tmp_path.iterdir()
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert [row["which"] for row in kept["rows"]] == ["ours", "stock"]
    assert kept["summary"]["ours"]["requests"] == 121
    # The duties, and class for class: proved by both, so the same.
    assert kept["rows"][0]["granted"] == kept["rows"][1]["granted"] > 100

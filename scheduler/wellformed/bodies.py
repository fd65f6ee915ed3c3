"""Bodies of people and the market: who belongs where."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.problem import Market, Problem
from scheduler.wellformed.faults import Fault, fault


def bodies(problem: Problem) -> Iterator[Fault]:
    """An applicant belongs to one body at most."""
    first: dict[str, str] = {}
    for place, body in enumerate(problem.bodies):
        for number, applicant in enumerate(body.applicants):
            if first.setdefault(applicant, body.id) != body.id:
                loc = ("bodies", place, "applicants", number)
                zh, en = (
                    f"只属于一个主体（已在 {first[applicant]}）",
                    f"one body only (it is in {first[applicant]})",
                )
                yield fault("in_two_bodies", loc, applicant, zh, en)


def ledger(problem: Problem) -> Iterator[Fault]:
    """One entry for each body, with numbers that rounds can have left."""
    first: dict[str, int] = {}
    for place, entry in enumerate(problem.ledger or ()):
        loc = ("ledger", place)
        if first.setdefault(entry.body, place) != place:
            zh, en = (
                f"每个主体一行（第 {first[entry.body] + 1} 项已有）",
                f"one entry for each body (entry {first[entry.body] + 1} is the same)",
            )
            yield fault("listed_twice", (*loc, "body"), entry.body, zh, en)
        refused = entry.asked - entry.granted
        if refused < 0:
            zh, en = f"不多于 asked {entry.asked}", f"at most asked, {entry.asked}"
            yield fault("wrong_value", (*loc, "granted"), entry.granted, zh, en)
        elif entry.owed > refused:
            zh, en = f"不多于 asked 减 granted，即 {refused}", f"at most asked less granted, {refused}"
            yield fault("wrong_value", (*loc, "owed"), entry.owed, zh, en)


def market(problem: Problem) -> Iterator[Fault]:
    """The market's host is a request that hosts it, in the market's space; vendors ask for what there is."""
    if problem.market is not None:
        yield from _host(problem, problem.market)
        yield from _stalls(problem.market)
        yield from _vendors(problem.market)


def units(problem: Problem) -> Iterator[Fault]:
    """Units are a pool or have names."""
    for place, each in enumerate(problem.units):
        if bool(each.count) == bool(each.names):
            yield fault("wrong_value", ("units", place, "count"), each.count, "count 和 names 二选一", "count or names")


def _host(problem: Problem, market: Market) -> Iterator[Fault]:
    host = next((each for each in problem.requests if each.id == market.host), None)
    if host is None:
        return  # told already: unknown
    if host.hosts != "market":
        zh, en = "hosts 为 market 的申请", "a request that hosts the market"
        yield fault("no_host", ("market", "host"), host.id, zh, en)
    if market.space not in host.spaces:
        zh, en = (
            f"{host.id} 申请的空间 {'、'.join(host.spaces)}",
            f"a space of {host.id}: {', '.join(host.spaces)}",
        )
        yield fault("not_at_host", ("market", "space"), market.space, zh, en)


def _stalls(market: Market) -> Iterator[Fault]:
    first: dict[int, int] = {}
    for place, stall in enumerate(market.stalls):
        if first.setdefault(stall.no, place) != place:
            loc = ("market", "stalls", place, "no")
            zh, en = (
                f"不与第 {first[stall.no] + 1} 项重复",
                f"a number that entry {first[stall.no] + 1} does not have",
            )
            yield fault("duplicate_id", loc, stall.no, zh, en)


def _vendors(market: Market) -> Iterator[Fault]:
    for place, vendor in enumerate(market.vendors):
        loc = ("market", "vendors", place)
        if vendor.min_stalls > vendor.max_stalls:
            zh, en = f"不少于 min_stalls {vendor.min_stalls}", f"at least min_stalls, {vendor.min_stalls}"
            yield fault("stalls_reversed", (*loc, "max_stalls"), vendor.max_stalls, zh, en)
        for number, night in enumerate(vendor.nights):
            if night not in market.nights:
                zh, en = (
                    f"夜市开市的日子 {'、'.join(market.nights)}",
                    f"a market night: {', '.join(market.nights)}",
                )
                yield fault("no_market_night", (*loc, "nights", number), night, zh, en)

"""How CP-SAT is told of a market's own round: who stands on which stalls on which night.

x[v, n, b] = 1: vendor v stands on the stalls of block b on night n. A block is a run of neighbouring stalls of one row
that fits the vendor: as many as asked, power at each, water at one, none blocked (rules `adjacent_spaces`, `features`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

from ortools.sat.python.cp_model import BoolVarT, CpModel, LinearExprT

from scheduler.constraints.terms import Weekday
from scheduler.placements.market import Block, blocks_of, kept_trades
from scheduler.problem import Market, MarketRule, Vendor


@dataclass(slots=True)
class MarketModel:
    """The model, its choices, and the goals in order: name, sense, terms."""

    market: Market
    model: CpModel = field(default_factory=CpModel)
    x: dict[tuple[str, Weekday, Block], BoolVarT] = field(default_factory=dict)
    goals: list[tuple[str, str, LinearExprT]] = field(default_factory=list)


def build_market(market: Market, ticket: str) -> MarketModel:
    """The whole model of one week's pattern of nights.

    Args:
        market: stalls, vendors, rules.
        ticket: seeds the lot; the published seed and the month.
    """
    made = MarketModel(market)
    for vendor in market.vendors:
        for night in vendor.nights:
            if night in market.nights:
                for block in blocks_of(market, vendor):
                    name = f"{vendor.id}@{night}:{block[0]}+{len(block)}"
                    made.x[vendor.id, night, block] = made.model.new_bool_var(name)
    for night in market.nights:
        _post_night(made, night)
    _post_goals(made, ticket)
    return made


def neighbours(market: Market) -> list[tuple[int, int]]:
    """Pairs of stalls side by side: consecutive numbers of one row, both in use."""
    usable = sorted((stall for stall in market.stalls if not stall.blocked), key=lambda stall: stall.no)
    return [(a.no, b.no) for a, b in pairwise(usable) if b.no == a.no + 1 and a.row == b.row]


def _post_night(made: MarketModel, night: Weekday) -> None:
    """At most one block a vendor, at most one vendor a stall, and the rules of the market (must)."""
    model, market = made.model, made.market
    for vendor in market.vendors:
        there = _of(made, night, {vendor.id})
        if vendor.own and night in vendor.nights:
            model.add_exactly_one(there)
        else:
            model.add_at_most_one(there)
    _post_kept_stalls(made, night)
    for stall in market.stalls:
        model.add_at_most_one(x for (_, n, block), x in made.x.items() if n == night and stall.no in block)
    for rule in market.rules:
        if rule.strength == "must" and rule.kind == "category_cap":
            for category, cap in rule.parameters["caps"].items():
                model.add(_stalls(made, night, category) <= cap)
        elif rule.strength == "must" and rule.kind == "category_reserved":
            _post_reserved(made, night, rule)
        elif rule.strength == "must" and rule.kind == "not_adjacent":
            for meeting in _meetings(made, night, rule):
                model.add(meeting <= 0)


def _post_reserved(made: MarketModel, night: Weekday, rule: MarketRule) -> None:
    """The trade has its stalls while it applies for them; where fewer apply, all who do stand there."""
    category, kept = rule.parameters["category"], rule.parameters["stalls"]
    asking = [v for v in made.market.vendors if v.category == category and night in v.nights]
    if sum(v.min_stalls for v in asking) < kept:
        made.model.add(sum(_of(made, night, {v.id for v in asking})) == len(asking))
    else:
        made.model.add(_stalls(made, night, category) >= kept)


def _post_kept_stalls(made: MarketModel, night: Weekday) -> None:
    """A stall kept for a trade goes to another one only when everybody of the trade who comes has a place.

    x on the stall <= Σ x of each vendor of the trade; who stands on its own stalls is not asked.
    """
    market, kept = made.market, kept_trades(made.market)
    trades = {stall.no: kept.intersection(stall.trades) for stall in market.stalls}
    vendors = {vendor.id: vendor for vendor in market.vendors}
    of_trade = {
        trade: [sum(_of(made, night, {v.id})) for v in market.vendors if v.category == trade and night in v.nights]
        for trade in kept
    }
    for (name, n, block), x in made.x.items():
        vendor = vendors[name]
        if n == night and set(block) != set(vendor.own):
            for trade in sorted({each for no in block for each in trades[no]} - {vendor.category}):
                for served in of_trade[trade]:
                    made.model.add(served >= x)


def _meetings(made: MarketModel, night: Weekday, rule: MarketRule) -> Iterator[LinearExprT]:
    """For each trade of the rule and each two stalls side by side: 1 or more only when two vendors of it meet there.

    Σ on the one + Σ on the other - Σ of those on both - 1.
    """
    named = rule.parameters.get("category")
    trades = [named] if named else sorted({vendor.category for vendor in made.market.vendors})
    for trade in trades:
        of_trade = {vendor.id for vendor in made.market.vendors if vendor.category == trade}
        there = [(block, x) for (v, n, block), x in made.x.items() if n == night and v in of_trade]
        for a, b in neighbours(made.market):
            on_a = [x for block, x in there if a in block]
            on_b = [x for block, x in there if b in block]
            if on_a and on_b:
                yield sum(on_a) + sum(on_b) - sum(x for block, x in there if a in block and b in block) - 1


def _of(made: MarketModel, night: Weekday, vendors: set[str]) -> list[BoolVarT]:
    return [x for (v, n, _), x in made.x.items() if n == night and v in vendors]


def _stalls(made: MarketModel, night: Weekday, category: str) -> LinearExprT:
    of_trade = {vendor.id for vendor in made.market.vendors if vendor.category == category}
    return sum(len(block) * x for (v, n, block), x in made.x.items() if n == night and v in of_trade)


def _post_goals(made: MarketModel, ticket: str) -> None:
    market, every = made.market, list(made.x.items())
    without: list[LinearExprT] = []
    for vendor in market.vendors:
        served = made.model.new_bool_var(f"served[{vendor.id}]")
        made.model.add(served <= sum(x for (v, _, _), x in every if v == vendor.id))
        without.append(1 - served)
    rank = {vendor.id: vendor.seniority_rank for vendor in market.vendors}
    vendors = {vendor.id: vendor for vendor in market.vendors}
    least = {vendor.id: vendor.min_stalls for vendor in market.vendors}
    made.goals = [
        ("vendors_without", "min", sum(without)),
        ("vendor_nights", "max", sum(x for _, x in every)),
        ("seniority", "min", sum(rank[v] * x for (v, _, _), x in every)),
        ("should_broken", "min", sum(_broken(made))),
        ("wishes_missed", "min", sum(x for (v, _, block), x in every if wish_rank(vendors[v], block) is None)),
        ("stalls_beyond", "max", sum((len(block) - least[v]) * x for (v, _, block), x in every)),
        ("wish_ranks", "min", sum((wish_rank(vendors[v], block) or 0) * x for (v, _, block), x in every)),
        # The lot in small steps, each soon proved: first who comes on which night, then the places of each night.
        ("lot", "min", sum(lot_of(ticket, v, night) * x for (v, night, _), x in every)),
        *(
            ("lot", "min", sum(lot_of(ticket, *key) * x for key, x in every if key[1] == night))
            for night in market.nights
        ),
    ]


def _broken(made: MarketModel) -> Iterable[LinearExprT]:
    for rule in made.market.rules:
        if rule.strength == "should" and rule.kind == "not_adjacent":
            for night in made.market.nights:
                for meeting in _meetings(made, night, rule):
                    broken = made.model.new_bool_var("broken")
                    made.model.add(broken >= meeting)
                    yield rule.weight * broken


def wish_rank(vendor: Vendor, block: Block) -> int | None:
    """The place, from 0, of a block's best stall on the vendor's list; None when its wish is missed.

    Every stall is on the list; a holder may keep some of its own beside them, but staying put misses its wish. Who
    wishes for nothing misses nothing.
    """
    if not vendor.wishes:
        return 0
    wished = [vendor.wishes.index(no) for no in block if no in vendor.wishes]
    return min(wished) if wished and set(block) <= {*vendor.wishes, *vendor.own} else None


def lot_of(ticket: str, vendor: str, night: Weekday, block: Block = ()) -> int:
    """The number from 0 to 999,999 that a vendor draws for a night, or for a block of stalls on it."""
    words = "|".join([ticket, vendor, night, *map(str, block)])
    return int.from_bytes(sha256(words.encode()).digest()[:4], "big") % 1_000_000

"""Whether the places of a market hold: from who stands where, stall by stall, without the model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from scheduler.constraints.terms import Weekday
from scheduler.problem import Market, MarketRule, Stall, Vendor
from scheduler.timetable import MarketDraw, Pitch

Standing = dict[int, str]
"""Stall number -> the vendor on it, on one night."""


def check_market(market: Market, pitches: tuple[Pitch, ...]) -> tuple[str, ...]:
    """What does not hold, in a fixed order, each as `rule: who, night`; nothing when the places are right."""
    return tuple(sorted({*_each(market, pitches), *_together(market, pitches)}))


def goal_values(market: Market, pitches: tuple[Pitch, ...]) -> dict[str, int]:
    """The goals that can be told from the places alone, all but the lot."""
    vendors = {vendor.id: vendor for vendor in market.vendors}
    ranks = [_wished(vendors[pitch.vendor], set(pitch.stalls)) for pitch in pitches]
    return {
        "vendors_without": len(vendors.keys() - {pitch.vendor for pitch in pitches}),
        "vendor_nights": len(pitches),
        "seniority": sum(vendors[pitch.vendor].seniority_rank for pitch in pitches),
        "should_broken": sum(rule.weight * n for rule, n in _should(market, pitches)),
        "wishes_missed": sum(rank is None for rank in ranks),
        "wish_ranks": sum(rank or 0 for rank in ranks),
        "stalls_beyond": sum(len(pitch.stalls) - vendors[pitch.vendor].min_stalls for pitch in pitches),
    }


def verify_draw(market: Market, drawn: MarketDraw) -> tuple[str, ...]:
    """Broken rules, and every goal whose value is told wrong."""
    right = goal_values(market, drawn.pitches)
    wrong = [
        f"goal: {each.goal} is told as {each.value}, it is {right[each.goal]}"
        for each in drawn.goals
        if each.goal in right and right[each.goal] != each.value
    ]
    return (*check_market(market, drawn.pitches), *wrong)


def _each(market: Market, pitches: tuple[Pitch, ...]) -> Iterator[str]:
    """Each pitch by itself: known vendor, night asked for, number of stalls, side by side, power and water."""
    vendors = {vendor.id: vendor for vendor in market.vendors}
    stalls = {stall.no: stall for stall in market.stalls}
    for pitch in pitches:
        at = f"{pitch.vendor}, {pitch.night}"
        vendor = vendors.get(pitch.vendor)
        if vendor is None or any(no not in stalls for no in pitch.stalls):
            yield f"unknown: {at}"
            continue
        if pitch.night not in vendor.nights or pitch.night not in market.nights:
            yield f"nights: {at}"
        if not vendor.min_stalls <= len(set(pitch.stalls)) == len(pitch.stalls) <= vendor.max_stalls:
            yield f"stalls: {at}"
        there = [stalls[no] for no in sorted(pitch.stalls)]
        if any(stall.blocked for stall in there):
            yield f"blocked: {at}"
        if len({(stall.row, stall.no - place) for place, stall in enumerate(there)}) > 1:
            yield f"adjacent_spaces: {at}"
        if set(pitch.stalls) == set(vendor.own):
            continue  # its own stalls need not suit it by anybody else's measure
        if not _served(vendor, there):
            yield f"features: {at}"
        if (vendor.own or not vendor.anywhere) and not set(pitch.stalls) <= {*vendor.wishes, *vendor.own}:
            yield f"wishes: {at}"


def _served(vendor: Vendor, there: list[Stall]) -> bool:
    if any(need not in stall.equipment for stall in there for need in vendor.equipment):
        return False
    dark = [stall for stall in there if not stall.powered]
    return not (vendor.power and dark) and (not vendor.water or any(stall.water for stall in there))


def _together(market: Market, pitches: tuple[Pitch, ...]) -> Iterator[str]:
    """What speaks of a whole night: one vendor a stall, one pitch a vendor, caps, kept stalls, neighbours."""
    for night in market.nights:
        there = [pitch for pitch in pitches if pitch.night == night]
        on_stall = Counter(no for pitch in there for no in pitch.stalls)
        yield from (f"overlap: stall {no}, {night}" for no, times in on_stall.items() if times > 1)
        here = {pitch.vendor for pitch in there}
        yield from (f"own: {v.id}, {night}" for v in market.vendors if v.own and night in v.nights and v.id not in here)
        twice = Counter(pitch.vendor for pitch in there)
        yield from (f"twice: {vendor}, {night}" for vendor, times in twice.items() if times > 1)
        for rule in market.rules:
            if rule.strength == "must":
                yield from _broken(market, rule, night, there)


def _broken(market: Market, rule: MarketRule, night: Weekday, there: list[Pitch]) -> Iterator[str]:
    trade = {vendor.id: vendor.category for vendor in market.vendors}
    stalls: Counter[str] = Counter()
    for pitch in there:
        stalls[trade.get(pitch.vendor, "")] += len(pitch.stalls)
    if rule.kind == "category_cap":
        yield from (f"category_cap: {t}, {night}" for t, cap in rule.parameters["caps"].items() if stalls[t] > cap)
    elif rule.kind == "category_reserved":
        kept = rule.parameters["category"]
        asking = {v.id: v.min_stalls for v in market.vendors if v.category == kept and night in v.nights}
        missing = asking.keys() - {pitch.vendor for pitch in there}
        few = sum(asking.values()) < rule.parameters["stalls"]
        if missing if few else stalls[kept] < rule.parameters["stalls"]:
            yield f"category_reserved: {kept}, {night}"
    elif rule.kind == "trade_stalls":
        yield from _strangers(market, rule, night, there)
    elif rule.kind == "not_adjacent":
        yield from (f"not_adjacent: {a} beside {b}, {night}" for a, b in _side_by_side(market, rule, there))


def _strangers(market: Market, rule: MarketRule, night: Weekday, there: list[Pitch]) -> Iterator[str]:
    """Who is off the stalls of its own trade, or on those of another one that still has somebody without a place."""
    kept = set(rule.parameters["trades"])
    vendors = {vendor.id: vendor for vendor in market.vendors}
    trades = {stall.no: kept & set(stall.trades) for stall in market.stalls}
    here = {pitch.vendor for pitch in there}
    waiting = {v.category for v in market.vendors if night in v.nights and v.id not in here}
    for pitch in there:
        vendor = vendors.get(pitch.vendor)
        if vendor is None or set(pitch.stalls) == set(vendor.own):
            continue
        for no in pitch.stalls:
            if vendor.category in kept and vendor.category not in trades.get(no, ()):
                yield f"trade_stalls: {vendor.id} on {no}, {night}"
            if waiting & (trades.get(no, set()) - {vendor.category}):
                yield f"trade_stalls: {vendor.id} on {no}, {night}"


def _wished(vendor: Vendor, stalls: set[int]) -> int | None:
    """Position of the first wish that is met; None: stalls that are neither wished nor its own, or no wish is met."""
    if vendor.wishes and stalls - set(vendor.wishes) - set(vendor.own):
        return None
    return next((place for place, no in enumerate(vendor.wishes) if no in stalls), None if vendor.wishes else 0)


def _side_by_side(market: Market, rule: MarketRule, there: list[Pitch]) -> Iterator[tuple[str, str]]:
    """Two different vendors of one trade on neighbouring stalls of a row, neither blocked, if the rule means them."""
    trade = {vendor.id: vendor.category for vendor in market.vendors}
    row = {stall.no: stall.row for stall in market.stalls if not stall.blocked}
    standing: dict[int, set[str]] = defaultdict(set)
    for pitch in there:
        for no in pitch.stalls:
            standing[no].add(pitch.vendor)
    for no in sorted(standing):
        if no in row and row.get(no + 1) == row[no]:
            for a in sorted(standing[no]):
                for b in sorted(standing.get(no + 1, ())):
                    named = rule.parameters.get("category")
                    if a != b and trade.get(a) == trade.get(b) and named in (None, trade.get(a)):
                        yield a, b


def _should(market: Market, pitches: tuple[Pitch, ...]) -> Iterator[tuple[MarketRule, int]]:
    for rule in market.rules:
        if rule.strength == "should" and rule.kind == "not_adjacent":
            nights = ([p for p in pitches if p.night == night] for night in market.nights)
            yield rule, sum(len(list(_side_by_side(market, rule, there))) for there in nights)

"""Every way in which a vendor could stand on a market: runs of neighbouring stalls that suit it, and that it wants."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.problem import Market, Stall, Vendor

Block = tuple[int, ...]
"""Numbers of neighbouring stalls, in order."""


def blocks_of(market: Market, vendor: Vendor) -> Iterator[Block]:
    """Every run of stalls on which a vendor can and would stand."""
    stalls = {stall.no: stall for stall in market.stalls if not stall.blocked}
    for first in sorted(stalls):
        for count in range(vendor.min_stalls, vendor.max_stalls + 1):
            run = [stalls.get(first + step) for step in range(count)]
            there = [stall for stall in run if stall is not None and stall.row == stalls[first].row]
            block = tuple(stall.no for stall in there)
            if len(there) == count and _equipped(vendor, there) and _would_stand(market, vendor, there):
                yield block


def _equipped(vendor: Vendor, stalls: list[Stall]) -> bool:
    if {stall.no for stall in stalls} == set(vendor.own):
        return True  # it has stood there for years
    if not all(set(vendor.equipment) <= set(stall.equipment) for stall in stalls):
        return False
    power = not vendor.power or all(stall.powered for stall in stalls)
    return power and (not vendor.water or any(stall.water for stall in stalls))


def _would_stand(market: Market, vendor: Vendor, stalls: list[Stall]) -> bool:
    """On its own stalls or wished ones, or anywhere; of a trade that is kept to its stalls, only on these."""
    nos = {stall.no for stall in stalls}
    if vendor.own and nos == set(vendor.own):
        return True
    if (vendor.own or not vendor.anywhere) and not nos <= {*vendor.wishes, *vendor.own}:
        return False
    kept = vendor.category in kept_trades(market)
    return not kept or all(vendor.category in stall.trades for stall in stalls)


def kept_trades(market: Market) -> set[str]:
    """Trades that stand on their own stalls only (rule `trade_stalls`)."""
    return {trade for rule in market.rules if rule.kind == "trade_stalls" for trade in rule.parameters["trades"]}

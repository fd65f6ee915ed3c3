"""A market's own round: from stalls, vendors and rules to the places of one month."""

from __future__ import annotations

from scheduler.constraints.terms import DAY_EN, DAY_ZH, Sentence, Weekday
from scheduler.model.market import build_market
from scheduler.placements.market import Block
from scheduler.problem import Market, Vendor
from scheduler.search.market import settle_market
from scheduler.timetable import GoalResult, MarketDraw, NightRefused, Pitch


def draw(market: Market, month: str, seed: int, *, time_limit: float = 60.0, workers: int = 8) -> MarketDraw | None:
    """Give out the stalls of one month; None when within the limit nothing was found, or the rules leave no way.

    The goals in order: fewest vendors with no night; most vendor-nights (one vendor on one night, whatever number of
    stalls); least sum of seniority ranks over the nights given; fewest should-rules broken; fewest vendors off their
    list of wishes; most stalls beyond what vendors need at least; the places on these lists; the lot of the published
    seed and the month, so that places are drawn anew every month.

    Args:
        market: one week's pattern of nights.
        month: such as 2026-09.
        seed: published before the round closes.
        time_limit: seconds.
        workers: threads of the search; once all goals are proved the places do not depend on them.
    """
    found = settle_market(build_market(market, f"{seed}|{month}"), time_limit, workers)
    if found is None:
        return None
    taken, settled = found
    return MarketDraw(
        month=month,
        seed=seed,
        goals=tuple(
            GoalResult(
                goal=each.name,  # type: ignore[arg-type]  # one of the six
                sense=each.sense,  # type: ignore[arg-type]  # one of the two
                value=each.value,
                bound=each.bound,
                status="optimal" if each.value == each.bound else "feasible",
            )
            for each in settled
        ),
        pitches=tuple(
            Pitch(vendor=vendor, night=night, stalls=block)
            for vendor, night, block in sorted(taken, key=lambda key: (market.nights.index(key[1]), key[2], key[0]))
        ),
        refused=tuple(_refused(market, taken)),
    )


def _refused(market: Market, taken: list[tuple[str, Weekday, Block]]) -> list[NightRefused]:
    """The nights asked for and not given: the cap of the trade where it is reached, else the stalls are all needed."""
    caps = {k: v for r in market.rules if r.kind == "category_cap" for k, v in r.parameters["caps"].items()}
    trade = {vendor.id: vendor.category for vendor in market.vendors}
    given = {(vendor, night) for vendor, night, _ in taken}
    found: list[NightRefused] = []
    for night in market.nights:
        stalls = dict.fromkeys(trade.values(), 0)
        for vendor, there, block in taken:
            stalls[trade[vendor]] += len(block) if there == night else 0
        for asking in market.vendors:
            if night in asking.nights and (asking.id, night) not in given:
                cap, used = caps.get(asking.category), stalls[asking.category]
                full = cap is not None and used + asking.min_stalls > cap
                found.append(_told(asking, night, cap if full else None, used))
    return found


def _told(vendor: Vendor, night: Weekday, cap: int | None, used: int) -> NightRefused:
    day_zh, day_en = f"周{DAY_ZH[night]}", DAY_EN[night]
    if cap is not None:
        zh = f"{day_zh}“{vendor.category}”类限 {cap} 个摊位，已安排 {used} 个"
        en = f"{day_en}: at most {cap} stalls for {vendor.category}, {used} are given"
        return NightRefused(vendor=vendor.id, night=night, code="category_cap", sentence=Sentence(zh=zh, en=en))
    zh = f"{day_zh}合用的摊位已排满；当月总场次已最多，先保人人有摊，再按资历"
    en = f"{day_en}: no fitting stall is left; everybody has a night first, then most nights, then seniority"
    return NightRefused(vendor=vendor.id, night=night, code="stalls", sentence=Sentence(zh=zh, en=en))

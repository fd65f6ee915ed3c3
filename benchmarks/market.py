"""A real market day: who is placed, whose wishes are met, which stands stay empty, beside the city's own result.

    python -m benchmarks.market MARKET_DAY.json [--time-limit 120] [--seed 1]

The file is a day of Amsterdam's markets: stands in rows with obstacles, traders who hold stands for good and traders
who sign up for the day, their stands in order of wish, trades with stands of their own, and what the city assigned.
Both results are measured by the same rules (`scheduler.verify.market`), read from the city's as follows.

- Holders who did not report off stand on their own stands, or on stands that they asked to move or grow to.
- Others who signed up stand on stands of their list, or anywhere if they said so or gave no list.
- An exclusive trade stands on its own stands only; these go to others once all of the trade have a place.
- No trade has more stands than its cap; who brings a stall of his own stands where that is allowed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from scheduler.constraints.terms import Weekday
from scheduler.draw import draw
from scheduler.problem import Market, MarketRule, PitchFee, Stall, Vendor
from scheduler.timetable import Pitch
from scheduler.verify.market import check_market

HOLDERS = {"vpl", "tvpl", "tvplz", "eb"}
"""They come unless they report off. `exp` and `expf` hold stands on trial, and come when they sign up."""
ON_TRIAL = {"exp", "expf"}
NO_TRADE = "no trade"
NIGHT: Weekday = "SA"
OWN_UNIT = "own_unit"


@dataclass(frozen=True)
class Day:
    """A market of one day, and the city's places on it."""

    name: str
    market: Market
    city: tuple[Pitch, ...]
    city_outside: int
    """Places that the city gave to vendors, or on stands, that the file does not say were there."""


def read_day(document: dict[str, Any]) -> Day:
    """The day as a market of one night."""
    number, stalls = _stalls(document)
    present = [vendor for vendor in document["vendors"] if _comes(document, vendor)]
    order = _order(document, present)
    wishes = _wishes(document, number)
    held: set[int] = set()
    vendors = []
    for rank, vendor in enumerate(order, 1):
        own = tuple(sorted(number[each] for each in vendor.get("fixed_stands") or () if each in number))
        own = own if vendor["status"] in HOLDERS | ON_TRIAL and held.isdisjoint(own) else ()
        held.update(own)
        vendors.append(_vendor(vendor, rank, wishes.get(vendor["id"], ()), own))
    trades = {each["id"]: each for each in document.get("branches") or ()}
    exclusive = sorted(name for name, each in trades.items() if each.get("exclusive") and _has_stands(name, stalls))
    caps = {name: each["max_stands"] for name, each in trades.items() if each.get("max_stands")}
    # Nobody who holds stands loses them to a cap.
    caps = {name: max(cap, sum(len(v.own) for v in vendors if v.category == name)) for name, cap in caps.items()}
    day = date.fromisoformat(document["market"]["date"])
    market = Market(
        host="day",
        space="market",
        round="one day",
        nights=(NIGHT,),
        first_date=day,
        last_date=day,
        adjacent="consecutive stands of one row with no obstacle between",
        pitch_fee=PitchFee(currency="EUR", per="stand", amount=0),
        stalls=tuple(stalls),
        rules=(
            MarketRule(
                id="cap", kind="category_cap", strength="must", parameters={"caps": caps}, source="market by-law"
            ),
            MarketRule(
                id="trade",
                kind="trade_stalls",
                strength="must",
                parameters={"trades": exclusive},
                source="market by-law",
            ),
        ),
        goals=(),
        vendors=tuple(vendors),
    )
    city, outside = _city(document, number, {vendor.id for vendor in vendors})
    return Day(f"{document['market']['name']}, {document['market']['date']}", market, city, outside)


def _stalls(document: dict[str, Any]) -> tuple[dict[str, int], list[Stall]]:
    """Stands numbered along their rows; a number is left out where a row ends or an obstacle stands."""
    stands = {each["id"]: each for each in document["stands"]}
    apart = {frozenset((each["a"], each["b"])) for each in document.get("obstacles") or ()}
    blocked = {each.strip() for each in (document["market"].get("blocked_stands") or "").split(",")}
    number: dict[str, int] = {}
    stalls: list[Stall] = []
    rows = [*document["rows"], *([each] for each in stands)]  # a stand that no row names is a row of its own
    for row_no, row in enumerate(rows):
        before = None
        for name in row:
            if name in number or name not in stands:
                continue
            gap = 1 if before is not None and frozenset((before, name)) not in apart else 2
            number[name] = (stalls[-1].no if stalls else 0) + gap
            stand, before = stands[name], name
            stalls.append(
                Stall(
                    no=number[name],
                    row=row_no,
                    powered="electra" in (stand.get("properties") or ()),
                    water="water" in (stand.get("properties") or ()),
                    blocked=name in blocked,
                    equipment=(OWN_UNIT,) if stand.get("own_unit") else (),
                    trades=tuple(stand.get("branches") or ()),
                )
            )
    return number, stalls


def _comes(document: dict[str, Any], vendor: dict[str, Any]) -> bool:
    """Holders come unless they reported off or are away for long, others if they signed up."""
    said = {each["vendor"]: each["attending"] for each in document["attendance"]}.get(vendor["id"])
    day = document["market"]["date"]
    if vendor["status"] in HOLDERS and vendor.get("fixed_stands"):
        away = (vendor.get("absent_from") or "9999") <= day <= (vendor.get("absent_until") or "9999")
        return said is not False and not (away and said is not True)
    return said is True


def _order(document: dict[str, Any], present: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Holders, then the A list, then the others; each by seniority."""
    first = set(document.get("a_list") or ())
    return sorted(
        present,
        key=lambda each: (
            each["status"] not in HOLDERS | ON_TRIAL,
            each["id"] not in first,
            each["seniority"] or 0,
            each["id"],
        ),
    )


def _wishes(document: dict[str, Any], number: dict[str, int]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for each in sorted(document["preferences"], key=lambda one: (one["vendor"], one["priority"] or 0)):
        if each["stand"] in number and number[each["stand"]] not in found.setdefault(each["vendor"], []):
            found[each["vendor"]].append(number[each["stand"]])
    return {vendor: tuple(stands) for vendor, stands in found.items()}


def _vendor(vendor: dict[str, Any], rank: int, wishes: tuple[int, ...], own: tuple[int, ...]) -> Vendor:
    least = len(own) or vendor.get("min") or 1
    limit = vendor.get("max") or least
    wished = tuple(each for each in wishes if each not in own)
    return Vendor(
        id=vendor["id"],
        category=(vendor.get("branches") or [NO_TRADE])[0],
        min_stalls=least,
        max_stalls=max(least, limit),
        power=False,
        water=False,
        nights=(NIGHT,),
        seniority_rank=rank,
        equipment=(OWN_UNIT,) if vendor.get("own_unit") else (),
        wishes=wished,
        anywhere=bool(vendor.get("anywhere")) or not wished,
        own=own,
    )


def _has_stands(trade: str, stalls: list[Stall]) -> bool:
    return any(trade in stall.trades for stall in stalls)


def _city(document: dict[str, Any], number: dict[str, int], here: set[str]) -> tuple[tuple[Pitch, ...], int]:
    assigned = (document.get("official_result") or {}).get("assigned") or ()
    known = [each for each in assigned if each["vendor"] in here and all(no in number for no in each["stands"])]
    places = (
        Pitch(vendor=each["vendor"], night=NIGHT, stalls=tuple(sorted(number[no] for no in each["stands"])))
        for each in known
    )
    return tuple(places), len(assigned) - len(known)


def figures(market: Market, pitches: tuple[Pitch, ...]) -> dict[str, int]:
    """What both results are measured by."""
    vendors = {vendor.id: vendor for vendor in market.vendors}
    wished = [pitch for pitch in pitches if vendors[pitch.vendor].wishes]
    on_list = [pitch for pitch in wished if _on_list(vendors[pitch.vendor], set(pitch.stalls))]
    broken = check_market(market, pitches)
    return {
        "vendors placed": len(pitches),
        "holders placed": sum(bool(vendors[pitch.vendor].own) for pitch in pitches),
        "wishes met: on stands of the list": len(on_list),
        "wishes met: the first wish": sum(vendors[p.vendor].wishes[0] in p.stalls for p in wished),
        "stands given": sum(len(pitch.stalls) for pitch in pitches),
        "stands empty": len(market.stalls) - sum(len(pitch.stalls) for pitch in pitches),
        "rules broken": len([each for each in broken if not each.startswith("own:")]),
        "holders without a place": len([each for each in broken if each.startswith("own:")]),
    }


def _on_list(vendor: Vendor, stalls: set[int]) -> bool:
    """On wished stands only; a holder may keep some of its own beside them."""
    return stalls <= {*vendor.wishes, *vendor.own} and not stalls.isdisjoint(vendor.wishes)


def _lines(day: Day, ours: tuple[Pitch, ...]) -> Iterator[str]:
    mine, theirs = figures(day.market, ours), figures(day.market, day.city)
    yield f"{'':38}{'ours':>8}{'city':>8}"
    for name, value in mine.items():
        yield f"{name:38}{value:8}{theirs[name]:8}"
    for each in check_market(day.market, ours):
        yield f"ours breaks {each}"
    for each in check_market(day.market, day.city):
        yield f"by our reading of the rules the city breaks {each}"


def main(arguments: list[str] | None = None) -> int:
    """Read a day, place its vendors, print both results side by side; 1 when ours breaks a rule or finds nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.market", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--time-limit", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    try:
        day = read_day(json.loads(asked.file.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{asked.file} is no market day: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    wish = sum(bool(vendor.wishes) for vendor in day.market.vendors)
    print(f"{day.name}: {len(day.market.stalls)} stands, {len(day.market.vendors)} vendors come, {wish} with wishes")
    began = time.perf_counter()
    month = str(day.market.first_date)[:7]
    drawn = draw(day.market, month, asked.seed, time_limit=asked.time_limit)
    print(f"placed in {time.perf_counter() - began:.1f} s")
    if drawn is None:
        print("no places were found")
        return 1
    for goal in drawn.goals:
        print(f"  {goal.goal:16} {goal.value:>10}  bound {goal.bound:>10}  {goal.status}")
    print(*_lines(day, drawn.pitches), sep="\n")
    if day.city_outside:
        print(f"{day.city_outside} places of the city are of vendors or stands that the file does not have that day")
    return 1 if check_market(day.market, drawn.pitches) else 0


if __name__ == "__main__":
    sys.exit(main())

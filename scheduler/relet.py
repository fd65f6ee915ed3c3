"""A vendor who stays away: reported by noon, the stalls of that night are free, and offered to the next in turn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from scheduler.constraints.terms import Sentence, Weekday
from scheduler.placements.market import blocks_of
from scheduler.problem import Market, Vendor
from scheduler.timetable import MarketDraw, Pitch
from scheduler.verify.market import check_market

NOON_MINUTES = 12 * 60


@dataclass(frozen=True, slots=True)
class Relet:
    """The stalls that are free, and to whom they are offered: one after another, until somebody takes them."""

    freed: tuple[int, ...]
    offers: tuple[Pitch, ...]


@dataclass(frozen=True, slots=True)
class NotRelet:
    """Nothing is free: reported too late (which counts as a no-show), or the vendor has no stall that night."""

    no_show: bool
    sentence: Sentence


def demoted(market: Market, vendors: Collection[str]) -> Market:
    """The market of a month in which these vendors stand last: twice they did not come and had not said so.

    Their seniority ranks are put behind all others, in their own order.
    """
    last = max((vendor.seniority_rank for vendor in market.vendors), default=0)
    behind = sorted((v for v in market.vendors if v.id in vendors), key=lambda each: (each.seniority_rank, each.id))
    ranks = {vendor.id: last + place for place, vendor in enumerate(behind, 1)}
    moved = (v.model_copy(update={"seniority_rank": ranks.get(v.id, v.seniority_rank)}) for v in market.vendors)
    return market.model_copy(update={"vendors": tuple(moved)})


def relet(market: Market, drawn: MarketDraw, vendor: str, night: Weekday, reported_minutes: int) -> Relet | NotRelet:
    """Free a vendor's stalls on one night and find whom to ask, in order. Nobody else's stalls move.

    Those are asked who wanted the night and did not get it: who has fewest nights first, then by seniority. An offer
    breaks no rule that the market does not break without it (a missing trade may leave its kept stalls short).

    Args:
        market: stalls, vendors, rules.
        drawn: the month's places.
        vendor: who stays away.
        night: of the week's pattern.
        reported_minutes: minutes since midnight of that date at which it was reported; by 12:00 is in time.
    """
    gone = next((p for p in drawn.pitches if (p.vendor, p.night) == (vendor, night)), None)
    if gone is None:
        zh, en = f"{vendor} 当晚没有摊位", f"{vendor} has no stall that night"
        return NotRelet(no_show=False, sentence=Sentence(zh=zh, en=en))
    if reported_minutes > NOON_MINUTES:
        zh = "请假须在当天 12:00 前提出；过时按缺席计，两次缺席下月排在最后"
        en = "absence is reported by 12:00; later it counts as a no-show, and two put a vendor last next month"
        return NotRelet(no_show=True, sentence=Sentence(zh=zh, en=en))
    staying = drawn.model_copy(update={"pitches": tuple(pitch for pitch in drawn.pitches if pitch is not gone)})
    return Relet(freed=gone.stalls, offers=offers(market, staying, night, besides=vendor))


def offers(market: Market, drawn: MarketDraw, night: Weekday, *, besides: str = "") -> tuple[Pitch, ...]:
    """Whom to ask for what is free on a night, in order; each offer breaks no rule that is not broken without it."""
    known = set(check_market(market, drawn.pitches))
    taken = {no for pitch in drawn.pitches if pitch.night == night for no in pitch.stalls}
    found: list[Pitch] = []
    for asking in _in_turn(market, drawn, night):
        for block in blocks_of(market, asking):
            offer = Pitch(vendor=asking.id, night=night, stalls=block)
            free = taken.isdisjoint(block) and asking.id != besides
            if free and set(check_market(market, (*drawn.pitches, offer))) <= known:
                found.append(offer)
                break
    return tuple(found)


def _in_turn(market: Market, drawn: MarketDraw, night: Weekday) -> list[Vendor]:
    nights = [pitch.vendor for pitch in drawn.pitches]
    there = {pitch.vendor for pitch in drawn.pitches if pitch.night == night}
    asking = [each for each in market.vendors if night in each.nights and each.id not in there]
    return sorted(asking, key=lambda each: (nights.count(each.id), each.seniority_rank, each.id))

"""A market's own round in the service: a month's places, who stays away, who comes instead, and their calendars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import TypeAdapter

from api.errors import Refused, refused
from api.feeds import Entry, Named, Release, SpaceInfo
from api.feeds.events import community_url
from api.feeds.identity import Decided, carry_over
from api.feeds.render import render
from api.feeds.scopes import Calendar, Shown
from api.flow.problems import assemble
from api.flow.published import current
from api.flow.rounds import Deed, known_community
from api.store import feeds, market, parts
from scheduler.constraints.terms import WEEKDAYS, Weekday
from scheduler.problem import Market, Problem
from scheduler.relet import NOON_MINUTES, NotRelet, demoted, offers, relet
from scheduler.timetable import MarketDraw, Pitch
from scheduler.verify.market import verify_draw
from scheduler.wellformed import ProblemError, read_as

ENTRIES = TypeAdapter(tuple[Entry, ...])
NO_SHOWS = 2
"""So many in one month put a vendor last in the next."""
TONIGHT = "market"
"""The "request" of the market's own calendar; vendors' begin with `v:`."""


@dataclass(frozen=True)
class Round:
    """A market as it stands: whose, what was drawn, what changed since."""

    problem: Problem
    market: Market
    zone: ZoneInfo
    draws: dict[str, MarketDraw]
    changes: tuple[Any, ...]

    def on(self, day: date) -> MarketDraw | None:
        """The month's places as they are on one date; other nights as drawn."""
        drawn, night = self.draws.get(f"{day:%Y-%m}"), night_of(day)
        if drawn is None or night not in self.market.nights:
            return None
        today = [each for each in self.changes if each.date == day]
        away = {each.vendor for each in today if each.kind in ("absent", "no_show")}
        came = [
            Pitch(vendor=each.vendor, night=night, stalls=tuple(json.loads(each.stalls)))
            for each in today
            if each.kind == "taken"
        ]
        kept = [pitch for pitch in drawn.pitches if pitch.night != night or pitch.vendor not in away]
        return drawn.model_copy(update={"pitches": (*kept, *came)})


def night_of(day: date) -> Weekday:
    """The weekday of a date."""
    return WEEKDAYS[day.weekday()]


def known_round(tx: sa.Connection, community: str) -> Round:
    """The market of the community's last round.

    Raises:
        Refused: there is no such community, or no market in it.
    """
    known_community(tx, community)
    rounds = parts.rounds(tx, community)
    problem = assemble(tx, community, rounds[-1].id) if rounds else None
    if problem is None or problem.market is None:
        raise refused("not_found", "这个社区没有夜市", "there is no market in this community")
    draws = {row.month: MarketDraw.model_validate_json(row.document) for row in market.draws(tx, community)}
    changes = tuple(market.changes(tx, community))
    return Round(problem, problem.market, ZoneInfo(problem.community.zone), draws, changes)


def publish_draw(tx: sa.Connection, community: str, document: bytes, *, base_url: str, deed: Deed) -> dict[str, Any]:
    """Put a month's places in force: verified first, drawn from the published seed, then in everybody's calendars.

    Raises:
        Refused: it cannot be read, does not hold, or was drawn from another seed or for a month without market.
    """
    known_community(tx, community, lock=True)
    round = known_round(tx, community)
    try:
        drawn = read_as(MarketDraw, document)
    except ProblemError as error:
        raise Refused("invalid_document", faults=error.faults) from None
    first, last = f"{round.market.first_date:%Y-%m}", f"{round.market.last_date:%Y-%m}"
    if not first <= drawn.month <= last:
        raise refused("conflict", f"夜市只在 {first} 至 {last}", f"the market runs from {first} to {last}")
    if drawn.seed != round.problem.policy.seed:
        raise Refused("other_seed")
    if wrong := verify_draw(demoted(round.market, stood_up(round, drawn.month)), drawn):
        raise Refused("does_not_hold", more={"violations": list(wrong)})
    text = drawn.model_dump_json()
    number = market.add_draw(tx, community, drawn.month, text, caller=deed.caller, at=deed.now)
    deed.note(tx, community, "draw", f"{drawn.month} {number}")
    refresh(tx, community, base_url=base_url, now=deed.now)
    return {"month": drawn.month, "number": number}


def stood_up(round: Round, month: str) -> tuple[str, ...]:
    """The vendors who stand last in a month: two no-shows in the month before."""
    first = date.fromisoformat(f"{month}-01")
    before = (first - timedelta(days=1)).strftime("%Y-%m")
    missed = [each.vendor for each in round.changes if each.kind == "no_show" and f"{each.date:%Y-%m}" == before]
    return tuple(sorted({vendor for vendor in missed if missed.count(vendor) >= NO_SHOWS}))


def stay_away(
    tx: sa.Connection, community: str, vendor: str, day: date, *, base_url: str, deed: Deed
) -> dict[str, Any]:
    """A vendor will not come on a date. In time, its stalls are offered to the next; late, it is a no-show.

    Raises:
        Refused: there is no market that day, or the vendor has no stall then.
    """
    known_community(tx, community, lock=True)
    round, places = _places(tx, community, day)
    local = deed.now.astimezone(round.zone)
    late = (local.date() - day).days
    minutes = -1 if late < 0 else local.hour * 60 + local.minute if not late else NOON_MINUTES + 1
    found = relet(round.market, places, vendor, night_of(day), minutes)
    if isinstance(found, NotRelet) and not found.no_show:
        raise refused("not_found", found.sentence.zh, found.sentence.en)
    stalls = next(p.stalls for p in places.pitches if (p.vendor, p.night) == (vendor, night_of(day)))
    kind = "no_show" if isinstance(found, NotRelet) else "absent"
    market.add_change(tx, community, day, vendor, kind=kind, stalls=stalls, caller=deed.caller, at=deed.now)
    deed.note(tx, community, kind, f"{vendor} {day}")
    refresh(tx, community, base_url=base_url, now=deed.now)
    if isinstance(found, NotRelet):
        return {"kind": kind, "sentence": found.sentence.model_dump(), "freed": [], "offers": []}
    return {"kind": kind, "freed": list(found.freed), "offers": [_shown(each) for each in found.offers]}


def take(tx: sa.Connection, community: str, vendor: str, day: date, *, base_url: str, deed: Deed) -> dict[str, Any]:
    """A vendor takes a stall that is offered to it on a date; whoever stands before it in turn has declined.

    Raises:
        Refused: nothing is offered to it.
    """
    known_community(tx, community, lock=True)
    round, places = _places(tx, community, day)
    away = {each.vendor for each in round.changes if each.date == day and each.kind != "taken"}
    offered = [each for each in offers(round.market, places, night_of(day)) if each.vendor == vendor]
    if not offered or vendor in away:
        raise refused("conflict", "当晚没有可以让给该摊主的摊位", "no stall is offered to this vendor that night")
    stalls = offered[0].stalls
    market.add_change(tx, community, day, vendor, kind="taken", stalls=stalls, caller=deed.caller, at=deed.now)
    deed.note(tx, community, "take_stall", f"{vendor} {day}")
    refresh(tx, community, base_url=base_url, now=deed.now)
    return _shown(offered[0])


def tonight(tx: sa.Connection, community: str, day: date) -> dict[str, Any]:
    """Who stands where on a date, what they need, and how fair the month is.

    Raises:
        Refused: there is no market that day.
    """
    round, places = _places(tx, community, day)
    got = fair_counts(round.market, round.draws[f"{day:%Y-%m}"])
    vendors = {vendor.id: vendor for vendor in round.market.vendors}
    return {
        "date": day.isoformat(),
        "month": places.month,
        "pitch_fee": round.market.pitch_fee.model_dump(mode="json"),
        "median_nights": median(nights for nights, _ in got.values()),
        "pitches": [
            {
                **_shown(each),
                "goods": vendors[each.vendor].goods,
                "trade": vendors[each.vendor].category,
                "nights": got[each.vendor][0],
                "nights_asked": got[each.vendor][1],
            }
            for each in sorted(places.pitches, key=lambda pitch: pitch.stalls)
            if each.night == night_of(day)
        ],
    }


def days(tx: sa.Connection, community: str, round: Round) -> list[date]:
    """The dates of the market in force that have their places."""
    release = current(tx, community)
    hosts = _hosts(round, release) if release is not None else ()
    found = {at.astimezone(round.zone).date() for at, _ in hosts}
    return sorted(day for day in found if round.on(day) is not None)


def fair_counts(of: Market, drawn: MarketDraw) -> dict[str, tuple[int, int]]:
    """Vendor -> nights a week that it got, and that it asked for."""
    got = [pitch.vendor for pitch in drawn.pitches]
    return {each.id: (got.count(each.id), len(each.nights)) for each in of.vendors}


def refresh(tx: sa.Connection, community: str, *, base_url: str, now: datetime) -> None:
    """Render the market's calendars anew, from the host's dates in force: pitches stand and fall with them."""
    if not market.draws(tx, community):
        return
    round, release = known_round(tx, community), current(tx, community)
    if release is None:
        return
    before = market.entries(tx, community)
    old = ENTRIES.validate_json(before) if before is not None else ()
    entries = carry_over(old, _decided(round, release), zone=release.zone, released_at=now, mint=lambda: str(uuid4()))
    number = market.add_entries(tx, community, ENTRIES.dump_json(entries).decode(), now)
    shown = replace(
        release,
        number=number,
        released_at=now.astimezone(UTC),
        base_url=base_url,
        spaces=(*release.spaces, *_stalls(round, entries)),
        applicants=(*(Named(each.id, each.goods or each.id) for each in round.market.vendors), *release.applicants),
        entries=entries,
    )
    rows = [
        {
            "community": community,
            "number": number,
            "scope": each.scope,
            "id": each.id,
            "body": each.body,
            "gzip_body": each.gzip_body,
            "etag": each.etag,
            "gzip_etag": each.gzip_etag,
            "last_modified": each.last_modified.astimezone(UTC),
        }
        for each in render(shown, _calendars(round, shown), lambda of, uid: f"{community_url(of)}market#{uid}")
    ]
    feeds.replace_market_feeds(tx, community, rows)


def _places(tx: sa.Connection, community: str, day: date) -> tuple[Round, MarketDraw]:
    round = known_round(tx, community)
    places, release = round.on(day), current(tx, community)
    hosted = release is not None and any(at.astimezone(round.zone).date() == day for at, _ in _hosts(round, release))
    if places is None or not hosted:
        raise refused("not_found", f"{day} 没有夜市，或当月还没有抽签", f"there is no market on {day}, or no draw yet")
    return round, places


def _hosts(round: Round, release: Release) -> Iterator[tuple[datetime, Entry]]:
    for entry in release.entries:
        if entry.request == round.market.host and entry.status == "confirmed":
            yield entry.starts, entry


def _decided(round: Round, release: Release) -> Iterator[Decided]:
    vendors = {vendor.id: vendor for vendor in round.market.vendors}
    for starts, host in _hosts(round, release):
        day = starts.astimezone(round.zone).date()
        places = round.on(day)
        if places is None:
            continue
        got = fair_counts(round.market, round.draws[places.month])
        middle = median(nights for nights, _ in got.values())
        tonight = sorted((p for p in places.pitches if p.night == night_of(day)), key=lambda pitch: pitch.stalls)
        like = Decided(
            request=TONIGHT,
            session=1,
            use=host.use,
            applicant=host.applicant,
            space=host.space,
            layout=host.layout,
            headcount=len(tonight),
            starts=host.starts,
            ends=host.ends,
            note="摊位：" + "、".join(f"{_label(p.stalls)} {vendors[p.vendor].goods or p.vendor}" for p in tonight),
        )
        yield like
        for pitch in tonight:
            nights, asked = got[pitch.vendor]
            yield replace(
                like,
                request=f"v:{pitch.vendor}",
                applicant=pitch.vendor,
                space=_stall_id(pitch.stalls),
                headcount=len(pitch.stalls),
                note=f"每周排到 {nights} 晚，申请 {asked} 晚；全体中位数 {middle:g} 晚",
            )


def _stalls(round: Round, entries: tuple[Entry, ...]) -> list[SpaceInfo]:
    """The stalls that the entries name, as places of a calendar."""
    space = next(each for each in round.problem.spaces if each.id == round.market.space)
    stalls = {stall.no: stall for stall in round.market.stalls}
    named = {entry.space for entry in entries} - {each.id for each in round.problem.spaces}
    found = []
    for id in sorted(named):
        nos = tuple(int(each) for each in id.split(".")[1:] if each.isdigit())
        there = [stalls[no] for no in nos if no in stalls]
        power = "，有电" if there and all(each.powered for each in there) else ""
        water = "，有水" if any(each.water for each in there) else ""
        zh = f"{space.name} {_label(nos)}{power}{water}"
        found.append(SpaceInfo(id, zh, "", space.site, space.floor, (id,), 0))
    return found


def _stall_id(stalls: tuple[int, ...]) -> str:
    return ".".join(["stall", *map(str, stalls)])


def _label(stalls: tuple[int, ...]) -> str:
    return "、".join(map(str, stalls)) + " 号摊"


def _calendars(round: Round, shown: Release) -> Iterator[Calendar]:
    by_request: dict[str, list[Shown]] = {}
    for entry in shown.entries:
        by_request.setdefault(entry.request, []).append(Shown(entry))
    for vendor in round.market.vendors:
        name = vendor.goods or vendor.id
        yield Calendar("vendors", vendor.id, name, "", tuple(by_request.get(f"v:{vendor.id}", ())))
    title = next(each.name for each in round.problem.spaces if each.id == round.market.space)
    yield Calendar("markets", round.market.host, title, "", tuple(by_request.get(TONIGHT, ())))


def _shown(pitch: Pitch) -> dict[str, Any]:
    return {"vendor": pitch.vendor, "stalls": list(pitch.stalls)}

"""Study seats and lockers: first come, first served, by the block, inside the host's dates; signed in or released."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.errors import Refused, refused
from api.flow.problems import assemble
from api.flow.published import current
from api.flow.rounds import known_community
from api.store import parts, units
from api.store.parts import Row
from scheduler.units import Units

State = Literal["held", "signed_in", "released", "given_back"]


@dataclass(frozen=True)
class Kind:
    """One kind of unit and the zone of its clock."""

    units: Units
    zone: ZoneInfo

    def starts(self, day: date, block: int) -> datetime:
        """When a block of a date begins."""
        return _at(day, self.units.blocks[block].starts, self.zone)

    def ends(self, day: date, block: int) -> datetime:
        """When it ends."""
        return _at(day, self.units.blocks[block].ends, self.zone)

    def state(self, row: Row, now: datetime) -> State:
        """What a booking is at: it is not stored, so that nobody has to come by and release it."""
        if row.given_back_at is not None:
            return "given_back"
        if row.signed_in_at is not None:
            return "signed_in"
        since = max(self.starts(row.date, row.block), row.made_at)
        return "released" if now > since + timedelta(minutes=self.units.sign_in_minutes) else "held"


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    hours, minutes = (int(part) for part in clock.split(":"))
    return (datetime.combine(day, time()) + timedelta(hours=hours, minutes=minutes)).replace(tzinfo=zone)


def known_units(tx: sa.Connection, community: str, id: str) -> Kind:
    """The kind of unit, of the community's last round, or the refusal that there is none."""
    known_community(tx, community)
    rounds = parts.rounds(tx, community)
    problem = assemble(tx, community, rounds[-1].id) if rounds else None
    found = next((each for each in problem.units if each.id == id), None) if problem is not None else None
    if problem is None or found is None:
        raise refused("not_found", f"没有“{id}”", f"there is no {id!r}")
    return Kind(found, ZoneInfo(problem.community.zone))


def free(tx: sa.Connection, community: str, id: str, day: date, now: datetime) -> dict[str, Any]:
    """How many units are free in each block of a date, and which."""
    kind = known_units(tx, community, id)
    open_ones = _open_blocks(tx, community, kind, day)
    taken = _taken(tx, community, kind, day, now)
    blocks = [
        {
            "block": number,
            "starts": block.starts,
            "ends": block.ends,
            "free": [u for u in kind.units.numbers() if number in open_ones and (number, u) not in taken],
        }
        for number, block in enumerate(kind.units.blocks)
    ]
    return {"units": id, "name": kind.units.name, "date": day.isoformat(), "blocks": blocks}


def book(
    tx: sa.Connection, community: str, id: str, day: date, block: int, *, unit: str | None, now: datetime
) -> dict[str, Any]:
    """Take a unit for a block; the code is told once, and signs in.

    Raises:
        Refused: no such block, the host does not take place then, the block is over, or nothing is free.
    """
    known_community(tx, community, lock=True)
    kind = known_units(tx, community, id)
    if not 0 <= block < len(kind.units.blocks):
        raise refused("bad_request", f"时段编号为 0 至 {len(kind.units.blocks) - 1}", "there is no such block")
    if block not in _open_blocks(tx, community, kind, day):
        raise refused("conflict", "这个时段不开放", "it is not open then")
    if now >= kind.ends(day, block):
        raise refused("conflict", "这个时段已经过去", "that time is over")
    taken = _taken(tx, community, kind, day, now)
    left = [each for each in kind.units.numbers() if (block, each) not in taken and unit in (None, each)]
    if not left:
        raise refused("conflict", "这个时段已约满", "nothing is free then")
    before = [row for row in units.bookings(tx, community, id, day) if (row.block, row.unit) == (block, left[0])]
    code = secrets.token_hex(16)
    booking = f"unit-{secrets.token_hex(8)}"
    units.add(
        tx,
        id=booking,
        community=community,
        units=id,
        date=day,
        block=block,
        unit=left[0],
        turn=len(before) + 1,
        code=hashlib.sha256(code.encode()).hexdigest(),
        made_at=now,
    )
    latest = max(kind.starts(day, block), now) + timedelta(minutes=kind.units.sign_in_minutes)
    return {"id": booking, "unit": left[0], "code": code, "sign_in_by": latest.isoformat()}


def sign_in(tx: sa.Connection, community: str, id: str, code: str, now: datetime) -> dict[str, Any]:
    """The holder is there. From half an hour before the start until the unit is released.

    Raises:
        Refused: no such booking or another's code, too early, or too late.
    """
    row, kind = _held(tx, community, id, code)
    state = kind.state(row, now)
    if state == "signed_in":
        return {"id": id, "unit": row.unit, "state": state}
    if state != "held":
        raise refused("conflict", f"超过 {kind.units.sign_in_minutes} 分钟没有签到，已释放", "it was released")
    if now < kind.starts(row.date, row.block) - timedelta(minutes=30):
        raise refused("conflict", "还没到签到时间，最早提前 30 分钟", "too early: 30 minutes before at the earliest")
    units.change(tx, id, signed_in_at=now)
    return {"id": id, "unit": row.unit, "state": "signed_in"}


def give_back(tx: sa.Connection, community: str, id: str, code: str, now: datetime) -> None:
    """The holder does not come, or leaves: the next may have it. Raises `Refused` as `sign_in` does."""
    row, kind = _held(tx, community, id, code)
    if kind.state(row, now) in ("held", "signed_in"):
        units.change(tx, id, given_back_at=now)


def _held(tx: sa.Connection, community: str, id: str, code: str) -> tuple[Row, Kind]:
    known_community(tx, community, lock=True)
    row = units.find(tx, community, id)
    told = hashlib.sha256(code.encode()).hexdigest()
    if row is None or not hmac.compare_digest(row.code, told):
        raise Refused("not_found")
    return row, known_units(tx, community, row.units)


def _taken(tx: sa.Connection, community: str, kind: Kind, day: date, now: datetime) -> set[tuple[int, str]]:
    rows = units.bookings(tx, community, kind.units.id, day)
    return {(row.block, row.unit) for row in rows if kind.state(row, now) in ("held", "signed_in")}


def _open_blocks(tx: sa.Connection, community: str, kind: Kind, day: date) -> set[int]:
    """The blocks that lie within one of the host's dates in force."""
    release = current(tx, community)
    hosts = [e for e in release.entries if e.request == kind.units.host and e.status == "confirmed"] if release else []
    return {
        number
        for number in range(len(kind.units.blocks))
        if any(host.starts <= kind.starts(day, number) and kind.ends(day, number) <= host.ends for host in hosts)
    }

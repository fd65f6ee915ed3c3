"""The other end of the street: a timetable becomes a proposal, and a proposal the release in force."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.errors import Refused, refused
from api.feeds import Entry, Release, render_all
from api.feeds.identity import Decided, carry_over, renamed_ids
from api.flow import market
from api.flow.ledgers import LEDGER
from api.flow.objections import why_not_yet
from api.flow.problems import assemble
from api.flow.published import CATALOGUE, booking_row, catalogue_of, current, what_changed_since
from api.flow.rounds import Deed, known_community, known_round, refuse_while_open
from api.flow.validity import may_hold
from api.flow.versions import put_in_force
from api.store import feeds, parts, plans, work
from api.store.news import tell
from api.store.parts import Row
from scheduler.constraints.occupancy import Sharing
from scheduler.ledger import ledger_after
from scheduler.problem import Problem
from scheduler.timetable import Kept, Timetable
from scheduler.verify import Report, verify


def propose(
    tx: sa.Connection, community: str, round: str, fingerprint: str, timetable: Timetable, *, now: datetime
) -> str:
    """Verify a timetable against a kept problem, and keep both with what the verifier said.

    Returns:
        The proposal's id. A timetable that does not hold is kept too: it can be looked at, never released.
    """
    report = _verified(tx, community, fingerprint, timetable)
    id = f"proposal-{secrets.token_hex(8)}"
    plans.add_proposal(
        tx,
        now,
        id=id,
        community=community,
        round=round,
        problem=fingerprint,
        timetable=timetable.model_dump_json(),
        report=report.model_dump_json(),
        holds=report.holds,
    )
    return id


def _verified(tx: sa.Connection, community: str, fingerprint: str, timetable: Timetable) -> Report:
    problem = Problem.model_validate_json(work.problem_text(tx, fingerprint))
    return verify(problem, timetable, *kept_to(tx, community, timetable) or ())


def kept_to(tx: sa.Connection, community: str, timetable: Timetable) -> Kept | None:
    """What a timetable says it keeps to, as kept proposals: the one before, and the one in force; None: it names none.

    Raises:
        Refused: it names one that is not here, so that what it says of it cannot be verified.
    """
    if timetable.previous is None:
        return None
    named = {timetable.previous, timetable.released} - {None}
    found: dict[str | None, Timetable] = {}
    for row in plans.proposals(tx, community, limit=1000):
        known = plans.find_proposal(tx, row.id)
        fingerprint = hashlib.sha256(known.timetable.encode()).hexdigest() if known is not None else ""
        if known is not None and fingerprint in named:
            found[fingerprint] = Timetable.model_validate_json(known.timetable)
            if found.keys() == named:
                break
    if found.keys() != named:
        raise refused("does_not_hold", "没有找到它所依据的上一版", "the timetable that it keeps to is not here")
    return Kept(found[timetable.previous], found.get(timetable.released))


def known_proposal(tx: sa.Connection, community: str, id: str) -> Row:
    """The proposal, or the refusal that there is none."""
    row = plans.find_proposal(tx, id)
    if row is None or row.community != community:
        raise refused("not_found", f"没有方案“{id}”", f"there is no proposal {id!r}")
    return row


@dataclass(frozen=True)
class Order:
    """What is to be released.

    Attributes:
        proposal: its id.
        instead_of: number of the release that the caller believes to be in force, 0 for none.
        base_url: the public address that goes into calendars.
        note: a word for those who look at the list of releases.
        reason: why it may not wait for the end of the publicity, or for answers to objections; it is logged.
    """

    proposal: str
    instead_of: int
    base_url: str
    note: str = ""
    reason: str = ""


def release(tx: sa.Connection, community: str, order: Order, *, deed: Deed) -> int:
    """Make a proposal the release in force: verified again, rendered, and set, all in the given transaction.

    Returns:
        The number of the new release.

    Raises:
        Refused: a newer release is in force, the round is open, its publicity runs or objections are unanswered and
            the order states no reason, the data has changed since, the lot was drawn from another seed than the
            published one, the verifier does not pass it, or the database refuses a double booking. Nothing may be
            committed then.
    """
    try:
        return _release(tx, community, order, deed)
    except sa.exc.IntegrityError as error:
        raise _told(error) from error


def _release(tx: sa.Connection, community: str, order: Order, deed: Deed) -> int:
    in_force = known_community(tx, community, lock=True).in_force
    if in_force != order.instead_of:
        since = what_changed_since(tx, community, order.instead_of, in_force)
        zh, en = f"现行的是第 {in_force} 版", f"release {in_force} is in force"
        raise refused("release_moved_on", zh, en, in_force=in_force, **since)
    proposal = known_proposal(tx, community, order.proposal)
    refuse_while_open(known_round(tx, community, proposal.round), deed.now)
    unheard = why_not_yet(tx, community, proposal.round, deed.now)
    if unheard is not None and not order.reason:
        raise unheard
    problem = assemble(tx, community, proposal.round)
    if problem.fingerprint() != proposal.problem:
        raise Refused("outdated_proposal")
    timetable = Timetable.model_validate_json(proposal.timetable)
    if timetable.seed != problem.policy.seed:
        raise Refused("other_seed")
    report = verify(problem, timetable, *kept_to(tx, community, timetable) or ())
    if not report.holds:
        raise Refused("does_not_hold", more={"report": report.model_dump(mode="json")})

    before = current(tx, community)
    was = in_force_text(tx, community, in_force)
    number = order.instead_of + 1
    catalogue = catalogue_of(problem, before, number=number, released_at=deed.now, base_url=order.base_url)
    release_id = plans.add_release(
        tx,
        community=community,
        number=number,
        round=proposal.round,
        proposal=proposal.id,
        problem=proposal.problem,
        engine=timetable.engine,
        seed=timetable.seed,
        audit=timetable.audit,
        report=report.model_dump_json(),
        catalogue=CATALOGUE.dump_json(catalogue).decode(),
        note=order.note,
        released_at=deed.now,
        ledger=LEDGER.dump_json(ledger_after(problem, timetable)).decode(),
    )
    entries, rounds = _entries(tx, proposal.round, _decided(problem, timetable), before, catalogue)
    rounds |= {request.id: proposal.round for request in problem.requests}
    plans.add_bookings(tx, [booking_row(entry, release_id, rounds[entry.request]) for entry in entries])
    plans.add_occupancy(tx, _occupancy(release_id, problem, catalogue, entries))
    feeds.replace_feeds(tx, community, _feed_rows(replace(catalogue, entries=entries)))
    if known_round(tx, community, proposal.round).released_at is None:
        parts.change_round(tx, community, proposal.round, deed.now, released_at=deed.now)
    if not parts.put_in_force(tx, community, number, instead_of=order.instead_of):
        raise Refused("release_moved_on")
    put_in_force(tx, community, number, deed=deed)
    tell(tx, community, "release", str(number), at=deed.now, round=proposal.round, note=order.note)
    market.refresh(tx, community, base_url=order.base_url, now=deed.now)
    deed.note(
        tx,
        community,
        "release",
        f"{number} {proposal.id}",
        reason=order.reason or deed.reason,
        before=was,
        after=proposal.timetable,
    )
    if unheard is not None:
        subject = f"{number} {unheard.code}: {order.reason}"
        deed.note(tx, community, "release_early", subject, reason=order.reason)
    return number


def in_force_text(tx: sa.Connection, community: str, number: int) -> str | None:
    """The timetable of a release, byte for byte; None when there is no such release."""
    row = plans.find_release(tx, community, number)
    proposal = plans.find_proposal(tx, row.proposal) if row is not None else None
    return str(proposal.timetable) if proposal is not None else None


def _entries(
    tx: sa.Connection,
    round: str,
    decided: list[Decided],
    before: Release | None,
    catalogue: Release,
) -> tuple[tuple[Entry, ...], dict[str, str]]:
    """The bookings of the whole community with their identities, and the round of each old request.

    The round's own bookings are replaced; those of other rounds go on as they are.
    """
    old: tuple[Entry, ...] = ()
    rounds: dict[str, str] = {}
    if before is not None:
        old = before.entries
        row = plans.find_release(tx, before.community.id, before.number)
        assert row is not None
        rounds = {each.request: each.round for each in plans.bookings(tx, row.id)}
    others = [
        Decided(*(getattr(entry, name) for name in Decided.__slots__))
        for entry in old
        if entry.status == "confirmed" and rounds[entry.request] != round
    ]
    entries = carry_over(
        old,
        [*decided, *others],
        zone=catalogue.zone,
        released_at=catalogue.released_at,
        mint=lambda: str(uuid4()),
        renamed=renamed_ids(before, catalogue) if before is not None else frozenset(),
    )
    return entries, rounds


def _decided(problem: Problem, timetable: Timetable) -> list[Decided]:
    requests = {request.id: request for request in problem.requests}
    return [
        Decided(
            request=b.request,
            session=b.session,
            use=requests[b.request].use,
            applicant=requests[b.request].applicant,
            space=b.space,
            layout=b.layout,
            headcount=requests[b.request].headcount,
            starts=b.starts,
            ends=b.ends,
        )
        for b in timetable.bookings
    ]


def _occupancy(
    release_id: int, problem: Problem, catalogue: Release, entries: tuple[Entry, ...]
) -> list[dict[str, Any]]:
    """One row per atomic part of each standing booking."""
    atoms = {space.id: space.atoms for space in catalogue.spaces}
    numbers = {atom: n for n, atom in enumerate(sorted({a for each in atoms.values() for a in each}))}
    hosts = {request.id for request in problem.requests if request.hosts}
    pools = _pools(rule for rule in problem.constraints if isinstance(rule, Sharing))
    zone = ZoneInfo(catalogue.zone)
    rows = []
    for entry in entries:
        if entry.status != "confirmed":
            continue
        pool = next((each for each in pools if each.holds(entry, zone)), None)
        mode = "host" if entry.request in hosts else "shared" if pool else "exclusive"
        for atom in atoms[entry.space]:
            rows.append(
                {
                    "release": release_id,
                    "atom": atom,
                    "booking": entry.uid,
                    "cell": release_id * plans.CELLS_PER_RELEASE + numbers[atom],
                    "from": _minute(entry.starts),
                    "until": _minute(entry.ends),
                    "mode": mode,
                    "pool": pool.id if pool and mode == "shared" else None,
                    "seats": pool.seats if pool and mode == "shared" else None,
                    "people": entry.headcount,
                    "host": None,
                }
            )
    return rows


@dataclass(frozen=True)
class _Pool:
    """The seats of a space that sharers have in common, as the database counts them."""

    id: str
    space: str
    layout: str
    uses: frozenset[str]
    seats: int
    rules: tuple[Sharing, ...]

    def holds(self, entry: Entry, zone: tzinfo) -> bool:
        here = entry.space == self.space and entry.layout == self.layout and entry.use in self.uses
        return here and any(may_hold(rule, entry.starts, zone) for rule in self.rules)

    def meets(self, other: _Pool) -> bool:
        """Whether a booking could be of both."""
        return (self.space, self.layout) == (other.space, other.layout) and not self.uses.isdisjoint(other.uses)


def _pools(rules: Iterable[Sharing]) -> list[_Pool]:
    """One pool for rules with a use in common, as a row names only one.

    Who of them may sit with whom, and how many, is the verifier's to say.
    """
    pools: list[_Pool] = []
    for rule in rules:
        new = _Pool(rule.id, rule.space, rule.layout, frozenset(rule.uses), rule.seats, (rule,))
        for old in [each for each in pools if each.meets(new)]:
            pools.remove(old)
            new = replace(
                new,
                id=min(old.id, new.id),
                uses=old.uses | new.uses,
                seats=max(old.seats, new.seats),
                rules=(*old.rules, *new.rules),
            )
        pools.append(new)
    return pools


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _feed_rows(whole: Release) -> list[dict[str, Any]]:
    return [
        {
            "community": whole.community.id,
            "number": whole.number,
            "scope": feed.scope,
            "id": feed.id,
            "body": feed.body,
            "gzip_body": feed.gzip_body,
            "etag": feed.etag,
            "gzip_etag": feed.gzip_etag,
            "last_modified": feed.last_modified.astimezone(UTC),
        }
        for feed in render_all(whole)
    ]


def _told(error: sa.exc.IntegrityError) -> Exception:
    """What the database refused, as a refusal of ours; anything else is a fault of ours and goes on."""
    text = str(error.orig)
    if any(word in text for word in ("double_booking", "too_many_people", "occupancy_exclusive")):
        return Refused("double_booking")
    return error

"""The first end of the street: what is stored becomes a problem, and nothing is stored that could not be one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.errors import Refused, refused
from api.flow.kinds import KINDS, Kind
from api.flow.ledgers import with_ledger
from api.flow.rounds import Deed, known_community, known_round, refuse_disorder, stage_of
from api.flow.versions import replaced
from api.store import parts
from api.store.parts import Part, Row
from scheduler.constraints.terms import Sentence
from scheduler.problem import Problem
from scheduler.wellformed import Fault, ProblemError, read_problem

Loc = tuple[str | int, ...]
"""A place in a document: keys and list positions from its root."""


def assemble(tx: sa.Connection, community: str, round: str) -> Problem:
    """The problem of a round as the community stands now.

    Raises:
        Refused: what is stored is no whole problem yet; the faults say what is missing.
    """
    text = _text(tx, known_community(tx, community), known_round(tx, community, round))
    try:
        problem = read_problem(text)
    except ProblemError as error:
        raise Refused("invalid_document", faults=error.faults) from None
    return problem if problem.ledger is not None else with_ledger(tx, problem, round)


def _text(tx: sa.Connection, community: Row, round: Row | None) -> str:
    """The stored documents, put together as the JSON text of a problem."""
    head = dict(json.loads(community.document))
    if round is not None:
        head |= json.loads(round.document)
    fields = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in head.items()]
    for kind in KINDS.values():
        documents = (row.document for row in _parts_in(tx, community.id, kind.name, round))
        fields.append(f'"{kind.plural}":[{",".join(documents)}]')
    return f'{{"format":"gongshi.problem/1",{",".join(fields)}}}'


def _parts_in(tx: sa.Connection, community: str, kind: str, round: Row | None) -> Sequence[Row]:
    """The parts of one kind that belong to a round's problem. Rules are the community's, but see `of_round`."""
    if round is None or kind not in {"request", "constraint"}:
        return parts.parts(tx, community, kind)
    if kind == "request":
        return parts.parts(tx, community, kind, round=round.id)
    is_mine = of_round(tx, community, round.id)
    return [row for row in parts.parts(tx, community, kind) if is_mine(json.loads(row.document))]


def of_round(tx: sa.Connection, community: str, round: str) -> Callable[[Any], bool]:
    """Tells of a rule's document whether it concerns a round: not if all requests that it names are of other rounds."""
    elsewhere = {row.id for row in parts.parts(tx, community, "request") if row.round != round}

    def is_mine(document: Any) -> bool:
        names = set(_named(document)) if elsewhere else set()
        return not names or not names <= elsewhere

    return is_mine


def _named(document: Any) -> Iterator[str]:
    """The requests that a rule names, wherever in it."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "request" and isinstance(value, str):
                yield value
            elif key == "requests" and isinstance(value, list):
                yield from value
            else:
                yield from _named(value)
    elif isinstance(document, list):
        for each in document:
            yield from _named(each)


def put_problem(tx: sa.Connection, id: str, body: bytes, *, round: str | None, deed: Deed) -> tuple[Row, bool]:
    """Import a whole problem: community, parts and the requests of one round, all or nothing.

    Args:
        tx: the transaction.
        id: the community of the address; the document must name the same.
        body: a `gongshi.problem/1` document.
        round: id of the round; none: named after the first date of its season.
        deed: who, when.

    Returns:
        The round, and whether it is new.

    Raises:
        Refused: the document is not well formed, or the round's requests cannot be changed any more.
    """
    try:
        problem = read_problem(body)
    except ProblemError as error:
        raise Refused("invalid_document", faults=error.faults) from None
    if problem.community.id != id:
        raise refused(
            "conflict",
            f"地址中的社区“{id}”与文档中的“{problem.community.id}”不一致",
            f"the address says {id!r}, the document {problem.community.id!r}",
        )
    round = round or problem.season.first_date.isoformat()

    def whole() -> str:
        return _text(tx, known_community(tx, id), known_round(tx, id, round))

    known = parts.find_community(tx, id) is not None and parts.find_round(tx, id, round) is not None
    was = whole() if known else None
    is_new = _put_heads(tx, problem, round, deed)
    new = tuple(_parts_of(problem, round))
    _guard_requests(tx, id, round, new, deed)
    before = parts.parts(tx, id, "constraint")
    parts.replace_parts(tx, id, round, new, deed.now)
    judge(tx, id)
    replaced(tx, id, before, deed=deed)
    deed.note(tx, id, "put_problem", round, before=was, after=whole())
    return known_round(tx, id, round), is_new


def _put_heads(tx: sa.Connection, problem: Problem, round: str, deed: Deed) -> bool:
    """Keep what is no part; whether the round is new."""
    head = problem.model_dump_json(include={"community", "travel"})
    row = parts.find_community(tx, problem.community.id, lock=True)
    if row is None:
        parts.add_community(tx, problem.community.id, head, deed.now)
    elif row.document != head:
        parts.change_community(tx, problem.community.id, head, deed.now)
    bare = problem.model_copy(update={"ledger": None})
    if with_ledger(tx, bare, round).ledger == problem.ledger:
        problem = bare  # what follows from the release before goes on following from it, when an export comes back
    season = problem.model_dump_json(include={"season", "policy", "market", "units", "ledger"})
    old = parts.find_round(tx, problem.community.id, round)
    if old is None:
        parts.add_round(tx, problem.community.id, round, season, deed.now)
    elif old.document != season:
        _refuse_new_seed(old, season, deed)
        parts.change_round(tx, problem.community.id, round, deed.now, document=season)
    return old is None


def _refuse_new_seed(old: Row, document: str, deed: Deed) -> None:
    """The seed of the lot is published before the round closes: who could choose it later could choose the winner."""
    before, after = (json.loads(text)["policy"]["seed"] for text in (old.document, document))
    if before != after and stage_of(old, deed.now) not in {"draft", "open"}:
        raise refused(
            "round_closed",
            "截止之后抽签种子不能更改",
            "the seed of the lot cannot be changed after the round has closed",
        )


def _guard_requests(tx: sa.Connection, id: str, round: str, new: tuple[Part, ...], deed: Deed) -> None:
    mine = {part.id: part.document for part in new if part.kind == "request"}
    stored = parts.parts(tx, id, "request")
    before = {row.id: row.document for row in stored if row.round == round}
    if mine != before and stage_of(known_round(tx, id, round), deed.now) not in {"draft", "open"}:
        raise refused(
            "round_closed",
            "本轮申请已经截止，申请不能再增减或修改",
            "the round is closed: its requests cannot be changed any more",
        )
    elsewhere = sorted(row.id for row in stored if row.round != round and row.id in mine)
    if elsewhere:
        raise refused(
            "already_exists",
            f"申请编号已用于其他轮次：{'、'.join(elsewhere[:10])}",
            f"request ids already used in other rounds: {', '.join(elsewhere[:10])}",
        )


def _parts_of(problem: Problem, round: str) -> Iterable[Part]:
    for kind in KINDS.values():
        for each in getattr(problem, kind.plural):
            yield part_of(kind, each.model_dump(mode="json"), each.model_dump_json(), round)


def part_of(kind: Kind, document: dict[str, Any], text: str, round: str | None) -> Part:
    """A part as it is stored. A request's owner is its applicant: `external_ref` is the applicant's own code."""
    if kind.name != "request":
        return Part(kind.name, document["id"], text)
    ref = document.get("external_ref") or None
    return Part(kind.name, document["id"], text, str(document.get("applicant", "")), ref, round)


def judge(
    tx: sa.Connection, community: str, *, changed: Mapping[tuple[str, str], Loc] | None = None, only: str | None = None
) -> None:
    """Refuse when a round's problem is not well formed any more.

    A community without rounds is still being put together: then only what is wrong with the changed parts
    themselves is told, since all else may yet come.

    Args:
        tx: the transaction, with the change made.
        community: its id.
        changed: (kind, id) of each part that was changed -> its place in the document that was sent.
        only: this round only.
    """
    row = known_community(tx, community)
    rounds: list[Row | None] = [each for each in parts.rounds(tx, community) if only in {None, each.id}]
    for round in rounds or [None]:
        try:
            read_problem(_text(tx, row, round))
        except ProblemError as error:
            places = _places(tx, community, round, changed or {})
            faults = tuple(_as_sent(error.faults, places, all_told=round is not None))
            if faults:
                raise Refused("invalid_document", faults=faults) from None


def _places(
    tx: sa.Connection, community: str, round: Row | None, changed: Mapping[tuple[str, str], Loc]
) -> dict[Loc, Loc]:
    """Where the changed parts stand in the whole problem -> where they stand in what was sent."""
    places: dict[Loc, Loc] = {}
    for name in {kind for kind, _ in changed}:
        kind = KINDS[name]
        for index, part in enumerate(_parts_in(tx, community, name, round)):
            if (name, part.id) in changed:
                places[kind.plural, index] = changed[name, part.id]
    return places


def _as_sent(faults: Iterable[Fault], places: Mapping[Loc, Loc], *, all_told: bool) -> Iterable[Fault]:
    """Faults within changed parts, at their places in what was sent; the others as they are, or not at all."""
    for fault in faults:
        place = places.get(fault.loc[:2])
        if place is not None:
            yield Fault(fault.code, (*place, *fault.loc[2:]), fault.found, fault.expected)
        elif all_told:
            yield fault


def judge_community(tx: sa.Connection, community: str) -> None:
    """Refuse a community document that could not be part of a problem."""
    zone = json.loads(known_community(tx, community).document)["community"]["zone"]
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        expected = Sentence(zh="IANA 时区名，如 Asia/Shanghai", en="an IANA zone, such as Asia/Shanghai")
        raise Refused("invalid_document", faults=(Fault("unknown_zone", ("zone",), zone, expected),)) from None
    judge(tx, community)


def put_round(
    tx: sa.Connection,
    community: str,
    id: str,
    document: str,
    times: dict[str, datetime | None],
    *,
    deed: Deed,
) -> Row:
    """Add or change a round.

    Args:
        tx: the transaction.
        community: its id.
        id: the round's id.
        document: JSON text with season, policy and market.
        times: `opens_at`, `closes_at`, `published_at`.
        deed: who, when.
    """
    known_community(tx, community, lock=True)
    refuse_disorder(times["opens_at"], times["closes_at"], times["published_at"])
    old = parts.find_round(tx, community, id)
    if old is None:
        parts.add_round(tx, community, id, document, deed.now, **times)
    else:
        _refuse_new_seed(old, document, deed)
        parts.change_round(tx, community, id, deed.now, document=document, **times)
    judge(tx, community, only=id)
    deed.note(tx, community, "put_round", id, before=old.document if old is not None else None, after=document)
    return known_round(tx, community, id)

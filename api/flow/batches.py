"""Rules for several communities at once: all or nothing, or each community by itself; told line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from api.errors import Refused
from api.flow.judging import NotJudged, Question
from api.flow.rounds import Deed
from api.flow.rules import Line, take
from api.store.rules import Row
from scheduler.wellformed import Fault


@dataclass(frozen=True, slots=True)
class Sent:
    """A line of a batch: its position from 0, the community that it is for, and the rule, or why it cannot be read."""

    position: int
    community: str
    line: Line
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: its new version, or its faults, or neither, where others of its community were bad.

    Attributes:
        sent: the line.
        row: its new version.
        faults: why there is none.
        more: what else the refusal of its community's lines says.
    """

    sent: Sent
    row: Row | None
    faults: tuple[Fault, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def take_batch(tx: sa.Connection, sent: Sequence[Sent], *, deed: Deed, all_or_nothing: bool) -> list[Outcome]:
    """Take each community's lines, all or nothing; told in the order of the lines.

    Where everything is to be refused for one bad line (`all_or_nothing`), that is for the caller to do: nothing may
    be committed then, and no verdict is waited for.

    Raises:
        NotJudged: lines of one community or more have to be judged. Nothing may be committed then.
    """
    of: dict[str, list[Sent]] = defaultdict(list)
    for each in sent:
        of[each.community].append(each)
    # Always in the same order, so that two batches at once cannot wait for each other.
    found: list[Outcome] = []
    unjudged: list[Question] = []
    for community in sorted(of):
        try:
            found += _take(tx, community, of[community], deed)
        except NotJudged as not_yet:
            unjudged += not_yet.questions
            found += [Outcome(each, None) for each in of[community]]
    if unjudged and not (all_or_nothing and any(each.faults for each in found)):
        raise NotJudged(unjudged)
    return sorted(found, key=lambda each: each.sent.position)


def _take(tx: sa.Connection, community: str, sent: Sequence[Sent], deed: Deed) -> list[Outcome]:
    bad = [Outcome(each, None, each.faults) for each in sent if each.faults]
    good = [each for each in sent if not each.faults]
    if not good:
        return bad
    with tx.begin_nested() as point:
        try:
            rows = take(tx, community, [each.line for each in good], deed=deed, only_in_thought=bool(bad))
        except Refused as refusal:
            point.rollback()
            return [*bad, *_refused(refusal, good)]
        if bad:
            point.rollback()
            return [*bad, *(Outcome(each, None) for each in good)]
    return [Outcome(each, row) for each, row in zip(good, rows, strict=True)]


def _refused(refusal: Refused, sent: Sequence[Sent]) -> list[Outcome]:
    """Each line with its own faults; where none has any, all have what is wrong with the community."""
    found = {each.position: tuple(_within(refusal.faults, each.position)) for each in sent}
    if not any(found.values()):
        told = refusal.faults[:1] or (Fault(refusal.code, (), sent[0].community, refusal.sentence),)
        found = {
            each.position: tuple(
                Fault(one.code, ("items", each.position, "community"), one.found, one.expected) for one in told
            )
            for each in sent
        }
    return [Outcome(each, None, found[each.position], refusal.more) for each in sent]


def _within(faults: Sequence[Fault], position: int) -> Iterator[Fault]:
    """The faults of a line. What is said beside the document is told beside it."""
    for fault in faults:
        if fault.loc[:2] == ("items", position):
            beside = fault.loc[2:] == ("document", "safety")
            yield Fault(fault.code, ("items", position, "safety"), fault.found, fault.expected) if beside else fault

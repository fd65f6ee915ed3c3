"""From bytes to a problem or another document of ours, or to all that is wrong with it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scheduler.problem import Problem
from scheduler.wellformed.check import faults_of
from scheduler.wellformed.document import NoNumber, faults_in, parsed
from scheduler.wellformed.faults import AT_MOST, Fault, Loc, ProblemError, capped
from scheduler.wellformed.references import NAMES
from scheduler.wellformed.schema import form_of
from scheduler.wellformed.shapes import faults_of_dates, faults_of_shape

M = TypeVar("M", bound=BaseModel)

LEANING = {
    "spaces": frozenset({"unknown_id", "triangle"}),
    "constraints": frozenset({"changeover_too_long", "triangle"}),
}
"""Faults that could come of a list that is judged in part only, and so are not told then."""


def read_problem(data: bytes | str) -> Problem:
    """The problem that a JSON document states.

    Args:
        data: The document, UTF-8 (with or without a byte order mark) when given as bytes.

    Raises:
        ProblemError: with every fault found. Entries of a list that have faults of shape are set aside, and
            the rest is still judged by its meaning, so that one round of mending is mostly enough.
    """
    document = parsed(data)
    faults = list(faults_in(document))
    document = _plain(document)
    try:
        problem = Problem.model_validate_json(json.dumps(document))
    except ValidationError as error:
        # More than are told need not be worked out: a document made of nothing but faults is refused in no time.
        faults += islice(_of_shape(error, document, Problem, faults), AT_MOST + 1)
        rest = _of_the_rest(document, faults) if len(faults) <= AT_MOST else ()
        raise ProblemError(capped(chain(faults, rest))) from None
    faults += [*faults_of_dates(problem, document), *faults_of(problem)]
    if faults:
        raise ProblemError(capped(faults))
    return problem


def read_as(model: type[M], data: bytes | str, *, besides: Collection[str] = ()) -> M:
    """The entity of ours that a JSON document states; what it means in a whole is not judged here.

    Args:
        model: One of our models.
        data: The document, UTF-8 (with or without a byte order mark) when given as bytes.
        besides: Fields that may stand there as well, and say nothing.

    Raises:
        ProblemError: with every fault of shape.
    """
    document = parsed(data)
    faults = list(faults_in(document))
    document = {key: value for key, value in _plain(document).items() if key not in besides}
    try:
        entity = model.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise ProblemError(capped(chain(faults, _of_shape(error, document, model, faults)))) from None
    faults += faults_of_dates(entity, document)
    if faults:
        raise ProblemError(capped(faults))
    return entity


def read_object(data: bytes | str) -> dict[str, Any]:
    """The JSON object that a document is, whatever its fields.

    Raises:
        ProblemError: it is none, or parsers would pass over something in it.
    """
    document: dict[str, Any] = parsed(data)
    if faults := list(faults_in(document)):
        raise ProblemError(capped(faults))
    return document


def _of_shape(error: ValidationError, document: Any, model: type[BaseModel], faults: list[Fault]) -> Iterator[Fault]:
    """The faults of shape at places of which nothing was told yet; each is worked out when it is asked for."""
    told = {fault.pointer for fault in faults}
    return (each for each in faults_of_shape(error, document, form_of(model)) if each.pointer not in told)


def _plain(value: Any) -> Any:
    """The document without what JSON does not know; those places have been told already."""
    if isinstance(value, NoNumber):
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    return value


def _of_the_rest(document: dict[str, Any], faults: list[Fault]) -> Iterator[Fault]:
    """The faults of meaning in the entries that have a right shape, at their places in the whole document."""
    aside = _entries_with(faults, document)
    rest = {
        name: [each for place, each in enumerate(value) if place not in aside[name]]
        if name in aside and isinstance(value, list)
        else value
        for name, value in document.items()
        if name not in aside or isinstance(value, list)
    }
    try:
        problem = Problem.model_validate_json(json.dumps(rest))
    except ValidationError:
        return
    silent = {code for name in aside for code in LEANING.get(name, ())}
    for each in [*faults_of_dates(problem, rest), *faults_of(problem)]:
        if each.code not in silent and not (each.code == "unknown_id" and _set_aside(each, aside)):
            yield replace(each, loc=_whole_place(each.loc, aside))


def _entries_with(faults: list[Fault], document: dict[str, Any]) -> dict[str, set[int]]:
    """By list of the document, the places of entries with faults; what is no list is set aside whole."""
    aside: dict[str, set[int]] = defaultdict(set)
    for each in faults:
        match each.loc:
            case (str(name), int(place), *_) if isinstance(document.get(name), list):
                aside[name].add(place)
            case ("market" | "policy" as name, *_):
                aside[name] = set()
    return aside


def _set_aside(fault: Fault, aside: dict[str, set[int]]) -> bool:
    """Whether an unknown name may be one of an entry that was set aside: any name of that list, to be sure."""
    fields = [step for step in fault.loc if isinstance(step, str)]
    return NAMES.get(fields[-1]) in aside


def _whole_place(loc: Loc, aside: dict[str, set[int]]) -> Loc:
    """A place in the rest of the document as a place in the whole."""
    match loc:
        case (str(name), int(place), *inner) if name in aside:
            for gap in sorted(aside[name]):
                place += gap <= place
            return (name, place, *inner)
    return loc

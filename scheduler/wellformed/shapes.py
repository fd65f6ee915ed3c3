"""Faults of shape: fields missing or unknown, values of another type or form. Told in our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scheduler.problem import Calendar
from scheduler.wellformed.faults import NOTHING, Fault, Loc, fault, nearest
from scheduler.wellformed.schema import MOMENT, Form, one_of
from scheduler.wellformed.walk import entities

FIRST_YEAR, LAST_YEAR = 1900, 2199

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}.*")
_CODES = (
    (re.compile(r".*_type"), "wrong_type"),
    (re.compile(r"literal_error"), "unknown_value"),
    (re.compile(r"string_pattern_mismatch|.*_parsing.*|timezone_aware"), "wrong_form"),
    (re.compile(r".*too_(short|long)"), "wrong_length"),
    (re.compile(r"(greater|less)_than.*"), "out_of_range"),
)


def faults_of_shape(error: ValidationError, document: Any, form: Form) -> Iterator[Fault]:
    """What the schema refuses, in the order of the document's schema."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    places = [_place(detail["loc"], document) for detail in details]
    within = {place[:depth] for place in places for depth in range(len(place))}
    for detail, place in zip(details, places, strict=True):
        if not (detail["type"] == "too_short" and place in within):  # too short because entries were refused
            yield _told(detail, place, document, form)


def faults_of_dates(root: BaseModel, document: Any) -> Iterator[Fault]:
    """Dates written otherwise than YYYY-MM-DD (in seconds, for one), or in a year that nobody means; moments too."""
    for loc, entity in entities(root):
        for name in type(entity).model_fields:
            value = getattr(entity, name)
            if isinstance(value, datetime):
                yield from _judged_moment((*loc, name), value_at((*loc, name), document))
                continue
            for place in _dates((*loc, name), value):
                yield from _judged(place, value_at(place, document))
    for loc, entity in entities(root):
        if isinstance(entity, Calendar):
            for key in entity.counts_as:
                yield from _judged((*loc, "counts_as", key), key)


def value_at(loc: Loc, document: Any) -> Any:
    """The document's value at a place; None where there is none."""
    value = document
    for step in loc:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _place(loc: Loc, document: Any) -> Loc:
    """The place in the document: pydantic's, without the kinds that it adds to it."""
    place: Loc = ()
    value = document
    for step in loc:
        is_kind = isinstance(value, dict) and step not in value and step == value.get("kind")
        if is_kind or step == "[key]":
            continue
        place = (*place, step)
        value = value_at((step,), value)
    return place


def _told(detail: ErrorDetails, place: Loc, document: Any, form: Form) -> Fault:
    found = value_at(place, document)
    if detail["type"] == "missing":
        return _missing(place, document, form)
    if detail["type"] == "extra_forbidden":
        return _unknown_field(place, document, form)
    if detail["type"] == "union_tag_not_found":
        return _missing((*place, "kind"), document, form)
    if detail["type"] == "union_tag_invalid":
        return _unknown_kind(place, document, form)
    sentence = form.expected_at(place, document)
    code = next((code for kind, code in _CODES if kind.fullmatch(detail["type"])), "wrong_value")
    return fault(code, place, found if found is not None else "null", sentence.zh, sentence.en)


def _missing(place: Loc, document: Any, form: Form) -> Fault:
    of_kind = place[-1] == "kind"
    sentence = one_of(form.kinds_at(place[:-1], document)) if of_kind else form.expected_at(place, document)
    return fault("missing_field", place, NOTHING, sentence.zh, sentence.en)


def _unknown_field(place: Loc, document: Any, form: Form) -> Fault:
    field = str(place[-1])
    known = form.fields_at(place[:-1], document)
    close = nearest(field, known) or known
    zh, en = f"已有的字段，如 {'、'.join(close)}", f"a field that is known, such as {', '.join(close)}"
    return fault("unknown_field", place, field, zh, en)


def _unknown_kind(place: Loc, document: Any, form: Form) -> Fault:
    found = value_at((*place, "kind"), document)
    known = form.kinds_at(place, document)
    close = nearest(str(found), known)
    listed = one_of(known)
    zh = f"最接近的是 {'、'.join(close)}；全部种类：{listed.zh}" if close else listed.zh
    en = f"nearest: {', '.join(close)}; all kinds: {listed.en}" if close else listed.en
    return fault("unknown_kind", (*place, "kind"), found, zh, en)


def _dates(place: Loc, value: object) -> Iterator[Loc]:
    if isinstance(value, date):
        yield place
    elif isinstance(value, tuple):
        yield from ((*place, number) for number, each in enumerate(value) if isinstance(each, date))


def _judged(place: Loc, written: object) -> Iterator[Fault]:
    if written is not None and not _plain_date(str(written)):
        zh, en = (
            f"日期 YYYY-MM-DD，{FIRST_YEAR} 至 {LAST_YEAR} 年",
            f"a date YYYY-MM-DD, {FIRST_YEAR} to {LAST_YEAR}",
        )
        yield fault("wrong_form", place, written, zh, en)


def _judged_moment(place: Loc, written: object) -> Iterator[Fault]:
    match = _MOMENT.fullmatch(str(written))
    if written is not None and not (match and _plain_date(match[1])):
        yield fault("wrong_form", place, written, MOMENT.zh, MOMENT.en)


def _plain_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False

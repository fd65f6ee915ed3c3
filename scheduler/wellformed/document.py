"""The document as JSON: text that can be read, each key once, numbers that are numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from scheduler.wellformed.faults import Fault, Loc, ProblemError, fault, shown

MOST_BYTES = 100_000_000
DEEPEST = 32
"""A problem nests eight deep; the parameters of a market rule may add a few."""

_MOST_DIGITS = 18
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class Twice(dict[str, Any]):
    """An object in which some keys stand more than once."""

    keys_twice: tuple[str, ...] = ()


class NoNumber:
    """A number that JSON does not know (NaN), or that nobody can mean (a thousand digits)."""

    def __init__(self, text: str) -> None:
        self.text = text


def parsed(data: bytes | str) -> Any:
    """The document, with `Twice` and `NoNumber` where it has faults that parsers pass over.

    Raises:
        ProblemError: it is no JSON, or not a single object.
    """
    text = _text(data)
    _refuse_depth(text)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=NoNumber,
            parse_int=lambda digits: int(digits) if len(digits) <= _MOST_DIGITS else NoNumber(digits),
            parse_float=_float,
        )
    except json.JSONDecodeError as error:
        at = f"{error.lineno}:{error.colno} {text[error.pos : error.pos + 20]}"
        raise _unreadable("not_json", at, "一份完整的 JSON 文档", "one complete JSON document") from None
    if not isinstance(document, dict):
        raise _unreadable("not_an_object", shown(document), "一个 JSON 对象 {…}", "a JSON object {…}")
    return document


def faults_in(value: Any, loc: Loc = ()) -> Iterator[Fault]:
    """What parsers pass over: a key twice, a number that is none, half of a surrogate pair."""
    if isinstance(value, NoNumber):
        zh, en = "一个普通的数", "an ordinary number"
        yield fault("not_a_number", loc, value.text, zh, en)
    elif isinstance(value, str):
        if _halved(value):
            yield fault("not_text", loc, value, "完整的 Unicode 文字", "whole Unicode characters")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from faults_in(each, (*loc, place))
    elif isinstance(value, dict):
        for key in getattr(value, "keys_twice", ()):
            yield fault("duplicate_key", (*loc, key), key, "同一个键只写一次", "each key once")
        for key, each in value.items():
            if _halved(key):
                yield fault("not_text", loc, key, "完整的 Unicode 文字", "whole Unicode characters")
            else:
                yield from faults_in(each, (*loc, key))


def _text(data: bytes | str) -> str:
    if len(data) > MOST_BYTES:
        found = f"{len(data)} B"
        raise _unreadable("too_large", found, f"不超过 {MOST_BYTES} 字节", f"at most {MOST_BYTES} bytes")
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(
            "not_utf8", f"[{error.start}] 0x{data[error.start]:02x}", "UTF-8 编码的文字", "text in UTF-8"
        ) from None


def _refuse_depth(text: str) -> None:
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                zh, en = f"最多嵌套 {DEEPEST} 层", f"at most {DEEPEST} levels of nesting"
                raise _unreadable("too_deep", f"> {DEEPEST}", zh, en)
        elif match[0] in "]}":
            depth -= 1


def _unreadable(code: str, found: str, zh: str, en: str) -> ProblemError:
    return ProblemError((fault(code, (), found, zh, en),))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    keys = [key for key, _ in pairs]
    twice = Twice(plain)
    twice.keys_twice = tuple(key for key in plain if keys.count(key) > 1)
    return twice


def _float(digits: str) -> float | NoNumber:
    value = float(digits)
    return value if math.isfinite(value) else NoNumber(digits)


def _halved(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)

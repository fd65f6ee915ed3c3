"""A fault: where in the document, what was found there, what was expected."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from scheduler.constraints.terms import Sentence

Loc = tuple[str | int, ...]
"""A place in the document: keys and list positions from the root."""

AT_MOST = 200
"""So many faults are listed; a document with more is broken in one way many times over."""

SUGGEST_AMONG = 3_000
"""Nearest names are looked for among at most so many, since each search compares with all of them."""

NOTHING = "—"
"""Found where something is missing. What is found is shown in signs of the document, not in one language."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOUND_LENGTH = 80


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        code: Stable name of the kind of fault, such as `unknown_id`.
        loc: Keys and list positions from the root of the document.
        found: What stands there, shortened.
        expected: What should stand there.
    """

    code: str
    loc: Loc
    found: str
    expected: Sentence

    @property
    def path(self) -> str:
        """For people: `requests[12].windows[0].ends`; the document itself is the empty path."""
        return path_of(self.loc)

    @property
    def pointer(self) -> str:
        """For programs: the same place as a JSON pointer (RFC 6901)."""
        return pointer_of(self.loc)

    def __str__(self) -> str:
        return f"{self.path or '(document)'}: {self.found} ({self.code}); expected {self.expected.en}"


class ProblemError(ValueError):
    """The document is not a problem that can be solved; `faults` says why, in the order of the document."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def fault(code: str, loc: Loc, found: object, zh: str, en: str) -> Fault:
    """A fault at a place; `found` is shown as the document would write it, unless it is text."""
    return Fault(code, loc, shown(found), Sentence(zh=zh, en=en))


def path_of(loc: Loc) -> str:
    """`requests[12].windows[0].ends`; a key that is no plain word stands in brackets, quoted."""
    path = ""
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(step)}]"
    return path


def pointer_of(loc: Loc) -> str:
    """The JSON pointer (RFC 6901) of a place; the whole document is the empty text."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in loc)


def shown(found: object) -> str:
    """A value as the document would write it, at most 80 characters; text is given as it is, unless it is blank."""
    text = found if isinstance(found, str) and found.strip() else json.dumps(found, ensure_ascii=False, default=str)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _FOUND_LENGTH else text[: _FOUND_LENGTH - 1] + "…"


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """At most three of the known words that look most like this one, best first."""
    among = list(islice(known, SUGGEST_AMONG + 1))
    if len(among) > SUGGEST_AMONG:
        return []
    folded: dict[str, str] = {}
    for each in among:
        folded.setdefault(each.casefold(), each)
    return [folded[match] for match in difflib.get_close_matches(word.casefold(), folded, n=3, cutoff=0.6)]


def capped(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The first faults, and one more that says so when there are others."""
    listed = tuple(islice(faults, AT_MOST + 1))
    if len(listed) <= AT_MOST:
        return listed
    more = fault("more", (), f"> {AT_MOST}", "先改正以上各处", "the faults above to be mended first")
    return (*listed[:AT_MOST], more)

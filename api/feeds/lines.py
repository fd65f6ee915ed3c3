r"""Content lines (RFC 5545 section 3.1): escaped, folded, ended.

Folding is the `icalendar` library's. The escapes are said here: the library's own turn a backslash
before N into a line end (it reads `C:\New` as two lines), and leave NAME and X- properties as they are.
"""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar.parser import Contentline

_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def text_line(name: str, text: str) -> bytes:
    """A property of type TEXT (section 3.3.11), cleaned and escaped."""
    return line(name, clean(text).translate(_ESCAPES))


def line(name: str, value: str) -> bytes:
    """A property whose value is written as it is; `name` carries its parameters.

    Folded within 75 octets, never inside a character: two clients lose the whole calendar otherwise.
    """
    folded: bytes = Contentline(f"{name}:{value}").to_ical()  # type: ignore[no-untyped-call]  # the library's
    return folded + b"\r\n"


def utc(at: datetime) -> str:
    """An instant in UTC form (section 3.3.5)."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def clean(text: str) -> str:
    """Text without what may not stand in a calendar: controls other than line feed, and lone surrogates.

    Line ends of other systems become line feeds. NEL, U+2028 and U+2029 end a line for some readers, and
    U+FEFF in front of a value is taken for a mark: they go too.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in text if char == "\n" or not _forbidden(ord(char)))


def _forbidden(code: int) -> bool:
    controls = code < 0x20 or 0x7F <= code <= 0x9F
    return controls or 0xD800 <= code <= 0xDFFF or code in {0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF}

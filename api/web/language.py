"""Which language a page speaks: as asked for, else as the browser prefers, else Chinese."""

from __future__ import annotations

from api.web.words import LANGUAGES


def preferred(asked: str | None, accept_language: str | None) -> str:
    """The language of `?lang=`, or the best of Accept-Language (RFC 9110 section 12.5.4) that there is."""
    if asked in LANGUAGES:
        return asked
    wishes: list[tuple[float, str]] = []
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.partition("-")[0].lower()
        weight = _weight(parameters)
        if language in LANGUAGES and weight > 0:
            wishes.append((weight, language))
    # The first of the greatest weight: `max` keeps the earlier of two equals.
    return max(wishes, key=lambda wish: wish[0], default=(1.0, "zh"))[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0

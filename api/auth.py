"""Who asks. In this version: the bearer of the one API token, if the settings name one; reading is for everybody."""

from __future__ import annotations

import hmac

from api.errors import Refused
from api.settings import Settings


def caller_of(settings: Settings, authorization: str | None) -> str:
    """The name under which a write is logged.

    Raises:
        Refused: the settings name a token, and this is not it.
    """
    if settings.api_token is None:
        return "anyone"
    scheme, _, token = (authorization or "").partition(" ")
    expected = settings.api_token.get_secret_value()
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), expected.encode()):
        raise Refused("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="gongshi"'})
    return "token"
